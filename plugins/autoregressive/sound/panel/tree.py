"""The tree through which a sample hangs on those before it: rows from the sounds below to the told sample above.

Rows: the samples, then what goes into each gated layer, the lowest first, then the sample that is told.

The nearest past is drawn wide: places lie by the logarithm of their age.

Shape letters: L layers, R samples that are seen.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.api.panel import hue_of, show_tip, theme
from studio.core.translation import _, grouped

from ..signal import RATE_HZ, FloatArray

MOST_NODES: Final = 28
"""Of a row that are lit up: the strongest ones."""
LEAST: Final = 0.02
_LEFT_PX: Final = 76
_PADDING_PX: Final = 10
_AXIS_PX: Final = 16
_TICKS_MS: Final = (1, 10, 100)
_NEAR_PX: Final = 7.0


@dataclass(frozen=True)
class TreeNode:
    """A place of a row by its age in samples, and how much the told one hangs on it, 0 to 1."""

    row: int
    age: int
    strength: float


@dataclass(frozen=True)
class TreeEdge:
    """What a node hears of one in the row below."""

    lower: TreeNode
    upper: TreeNode

    @property
    def strength(self) -> float:
        """That of its weaker end."""
        return min(self.lower.strength, self.upper.strength)


def reached_ages(dilation: tuple[int, ...], n_taps: int, row: int) -> frozenset[int]:
    """The ages that a row has in the tree of one sample; the highest row is the sample itself."""
    ages = {0}
    for step in dilation[max(row - 1, 0) :]:
        ages |= {age + step for age in ages}
    if row > 0:
        return frozenset(ages)
    return frozenset(age + tap for age in ages for tap in range(1, n_taps + 1))


def children(dilation: tuple[int, ...], n_taps: int, row: int, age: int) -> tuple[int, ...]:
    """The ages in the row below that a node reads."""
    if row == 1:
        return tuple(age + tap for tap in range(1, n_taps + 1))
    return (age, age + dilation[row - 2])


def lit_nodes(amount: FloatArray) -> list[TreeNode]:
    """The strongest nodes of every row, (L + 1, R + 1) of amounts by age; the told sample is the last."""
    found = []
    for row, of_row in enumerate(amount):
        most = float(of_row.max())
        strongest = np.argsort(of_row, kind="stable")[::-1][:MOST_NODES].tolist() if most > 0 else []
        shares = [(age, float(of_row[age]) / most) for age in strongest]
        found += [TreeNode(row, age, share) for age, share in sorted(shares) if share >= LEAST]
    return [*found, TreeNode(len(amount), 0, 1.0)]


def lit_edges(nodes: list[TreeNode], dilation: tuple[int, ...], n_taps: int) -> list[TreeEdge]:
    """What lit nodes hear of lit nodes below."""
    by_place = {(node.row, node.age): node for node in nodes}
    edges = []
    for node in nodes:
        if node.row > 0:
            lower = [by_place.get((node.row - 1, age)) for age in children(dilation, n_taps, node.row, node.age)]
            edges += [TreeEdge(one, node) for one in lower if one is not None]
    return edges


class SoundTreeView(QWidget):
    """What one sample hangs on, layer by layer."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("sound_tree")
        self.setAccessibleName(_("Dilation tree"))
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._dilation: tuple[int, ...] = ()
        self._n_taps = 1
        self._nodes: list[TreeNode] = []
        self._edges: list[TreeEdge] = []
        self._reached: list[npt.NDArray[np.float64]] = []

    def set_layers(self, dilation: tuple[int, ...], n_taps: int) -> None:
        """How far each layer of the model looks back."""
        self._dilation, self._n_taps = dilation, n_taps
        rows = range(len(dilation) + 1)
        self._reached = [np.array(sorted(reached_ages(dilation, n_taps, row)), np.float64) for row in rows]
        self.update()

    def show_amount(self, amount: FloatArray | None) -> None:
        """Light up what a sample hangs on; None for nothing."""
        is_fit = amount is not None and len(amount) == len(self._dilation) + 1
        self._nodes = lit_nodes(amount) if amount is not None and is_fit else []
        self._edges = lit_edges(self._nodes, self._dilation, self._n_taps)
        self.setAccessibleDescription(self.summary())
        self.update()

    @property
    def is_lit(self) -> bool:
        """Whether a tree is shown."""
        return bool(self._nodes)

    def summary(self) -> str:
        """How far back it reaches, and where most comes from."""
        if not self._nodes:
            return _("No sample is selected.")
        strongest = max((node for node in self._nodes if node.row == 0), key=lambda node: node.strength, default=None)
        if strongest is None:
            return _("It depends on no sample before it.")
        text = _("It depends most on the sample {ms:.1f} ms before it.")
        return text.format(ms=1000 * strongest.age / RATE_HZ)

    def sizeHint(self) -> QSize:
        """Wide, and high enough for a dozen rows."""
        return QSize(theme().scaled(520), theme().scaled(220))

    def minimumSizeHint(self) -> QSize:
        """May be small."""
        return QSize(160, 96)

    # Where things lie

    def point_of(self, row: int, age: float) -> QPointF:
        """Where a node lies."""
        area, n_rows = self._area(), len(self._dilation) + 2
        x = area.right() - math.log2(1 + age) / math.log2(1 + self._furthest()) * area.width()
        return QPointF(x, area.bottom() - row / max(n_rows - 1, 1) * area.height())

    def _furthest(self) -> int:
        """The age at the left edge."""
        return 1 + sum(self._dilation) + self._n_taps

    def node_at(self, point: QPointF) -> TreeNode | None:
        """The lit node nearest to a place, None where none is near."""

        def far(node: TreeNode) -> float:
            return float((self.point_of(node.row, node.age) - point).manhattanLength())

        near = [node for node in self._nodes if far(node) <= _NEAR_PX]
        return min(near, key=far) if near else None

    def _area(self) -> QRectF:
        edges = (_LEFT_PX, _PADDING_PX, -_PADDING_PX, -_PADDING_PX - _AXIS_PX)
        return QRectF(self.rect()).adjusted(*edges)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say what lies under the pointer."""
        node = self.node_at(event.position())
        show_tip(event.globalPosition().toPoint(), "" if node is None else self._words(node), self)

    def _words(self, node: TreeNode) -> str:
        if node.row == len(self._dilation) + 1:
            return _("The selected sample")
        text = _("{ms:.1f} ms ago, {percent:.0f} % of the strongest in its row")
        return text.format(ms=1000 * node.age / RATE_HZ, percent=100 * node.strength)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows, the whole tree faintly, and what is lit."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour, radius = theme().colour, theme().size.radius
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour.field))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        if not self._dilation:
            return
        self._paint_names(painter)
        self._paint_reached(painter)
        ink = QColor(hue_of(self).fill)
        for edge in self._edges:
            ink.setAlphaF(0.15 + 0.75 * math.sqrt(edge.strength))
            painter.setPen(QPen(ink, 1 + edge.strength))
            ends = [self.point_of(node.row, node.age) for node in (edge.lower, edge.upper)]
            painter.drawLine(*ends)
        painter.setPen(Qt.PenStyle.NoPen)
        for node in self._nodes:
            ink.setAlphaF(0.3 + 0.7 * math.sqrt(node.strength))
            painter.setBrush(ink)
            size = 2 + 2.5 * math.sqrt(node.strength)
            painter.drawEllipse(self.point_of(node.row, node.age), size, size)

    def _paint_names(self, painter: QPainter) -> None:
        painter.setFont(theme().font("caption"))
        painter.setPen(QColor(theme().colour.text_muted))
        height, n_rows = painter.fontMetrics().height(), len(self._dilation) + 2
        spacing = self._area().height() / max(n_rows - 1, 1)
        every = max(1, math.ceil(height / max(spacing, 1)))
        newest = _("Newest {n}").format(n=self._n_taps)
        names = [_("Samples"), newest, *(grouped(step) for step in self._dilation)]
        shown = {0, n_rows - 1, *range(2, n_rows - 1, every)}
        for row in sorted(shown):
            text = _("Next") if row == n_rows - 1 else names[row]
            y = self.point_of(row, 0).y()
            box = QRectF(_PADDING_PX, y - height / 2, _LEFT_PX - 2 * _PADDING_PX, height)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        for ms in _TICKS_MS:
            at = self.point_of(0, ms * RATE_HZ / 1000)
            if at.x() > self._area().left():
                box = QRectF(at.x() - 40, at.y() + 4, 80, height)
                painter.drawText(box, Qt.AlignmentFlag.AlignHCenter, _("{ms} ms ago").format(ms=ms))

    def _paint_reached(self, painter: QPainter) -> None:
        """All that the sample could hang on, one dot a pixel."""
        painter.setPen(QPen(QColor(theme().colour.border), 1.6))
        left, right = self.point_of(0, self._furthest()).x(), self.point_of(0, 0).x()
        for row, ages in enumerate(self._reached):
            x = right - np.log2(1 + ages) / math.log2(1 + self._furthest()) * (right - left)
            _, first = np.unique(np.rint(x / 3), return_index=True)
            y = self.point_of(row, 0).y()
            painter.drawPoints([QPointF(at, y) for at in x[first].tolist()])
