"""The inspector's part for how the next word is chosen: the sampler's sliders, and what is rarely changed."""

from typing import Any, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.api.panel import Button, ParamForm
from studio.core.param import param_specs
from studio.core.text import N_, translate

from .params import SampleParams

MAIN: Final = ("temperature", "top_k", "top_p", "repetition")
MORE: Final = ("min_p", "typical", "frequency", "is_greedy", "bias", "banned")
WRITING: Final = ("length", "seed")


class TextChoosing(QWidget):
    """Signals: changed(name, value); edit_started(name), edit_finished(name) around one step of undo of a slider."""

    changed = Signal(str, object)
    edit_started = Signal(str)
    edit_finished = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.main, self.folded, self.writing = (self._form(names) for names in (MAIN, MORE, WRITING))
        self.more = Button(N_("More settings"), kind="link", icon_name="chevron_right")
        self.more.setObjectName("more_settings")
        self.more.setCheckable(True)
        self.more.toggled.connect(self._show_more)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for part in (self.main, self.writing, self.more, self.folded):
            column.addWidget(part)
        self._show_more(False)

    def _form(self, names: tuple[str, ...]) -> ParamForm:
        others = [name for name in param_specs(SampleParams) if name not in names]
        form = ParamForm(SampleParams, "text_", without=others)
        form.changed.connect(self.changed)
        form.edit_started.connect(self.edit_started)
        form.edit_finished.connect(self.edit_finished)
        return form

    def show_params(self, params: SampleParams) -> None:
        """Show these values. Emits nothing."""
        for form, names in ((self.main, MAIN), (self.folded, MORE), (self.writing, WRITING)):
            values: dict[str, Any] = {name: getattr(params, name) for name in names}
            form.set_values(values)

    def _show_more(self, is_open: bool) -> None:
        self.folded.setVisible(is_open)
        self.more.set_icon("chevron_down" if is_open else "chevron_right")
        self.more.setText(translate(N_("Fewer settings") if is_open else N_("More settings")))
