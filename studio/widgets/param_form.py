"""A form made from a params dataclass: one control per declared parameter."""

from collections.abc import Mapping
from typing import Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from studio.core.param import ParamSpec, param_specs
from studio.core.text import translate
from studio.widgets.label import NameLabel
from studio.widgets.slider import SliderRow
from studio.widgets.theme import theme
from studio.widgets.value_range import ValueRange

_STEPS_ACROSS: Final = 100  # of a range that declares no step


class ParamForm(QWidget):
    """Controls in the order of the dataclass; ids are `prefix` and the field's name.

    Signals:
        changed(name, value): the person changed a parameter; for every move of a drag.
        edit_started(name), edit_finished(name): around one step of undo of a slider.
    """

    changed = Signal(str, object)
    edit_started = Signal(str)
    edit_finished = Signal(str)

    def __init__(self, params_type: type, prefix: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"{prefix}form")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme().size.grid)
        self._rows: dict[str, ParamRow] = {}
        for name, spec in param_specs(params_type).items():
            row = _make_row(spec, prefix)
            row.changed.connect(self.changed)
            row.edit_started.connect(self.edit_started)
            row.edit_finished.connect(self.edit_finished)
            self._rows[name] = row
            layout.addWidget(row)

    def values(self) -> dict[str, Any]:
        """All values by field name."""
        return {name: row.value() for name, row in self._rows.items()}

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Show these values; names that the form lacks raise KeyError; emits nothing."""
        for name, value in values.items():
            self._rows[name].set_value(value)

    def row(self, name: str) -> "ParamRow":
        """The row of one parameter."""
        return self._rows[name]


class ParamRow(QWidget):
    """One control. Signals: changed(name, value), edit_started(name), edit_finished(name)."""

    changed = Signal(str, object)
    edit_started = Signal(str)
    edit_finished = Signal(str)

    def __init__(self, spec: ParamSpec, control: QWidget, object_name: str, has_label: bool) -> None:
        super().__init__()
        self.name = spec.name
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * theme().size.grid)
        if has_label:
            layout.addWidget(NameLabel(translate(spec.label), self))
        layout.addWidget(control, 1)
        control.setObjectName(object_name)
        if not control.accessibleName():
            control.setAccessibleName(translate(spec.label))
        self.setToolTip(translate(spec.help))

    def value(self) -> Any:
        """The value in the type of the parameter."""
        raise NotImplementedError

    def set_value(self, value: Any) -> None:
        """Show `value`; emits nothing."""
        raise NotImplementedError


class NumberRow(ParamRow):
    """An int or float with a slider."""

    def __init__(self, spec: ParamSpec, object_name: str) -> None:
        self._is_whole = spec.kind == "int"
        self._slider = SliderRow(object_name, spec.label, _range_of(spec), spec.help)
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


def _make_row(spec: ParamSpec, prefix: str) -> ParamRow:
    rows: dict[str, type[NumberRow | SwitchRow | TextRow | ChoiceRow]] = {
        "int": NumberRow,
        "float": NumberRow,
        "bool": SwitchRow,
        "str": TextRow,
        "choice": ChoiceRow,
    }
    return rows[spec.kind](spec, f"{prefix}{spec.name}")


def _range_of(spec: ParamSpec) -> ValueRange:
    if spec.low is None or spec.high is None:
        raise ValueError(f"the number {spec.name} needs a range")
    step = spec.step or (1.0 if spec.kind == "int" else (spec.high - spec.low) / _STEPS_ACROSS)
    return ValueRange(spec.low, spec.high, step, spec.default, translate(spec.unit), is_whole=spec.kind == "int")
