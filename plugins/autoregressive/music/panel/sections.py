"""The inspector's parts of the panel of music: voices, what else could stand there, choosing, the whole piece."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.api.panel import (
    BarsView,
    Chip,
    ChipFlow,
    Segmented,
    SettingsSection,
    SliderRow,
    ValueRange,
    in_a_row,
    named_button,
    put_in_a_column,
    set_tip,
    show_playing,
    small_label,
    theme,
)
from studio.core.param import param_specs
from studio.core.text.token import Candidate
from studio.core.translation import N_, _, translate, within

from ..grid import COLOURS, N_VOICES, VOICES
from ..melodies import MELODIES
from ..params import MusicParams
from ..scene import SPEED_RANGE, MusicScene

LOCK_HINT: Final = N_("A locked voice stays as it is; the model writes all the others")
TAKE_HINT: Final = N_("Write in this voice (keys 1 to 4)")
FOLLOW_HINT: Final = N_("After each of your notes the model rewrites the rest of that bar, except for locked voices")
STRIP_PX: Final = 5
TINT_HINT: Final = N_("Tint each note by how unexpected it was (surprise, in bits)")


class VoiceChip(Chip):
    """A chip that is on or off by itself, with the colour of its voice as a strip; Space is left to play and pause."""

    def __init__(self, name: str, text: str, hint: str, voice: int | None = None) -> None:
        super().__init__(translate(text))
        self.setObjectName(name)
        set_tip(self, translate(hint))
        self.setAccessibleDescription(translate(hint))
        self._voice = voice

    def sizeHint(self) -> QSize:
        """Room for the strip of colour."""
        hint = super().sizeHint()
        return hint if self._voice is None else QSize(hint.width() + 2 * STRIP_PX, hint.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the chip, and a strip in its voice's colour at the left."""
        super().paintEvent(event)
        if self._voice is not None:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(theme().colour.field), 1))
            painter.setBrush(QColor(*COLOURS[self._voice]))
            painter.drawRoundedRect(QRectF(4, 5.5, STRIP_PX - 1, self.height() - 11), 1.5, 1.5)


class VoicesSection(QWidget):
    """Which voice is in hand, and which are locked. Signals: voice_chosen(voice); locked(voice, is_locked);
    follow_toggled(is_on).
    """

    voice_chosen = Signal(int)
    locked = Signal(int, bool)
    follow_toggled = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        names = {str(voice): VOICES[voice] for voice in range(N_VOICES)}
        self.voice = Segmented("music_voice", names, N_("Your voice"), dict.fromkeys(names, TAKE_HINT))
        self.voice.value_chosen.connect(lambda value: self.voice_chosen.emit(int(value)))
        self.locks = [VoiceChip(f"music_lock_{voice}", VOICES[voice], LOCK_HINT, voice) for voice in range(N_VOICES)]
        self.follow = VoiceChip("music_follow", N_("Others follow my notes"), FOLLOW_HINT)
        self.follow.clicked.connect(self.follow_toggled)
        row = QHBoxLayout()
        row.setSpacing(4)
        label = small_label(is_marked=True)
        label.setWordWrap(False)
        label.setText(_("Locked"))
        row.addWidget(label)
        for voice, lock in enumerate(self.locks):
            lock.clicked.connect(lambda is_on, voice=voice: self.locked.emit(voice, is_on))
            name = _("Lock the {voice}").format(voice=within(translate(VOICES[voice])))
            lock.setAccessibleName(name)
            row.addWidget(lock)
        row.addStretch(1)
        put_in_a_column(self, (self.voice, row, self.follow))

    def show_scene(self, scene: MusicScene) -> None:
        """Show what is in hand and what is locked. Emits nothing."""
        self.voice.set_value(str(scene.voice))
        for voice, lock in enumerate(self.locks):
            lock.setChecked(scene.locks[voice])
        self.follow.setChecked(scene.is_following)


class InsteadSection(QWidget):
    """What else could begin in the marked place. Signals: forced(token); remake_requested()."""

    forced = Signal(int)
    remake_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.words = small_label(is_marked=True)
        self.bars = BarsView()
        self.bars.setObjectName("music_instead")
        set_tip(self.bars, _("Click a note to have the voice sing it instead"))
        self.bars.forced.connect(self.forced)
        hint = N_("Let the model choose again here (right-click)")
        self.remake = named_button("music_note", N_("Another note"), hint, "dice", pressed=self.remake_requested)
        put_in_a_column(self, (self.words, self.bars, self.remake))

    def show_rows(self, words: str, rows: Sequence[Candidate], is_note: bool) -> None:
        """Show the candidates of a place, and what they are instead of."""
        self.words.setText(words)
        self.bars.show_rows(rows)
        self.bars.setVisible(bool(rows))
        self.remake.setEnabled(is_note)


class MusicChoosingSection(SettingsSection):
    """How daring, how fast, and what is made anew.

    Signals, beside those of settings: speed_changed(speed); bar_requested(), all_requested(); melody_chosen(name).
    """

    speed_changed = Signal(int)
    bar_requested = Signal()
    all_requested = Signal()
    melody_chosen = Signal(str)

    def __init__(self, defaults: MusicParams) -> None:
        super().__init__()
        self._names = {translate(melody.title): name for name, melody in MELODIES.items()}
        self.melodies = ChipFlow("music_melodies", tuple(self._names), _("Melodies"))
        set_tip(self.melodies, _("Start with a tune; the model adds the other voices (R: the next one)"))
        self.melodies.chosen.connect(lambda text: self.melody_chosen.emit(self._names[text]))
        (self.temperature,) = self.sliders(defaults, "music_", "temperature")
        rule = param_specs(MusicParams)["no_parallels"]
        self.rules = VoiceChip("music_rules", rule.label, rule.help)
        self.speed = SliderRow(
            "music_speed",
            N_("Speed"),
            ValueRange(*SPEED_RANGE, step=4, default=MusicScene.speed, unit="sixteenths/s"),
            N_("How many sixteenth notes appear per second; at the far right, all at once"),
        )
        self.bar = named_button("music_bar", N_("Another bar"), N_("Rewrite the selected bar (B)"), "dice")
        hint = N_("Rewrite everything except locked voices and your own notes (N)")
        self.all = named_button("music_all", N_("Rewrite all"), hint, "dice")
        self._connect()
        rules = QHBoxLayout()
        rules.addWidget(self.rules)
        rules.addStretch(1)
        put_in_a_column(self, (self.melodies, self.temperature, rules, self.speed, in_a_row(self.bar, self.all)))

    def _connect(self) -> None:
        self.speed.value_changed.connect(lambda value: self.speed_changed.emit(round(value)))
        self.rules.clicked.connect(lambda is_on: self.changed.emit("no_parallels", is_on))
        self.bar.clicked.connect(self.bar_requested)
        self.all.clicked.connect(self.all_requested)

    def show_scene(self, scene: MusicScene) -> None:
        """Show what is asked for. Emits nothing."""
        title = translate(MELODIES[scene.example].title) if scene.example else ""
        self.melodies.set_current(title)
        self.show_params(scene.params)
        self.rules.setChecked(scene.params.no_parallels)
        self.speed.set_value(scene.speed)

    def show_bar(self, bar: int | None) -> None:
        """Offer to make the bar anew that is chosen."""
        text = N_("Another bar") if bar is None else N_("Rewrite bar {n}")
        self.bar.setText(translate(text).format(n=(bar or 0) + 1))
        self.bar.setEnabled(bar is not None)


class MusicListenSection(SettingsSection):
    """How it sounds. Signals, beside those of the tempo as a setting: play_requested(); tint_toggled(is_on)."""

    play_requested = Signal()
    tint_toggled = Signal(bool)

    def __init__(self, defaults: MusicParams) -> None:
        super().__init__()
        self.play = named_button("music_play", N_("Play"), N_("Play the piece from the marked place (P)"), "play")
        self.tint = VoiceChip("music_tint", N_("Show surprise"), TINT_HINT)
        (self.tempo,) = self.sliders(defaults, "music_", "tempo_bpm")
        self.play.clicked.connect(self.play_requested)
        self.tint.clicked.connect(self.tint_toggled)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.play, 1)
        row.addWidget(self.tint)
        put_in_a_column(self, (row, self.tempo))

    def show_scene(self, scene: MusicScene) -> None:
        """Show what is asked for. Emits nothing."""
        self.show_params(scene.params)
        self.tint.setChecked(scene.shows_surprise)

    def set_playing(self, is_playing: bool) -> None:
        """Let the button stop what is heard."""
        show_playing(self.play, is_playing)


class PieceSection(QWidget):
    """How likely the whole is, and other music. Signals: open_requested(), clear_requested()."""

    open_requested = Signal()
    clear_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.words = small_label(is_marked=True)
        set_tip(self.words, _("The average surprise of a beat in bits, all voices together"))
        open_hint = N_("Continue music of your own; or drop a file here")
        self.open = named_button("music_open", N_("MIDI file…"), open_hint)
        self.clear = named_button("music_clear", N_("Empty"), N_("Start with an empty piece of eight bars"))
        self.open.clicked.connect(self.open_requested)
        self.clear.clicked.connect(self.clear_requested)
        put_in_a_column(self, (self.words, in_a_row(self.open, self.clear)))

    def show_words(self, text: str) -> None:
        """Show how likely the piece is."""
        self.words.setText(text)
