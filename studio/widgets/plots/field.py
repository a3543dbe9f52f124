"""The still part of a plot: what it shows, how large it is, and how it is drawn."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeAlias

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.core.translation import N_, translate
from studio.widgets.plots.ink import inks_of
from studio.widgets.plots.loading import new_sheet, plot_loader
from studio.widgets.plots.reading import has_values, spans_of, summary
from studio.widgets.plots.spec import Bars, Curve, Image, PlotSpec, Scatter
from studio.widgets.theme import hue_of, theme, theme_source

if TYPE_CHECKING:
    from studio.widgets.plots.sheet import Sheet

PLOT_PX: Final = QSize(308, 132)
_PADDING_PX: Final = 8
_NAME_PX: Final = 18  # the piece of line before a name
Ends: TypeAlias = tuple[float, float]
_FINEST: Final = 1e-4  # of the whole axis: beyond it a tick has more digits than a person can compare


@dataclass
class Zoom:
    """The ends of both axes in lengths on the screen; what is seen never leaves the whole."""

    all_x: Ends = (0.0, 1.0)
    all_y: Ends = (0.0, 1.0)
    part_x: Ends | None = None
    part_y: Ends | None = None

    @property
    def is_on(self) -> bool:
        """Whether only a part is seen."""
        return self.part_x is not None or self.part_y is not None

    @property
    def x(self) -> Ends:
        """The part of the lower axis that is seen."""
        return self.all_x if self.part_x is None else _inside(self.part_x, self.all_x)

    @property
    def y(self) -> Ends:
        """The part of the upright axis that is seen."""
        return self.all_y if self.part_y is None else _inside(self.part_y, self.all_y)

    def set_all(self, x: Ends, y: Ends) -> None:
        """The plot reaches from here to there now; a part that is seen stays."""
        self.all_x, self.all_y = x, y

    def reset(self) -> None:
        """All is seen."""
        self.part_x = self.part_y = None

    def by(self, factor: float, x_share: float, y_share: float | None) -> None:
        """See `factor` times as much, with what lies at these shares of the plot staying where it is."""
        self.part_x = _scaled(self.x, factor, x_share, self.all_x)
        if y_share is not None:
            self.part_y = _scaled(self.y, factor, y_share, self.all_y)

    def move(self, x_shares: float, y_shares: float) -> None:
        """See what lies so many widths further right and heights further up, where only a part is seen."""
        if self.part_x is not None:
            self.part_x = _moved(self.x, x_shares, self.all_x)
        if self.part_y is not None:
            self.part_y = _moved(self.y, y_shares, self.all_y)


def _scaled(ends: Ends, factor: float, share: float, whole: Ends) -> Ends | None:
    low, high = ends
    length = max((high - low) * factor, (whole[1] - whole[0]) * _FINEST)
    if length >= (whole[1] - whole[0]) * (1 - 1e-9):
        return None
    low += (high - low - length) * share
    return _inside((low, low + length), whole)


def _moved(ends: Ends, shares: float, whole: Ends) -> Ends:
    way = shares * (ends[1] - ends[0])
    return _inside((ends[0] + way, ends[1] + way), whole)


def _inside(ends: Ends, whole: Ends) -> Ends:
    length = min(ends[1] - ends[0], whole[1] - whole[0])
    low = min(max(ends[0], whole[0]), whole[1] - length)
    return low, low + length


class PlotField(QWidget):
    """Draws the field, the names and the label; the sheet that lies on it draws the rest, and is brought when shown."""

    def __init__(self, title: str, size_px: QSize = PLOT_PX, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(translate(title))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._size_px = size_px
        self._spec = PlotSpec()
        self._is_log = False
        self._marker: float | None = None
        self._left_px = 0.0
        self._zoom = Zoom()
        self._sheet: Sheet | None = None
        plot_loader().begin()  # while the panel opens, so that it never comes into a drag
        theme_source().theme_changed.connect(self._on_theme_changed)

    # What it shows

    @property
    def spec(self) -> PlotSpec:
        """What it shows."""
        return self._spec

    def show_plot(self, spec: PlotSpec) -> None:
        """Show this; nothing is copied, so that a growing run may call this for every news of it."""
        items = [item.finite() if isinstance(item, Curve) else item for item in spec.items]
        self._spec = replace(spec, items=items)
        self.setAccessibleDescription(self.summary())
        self._draw()

    @property
    def is_log(self) -> bool:
        """Whether the upright axis is wanted logarithmic; it stays linear where a value is not above zero."""
        return self._is_log

    def set_log(self, is_log: bool) -> None:
        """Change the upright axis."""
        self._is_log = is_log
        self._draw()

    def set_marker(self, x: float | None) -> None:
        """Mark the place of the playhead, or none."""
        if x != self._marker:
            self._marker = x
            if self._sheet is not None:
                self._sheet.show_playhead(x)

    def summary(self) -> str:
        """What it shows in words."""
        return summary(self._spec)

    def align_left(self, left_px: float) -> None:
        """Let the curves begin no further left than this, as those of another plot below do."""
        if left_px != self._left_px:
            self._left_px = left_px
            self._draw()

    def plot_rect(self) -> QRectF:
        """Where the curves are, beside the numbers."""
        sheet = self._sheet
        return QRectF(self._room()) if sheet is None else sheet.area().translated(QPointF(sheet.widget.pos()))

    def point_of(self, x: float, y: float) -> QPointF:
        """Where values lie on this widget."""
        sheet = self._sheet
        return QPointF() if sheet is None else sheet.point_of(x, y) + QPointF(sheet.widget.pos())

    @property
    def is_zoomed(self) -> bool:
        """Whether only a part is seen."""
        return self._zoom.is_on

    # Size

    def sizeHint(self) -> QSize:
        """As wide as the inspector, and low."""
        return QSize(theme().scaled(self._size_px.width()), theme().scaled(self._size_px.height()))

    def minimumSizeHint(self) -> QSize:
        """May be narrow, and no lower where its height is fixed."""
        is_fixed = self.sizePolicy().verticalPolicy() == QSizePolicy.Policy.Fixed
        return QSize(80, self.sizeHint().height() if is_fixed else 48)

    def _room(self) -> QRect:
        """The part of the widget that the sheet covers."""
        above = self._line_px() + 4 if self._named() else 0
        return self.rect().adjusted(_PADDING_PX, _PADDING_PX + above, -_PADDING_PX, -_PADDING_PX // 2)

    def _line_px(self) -> int:
        return round(QFontMetricsF(theme().font("caption")).height())

    # Drawing

    def showEvent(self, event: QShowEvent) -> None:
        """Bring what draws, and draw what was shown meanwhile."""
        super().showEvent(event)
        self._make_sheet()
        self._draw()

    def _make_sheet(self) -> None:
        loader = plot_loader()
        if self._sheet is not None:
            return
        if not loader.is_loaded:
            loader.loaded.connect(self._make_sheet, Qt.ConnectionType.UniqueConnection)
            return
        self._sheet = new_sheet(self)
        self._sheet.widget.show()
        self._draw()

    def _draw(self) -> None:
        sheet, spec = self._sheet, self._spec
        self.update()
        if sheet is None or not self.isVisible():  # a folded plot costs nothing while a hand drags
            return
        sheet.widget.setVisible(has_values(spec.items))
        sheet.widget.setGeometry(self._room())
        if not has_values(spec.items):
            return
        spans = spans_of(spec, self._is_log)
        inks = inks_of(spec.items, hue_of(self).fill)
        self._zoom.set_all(spans[0].view, spans[1].view)
        sheet.show_plot(spec, spans, inks, self._label_px())
        sheet.left_px = self._left_px - sheet.widget.x()
        sheet.set_view(self._zoom.x, self._zoom.y)
        sheet.show_playhead(self._marker)

    def _label_px(self) -> float:
        text = translate(self._spec.x.label)
        return QFontMetricsF(theme().font("caption")).horizontalAdvance(text) + 10 if text else 0.0

    def _named(self) -> list[tuple[str, QPen]]:
        """What stands over the plot, where there is more than one: what has a name, and its pen."""
        inks = inks_of(self._spec.items, hue_of(self).fill)
        named = [
            (item.name, QPen(colour, 1.6, dash))
            for item, (colour, dash) in zip(self._spec.items, inks, strict=True)
            if isinstance(item, Curve | Bars | Scatter) and item.name
        ]
        return named if len(named) > 1 else []

    def _image(self) -> Image | None:
        """The picture that the crosshair reads; one in colours of its own goes along with curves."""
        images = (item for item in self._spec.items if isinstance(item, Image))
        return next((image for image in images if image.values.ndim == 2), None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fill the widget."""
        super().resizeEvent(event)
        self._draw()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the field, the names, and the label of the lower axis; the sheet draws the rest over it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme().font("caption"))
        colour = theme().colour
        painter.setPen(QPen(QColor(colour.focus if self.hasFocus() else colour.field), 1))
        painter.setBrush(QColor(colour.field))
        radius = theme().size.radius
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        painter.setPen(QColor(colour.text_muted))
        if not has_values(self._spec.items):
            text = translate(self._spec.empty or N_("Nothing measured yet"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, text)
            return
        if self._spec.x.ticks != ():
            line_px = self._line_px()
            foot = QRectF(0, self.height() - _PADDING_PX / 2 - line_px, self.width() - _PADDING_PX, line_px)
            painter.drawText(foot, Qt.AlignmentFlag.AlignRight, translate(self._spec.x.label))
        self._paint_names(painter)

    def _paint_names(self, painter: QPainter) -> None:
        """The names over the plot, each behind a piece of its line, which is shorter where there is little room."""
        metrics, x, named = painter.fontMetrics(), self.plot_rect().left(), list(self._named())
        y = _PADDING_PX + metrics.height() / 2
        widths = [metrics.horizontalAdvance(name) for name, _pen in named]
        room, wanted = self.width() - _PADDING_PX - x - sum(widths), len(named) * (_NAME_PX + 5) + (len(named) - 1) * 14
        share = max(0.2, min(1.0, room / max(1, wanted)))
        for (name, pen), width in zip(named, widths, strict=True):
            painter.setPen(pen)
            painter.drawLine(QPointF(x, y), QPointF(x + share * _NAME_PX, y))
            painter.setPen(QColor(theme().colour.text))
            painter.drawText(QPointF(x + share * (_NAME_PX + 5), y + metrics.ascent() / 2 - 1), name)
            x += share * (_NAME_PX + 19) + width

    def _on_theme_changed(self) -> None:
        self.updateGeometry()
        if self._sheet is not None:
            self._sheet.dress()
        self._draw()
