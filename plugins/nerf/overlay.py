"""What floats over the scene: which view, how fast and how fine, where the axes point, what the colours mean."""

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from .camera import Camera
from .gizmo import Gizmo
from .legend import Legend, cost_scale, density_scale, depth_scale
from .orientation import Angles, rotation_of
from .resolution import Figures
from .scene import Scene
from .shading import MAX_COST
from .stats_card import StatsCard, compiling_text, view_text
from .view_bar import ViewBar
from .view_request import View
from .viewpoint import UP

if TYPE_CHECKING:
    from studio.api.panel import FilledFrame

STEEP: Final = 1.5707
# Where one stands who looks at the scene from an end of an axis, for z up; y up renames the axes in a ring.
_SIDES: Final = {
    "x": Angles(0.0, 0.0),
    "-x": Angles(3.14159265, 0.0),
    "y": Angles(1.57079633, 0.0),
    "-y": Angles(-1.57079633, 0.0),
    "z": Angles(-1.57079633, STEEP),
    "-z": Angles(-1.57079633, -STEEP),
}
_RENAMED: Final = {"x": "y", "y": "z", "z": "x"}


class Overlays(QObject):
    """Signals: view_chosen(view), axis_chosen(axis)."""

    view_chosen = Signal(str)
    axis_chosen = Signal(str)

    def __init__(self, frame: "FilledFrame", parent: QObject) -> None:
        super().__init__(parent)
        self.bar, self.card, self.gizmo, self.legend = ViewBar(), StatsCard(), Gizmo(), Legend()
        frame.add_overlay(self.bar, "top_left")
        frame.add_overlay(self.card, "top_right")
        frame.add_overlay(self.gizmo, "bottom_left")
        frame.add_overlay(self.legend, "bottom_right")
        self.bar.view_changed.connect(self.view_chosen)
        self.gizmo.axis_clicked.connect(self.axis_chosen)

    def show_scene(self, scene: Scene, depths: tuple[float, float]) -> None:
        """Follow the camera and the choice of the view."""
        self.gizmo.set_rotation(scene.camera.rotation)
        self.bar.set_value(scene.params.view)
        scales = {"depth": depth_scale(*depths), "density": density_scale(), "cost": cost_scale(MAX_COST)}
        self.legend.set_scale(scales.get(scene.params.view))

    def show_view(self, view: View, figures: Figures, doing: str) -> None:
        """Tell how the picture on screen was made; `doing` says why it moves, and is empty while it rests."""
        self.card.set_text(view_text(view, figures, doing))

    def show_compiling(self, fraction: float) -> None:
        """Tell how far the kernels are while a slower way draws."""
        self.card.set_text(compiling_text(fraction))

    def camera_from(self, axis: str, home: Camera, scene: Scene) -> Camera:
        """The camera that looks at the home view's pivot from the end of an axis."""
        sign, name = ("-", axis[1:]) if axis.startswith("-") else ("", axis)
        if scene.up == "y":
            name = _RENAMED[name]
        rotation = rotation_of(_SIDES[sign + name], UP[scene.up]).astype("float32")
        return replace(home, rotation=rotation, fov_y_rad=scene.camera.fov_y_rad)
