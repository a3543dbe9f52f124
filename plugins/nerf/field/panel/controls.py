"""Fills the inspector, most useful first: quality, sizes, what a person takes home, and the larger sections."""

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.api.panel import (
    Label,
    Segmented,
    SliderRow,
    SteadyLabel,
    ValueRange,
    named_button,
    param_field,
    put_in_a_column,
    set_tip,
)
from studio.core.translation import N_, _

from ..params import FieldParams
from ..scene import FieldScene
from .camera_section import CameraSection
from .learn_section import LearnSection
from .photo_section import PhotoSection
from .ray_section import RaySection

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


class ExportSection(QWidget):
    """Signals: picture_requested(), turntable_requested()."""

    picture_requested = Signal()
    turntable_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picture = named_button(
            "take_picture",
            N_("Picture"),
            N_("Save this view as a picture of any size, drawn by the network"),
            "picture",
            pressed=self.picture_requested,
        )
        self.turntable = named_button(
            "take_turntable",
            N_("Turntable video"),
            N_("Once around the scene, saved as a video (turntable)"),
            "loop",
            pressed=self.turntable_requested,
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.picture)
        row.addWidget(self.turntable)
        row.addStretch(1)


class PictureSize(QWidget):
    """Two numbers and a button that takes those of the view.

    Signals: size_chosen(width, height); view_size_requested().
    """

    size_chosen = Signal(int, int)
    view_size_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.width_px, self.height_px = (
            param_field(FieldParams(), name, f"picture_{name}") for name in ("width", "height")
        )
        for field in (self.width_px, self.height_px):
            field.value_typed.connect(self._on_typed)
        self.like_view = named_button(
            "picture_like_view",
            N_("As shown"),
            N_("Make pictures and videos as large as the view on this screen"),
            pressed=self.view_size_requested,
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(Label(_("Size")))
        row.addStretch(1)
        row.addWidget(self.width_px)
        row.addWidget(Label("×"))
        row.addWidget(self.height_px)
        row.addWidget(self.like_view)

    def show_size(self, width: int, height: int) -> None:
        """Show a size in pixels; emits nothing."""
        self._size = width, height
        self.width_px.set_value(width)
        self.height_px.set_value(height)

    def _on_typed(self, value: float) -> None:
        width, height = self._size
        is_width = self.sender() is self.width_px
        self.size_chosen.emit(*((int(value), height) if is_width else (width, int(value))))


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

    def set_quality(self, quality: str) -> None:
        """Show what draws; emits nothing."""
        self.quality.set_value(quality)

    def set_target(self, fps: float) -> None:
        """Show how fast it has to be; emits nothing."""
        self.target.set_value(fps)

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
    """The controls of the panel; `sections` is as `ScenePanel.show_sections` takes it."""

    def __init__(self) -> None:
        self.camera, self.quality, self.photos = CameraSection(), QualitySection(), PhotoSection()
        self.ray, self.learn = RaySection(), LearnSection()
        self.take, self.size = ExportSection(), PictureSize()
        self.sections = (
            ("section_camera", N_("Camera"), self.camera),
            ("section_quality", N_("Quality"), self.quality),
            ("section_learn", N_("Learn a scene"), self.learn),
            ("section_photos", N_("Training photos"), self.photos),
            ("section_ray", N_("One ray"), self.ray),
            ("section_take", N_("Save"), self.size, self.take),
        )

    def show_scene(self, scene: FieldScene, roll_rad: float) -> None:
        """Show a scene; emits nothing."""
        self.camera.show_scene(scene, roll_rad)
        self.quality.set_quality(scene.quality)
        self.size.show_size(scene.params.width, scene.params.height)
