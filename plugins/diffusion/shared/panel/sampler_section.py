"""The inspector's part for the way from noise to picture: sampler, steps, guidance, and what is rarely changed."""

from collections.abc import Mapping
from typing import Any, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.api.panel import Segmented, SliderRow, SteadyLabel, named_button, param_slider
from studio.core.param import ParamSpec, param_specs
from studio.core.translation import N_, _, translate

from ..params import SAMPLER_HINTS, SAMPLER_TEXTS, SAMPLERS, SPACING_HINTS, SPACING_TEXTS, DiffusionParams

WITHOUT_ETA: Final = {
    "ddpm": N_("DDPM always adds as much noise as it took away; only DDIM lets you choose."),
    "dpmpp_2m": N_("DPM++ never adds noise; only DDIM lets you choose."),
    "heun": N_("Heun never adds noise; only DDIM lets you choose."),
    "euler": N_("Euler never adds noise; only DDIM lets you choose."),
    "euler_ancestral": N_("Euler a always adds noise; only DDIM lets you choose."),
}
_SLIDERS: Final = ("steps", "guidance", "eta", "rescale", "threshold", "batch")


class SamplerSection(QWidget):
    """Shows the settings of a run; changes nothing itself.

    Signals:
        params_changed(changes): new values by the names of DiffusionParams; for every move of a drag.
        edit_started(), edit_finished(): around one step of undo of a slider.
    """

    params_changed = Signal(object)
    edit_started = Signal()
    edit_finished = Signal()

    def __init__(self, defaults: DiffusionParams | None = None, parent: QWidget | None = None) -> None:
        """`defaults` are the model's own, to which a double click returns."""
        super().__init__(parent)
        defaults = defaults or DiffusionParams()
        specs = param_specs(DiffusionParams)
        self.sampler = Segmented("sampler", SAMPLER_TEXTS, specs["sampler"].label, SAMPLER_HINTS)
        self.sampler.value_chosen.connect(self._on_sampler_chosen)
        self.rows = {name: self._row(specs[name], defaults) for name in _SLIDERS}
        self.why = SteadyLabel(role="small")
        self.more = named_button("more_settings", N_("More settings"), kind="link")
        self.more.setCheckable(True)
        self.more.toggled.connect(self._show_more)
        self.spacing = Segmented("spacing", SPACING_TEXTS, specs["spacing"].label, SPACING_HINTS)
        self.spacing.value_chosen.connect(lambda value: self.params_changed.emit({"spacing": value}))
        self.folded = QWidget()
        self._lay_out()
        self._show_more(False)
        self.set_params(defaults)

    def _row(self, spec: ParamSpec, defaults: DiffusionParams) -> SliderRow:
        row = param_slider(defaults, spec.name, spec.name)
        row.value_changed.connect(lambda value: self._on_value_changed(spec, value))
        row.edit_started.connect(self.edit_started)
        row.edit_finished.connect(self.edit_finished)
        return row

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.sampler)
        column.addSpacing(4)
        for name in ("steps", "guidance", "eta"):
            column.addWidget(self.rows[name])
        column.addWidget(self.why)
        column.addWidget(self.rows["batch"])
        column.addWidget(self.more)
        column.addWidget(self.folded)
        rows = QVBoxLayout(self.folded)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(2)
        rows.addWidget(self.spacing)
        for name in ("rescale", "threshold"):
            rows.addWidget(self.rows[name])

    def set_params(self, params: DiffusionParams) -> None:
        """Show the settings of a run; emits nothing."""
        self.sampler.set_value(params.sampler)
        self.spacing.set_value(params.spacing)
        for name, row in self.rows.items():
            row.set_value(getattr(params, name))
        self._show_eta(params.sampler)

    def set_samplers(self, possible: Mapping[str, bool]) -> None:
        """Say which samplers the model can use; the others cannot be chosen."""
        for name in SAMPLERS:
            self.sampler.set_possible(name, possible.get(name, True))

    def _on_sampler_chosen(self, sampler: str) -> None:
        self._show_eta(sampler)
        self.params_changed.emit({"sampler": sampler})

    def _on_value_changed(self, spec: ParamSpec, value: float) -> None:
        changed: dict[str, Any] = {spec.name: round(value) if spec.kind == "int" else value}
        self.params_changed.emit(changed)

    def _show_eta(self, sampler: str) -> None:
        """Only DDIM can choose its noise; say why where it cannot be chosen."""
        reason = WITHOUT_ETA.get(sampler, "")
        row = self.rows["eta"]
        row.setEnabled(not reason)
        row.set_description(reason or param_specs(DiffusionParams)["eta"].help)
        self.why.set_text(translate(reason))
        self.why.setVisible(bool(reason))

    def _show_more(self, is_open: bool) -> None:
        self.folded.setVisible(is_open)
        self.more.set_icon("chevron_down" if is_open else "chevron_right")
        self.more.setText(_("Fewer settings") if is_open else _("More settings"))
