"""One row of the inspector: a name, a slider, its number."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.core.translation import N_, _, translate
from studio.widgets.controls.label import NameLabel, set_tip
from studio.widgets.controls.number_field import NumberField
from studio.widgets.controls.slider_track import SliderTrack
from studio.widgets.controls.value_range import ValueRange
from studio.widgets.theme import theme

_BEYOND = N_("{value} is beyond what the model has seen ({low} to {high}), so the result may fall apart.")


class SliderRow(QWidget):
    """A labelled slider with a number that can be typed; a double click brings the default back.

    `object_name` is the stable id of the control, `description` its plain-language help, `typed_range` what can be
    typed where that is more than the slider reaches.

    Signals:
        value_changed(value): the person changed the value; during a drag for every move.
        value_shown(value): another value is shown, whoever changed it.
        edit_started(), edit_finished(): around everything that belongs to one step of undo.
    """

    value_changed = Signal(float)
    value_shown = Signal(float)
    edit_started = Signal()
    edit_finished = Signal()

    def __init__(
        self,
        object_name: str,
        label: str,
        value_range: ValueRange,
        description: str = "",
        parent: QWidget | None = None,
        typed_range: ValueRange | None = None,
    ) -> None:
        super().__init__(parent)
        self.value_range = value_range
        self._description = translate(description)
        self._tip = ""
        self._label = NameLabel(translate(label), self)
        self._track = SliderTrack(value_range, self)
        self._number = NumberField(typed_range or value_range, self)
        self.setObjectName(object_name)
        self._track.setAccessibleName(self._label.text())
        self._number.setAccessibleName(_("{name}, as a number").format(name=self._label.text()))
        self._lay_out()
        self._connect()
        self._show_description()

    def value(self) -> float:
        """The value in force."""
        return self._track.exact_value

    def set_name(self, name: str) -> None:
        """Call it something else."""
        self._label.setText(name)
        self._track.setAccessibleName(name)
        self._number.setAccessibleName(_("{name}, as a number").format(name=name))

    def set_description(self, description: str) -> None:
        """Have another plain-language help."""
        self._description = translate(description)
        self._show_description()

    def hide_number(self) -> None:
        """Show the track alone, where its number would only count the stops."""
        self._number.hide()

    def set_value(self, value: float) -> None:
        """Show `value`; emits nothing."""
        if value != self.value():  # a drag shows every slider anew
            self._track.set_exact_value(value)
            self._number.set_value(value)
            self._show_description()
            self.value_shown.emit(value)

    @property
    def name(self) -> str:
        """What it is called."""
        return self._label.text()

    def begin_edit(self) -> None:
        """A hand takes it somewhere else, as on a larger slider for the same value."""
        self._track.begin_edit()

    def move_to(self, value: float) -> None:
        """That hand moves it."""
        self.set_value(value)
        self.value_changed.emit(value)

    def end_edit(self) -> None:
        """That hand lets go."""
        self._track.end_edit()

    def steer(self, share: float) -> None:
        """Move it, as a wheel does, to where `share` of its way lies, 0 to 1."""
        self._track.begin_turning()
        value = self.value_range.at(share)
        if value != self.value():
            self.set_value(value)
            self.value_changed.emit(value)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A double click on the name resets as well."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._on_reset_requested()

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme().size.grid)
        layout.addWidget(self._label)
        layout.addWidget(self._track, 1)
        layout.addWidget(self._number)

    def _connect(self) -> None:
        self._track.value_moved.connect(self._on_value_moved)
        self._track.edit_started.connect(self.edit_started)
        self._track.edit_finished.connect(self.edit_finished)
        self._track.reset_requested.connect(self._on_reset_requested)
        self._track.typing_requested.connect(self._number.setFocus)
        self._number.value_typed.connect(self._on_value_chosen)
        self._number.left_by_key.connect(self._track.setFocus)

    def _on_value_moved(self, value: float) -> None:
        self.value_changed.emit(value)  # first: what is asked for is computed while the row itself is shown
        value = self.value()  # whoever was told may have set another one
        self._number.set_value(value)
        self._show_description()
        self.value_shown.emit(value)

    def _on_value_chosen(self, value: float) -> None:
        self.begin_edit()
        self.move_to(value)
        self.end_edit()

    def _on_reset_requested(self) -> None:
        if self.value() != self.value_range.default:
            self._on_value_chosen(self.value_range.default)

    def _show_description(self) -> None:
        value, values = self.value(), self.value_range
        lines = [self._description]
        if values.trained is not None and not values.is_trained(value):
            low, high = (values.text(end) for end in values.trained)
            lines.append(translate(_BEYOND).format(value=values.text(value), low=low, high=high))
        tip = "\n\n".join(line for line in lines if line)
        if tip != self._tip:
            self._tip = tip
            set_tip(self, tip)
        self._track.setAccessibleDescription(" ".join([values.text(value), *lines]).strip())
