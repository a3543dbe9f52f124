"""The inspector's part for one ray: what it meets on its way, and what its pixel is made of."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.api.panel import Button, SteadyLabel
from studio.core.text import N_, translate

from .ray_plot import RayPlot

if TYPE_CHECKING:
    from .ray_inspection import RaySamples


class RaySection(QWidget):
    """Shows a ray.

    Signals:
        middle_requested(): inspect the ray through the middle of the picture, for those without a pointer.
        clear_requested(): inspect none any more.
        sample_pointed(index): a place on the plot is pointed at; -1 for none.
    """

    middle_requested = Signal()
    clear_requested = Signal()
    sample_pointed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plot = RayPlot()
        self.plot.sample_pointed.connect(self.sample_pointed)
        self.summary = SteadyLabel(role="small")
        self.middle = Button(N_("Ray in the middle"))
        self.middle.setObjectName("ray_middle")
        self.middle.setToolTip(translate(N_("Look along the ray through the middle of the picture")))
        self.middle.clicked.connect(self.middle_requested)
        self.clear = Button(N_("Clear"))
        self.clear.setObjectName("ray_clear")
        self.clear.setToolTip(translate(N_("Take the ray out of the picture")))
        self.clear.clicked.connect(self.clear_requested)
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        buttons.addWidget(self.middle)
        buttons.addWidget(self.clear)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.plot)
        column.addWidget(self.summary)
        column.addLayout(buttons)
        self.set_ray(None)

    def set_ray(self, samples: "RaySamples | None") -> None:
        """Show what a ray met, or that none is inspected."""
        self.plot.set_samples(samples)
        self.summary.set_text(self.plot.summary())
        self.summary.setVisible(samples is not None)
        self.clear.setEnabled(samples is not None)
