"""The first row: to the start, play, to the end, loop, what it is, the frame's number, and what one can do here."""

from typing import Final

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from studio.core.translation import N_, _, grouped, translate
from studio.widgets.controls.button import Button
from studio.widgets.controls.icon import ICON_PX
from studio.widgets.controls.label import set_tip
from studio.widgets.controls.number_field import NumberField
from studio.widgets.controls.steady_label import SteadyLabel
from studio.widgets.controls.value_range import ValueRange
from studio.widgets.theme import theme, theme_source
from studio.widgets.timeline.chip_button import ChipButton, ChoiceChip
from studio.widgets.timeline.playback import Loop, Playback

SPEEDS: Final = (0.25, 0.5, 1.0, 1.5, 2.0, 4.0)
RATES_FPS: Final = (6.0, 12.0, 15.0, 24.0, 30.0, 60.0, 120.0)
NOTHING: Final = N_("Nothing recorded yet")
NOTHING_DETAIL: Final = N_("What you make appears here frame by frame, so that you can play it and go back.")
PATH_DETAIL: Final = N_("Set a keyframe, move on, set another: together they make a path you can play.")
LOOP_TEXTS: Final[dict[Loop, str]] = {"once": N_("Once"), "loop": N_("Loop"), "ping_pong": N_("Back and forth")}
_LOOP_HINT: Final = N_("At the end: stop, start again, or turn round (ping-pong). Click for the next.")
_KEYFRAME_HINT: Final = N_("Add a keyframe: what is on screen becomes a stop on the path.")
_BRANCH_HINT: Final = N_("Continue from this frame with the current settings.")
_ROOM_FOR_TITLE_PX: Final = 130
_GAP_PX: Final = 8


class Heading(QWidget):
    """A title in strong text and a detail in muted text, on one line, cut off where they do not fit."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = ""
        self._detail = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme_source().theme_changed.connect(self.updateGeometry)

    def show_text(self, title: str, detail: str) -> None:
        """Say what is on the timeline."""
        if (title, detail) != (self._title, self._detail):
            self._title, self._detail = title, detail
            text = f"{title}. {detail}" if title and detail else title or detail
            self.setAccessibleName(text)
            set_tip(self, text)
            self.update()

    def sizeHint(self) -> QSize:
        """One line."""
        return QSize(200, theme().scaled(theme().size.control_height))

    def minimumSizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(0, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw as much as fits, the title first."""
        painter = QPainter(self)
        rect, elide = self.rect(), Qt.TextElideMode.ElideRight
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(theme().font("body", QFont.Weight.DemiBold))
        title = painter.fontMetrics().elidedText(self._title, elide, rect.width())
        painter.setPen(QColor(theme().colour.text_strong))
        painter.drawText(rect, middle, title)
        left_px = painter.fontMetrics().horizontalAdvance(title) + (_GAP_PX if title else 0)
        painter.setFont(theme().font())
        painter.setPen(QColor(theme().colour.text_muted))
        room = QRect(left_px, 0, max(0, rect.width() - left_px), rect.height())
        if room.width() > painter.fontMetrics().horizontalAdvance("…m"):
            painter.drawText(room, middle, painter.fontMetrics().elidedText(self._detail, elide, room.width()))


class Transport(QWidget):
    """The row of buttons over the strip.

    Signals: keyframe_requested(), branch_requested(), stop_requested().
    """

    keyframe_requested = Signal()
    branch_requested = Signal()
    stop_requested = Signal()

    def __init__(self, playback: Playback, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._playback = playback
        self._shown: tuple[object, ...] = ()
        self._numbered = (-1, 1)
        self._make_buttons()
        self._lay_out()
        playback.moved.connect(self._on_moved)
        playback.changed.connect(self._on_changed)
        self._on_changed()
        self._on_moved()

    def show_text(self, title: str, detail: str) -> None:
        """Say what is on the timeline."""
        self.heading.show_text(title, detail)

    def show_nothing(self) -> None:
        """Say that nothing is on the timeline, and how something comes there."""
        detail = NOTHING_DETAIL if self.keyframe.isHidden() else PATH_DETAIL
        self.heading.show_text(translate(NOTHING), translate(detail))

    def set_branchable(self, is_branchable: bool) -> None:
        """Whether the frame on show can be gone on from."""
        self._show_chip(self.branch, is_branchable)

    def set_keyframable(self, is_keyframable: bool) -> None:
        """Whether what is on screen can become a keyframe."""
        self._show_chip(self.keyframe, is_keyframable)

    def set_running(self, is_running: bool) -> None:
        """Whether a run is being made, which can be stopped."""
        self._show_chip(self.stop, is_running)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Buttons give up their text before the title goes."""
        self._fit()

    def _show_chip(self, chip: ChipButton, is_shown: bool) -> None:
        if chip.isHidden() == is_shown:  # asked at every frame
            chip.setVisible(is_shown)
            self._fit()

    def _make_buttons(self) -> None:
        self.start = Button("", "secondary", "to_start", N_("To the first frame (Home)"))
        self.play = Button("", "primary", "play", N_("Play (Space)"))
        self.end = Button("", "secondary", "to_end", N_("To the last frame (End)"))
        self.loop = ChipButton(LOOP_TEXTS["once"], "once", _LOOP_HINT)
        self.number = NumberField(ValueRange(1, 2, step=1, default=1, is_whole=True))
        self.count = SteadyLabel()
        self.heading = Heading()
        self.stop = ChipButton(N_("Stop"), "stop", N_("Stop the run; what has been made stays."))
        self.keyframe = ChipButton(N_("Keyframe"), "plus", _KEYFRAME_HINT)
        self.branch = ChipButton(N_("Branch"), "branch", _BRANCH_HINT)
        self.speed = ChoiceChip(SPEEDS, _speed_text, N_("Speed"))
        self.rate = ChoiceChip(RATES_FPS, _rate_text, N_("Frames per second"))
        self.number.setAccessibleName(_("Frame number"))
        set_tip(self.number, _("The frame being shown. Click to type another."))
        for name in ("play", "stop", "keyframe", "branch"):
            getattr(self, name).setObjectName(f"timeline_{name}")
        self.stop.hide()
        self.branch.hide()

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(_GAP_PX)
        for widget in (self.start, self.play, self.end, self.loop, self.number, self.count):
            row.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.heading, 1)
        for widget in (self.stop, self.keyframe, self.branch, self.speed, self.rate):
            row.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        playback = self._playback
        self.start.clicked.connect(playback.to_start)
        self.play.clicked.connect(playback.toggle)
        self.end.clicked.connect(playback.to_end)
        self.loop.clicked.connect(playback.cycle_loop)
        self.number.value_typed.connect(self._on_number_typed)
        self.stop.clicked.connect(self.stop_requested)
        self.keyframe.clicked.connect(self.keyframe_requested)
        self.branch.clicked.connect(self.branch_requested)
        self.speed.chosen.connect(playback.set_speed)
        self.rate.chosen.connect(playback.set_fps)
        theme_source().theme_changed.connect(self._size_buttons)
        self._size_buttons()

    def _size_buttons(self) -> None:
        height_px = theme().scaled(theme().size.control_height)
        for button in (self.start, self.play, self.end):
            button.setFixedSize(theme().scaled(38), height_px)
            button.setIconSize(QSize(1, 1) * theme().scaled(ICON_PX))
        self._show_length()
        self._fit()

    def _fit(self) -> None:
        chips = (self.loop, self.stop, self.keyframe, self.branch, self.speed, self.rate)
        shown = [chip for chip in chips if not chip.isHidden()]
        rest = (self.start, self.play, self.end, self.number, self.count)
        needed_px = sum(chip.full_width_px() for chip in shown) + sum(widget.sizeHint().width() for widget in rest)
        needed_px += (len(shown) + len(rest)) * _GAP_PX + theme().scaled(_ROOM_FOR_TITLE_PX)
        for chip in chips:
            chip.set_compact(self.width() < needed_px)

    def _on_moved(self) -> None:
        number = self._playback.number
        self.number.set_value(number)
        words = _("Branch from frame {n}")
        self.branch.set_label(words.format(n=grouped(number)), words.format(n="0" * len(grouped(self._last_number()))))

    def _on_changed(self) -> None:
        playback = self._playback
        factor = playback.shuttle * playback.direction if playback.is_playing else 1
        shown = (playback.is_playing, playback.loop, playback.speed * factor, playback.fps)
        if shown != self._shown:
            self._shown = shown
            self._show_playing(playback.is_playing)
            self._show_loop(playback.loop)
            self.speed.set_value(playback.speed * factor)
            self.rate.set_value(playback.fps)
            self._fit()
        numbered = playback.n_frames, playback.first_number
        if numbered != self._numbered:
            (n_before, _first), width, self._numbered = self._numbered, self.count.width(), numbered
            self._show_length()
            self._on_moved()
            if self.count.width() != width or n_before <= 0 or not playback.n_frames:
                self._fit()  # a run that grows needs more room with every digit only

    def _show_playing(self, is_playing: bool) -> None:
        hint = _("Pause (Space)") if is_playing else _("Play (Space)")
        if hint != self.play.toolTip():
            self.play.set_icon("pause" if is_playing else "play")
            set_tip(self.play, hint)
            self.play.setAccessibleName(hint)

    def _show_loop(self, loop: Loop) -> None:
        words = [translate(text) for text in LOOP_TEXTS.values()]
        self.loop.set_label(translate(LOOP_TEXTS[loop]), max(words, key=len))
        self.loop.set_icon(loop)

    def _last_number(self) -> int:
        return self._playback.first_number + self._playback.n_frames - 1

    def _show_length(self) -> None:
        n_frames, first, last = self._playback.n_frames, self._playback.first_number, self._last_number()
        for widget in (self.start, self.play, self.end):
            widget.setEnabled(n_frames > 0)
        self.number.set_range(ValueRange(first, max(last, first + 1), step=1, default=first, is_whole=True))
        self.number.setVisible(n_frames > 0)
        self.count.setVisible(n_frames > 0)
        self.count.set_text(f"/ {grouped(last)}")
        digits = "/ " + "0" * len(grouped(last))
        self.count.setFixedWidth(QFontMetrics(theme().font()).horizontalAdvance(digits) + 4)

    def _on_number_typed(self, number: float) -> None:
        self._playback.seek(round(number) - self._playback.first_number)


def _speed_text(speed: float) -> str:
    return f"{speed:g}x".replace("-", "\N{MINUS SIGN}")


def _rate_text(fps: float) -> str:
    return _("{n} fps").format(n=f"{fps:g}")
