"""The inspector's part for comparing: the same run with one setting changed, pinned beside the one on the timeline."""

from dataclasses import replace
from typing import Any, Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QWidget

from studio.api.panel import named_button, put_in_a_column, set_tip
from studio.api.timeline.controller import TimelineController
from studio.core.error import UserError
from studio.core.param import ParamSpec, check_value, param_specs
from studio.core.seed import MAX_SEED
from studio.core.translation import N_, _, translate

from ..params import SAMPLER_TEXTS, SPACING_TEXTS, DiffusionParams
from .chips import ActionChips
from .editor import DiffusionEditor

ADD: Final = "+"
FEW_STEPS, MANY_STEPS = 10, 50
PLAIN_GUIDANCE, STRONG_GUIDANCE = 1.0, 6.0
OFFERED: Final = (
    "steps",
    "guidance",
    "sampler",
    "seed",
    "prompt",
    "negative",
    "eta",
    "spacing",
    "rescale",
    "threshold",
)
CHOICE_TEXTS: Final = {**SAMPLER_TEXTS, **SPACING_TEXTS}


class RunCompareSection(QWidget):
    """Offers other runs to hold this one against.

    Signals: compare_requested(changes): new values by the names of DiffusionParams.
    """

    compare_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._params = DiffusionParams()
        self.chips = ActionChips("compare_with", N_("Compare with"))
        self.chips.chosen.connect(self._on_chosen)
        self.form = RunCompareForm()
        self.form.compare_requested.connect(self.compare_requested)
        self.form.hide()
        put_in_a_column(self, (self.chips, self.form))
        self.set_params(self._params)

    def set_params(self, params: DiffusionParams) -> None:
        """Offer runs that differ from these settings; emits nothing."""
        self._params = params
        self.chips.set_chips({name: text for name, (text, _) in self._offers().items()} | {ADD: ADD})
        add = self.chips.chips[-1]
        set_tip(add, _("Choose any setting and a value for it"))
        add.setAccessibleName(add.toolTip())
        self.form.set_params(params)

    def _offers(self) -> dict[str, tuple[str, dict[str, Any]]]:
        """What each chip is called and changes, by its name."""
        steps = MANY_STEPS if self._params.steps == FEW_STEPS else FEW_STEPS
        is_plain = self._params.guidance == PLAIN_GUIDANCE
        guidance = STRONG_GUIDANCE if is_plain else PLAIN_GUIDANCE
        seed = (self._params.seed + 1) % (MAX_SEED + 1)
        return {
            "steps": (_("{n} steps").format(n=steps), {"steps": steps}),
            "guidance": (_("guidance {value:g}").format(value=guidance), {"guidance": guidance}),
            "seed": (_("new seed"), {"seed": seed}),
        }

    def _on_chosen(self, name: str) -> None:
        if name == ADD:
            self.form.setVisible(self.form.isHidden())
            if self.form.isVisible():
                self.form.begin()
        else:
            self.compare_requested.emit(self._offers()[name][1])


class RunCompareForm(QWidget):
    """One setting and another value of it. Signals: compare_requested(changes)."""

    compare_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._specs = {name: param_specs(DiffusionParams)[name] for name in OFFERED}
        self._params = DiffusionParams()
        self.names = QComboBox()
        self.names.setObjectName("compare_name")
        self.names.setAccessibleName(_("Setting"))
        for name, spec in self._specs.items():
            self.names.addItem(translate(spec.label), name)
        self.text = QLineEdit()
        self.text.setObjectName("compare_value")
        self.choices = QComboBox()
        self.choices.setObjectName("compare_choice")
        self.go = named_button("compare_go", N_("Compare"))
        self.names.currentIndexChanged.connect(self._show_value)
        self.text.textEdited.connect(self._check)
        self.text.returnPressed.connect(self.go.click)
        self.go.clicked.connect(self._on_go)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.names)
        row.addWidget(self.text, 1)
        row.addWidget(self.choices, 1)
        row.addWidget(self.go)
        self._show_value()

    def set_params(self, params: DiffusionParams) -> None:
        """Differ from these settings."""
        self._params = params
        if not self.text.hasFocus():
            self._show_value()

    def begin(self) -> None:
        """Take the keyboard to the value."""
        self.names.setFocus()

    @property
    def spec(self) -> ParamSpec:
        """The chosen setting."""
        return self._specs[self.names.currentData()]

    def value(self) -> Any:
        """The other value; None where it is unsound or the same as now."""
        spec = self.spec
        given = self.choices.currentData() if spec.choices else self.text.text().strip()
        try:
            value = check_value(spec, given.replace(",", ".") if spec.kind == "float" else given)
        except UserError:
            return None
        return None if value == getattr(self._params, spec.name) else value

    def _show_value(self) -> None:
        """Begin with the present value, ready to be replaced; of a list with the first other one."""
        spec, now = self.spec, getattr(self._params, self.spec.name)
        self.text.setVisible(not spec.choices)
        self.choices.setVisible(bool(spec.choices))
        self.choices.clear()
        for choice in spec.choices:
            if choice != now:
                self.choices.addItem(translate(CHOICE_TEXTS[choice]), choice)
        self.text.setText(now if spec.kind == "str" else f"{now:g}" if spec.kind == "float" else str(now))
        self.text.selectAll()
        for field in (self.text, self.choices):
            field.setAccessibleName(translate(spec.label))
            set_tip(field, translate(spec.help))
        self._check()

    def _check(self) -> None:
        self.go.setEnabled(self.value() is not None)

    def _on_go(self) -> None:
        value = self.value()
        if value is not None:
            self.compare_requested.emit({self.spec.name: value})


class ComparePresenter(QObject):
    """Makes the other run when it is asked for."""

    def __init__(
        self, timeline: TimelineController, section: RunCompareSection, editor: DiffusionEditor, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._timeline = timeline
        self._editor = editor
        section.compare_requested.connect(self._on_compare_requested)

    def _on_compare_requested(self, changes: dict[str, Any]) -> None:
        scene, timeline = self._editor.scene, self._timeline
        own = timeline.track or timeline.record_run(scene.params, scene.start())
        other = timeline.record_run(replace(scene.params, **changes), scene.start())
        timeline.show_track(own)
        timeline.tracks.compare(own, other)
        timeline.playback.seek(len(own.recording) - 1)  # where both begin there is nothing but the same noise
