"""The settings of an export: only those that mean something for the chosen format can be seen."""

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from studio.core.translation import N_, _, grouped, translate
from studio.render.export.film import enjoyable_times, film_of
from studio.render.export.format import ExportFormat
from studio.render.export.option import MAX_FPS, MAX_PICTURES, MAX_TIMES, MIN_FPS, Background, ExportOptions
from studio.shell.export.source import ExportSource
from studio.widgets.controls.chip import ChipFlow
from studio.widgets.controls.label import Label, NameLabel
from studio.widgets.theme import theme

NUMBER_WIDTH_PX: Final = 64
_PX: Final = " px"
SIDES_PX: Final = (128, 256, 512, 1024, 2048, 4096)
BACKGROUNDS: Final[Mapping[Background, str]] = {
    "paper": N_("Paper"),
    "black": N_("Black"),
    "transparent": N_("Transparent"),
}


class ExportForm(QWidget):
    """Signals: changed() when a person chose something else."""

    changed = Signal()

    def __init__(self, options: ExportOptions, source: ExportSource, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        clip = source.run
        n_frames = clip.n_frames
        is_back = source.is_path and not clip.is_loop
        n_times = enjoyable_times(clip, is_back) if source.is_path else 1
        self._clip = clip
        self.sides = self._chips("export_side", N_("Height"), f"{options.side_px}{_PX}")
        self.count = self._number("export_count", N_("Pictures"), options.n_pictures, 1, min(MAX_PICTURES, n_frames))
        self.fps = self._number("export_fps", N_("Frames per second"), round(clip.fps), int(MIN_FPS), int(MAX_FPS))
        self.first = self._number("export_first", N_("First frame"), 1, 1, n_frames)
        self.last = self._number("export_last", N_("Last frame"), n_frames, 1, n_frames)
        self.loop = self._box("export_loop", N_("Starts again when it ends"), options.is_looped)
        self.back = self._box("export_back", N_("Goes back to its beginning"), is_back)
        self.times = self._number("export_times", N_("Times"), n_times, 1, MAX_TIMES)
        self.caption = self._box("export_caption", N_("A line of text below the picture"), options.has_caption)
        self.backgrounds = self._chips("export_background", N_("Background"), BACKGROUNDS[options.background])
        self._length = _muted("")
        self._wanted = options
        self._lay_out(n_frames)
        self.changed.connect(self._show_length)
        self._show_length()

    def _lay_out(self, n_frames: int) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * theme().size.grid)
        of_all = _muted(_("of {n}").format(n=grouped(n_frames)))
        self._rows = {
            "side": _row(N_("Height"), self.sides),
            "count": _row(N_("Pictures"), self.count),
            "range": _row(N_("Frames"), self.first, _muted(_("to")), self.last, of_all),
            "fps": _row(N_("Speed"), self.fps, _muted(_("frames per second"))),
            "back": _row(N_("Back"), self.back),
            "times": _row(N_("Repeat"), self.times, _muted(_("times")), self._length),
            "loop": _row(N_("Loop"), self.loop),
            "caption": _row(N_("Caption"), self.caption),
            "background": _row(N_("Background"), self.backgrounds),
        }
        for row in self._rows.values():
            layout.addWidget(row)
        layout.addStretch(1)

    def show_kind(self, kind: ExportFormat) -> None:
        """Offer what means something for this format."""
        shown = {
            "side": kind.has_pictures,
            "count": kind.has_count,
            "range": kind.has_range,
            "fps": kind.is_animated or kind.id == "frames",
            "back": kind.is_animated,
            "times": kind.is_animated and not kind.has_loop,
            "loop": kind.has_loop,
            "caption": kind.has_pictures and not kind.has_words,
            "background": kind.has_pictures or kind.has_transparency,
        }
        for name, row in self._rows.items():
            row.setVisible(shown[name])
        fitting = [side for side in SIDES_PX if side <= kind.max_side_px]
        self.sides.set_texts([f"{side}{_PX}" for side in fitting])
        largest = max(side for side in fitting if side <= max(self._wanted.side_px, SIDES_PX[0]))
        self.sides.set_current(f"{largest}{_PX}")
        backgrounds = [one for one in BACKGROUNDS if kind.has_transparency or one != "transparent"]
        self.backgrounds.set_texts([translate(BACKGROUNDS[one]) for one in backgrounds])
        wanted = self._wanted.background if self._wanted.background in backgrounds else "paper"
        self.backgrounds.set_current(translate(BACKGROUNDS[wanted]))

    def options(self) -> ExportOptions:
        """What is chosen now; fields that cannot be seen keep their value."""
        first, last = self._ends()
        is_usual = self.fps.value() == round(self._clip.fps)
        return ExportOptions(
            side_px=int(self.sides.current().removesuffix(_PX)),
            fps=None if is_usual else float(self.fps.value()),
            first=first,
            last=last,
            is_looped=self.loop.isChecked(),
            has_caption=self.caption.isChecked(),
            background=self._background(),
            n_pictures=self.count.value(),
            is_back=self.back.isChecked(),
            n_times=self.times.value(),
        )

    def _show_length(self) -> None:
        first, last = self._ends()
        way = ExportOptions(first=first, last=last, is_back=self.back.isChecked(), n_times=self.times.value())
        film, _options = film_of(self._clip, way, is_repeated=True)
        self._length.setText(_("{n:.1f} s long").format(n=film.n_frames / self.fps.value()))

    def _ends(self) -> list[int]:
        return sorted((self.first.value() - 1, self.last.value() - 1))

    def _background(self) -> Background:
        text = self.backgrounds.current()
        return next(one for one, title in BACKGROUNDS.items() if translate(title) == text)

    def _chips(self, name: str, title: str, current: str) -> ChipFlow:
        chips = ChipFlow(name, [current], translate(title))
        chips.chosen.connect(self._on_chip_chosen)
        return chips

    def _number(self, name: str, title: str, value: int, low: int, high: int) -> QSpinBox:
        field = QSpinBox()
        field.setObjectName(name)
        field.setAccessibleName(translate(title))
        field.setRange(low, high)
        field.setValue(value)
        field.setKeyboardTracking(False)
        field.setAlignment(Qt.AlignmentFlag.AlignCenter)
        field.setFixedWidth(theme().scaled(NUMBER_WIDTH_PX))
        field.valueChanged.connect(self.changed)
        return field

    def _box(self, name: str, text: str, is_on: bool) -> QCheckBox:
        box = QCheckBox(translate(text))
        box.setObjectName(name)
        box.setChecked(is_on)
        box.toggled.connect(self.changed)
        return box

    def _on_chip_chosen(self, text: str) -> None:
        self._wanted = self.options()
        self.changed.emit()


def _muted(text: str) -> Label:
    label = Label(text)
    label.setProperty("role", "muted")
    return label


def _row(title: str, *controls: QWidget) -> QWidget:
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(2 * theme().size.grid)
    layout.addWidget(NameLabel(translate(title)))
    for control in controls:
        layout.addWidget(control, 1 if isinstance(control, ChipFlow) else 0)
    if not isinstance(controls[0], ChipFlow):
        layout.addStretch(1)
    return row
