"""The row over the canvas that chooses what of the scene is drawn."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.api.panel import Segmented
from studio.core.text import N_

VIEWS = {
    "colour": N_("Colour"),
    "depth": N_("Depth"),
    "normals": N_("Normals"),
    "density": N_("Density"),
    "cost": N_("Cost"),
}
"""The ways to draw a scene, by VIEW_KINDS, in the order of the keys 1 to 5."""

HINTS = {
    "colour": N_("The scene as a camera would see it: colour and opacity, composited along each ray (1)"),
    "depth": N_("How far away the first solid thing is: the mean distance along each ray (2)"),
    "normals": N_("Which way surfaces face: the gradient of the density, x red, y green, z blue (3)"),
    "density": N_("How much stands in the way: the opacity along each ray, whatever its colour (4)"),
    "cost": N_("How much work each pixel was: the places of the field that were looked at, samples per ray (5)"),
}


class ViewBar(Segmented):
    """Signals: view_changed(view), one of VIEWS."""

    view_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("view_bar", VIEWS, N_("What is drawn"), HINTS, parent)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.value_chosen.connect(self.view_changed)
