"""Two runs compared: their frames locked together, laid out in four ways, and the settings that differ."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from studio.commands.track import Track
from studio.core.param import ParamSpec
from studio.core.recording.recording import RunInfo
from studio.core.translation import N_, _
from studio.core.view import Tokens
from studio.widgets.compare.canvas import CompareCanvas
from studio.widgets.compare.lock import LOCKS, Lock, locked_length, locked_places
from studio.widgets.compare.run_side import RunSide
from studio.widgets.compare.scene import MODES, Mode
from studio.widgets.compare.table import DifferenceTable
from studio.widgets.compare.text_pair import TextPair
from studio.widgets.compare.tool_row import ToolRow
from studio.widgets.controls.button import Button
from studio.widgets.controls.chip import Choice
from studio.widgets.controls.label import Label

_MODE_LABELS: Final = {
    "side": N_("Side by side"),
    "wipe": N_("Wipe"),
    "blink": N_("Blink"),
    "difference": N_("Difference"),
}
_TABLE_PX: Final = 260
_LOW_TABLE_PX: Final = 128
_WIDE_PX: Final = 760  # from here on the table stands beside the pictures
_ANY_PX: Final = 16_777_215  # what Qt calls no limit
_NO_SPECS: Final[Mapping[str, ParamSpec]] = MappingProxyType({})


class CompareView(QWidget):
    """Takes the place of a panel's canvas while two tracks are pinned.

    Signals: closed() when the person wants the picture back; length_changed() when a playhead over both has another
    number of places, since the lock was changed.
    """

    closed = Signal()
    length_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("compare")
        self._runs = (RunSide("A"), RunSide("B"))
        self._specs = _NO_SPECS
        self._tabled: tuple[object, ...] = (None, None, None)  # what the table shows
        self._lock: Lock = "step"
        self._at = (0, 1)
        self._canvas = CompareCanvas()
        self._texts = TextPair()
        self._sentence = Label()
        self._table = DifferenceTable()
        self._modes = Choice("compare_mode", _MODE_LABELS, N_("How the two are arranged"))
        self._table_button = Button(N_("What differs"), "quiet", "chevron_down")
        self._back = Button(N_("Back to the picture"), "secondary", "close")
        self._tools = ToolRow()
        self._stage = QStackedWidget()
        self._middle = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._lay_out()
        self._connect()
        self._tools.show_mode("side")

    def _lay_out(self) -> None:
        self._sentence.setProperty("role", "muted")
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._sentence.setWordWrap(True)
        for page in (self._canvas, self._texts, self._sentence):
            self._stage.addWidget(page)
        self._table_button.setCheckable(True)
        self._table_button.setChecked(True)
        self._back.setObjectName("compare_back")
        bar = QFrame()
        bar.setProperty("role", "caption")
        top = QHBoxLayout(bar)
        top.setContentsMargins(8, 6, 6, 6)
        top.setSpacing(8)
        top.addWidget(self._modes, 1, Qt.AlignmentFlag.AlignVCenter)
        top.addStretch(0)
        top.addWidget(self._table_button)
        top.addWidget(self._back)
        self._middle.setSpacing(16)
        self._middle.addWidget(self._stage, 1)
        self._middle.addWidget(self._table)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(bar)
        layout.addLayout(self._middle, 1)
        layout.addWidget(self._tools)

    def _connect(self) -> None:
        self._modes.value_chosen.connect(self._on_mode_chosen)
        self._tools.lock_chosen.connect(self._on_lock_chosen)
        self._tools.sign_chosen.connect(self._on_sign_chosen)
        self._tools.turned.connect(self._on_turned)
        self._table_button.toggled.connect(self._on_table_toggled)
        self._back.clicked.connect(self.closed)

    # What is compared

    def set_pair(self, a: Track, b: Track, specs: Mapping[str, ParamSpec] = _NO_SPECS) -> None:
        """Compare two tracks, or the same two under other names; `specs` are the declarations of their parameters."""
        for run, track in zip(self._runs, (a, b), strict=True):
            run.set_track(track)
        self._specs = specs
        self.refresh()

    def refresh(self) -> None:
        """The recordings have grown, or say more about what made them."""
        a, b = (run.recording for run in self._runs)
        if a is not None and b is not None:
            self._show_settings(a.info, b.info)
            self._show()

    def _show_settings(self, a: RunInfo, b: RunInfo) -> None:
        """Fill the table where its runs are not the same as before: a run that grows asks at every frame."""
        shown = (a, b, self._specs)
        if all(new is old for new, old in zip(shown, self._tabled, strict=True)):
            return
        self._tabled = shown
        text = _("What differs ({n})").format(n=self._table.show_runs(*shown))
        self._table_button.setText(text)
        self._table_button.setAccessibleName(text)

    @property
    def n_frames(self) -> int:
        """How many places a playhead over both runs has, as they are locked now."""
        a, b = (run.span for run in self._runs)
        return locked_length(self._lock, a, b)

    def show_index(self, index: int, n: int) -> None:
        """Show what belongs to place `index` of the `n` places of a playhead over both runs."""
        self._at = (index, n)
        self._show()

    def _show(self) -> None:
        a, b = self._runs
        places = locked_places(self._lock, a.span, b.span, *self._at)
        for run, place in zip(self._runs, places or (None, None), strict=True):
            run.go_to(place)
        sides = (a.side, b.side)
        if a.pixels is not None and b.pixels is not None:
            self._canvas.show_pictures(a.pixels, b.pixels, sides)
            self._show_amount()
            self._turn_to(self._canvas)
        elif isinstance(a.view, Tokens) and isinstance(b.view, Tokens):
            self._texts.show_texts(a.view, b.view, sides)
            self._turn_to(self._texts)
        else:
            self._sentence.setText(self._why_not())
            self._turn_to(self._sentence)

    def _why_not(self) -> str:
        waiting = [run.name for run in self._runs if not run.span.n_frames]
        if waiting:
            return _("Waiting for the first frame of {name}.").format(name=waiting[0])
        return _("These frames are neither pictures nor texts, so only their settings can be compared here.")

    def _turn_to(self, page: QWidget) -> None:
        if self._stage.currentWidget() is page:
            return
        self._stage.setCurrentWidget(page)
        is_picture = page is self._canvas
        self._modes.setVisible(is_picture)
        self._tools.show_mode(self.mode if is_picture else None)

    # How it is shown

    @property
    def mode(self) -> Mode:
        """How two pictures are laid out."""
        return self._canvas.mode

    @property
    def lock(self) -> Lock:
        """Which frames belong together."""
        return self._lock

    @property
    def divider(self) -> float:
        """Where the wipe stands, as a share of the width."""
        return self._canvas.divider

    def set_mode(self, mode: Mode) -> None:
        """Lay them out another way."""
        self._modes.set_value(mode)
        self._canvas.set_mode(mode)
        self._tools.show_mode(mode)
        self._show_amount()

    def set_lock(self, lock: Lock) -> None:
        """Lock the same steps together, or the same parts of both runs."""
        self._tools.set_lock(lock)
        self._lock = lock
        self._show()

    def _show_amount(self) -> None:
        if self.mode == "difference":
            self._tools.show_amount(self._canvas.amount)

    def _on_mode_chosen(self, value: str) -> None:
        self.set_mode(next(mode for mode in MODES if mode == value))

    def _on_lock_chosen(self, value: str) -> None:
        self.set_lock(next(lock for lock in LOCKS if lock == value))
        self.length_changed.emit()

    def _on_sign_chosen(self, is_signed: bool) -> None:
        self._canvas.set_signed(is_signed)
        self._show_amount()

    def _on_table_toggled(self, is_shown: bool) -> None:
        self._table.setVisible(is_shown)
        self._table_button.set_icon("chevron_down" if is_shown else "chevron_right")

    def _on_turned(self) -> None:
        self._canvas.set_shows_b(not self._canvas.shows_b)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing blinks where nobody looks."""
        super().hideEvent(event)
        self._tools.blinker.set_running(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape goes back to the picture."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the table beside the pictures where there is room, else under them."""
        super().resizeEvent(event)
        is_wide = event.size().width() >= _WIDE_PX
        way = QBoxLayout.Direction.LeftToRight if is_wide else QBoxLayout.Direction.TopToBottom
        self._middle.setDirection(way)
        self._table.setMinimumWidth(_TABLE_PX if is_wide else 0)
        self._table.setMaximumWidth(_TABLE_PX if is_wide else _ANY_PX)
        self._table.setMaximumHeight(_ANY_PX if is_wide else _LOW_TABLE_PX)
