"""The common shape of every panel: messages, canvas, caption, inspector, timeline; a picture may fill it."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QMargins, QObject, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from studio.core.translation import translate
from studio.widgets.caption import Caption
from studio.widgets.controls.steady_label import SteadyLabel
from studio.widgets.inspector import Inspector
from studio.widgets.message_bar import MessageBar

MARGIN_PX = 24
_AIR_PX = 16
_N_COLUMNS = 3
_QT_HIGHEST_PX = (1 << 24) - 1  # that of a widget without a limit
_CORNERS = {
    "top_left": (0, 0, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft),
    "top_right": (0, 2, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight),
    "bottom_left": (2, 0, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft),
    "bottom_right": (2, 2, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignRight),
}


class PanelFrame(QWidget):
    """Lays out a panel.

    `canvas` takes the room that is left; `hint` is one line under it, `timeline` stands
    under everything, as wide as the panel.
    """

    def __init__(
        self,
        canvas: QWidget,
        messages: MessageBar,
        hint: str = "",
        timeline: QWidget | None = None,
    ) -> None:
        super().__init__()
        self.canvas, self._timeline = canvas, timeline
        self._cover: _Cover | None = None
        self._bar: QWidget | None = None
        self.inspector = Inspector()
        self.caption = Caption()
        self.hint = SteadyLabel(alignment=Qt.AlignmentFlag.AlignHCenter)
        self.hint.set_text(translate(hint))
        stage = QFrame()
        stage.setProperty("role", "canvas")
        self._column = column = QVBoxLayout(stage)
        column.setContentsMargins(self._margins())
        column.setSpacing(8)
        column.addWidget(messages)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._picture_page(canvas))
        column.addWidget(self._pages, 1)
        rows = self._rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        self._row = row = QHBoxLayout()
        self._around = [widget for widget in (self.inspector, timeline) if widget is not None]
        self._above, self._below = messages, self.hint
        rows.addLayout(row, 1)
        if timeline is not None:
            rows.addWidget(timeline)
        row.addWidget(stage, 1)
        row.addWidget(self.inspector)

    def _margins(self) -> QMargins:
        """Around messages and canvas."""
        return QMargins(MARGIN_PX, MARGIN_PX - 8, MARGIN_PX, MARGIN_PX - 8)

    def _picture_page(self, canvas: QWidget) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(canvas, 1)
        column.addWidget(self.hint)
        caption_row = QHBoxLayout()
        caption_row.addWidget(self.caption, 1)
        caption_row.addStretch(0)
        column.addLayout(caption_row)
        return page

    def show_instead(self, widget: QWidget | None) -> None:
        """Show another widget in place of the picture and its caption, or the picture again."""
        if widget is not None and self._pages.indexOf(widget) < 0:
            self._pages.addWidget(widget)
        self._pages.setCurrentIndex(0 if widget is None else self._pages.indexOf(widget))

    def cover(self, view: QWidget, bar: QWidget) -> None:
        """Lay a view over the canvas, below what floats on it, and let a bar stand in the timeline's place."""
        self._cover, self._bar = _Cover(view, self.canvas, self._floating_widgets()), bar
        if self._timeline is not None:
            self._timeline.hide()
        self._rows.addWidget(bar)
        bar.show()

    def _floating_widgets(self) -> Sequence[QWidget]:
        """What stays above a cover."""
        return ()

    def uncover(self) -> None:
        """Take view and bar away: the canvas and the timeline are seen again."""
        if self._cover is None or self._bar is None:
            return
        self._cover.take_away()
        self._bar.hide()
        self._bar.deleteLater()
        self._cover = self._bar = None
        if self._timeline is not None:
            self._timeline.show()

    @property
    def picture(self) -> QWidget:
        """What is seen in the middle: the canvas, or what is shown instead."""
        instead = self._pages.currentWidget() if self._pages.currentIndex() else None
        return self.canvas if instead is None else instead

    def show_for_visitors(self, beside: QWidget, margin_px: int) -> None:
        """Show nothing but the picture with its caption, and a widget at its right; again with other margins."""
        for widget in self._around:
            widget.hide()
        for widget in (self._above, self._below):  # they show themselves when they have something to say
            widget.setMaximumHeight(0)
        self.caption.set_hideable(False)
        self._column.setContentsMargins(margin_px, margin_px, margin_px, margin_px)
        if self._row.indexOf(beside) < 0:
            self._row.addWidget(beside)

    def show_for_work(self, beside: QWidget) -> None:
        """Take that widget away and show everything again."""
        self._row.removeWidget(beside)
        beside.setParent(None)
        beside.hide()  # said outright: a layout may have asked for it to be shown a moment ago
        for widget in self._around:
            widget.show()
        for widget in (self._above, self._below):
            widget.setMaximumHeight(_QT_HIGHEST_PX)
        self.caption.set_hideable(True)
        self._column.setContentsMargins(self._margins())


class _Cover(QObject):
    """Keeps a view as large as the canvas that it lies on, until it is taken away."""

    def __init__(self, view: QWidget, canvas: QWidget, above: Sequence[QWidget]) -> None:
        super().__init__(canvas)
        self._view = view
        view.setParent(canvas)
        view.setGeometry(canvas.rect())
        view.show()
        view.raise_()
        for one in above:
            one.raise_()
        canvas.installEventFilter(self)

    def eventFilter(self, canvas: QObject, event: QEvent) -> bool:
        """The canvas has another size."""
        if event.type() is QEvent.Type.Resize and isinstance(canvas, QWidget):
            self._view.setGeometry(canvas.rect())
        return False

    def take_away(self) -> None:
        """Show the canvas again."""
        self._view.hide()
        self._view.deleteLater()
        self.deleteLater()


class FilledFrame(PanelFrame):
    """Lays out a panel whose canvas has all the room, with the caption below it and not over it; see PanelFrame."""

    def add_overlay(self, widget: QWidget, corner: str) -> None:
        """Let a widget float in a corner of the canvas: "top_left", "bottom_right" …; the caption is below it."""
        row, column, alignment = _CORNERS[corner]
        self._floating.addWidget(widget, row, column, alignment)

    def _floating_widgets(self) -> Sequence[QWidget]:
        return [one for one in self.canvas.children() if isinstance(one, QWidget)]

    def _margins(self) -> QMargins:
        return QMargins(0, 0, 0, 0)

    def _picture_page(self, canvas: QWidget) -> QWidget:
        grid = self._floating = QGridLayout(canvas)
        grid.setContentsMargins(_AIR_PX, _AIR_PX, _AIR_PX, _AIR_PX)
        grid.setSpacing(_AIR_PX)
        grid.setRowStretch(1, 1)
        grid.setColumnStretch(1, 1)
        self.hint.set_plated(True)
        self.hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        grid.addWidget(self.hint, 3, 0, 1, _N_COLUMNS)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(canvas, 1)
        column.addWidget(_Shelf(self.caption))
        return page


class _Shelf(QWidget):
    """Holds the caption under a scene. It only grows, or the scene would change its size with every sentence."""

    def __init__(self, caption: Caption) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(_AIR_PX, _AIR_PX // 2, _AIR_PX, _AIR_PX // 2)
        row.addWidget(caption, 1)
        row.addStretch(0)
        caption.hidden_changed.connect(self._on_hidden_changed)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stay as high as this at least."""
        super().resizeEvent(event)
        self.setMinimumHeight(self.height())

    def _on_hidden_changed(self) -> None:
        self.setMinimumHeight(0)
