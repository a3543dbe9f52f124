"""The common shape of every panel: messages, canvas and caption, the inspector at the right, the timeline below."""

from PySide6.QtCore import QMargins, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from studio.core.text import translate
from studio.widgets.caption import Caption
from studio.widgets.inspector import Inspector
from studio.widgets.message_bar import MessageBar
from studio.widgets.steady_label import SteadyLabel

MARGIN_PX = 24


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
        self.inspector = Inspector()
        self.caption = Caption()
        self.hint = SteadyLabel(alignment=Qt.AlignmentFlag.AlignHCenter)
        self.hint.set_text(translate(hint))
        stage = QFrame()
        stage.setProperty("role", "canvas")
        column = QVBoxLayout(stage)
        column.setContentsMargins(self._margins())
        column.setSpacing(8)
        column.addWidget(messages)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._picture_page(canvas))
        column.addWidget(self._pages, 1)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        row = QHBoxLayout()
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
