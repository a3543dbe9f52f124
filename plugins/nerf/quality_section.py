"""The inspector's part for quality: what draws the scene, and how fast it has to be."""

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.api.panel import Segmented, SliderRow, SteadyLabel, ValueRange
from studio.core.text import N_, translate

QUALITY_TEXTS: Final = {"adaptive": N_("Adaptive"), "network": N_("Network"), "baked": N_("Baked")}
QUALITY_HINTS: Final = {
    "adaptive": N_("Move in the baked scene, come to rest in the network: fast, then exact"),
    "network": N_("Ask the neural network for every point of every picture: exact, and slow while it moves"),
    "baked": N_("Draw the voxels that were computed from the network beforehand: fast, a little less exact (baking)"),
}
TARGET: Final = ValueRange(10.0, 60.0, step=1.0, default=30.0, unit="fps", is_whole=True)


class QualitySection(QWidget):
    """Signals: quality_changed(quality), one of QUALITY_TEXTS; target_changed(fps), also during a drag."""

    quality_changed = Signal(str)
    target_changed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.quality = Segmented("quality", QUALITY_TEXTS, N_("What draws the scene"), QUALITY_HINTS)
        self.quality.value_chosen.connect(self.quality_changed)
        self.target = SliderRow(
            "target_fps",
            N_("Target"),
            TARGET,
            N_("Pictures per second while the scene moves; more of them are drawn smaller (internal resolution)."),
        )
        self.target.value_changed.connect(self.target_changed)
        self.status = SteadyLabel(role="small")
        self.status.setToolTip(translate(N_("How far the scene is baked, and what it takes of the memory")))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.quality)
        column.addWidget(self.target)
        column.addWidget(self.status)
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
    size = translate(N_("{n:.0f} MB")).format(n=size_bytes / 1e6)
    if fraction >= 1:
        return translate(N_("Baked: {size}")).format(size=size)
    return translate(N_("Baking… {percent} % · {size}")).format(percent=int(100 * fraction), size=size)
