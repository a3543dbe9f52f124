"""The controls of a field: what draws it, and the larger sections."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from studio.api.panel import (
    Segmented,
    SettingsSection,
    SliderRow,
    SteadyLabel,
    ValueRange,
    put_in_a_column,
    set_tip,
)
from studio.core.param import param_specs
from studio.core.translation import N_, _, translate

from ..params import FieldParams
from ..scene import FieldScene
from .box_section import BoxSection
from .learn_section import LearnSection
from .photo_section import PhotoSection
from .ray_section import RaySection
from .take_presenter import TakeSection
from .time_section import TimeSection

QUALITY_TEXTS: Final = {
    "adaptive": (N_("Adaptive"), N_("Move in the baked scene, stop in the network: fast, then exact")),
    "network": (
        N_("Network"),
        N_("Ask the neural network for every point of every picture: exact, but slow while moving"),
    ),
    "baked": (
        N_("Baked"),
        N_("Draw the voxels computed from the network beforehand: fast, but slightly less exact (baking)"),
    ),
}
TARGET: Final = ValueRange(10.0, 60.0, step=1.0, default=30.0, unit="fps", is_whole=True)


class QualitySection(QWidget):
    """Signals: quality_changed(quality), one of QUALITY_TEXTS; target_changed(fps), also during a drag."""

    quality_changed = Signal(str)
    target_changed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.quality = Segmented("quality", QUALITY_TEXTS, N_("What draws the scene"))
        self.quality.value_chosen.connect(self.quality_changed)
        self.target = SliderRow(
            "target_fps",
            N_("Target"),
            TARGET,
            N_("Pictures per second while the scene moves; for more, they are drawn smaller (internal resolution)."),
        )
        self.target.value_changed.connect(self.target_changed)
        self.status = SteadyLabel(role="small")
        set_tip(self.status, _("How much of the scene is baked, and how much memory it uses"))
        put_in_a_column(self, (self.quality, self.target, self.status), 4)
        self.status.hide()

    def show_scene(self, scene: FieldScene) -> None:
        """Show what draws; emits nothing."""
        self.quality.set_value(scene.quality)

    def set_status(self, text: str) -> None:
        """Say how far the baking is: see `baking_text`."""
        self.status.set_text(text)
        self.status.setVisible(bool(text))


def baking_text(fraction: float, size_bytes: int) -> str:
    """How far the baking is, 0..1, and how large what it made is."""
    size = _("{n:.0f} MB").format(n=size_bytes / 1e6)
    if fraction >= 1:
        return _("Baked: {size}").format(size=size)
    return _("Baking… {percent} % · {size}").format(percent=int(100 * fraction), size=size)


class FieldControls:
    """The controls of a field's panel beside those of any scene."""

    def __init__(self, lights: Sequence[str]) -> None:
        """`lights` are the names of those in which the scene can be shown, none where there is only one."""
        self.quality, self.photos, self.ray, self.learn = QualitySection(), PhotoSection(), RaySection(), LearnSection()
        self.taking, self.light, self.box = TakeSection(), LightSection(lights), BoxSection()
        self.time = TimeSection()


class LightSection(SettingsSection):
    """The slider has a place for each of the lights, in the order of their names; in between they are mixed."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self._names = [translate(name) for name in names] or [""]
        spec = param_specs(FieldParams)["light"]
        places = ValueRange(1.0, float(max(len(self._names), 2)), step=0.05, default=1.0)
        self.light = SliderRow("light", spec.label, places, spec.help)
        self.edit_by(self.light, "light")
        self.words = SteadyLabel(role="small")
        put_in_a_column(self, (self.light, self.words), 4)
        self.show_params(FieldParams())

    def show_params(self, params: FieldParams) -> None:
        """Show which light the scene is in; emits nothing."""
        self.light.set_value(params.light)
        self.words.set_text(light_words(self._names, params.light))


def light_words(names: Sequence[str], light: float) -> str:
    """The name of a light, or between which two it lies."""
    place = min(max(light, 1.0), float(len(names))) - 1
    first = int(place)
    if place == first:
        return names[first]
    return _("between {one} and {other}").format(one=names[first], other=names[first + 1])
