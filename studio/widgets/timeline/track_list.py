"""The rows of all recordings of a panel, three in sight."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from studio.core.translation import _
from studio.widgets.theme import theme, theme_source
from studio.widgets.timeline.track_line import HEIGHT_PX, TrackLine
from studio.widgets.timeline.track_row import TrackRow, first_steps

MOST_IN_SIGHT: Final = 3
MOST_PINNED: Final = 2
_GAP_PX: Final = 2


class TrackArea(QScrollArea):
    """Scrolls the rows; hidden while there are fewer than two.

    Signals: track_selected(id), track_renamed(id, name), track_hidden(id, is_hidden), track_pinned(id, is_pinned),
    track_deleted(id).
    """

    track_selected = Signal(str)
    track_renamed = Signal(str, str)
    track_hidden = Signal(str, bool)
    track_pinned = Signal(str, bool)
    track_deleted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: list[TrackLine] = []
        self._current = ""
        page = QWidget()
        self._column = QVBoxLayout(page)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(_GAP_PX)
        self.setWidget(page)
        self.setWidgetResizable(True)
        page.setAutoFillBackground(False)  # setWidget turned it on
        self.viewport().setAutoFillBackground(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(_("Tracks"))
        theme_source().theme_changed.connect(self._fit)
        self.hide()

    @property
    def lines(self) -> Sequence[TrackLine]:
        """The rows, top to bottom."""
        return self._lines

    def show_tracks(self, rows: Sequence[TrackRow], current: str | None) -> None:
        """Show these recordings; `current` is the id of the one on show."""
        self.setVisible(len(rows) > 1)
        if len(rows) < 2:
            return
        self._match(len(rows))
        firsts = first_steps(rows)
        n_total = max((firsts[row.id] + row.n_frames for row in rows), default=1)
        can_pin = sum(row.is_pinned for row in rows) < MOST_PINNED
        for line, row in zip(self._lines, rows, strict=True):
            line.show_row(row, row.id == current, firsts[row.id], n_total, can_pin)
        if current is not None and current != self._current:
            self._bring_into_sight(current)
        self._current = current or ""

    def _match(self, n_rows: int) -> None:
        if n_rows == len(self._lines):
            return
        while len(self._lines) > n_rows:
            line = self._lines.pop()
            self._column.removeWidget(line)
            line.hide()
            line.deleteLater()
        while len(self._lines) < n_rows:
            self._lines.append(self._new_line())
        self._fit()

    def _new_line(self) -> TrackLine:
        line = TrackLine()
        line.selected.connect(self.track_selected)
        line.renamed.connect(self.track_renamed)
        line.hidden.connect(self.track_hidden)
        line.pinned.connect(self.track_pinned)
        line.deleted.connect(self.track_deleted)
        line.neighbour_requested.connect(self._on_neighbour_requested)
        self._column.addWidget(line)
        return line

    def _fit(self) -> None:
        n_seen = min(len(self._lines), MOST_IN_SIGHT)
        self.setFixedHeight(n_seen * theme().scaled(HEIGHT_PX) + max(n_seen - 1, 0) * _GAP_PX)

    def _bring_into_sight(self, current: str) -> None:
        for line in self._lines:
            if line.row.id == current:
                self._column.activate()
                self.ensureWidgetVisible(line, 0, 0)

    def _on_neighbour_requested(self, step: int) -> None:
        sender = self.sender()
        if isinstance(sender, TrackLine):
            place = min(max(self._lines.index(sender) + step, 0), len(self._lines) - 1)
            self._lines[place].setFocus(Qt.FocusReason.TabFocusReason)
            self.ensureWidgetVisible(self._lines[place], 0, 0)
