"""The inspector's part for realism: truncation towards the mean face, and the fine noise."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.api.panel import Button, SliderRow, ValueRange
from studio.core.param import ParamSpec, param_specs
from studio.core.text import N_, translate

from .people_params import PeopleParams
from .people_scene import PeopleScene


class RealismSection(QWidget):
    """Signals: changed(name, value) of a parameter; noise_requested() for other noise, plain_noise_requested() for the
    model's own; edit_started(), edit_finished() around a drag."""

    changed = Signal(str, float)
    noise_requested = Signal()
    plain_noise_requested = Signal()
    edit_started = Signal()
    edit_finished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        specs = param_specs(PeopleParams)
        self.truncation, self.noise = (self._slider(specs[name]) for name in ("truncation", "noise"))
        self.other = Button(N_("Other noise"), icon_name="dice")
        self.other.setObjectName("other_noise")
        self.other.setToolTip(translate(N_("Draw the fine noise anew; the face stays")))
        self.other.clicked.connect(self.noise_requested)
        self.plain = Button(N_("Own noise"), icon_name="reset")
        self.plain.setObjectName("own_noise")
        self.plain.setToolTip(translate(N_("Return to the noise that belongs to the model")))
        self.plain.clicked.connect(self.plain_noise_requested)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.truncation)
        column.addWidget(self.noise)
        self._buttons = QWidget()
        row = QHBoxLayout(self._buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.other, 1)
        row.addWidget(self.plain, 1)
        column.addWidget(self._buttons)

    def _slider(self, spec: ParamSpec) -> SliderRow:
        assert spec.low is not None
        assert spec.high is not None
        limits = ValueRange(spec.low, spec.high, spec.step or 0.01, spec.default, trained=(spec.low, spec.default))
        slider = SliderRow(spec.name, spec.label, limits, spec.help)
        slider.value_changed.connect(lambda value: self.changed.emit(spec.name, value))
        slider.edit_started.connect(self.edit_started)
        slider.edit_finished.connect(self.edit_finished)
        return slider

    def set_has_noise(self, has_noise: bool) -> None:
        """Whether the model draws with noise at all."""
        self.noise.setVisible(has_noise)
        self._buttons.setVisible(has_noise)

    def show_scene(self, scene: PeopleScene) -> None:
        """Show the scene's values."""
        self.truncation.set_value(scene.params.truncation)
        self.noise.set_value(scene.params.noise)
        self.plain.setEnabled(scene.noise_seed is not None)
