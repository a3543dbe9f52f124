"""A form made from a params dataclass: one control per declared parameter."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from studio.core.error import UserError
from studio.core.param import ParamSpec, check_value, param_specs
from studio.core.translation import N_, grouped, translate
from studio.widgets.controls.label import Label, NameLabel, set_tip
from studio.widgets.controls.number_field import NumberField
from studio.widgets.controls.slider import SliderRow
from studio.widgets.controls.value_range import ValueRange
from studio.widgets.theme import theme

_STEPS_ACROSS: Final = 100  # of a range that declares no step
_WIDEST_FACTOR: Final = 10_000  # between the ends of a slider
_ANY_NUMBER: Final = N_("A number from {low} to {high}.")


class ParamForm(QWidget):
    """Controls in the order of the dataclass; ids are `prefix` and the field's name.

    Signals:
        changed(name, value): the person changed a parameter; for every move of a drag.
        edit_started(name), edit_finished(name): around one step of undo of a slider.
    """

    changed = Signal(str, object)
    edit_started = Signal(str)
    edit_finished = Signal(str)

    def __init__(
        self, params_type: type, prefix: str, without: Collection[str] = (), only: Collection[str] = ()
    ) -> None:
        """Parameters named in `without`, or not in `only` where that names some, have a control elsewhere."""
        super().__init__()
        self.setObjectName(f"{prefix}form")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme().size.grid)
        self._rows: dict[str, ParamRow] = {}
        for name, spec in param_specs(params_type).items():
            if name in without or (only and name not in only):
                continue
            row = make_row(spec, prefix)
            row.changed.connect(self.changed)
            row.edit_started.connect(self.edit_started)
            row.edit_finished.connect(self.edit_finished)
            self._rows[name] = row
            layout.addWidget(row)

    def values(self) -> dict[str, Any]:
        """All values by field name."""
        return {name: row.value() for name, row in self._rows.items()}

    def show_params(self, params: object) -> None:
        """Show the values that parameters have of these; emits nothing."""
        self.set_values({name: getattr(params, name) for name in self._rows})

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Show these values; names that the form lacks raise KeyError; emits nothing."""
        for name, value in values.items():
            self._rows[name].set_value(value)

    def row(self, name: str) -> "ParamRow":
        """The row of one parameter."""
        return self._rows[name]

    def problem(self) -> str:
        """What is wrong with the first parameter that cannot be used, in a sentence; empty where all can."""
        return next((row.problem() for row in self._rows.values() if row.problem()), "")


class ParamRow(QWidget):
    """One control. Signals: changed(name, value), edit_started(name), edit_finished(name)."""

    changed = Signal(str, object)
    edit_started = Signal(str)
    edit_finished = Signal(str)

    def __init__(self, spec: ParamSpec, control: QWidget, object_name: str, has_label: bool) -> None:
        super().__init__()
        self.name = spec.name
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme().size.grid)
        layout = QHBoxLayout()
        self._column.addLayout(layout)
        layout.setSpacing(2 * theme().size.grid)
        if has_label:
            layout.addWidget(NameLabel(translate(spec.label), self))
        layout.addWidget(control, 1)
        control.setObjectName(object_name)
        if not control.accessibleName():
            control.setAccessibleName(translate(spec.label))
        set_tip(self, translate(spec.help))

    def value(self) -> Any:
        """The value in the type of the parameter."""
        raise NotImplementedError

    def problem(self) -> str:
        """Why what the control holds cannot be used, in a sentence; empty where it can."""
        return ""

    def set_value(self, value: Any) -> None:
        """Show `value`; emits nothing."""
        raise NotImplementedError


class NumberRow(ParamRow):
    """An int or float with a slider."""

    def __init__(self, spec: ParamSpec, object_name: str) -> None:
        self._is_whole = spec.kind == "int"
        self._slider = slider_of(spec, object_name)
        super().__init__(spec, self._slider, object_name, has_label=False)
        self._slider.value_changed.connect(self._on_value_changed)
        self._slider.edit_started.connect(self._on_edit_started)
        self._slider.edit_finished.connect(self._on_edit_finished)

    def value(self) -> int | float:
        """The number."""
        return round(self._slider.value()) if self._is_whole else self._slider.value()

    def set_value(self, value: float) -> None:
        """Show the number."""
        self._slider.set_value(value)

    def _on_value_changed(self) -> None:
        self.changed.emit(self.name, self.value())

    def _on_edit_started(self) -> None:
        self.edit_started.emit(self.name)

    def _on_edit_finished(self) -> None:
        self.edit_finished.emit(self.name)


class TypedRow(ParamRow):
    """A number whose range is too wide for a slider, with a line to type in and a sentence where it is wrong.

    It counts at every key that leaves a usable number; until then the last usable one stays.
    """

    def __init__(self, spec: ParamSpec, object_name: str) -> None:
        self._spec = spec
        self._value: int | float = spec.default
        self._line = QLineEdit()
        super().__init__(spec, self._line, object_name, has_label=True)
        self._sentence = Label()
        self._sentence.setProperty("role", "problem")
        self._sentence.setWordWrap(True)
        self._sentence.hide()
        self._column.addWidget(self._sentence)
        self.set_value(spec.default)
        self._line.textEdited.connect(self._on_text_edited)

    def value(self) -> int | float:
        """The number that was usable last."""
        return self._value

    def set_value(self, value: float) -> None:
        """Show the number."""
        self._value = value
        self._line.setText(grouped(value) if self._spec.kind == "int" else f"{value:g}")
        self._show_problem("")

    def problem(self) -> str:
        """The sentence under the line."""
        return "" if self._sentence.isHidden() else self._sentence.text()

    def _on_text_edited(self, text: str) -> None:
        plain = "".join(text.split())
        plain = plain.replace(",", "") if self._spec.kind == "int" else plain.replace(",", ".")
        try:
            self._value = check_value(self._spec, plain)
        except UserError:
            low, high = self._spec.low or 0, self._spec.high or 0
            wanted = N_("A whole number from {low} to {high}.") if self._spec.kind == "int" else _ANY_NUMBER
            self._show_problem(translate(wanted).format(low=_number(low), high=_number(high)))
            self.changed.emit(self.name, self._value)
            return
        self._show_problem("")
        self.changed.emit(self.name, self._value)

    def _show_problem(self, sentence: str) -> None:
        self._sentence.setText(sentence)
        self._sentence.setVisible(bool(sentence))
        self._line.setAccessibleDescription(sentence)


class SwitchRow(ParamRow):
    """A bool with a tick box."""

    def __init__(self, spec: ParamSpec, object_name: str) -> None:
        self._box = QCheckBox(translate(spec.label))
        super().__init__(spec, self._box, object_name, has_label=False)
        self._box.setChecked(bool(spec.default))
        self._box.clicked.connect(self._on_clicked)

    def value(self) -> bool:
        """Whether it is ticked."""
        return self._box.isChecked()

    def set_value(self, value: bool) -> None:
        """Tick it or not."""
        self._box.setChecked(value)

    def _on_clicked(self) -> None:
        self.changed.emit(self.name, self.value())


class TextRow(ParamRow):
    """A str with a line to type in; it counts when the person is done."""

    def __init__(self, spec: ParamSpec, object_name: str) -> None:
        self._line = QLineEdit(str(spec.default))
        super().__init__(spec, self._line, object_name, has_label=True)
        self._last = self._line.text()
        self._line.editingFinished.connect(self._on_editing_finished)

    def value(self) -> str:
        """The text."""
        return self._line.text()

    def set_value(self, value: str) -> None:
        """Show the text."""
        self._line.setText(value)
        self._last = value

    def _on_editing_finished(self) -> None:
        if self.value() != self._last:
            self._last = self.value()
            self.changed.emit(self.name, self._last)


class ChoiceRow(ParamRow):
    """One of several names, with a drop-down list."""

    def __init__(self, spec: ParamSpec, object_name: str) -> None:
        self._list = QComboBox()
        for choice in spec.choices:
            self._list.addItem(translate(choice), choice)
        super().__init__(spec, self._list, object_name, has_label=True)
        self._list.setMinimumContentsLength(6)
        self._list.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._list.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.set_value(spec.default)
        self._list.activated.connect(self._on_activated)

    def value(self) -> str:
        """The chosen name."""
        return str(self._list.currentData())

    def set_value(self, value: str) -> None:
        """Choose the name; one that is not in the list chooses nothing."""
        self._list.setCurrentIndex(self._list.findData(value))

    def _on_activated(self) -> None:
        self.changed.emit(self.name, self.value())


def make_row(spec: ParamSpec, prefix: str) -> ParamRow:
    """The control of one parameter; its id is `prefix` and the name."""
    number = TypedRow if _is_wide(spec) else NumberRow
    rows: dict[str, type[NumberRow | TypedRow | SwitchRow | TextRow | ChoiceRow]] = {
        "int": number,
        "float": number,
        "bool": SwitchRow,
        "str": TextRow,
        "choice": ChoiceRow,
    }
    return rows[spec.kind](spec, f"{prefix}{spec.name}")


def _is_wide(spec: ParamSpec) -> bool:
    """Whether most of a slider's way would be a part of the range that nobody wants."""
    return spec.low is not None and spec.high is not None and 0 < spec.low <= spec.high / _WIDEST_FACTOR


def param_slider(defaults: Any, name: str, object_name: str, trained: tuple[float, float] | None = None) -> SliderRow:
    """A slider for a parameter of a params dataclass; a double click returns to its value in `defaults`.

    `trained` is the part of its range that the model has seen, where that is smaller.
    """
    return slider_of(param_specs(type(defaults))[name], object_name, getattr(defaults, name), trained)


def param_field(defaults: Any, name: str, object_name: str) -> NumberField:
    """A field to type a parameter of a params dataclass into, without its label."""
    spec = param_specs(type(defaults))[name]
    field = NumberField(_range_of(spec, getattr(defaults, name)))
    field.setObjectName(object_name)
    field.setAccessibleName(translate(spec.label))
    set_tip(field, translate(spec.help))
    return field


def slider_of(
    spec: ParamSpec, object_name: str, default: float | None = None, trained: tuple[float, float] | None = None
) -> SliderRow:
    """A slider for a parameter; a double click returns to `default`, or else to the declared one."""
    whole = replace(_range_of(spec, spec.default if default is None else default), trained=trained)
    near = whole if spec.near is None else replace(whole, low=spec.near[0], high=spec.near[1])
    row = SliderRow(object_name, spec.label, near, spec.help, typed_range=whole)
    row.set_value(whole.default)
    return row


def _range_of(spec: ParamSpec, default: float) -> ValueRange:
    if spec.low is None or spec.high is None:
        raise ValueError(f"the number {spec.name} needs a range")
    step = spec.step or (1.0 if spec.kind == "int" else (spec.high - spec.low) / _STEPS_ACROSS)
    return ValueRange(spec.low, spec.high, step, default, translate(spec.unit), is_whole=spec.kind == "int")


def _number(value: float) -> str:
    return grouped(value, ",.0f") if value == int(value) else f"{value:g}"
