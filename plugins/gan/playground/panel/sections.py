"""The inspector's parts for the playground: what is real, how the two learn, what a run begins with, what is shown."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.api.panel import (
    Chip,
    Choice,
    FlowLayout,
    Label,
    Segmented,
    SliderRow,
    ValueRange,
    in_a_row,
    named_button,
    param_field,
    param_slider,
    set_tip,
    theme,
)
from studio.core.translation import N_, _, translate

from ..model.target import MAX_PAINTED, OWN, TITLES
from ..params import HIGH_RATE, LOW_RATE, SPECS, PlaygroundParams, PlaygroundSettings
from ..scene import SPEED_TEXTS, SPEEDS, PlaygroundScene
from .canvas import FIRST_RADIUS, HIGH_RADIUS, LAYER_HINTS, LAYERS, LOW_RADIUS

TOOLS: Final = {
    "brush": (N_("Brush"), N_("Paint real points with the left button; the right button or Shift removes them.")),
    "eraser": (N_("Eraser"), N_("Remove real points with the left button.")),
}
BRUSH: Final = ValueRange(LOW_RADIUS, HIGH_RADIUS, step=0.05, default=FIRST_RADIUS)
LOSS_TEXTS: Final = {
    "non_saturating": (
        N_("Classic"),
        N_("The forger wants its points to be taken for real (non-saturating loss, Goodfellow 2014)"),
    ),
    "minimax": (
        N_("Minimax"),
        N_("The forger wants not to be caught; it learns little while the detective is winning (minimax loss)"),
    ),
    "wasserstein": (
        N_("Wasserstein"),
        N_("A critic measures how far fake points are from real ones, and stays gentle (WGAN-GP)"),
    ),
}
LEARNER_TEXTS: Final = {
    "both": (N_("Both"), N_("Each step trains the detective and then the forger")),
    "forger": (N_("Forger only"), N_("The detective stays as it is: watch the forger chase its last answer")),
    "detective": (N_("Detective only"), N_("The forger stays as it is: see how well its points can be told apart")),
}
SPEED_HINTS: Final = {
    name: N_("{n} training steps between two pictures").format(n=speed.stride) for name, speed in SPEEDS.items()
}
OPTIMISER_TEXTS: Final = {"adam": N_("Adam"), "sgd": N_("SGD")}
NOISE_TEXTS: Final = {"gaussian": N_("Round noise"), "uniform": N_("Square noise")}


@dataclass(frozen=True)
class RateRange(ValueRange):
    """Values are logarithms to base 10: -3 is written "0.001"."""

    def text(self, value: float) -> str:
        """The rate that a logarithm stands for."""
        return f"{rate_of(value):.2g}"

    def parsed(self, text: str) -> float | None:
        """The logarithm of the rate that a person typed, kept inside the range; None for anything else."""
        try:
            rate = float(text.strip().replace(",", "."))
        except ValueError:
            return None
        return self.clamped(math.log10(rate)) if math.isfinite(rate) and rate > 0 else None


def rate_range(low: float, high: float, default: float) -> RateRange:
    """The range of rates from low to high."""
    return RateRange(math.log10(low), math.log10(high), step=0.1, default=math.log10(default))


def rate_of(value: float) -> float:
    """The rate of a logarithm, to two figures."""
    return float(f"{10**value:.2g}")


def _column(part: QWidget, *rows: QWidget, spacing: int = 6) -> QVBoxLayout:
    column = QVBoxLayout(part)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(spacing)
    for row in rows:
        column.addWidget(row)
    return column


class PlaygroundTargetSection(QWidget):
    """Signals: target_chosen(name), brush_changed(radius, is_eraser), clear_requested()."""

    target_chosen = Signal(str)
    brush_changed = Signal(float, bool)
    clear_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.shapes = Choice("playground_shape", TITLES, N_("What the forger has to imitate"))
        self.shapes.value_chosen.connect(self.target_chosen)
        self.tool = Segmented("playground_tool", TOOLS, N_("What the left button does"))
        self.tool.value_chosen.connect(self._say_brush)
        self.radius = SliderRow(
            "playground_brush", N_("Brush size"), BRUSH, N_("How wide the brush is (keys [ and ], or scroll).")
        )
        self.radius.value_changed.connect(self._say_brush)
        self.clear = named_button(
            "playground_clear",
            N_("Clear"),
            N_("Remove all points and start with an empty square (Delete)"),
            pressed=self.clear_requested,
        )
        self.count = Label()
        self.count.setProperty("role", "small")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.tool, 1)
        row.addWidget(self.clear)
        column = _column(self, self.shapes)
        column.addLayout(row)
        column.addWidget(self.radius)
        column.addWidget(self.count)

    @property
    def is_eraser(self) -> bool:
        """Whether the left button erases."""
        return self.tool.value() == "eraser"

    def show_radius(self, radius: float) -> None:
        """Show the brush that the wheel made; emits nothing."""
        self.radius.set_value(radius)

    def show_scene(self, scene: PlaygroundScene) -> None:
        """Show the shape; emits nothing."""
        self.shapes.set_value(scene.name)
        n = len(scene.painted)
        if scene.name != OWN:
            text = _("Drag on the square to change the shape.")
        elif n >= MAX_PAINTED:
            text = _("{n:,} points, which is as many as fit.").format(n=n)
        else:
            text = (_("{n:,} points painted.") if n else _("Paint on the square.")).format(n=n)
        self.count.setText(text)

    def _say_brush(self) -> None:
        self.brush_changed.emit(self.radius.value(), self.is_eraser)


class PlaygroundRunSection(QWidget):
    """Attributes:
    step, anew, learnt, collapse: the buttons. speed: the choice of a speed. seed: the number of the run.
    """

    def __init__(self) -> None:
        super().__init__()
        hint = N_("Take a single training step and stop (S)")
        self.step = named_button("playground_step", N_("One step"), hint)
        hint = N_("Start over with an untrained pair; R uses another seed")
        self.anew = named_button("playground_anew", N_("Start over"), hint, "reset")
        hint = N_("A pair included with the program that has learnt the ring")
        self.learnt = named_button("playground_learnt", N_("Show the trained pair"), hint)
        hint = N_("A quick forger against a slow detective: mode collapse")
        self.collapse = named_button("playground_collapse", N_("Watch it collapse"), hint)
        self.speed = Segmented("playground_speed", SPEED_TEXTS, N_("Speed"), SPEED_HINTS)
        self.seed = param_field(PlaygroundParams(), "seed", "playground_seed")
        self._lay_out()

    def _lay_out(self) -> None:
        seed = QHBoxLayout()
        seed.addWidget(Label(_("Seed")), 1)
        seed.addWidget(self.seed)
        column = _column(self)
        column.addLayout(in_a_row(self.step, self.anew))
        column.addLayout(in_a_row(self.learnt, self.collapse))
        column.addWidget(self.speed)
        column.addLayout(seed)

    def show_scene(self, scene: PlaygroundScene) -> None:
        """Show speed and seed; emits nothing."""
        self.speed.set_value(scene.speed)
        self.seed.set_value(scene.seed)


class PlaygroundLearningSection(QWidget):
    """Signals: settings_changed(title, values by name); edit_started(), edit_finished() around one step of undo."""

    settings_changed = Signal(str, object)
    edit_started = Signal()
    edit_finished = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._choices = {
            "loss": Segmented("playground_loss", LOSS_TEXTS, SPECS["loss"].label),
            "learner": Segmented("playground_learner", LEARNER_TEXTS, SPECS["learner"].label),
            "optimiser": Segmented("playground_optimiser", OPTIMISER_TEXTS, SPECS["optimiser"].label),
            "noise": Segmented("playground_noise", NOISE_TEXTS, SPECS["noise"].label),
        }
        for name, choice in self._choices.items():
            set_tip(choice, translate(SPECS[name].help))
            choice.value_chosen.connect(lambda value, name=name: self._say(name, value))
        self._sliders = {name: _slider(name) for name in ("forger_rate", "detective_rate", "n_detective", "batch")}
        for name, row in self._sliders.items():
            row.value_changed.connect(lambda value, name=name: self._say(name, _typed(name, value)))
            row.edit_started.connect(self.edit_started)
            row.edit_finished.connect(self.edit_finished)
        self.more = named_button("playground_more", N_("More settings"), "", "chevron_right", kind="link")
        self.more.setCheckable(True)
        self.more.toggled.connect(self._show_more)
        self.folded = QWidget()
        _column(self.folded, self._choices["optimiser"], self._choices["noise"], self._sliders["batch"])
        choices = (self._choices["loss"], self._choices["learner"])
        sliders = [self._sliders[name] for name in ("forger_rate", "detective_rate", "n_detective")]
        _column(self, *choices, *sliders, self.more, self.folded)
        self._show_more(False)

    def show_scene(self, scene: PlaygroundScene) -> None:
        """Show the settings; emits nothing."""
        for name, choice in self._choices.items():
            choice.set_value(getattr(scene.settings, name))
        for name, row in self._sliders.items():
            row.set_value(_shown(name, getattr(scene.settings, name)))

    def slider(self, name: str) -> SliderRow:
        """The slider of a setting."""
        return self._sliders[name]

    def choice(self, name: str) -> Segmented:
        """The words of a setting."""
        return self._choices[name]

    def _say(self, name: str, value: Any) -> None:
        self.settings_changed.emit(SPECS[name].label, {name: value})

    def _show_more(self, is_open: bool) -> None:
        self.folded.setVisible(is_open)
        self.more.set_icon("chevron_down" if is_open else "chevron_right")
        self.more.setText(_("Fewer settings") if is_open else _("More settings"))
        self.more.setAccessibleName(self.more.text())


def _slider(name: str) -> SliderRow:
    object_name, spec = f"playground_{name}", SPECS[name]
    if not name.endswith("_rate"):
        return param_slider(PlaygroundSettings(), name, object_name)
    return SliderRow(object_name, spec.label, rate_range(LOW_RATE, HIGH_RATE, spec.default), spec.help)


def _typed(name: str, value: float) -> Any:
    """What a slider's value means as a setting."""
    return rate_of(value) if name.endswith("_rate") else round(value)


def _shown(name: str, value: float) -> float:
    return math.log10(value) if name.endswith("_rate") else float(value)


class PlaygroundLayerSection(QWidget):
    """Chips for the layers, each of which may be on. Signals: layers_changed(names)."""

    layers_changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._chips: dict[str, Chip] = {}
        flow = FlowLayout(self, gap_px=theme().size.grid)
        for name, label in LAYERS.items():
            chip = Chip(translate(label), self)
            chip.setObjectName(f"playground_layer_{name}")
            set_tip(chip, translate(LAYER_HINTS[name]))
            chip.clicked.connect(self._on_clicked)
            self._chips[name] = chip
            flow.addWidget(chip)

    def chip(self, name: str) -> Chip:
        """The chip of a layer."""
        return self._chips[name]

    def show_layers(self, names: Sequence[str]) -> None:
        """Show which are on; emits nothing."""
        for name, chip in self._chips.items():
            chip.setChecked(name in names)

    def _on_clicked(self) -> None:
        self.layers_changed.emit(tuple(name for name, chip in self._chips.items() if chip.isChecked()))
