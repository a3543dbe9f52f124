"""In how many steps a picture is drawn, for models that have learnt to jump, and the button that draws it in many."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.api.panel import Label, Segmented, named_button, put_in_a_column
from studio.core.param import param_specs
from studio.core.translation import N_, translate

from ..few_steps import drawable
from ..params import DRAWN_IN_HINTS, DRAWN_IN_TEXTS, MANY, DiffusionParams
from ..scene import DiffusionScene

REFINE = N_("Draw what you see in many steps, from the same noise (F)")
TOO_MUCH = N_("Guidance above 4 or below 1, words to avoid and pictures of yours are drawn in many steps.")


class DrawRow(QWidget):
    """Changes nothing itself. Signals: chosen(drawn_in); refine_requested()."""

    chosen = Signal(str)
    refine_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        label = param_specs(DiffusionParams)["drawn_in"].label
        self.choice = Segmented("drawn_in", DRAWN_IN_TEXTS, label, DRAWN_IN_HINTS)
        self.choice.value_chosen.connect(self.chosen)
        self.refine = named_button("refine", N_("Refine"), REFINE, pressed=self.refine_requested)
        self.why = Label()
        self.why.setProperty("role", "small")
        self.why.setWordWrap(True)
        head, line = Label(translate(label)), QHBoxLayout()
        line.addWidget(head, 1)
        line.addWidget(self.refine)
        put_in_a_column(self, (line, self.choice, self.why), 4)

    def show_scene(self, scene: DiffusionScene) -> None:
        """Show what is chosen, and why it is drawn in many steps all the same; emits nothing."""
        params = scene.params
        is_fine = drawable(params, scene.start(), True) == params
        self.choice.set_value(params.drawn_in)
        self.refine.setEnabled(params.drawn_in != MANY and is_fine)
        self.why.setText("" if is_fine else translate(TOO_MUCH))
        self.why.setHidden(is_fine)
