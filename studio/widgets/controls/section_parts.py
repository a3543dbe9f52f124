"""What the sections of inspectors are put together from."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLayout, QVBoxLayout, QWidget

from studio.core.param import param_specs
from studio.core.translation import _
from studio.widgets.controls.button import Button
from studio.widgets.controls.label import Label, MarkedLabel
from studio.widgets.controls.param_form import param_slider
from studio.widgets.controls.slider import SliderRow

SPACING_PX = 8


def named_button(
    name: str,
    text: str,
    hint: str = "",
    icon: str = "",
    pressed: Callable[..., object] | SignalInstance | None = None,
    **look: Any,
) -> Button:
    """A button with the stable id of a control; `pressed` is called or emitted, `look` is as a Button takes it."""
    button = Button(text, hint=hint, icon_name=icon, **look)
    button.setObjectName(name)
    if pressed is not None:
        button.clicked.connect(pressed)
    return button


class RoomyLabel(MarkedLabel):
    """Sentences of ours that come and go: they have the room of some lines from the start, so that nothing moves."""

    def __init__(self, n_lines: int) -> None:
        super().__init__()
        self._n_lines = n_lines
        self.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)

    def heightForWidth(self, width: int) -> int:
        """At least that room."""
        return max(super().heightForWidth(width), self._n_lines * self.fontMetrics().lineSpacing())


def small_label(text: str = "", is_marked: bool = False, n_lines: int = 0) -> Label:
    """A line or more of small words; marked where they are sentences of ours with `<b>`, and name nothing foreign.

    Marked ones may keep the room of `n_lines` while they say less.
    """
    label = RoomyLabel(n_lines) if n_lines else MarkedLabel(text) if is_marked else Label(text)
    label.setWordWrap(True)
    label.setProperty("role", "small")
    return label


def put_in_a_column(widget: QWidget, parts: Sequence[QWidget | QLayout], spacing: int = SPACING_PX) -> None:
    """Let a widget be these parts, one below the other."""
    column = QVBoxLayout(widget)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(spacing)
    for part in parts:
        if isinstance(part, QWidget):
            column.addWidget(part)
        else:
            column.addLayout(part)


def put_in_pairs(widget: QWidget, parts: Sequence[QWidget]) -> None:
    """Let a widget be these parts, two in a row."""
    grid = QGridLayout(widget)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setSpacing(SPACING_PX)
    for place, part in enumerate(parts):
        grid.addWidget(part, *divmod(place, 2))


def at_the_left(*widgets: QWidget, spacing: int = SPACING_PX) -> QHBoxLayout:
    """Widgets side by side, each as wide as it needs to be."""
    row = QHBoxLayout()
    row.setSpacing(spacing)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return row


def side_by_side(*widgets: QWidget) -> QWidget:
    """Widgets in a row as a widget of their own."""
    whole = QWidget()
    row = in_a_row(*widgets)
    row.setContentsMargins(0, 0, 0, 0)
    whole.setLayout(row)
    return whole


def in_a_row(*widgets: QWidget) -> QHBoxLayout:
    """Widgets side by side, each as wide as the others."""
    row = QHBoxLayout()
    row.setSpacing(SPACING_PX)
    for widget in widgets:
        row.addWidget(widget, 1)
    return row


def show_playing(button: Button, is_playing: bool) -> None:
    """Let a button that plays something stop it while it is heard."""
    text = _("Stop") if is_playing else _("Play")
    if text != button.text():
        button.setText(text)
        button.setAccessibleName(text)
        button.set_icon("stop" if is_playing else "play")


class SettingsSection(QWidget):
    """Settings that edit a scene (`ScenePanel.bind`).

    Signals: changed(name, value), at every move of a drag; edit_started(), edit_finished() around one step of undo.
    """

    changed = Signal(str, object)
    edit_started = Signal()
    edit_finished = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._sliders: dict[str, SliderRow] = {}

    def sliders(self, defaults: Any, prefix: str, *names: str) -> tuple[SliderRow, ...]:
        """Sliders that set these numbers of a params dataclass as it declares them; ids are `prefix` and the name."""
        specs = param_specs(type(defaults))
        for name in names:
            row = self._sliders[name] = param_slider(defaults, name, f"{prefix}{name}")
            self.edit_by(row, name, round if specs[name].kind == "int" else float)
        return tuple(self._sliders[name] for name in names)

    def show_scene(self, scene: Any) -> None:
        """Let it stand where the settings of a scene are. Emits nothing."""
        self.show_params(scene.params)

    def show_params(self, params: Any) -> None:
        """Let those sliders stand where the params are. Emits nothing."""
        for name, row in self._sliders.items():
            row.set_value(getattr(params, name))

    def edit_by(self, row: SliderRow, name: str, typed: Callable[[float], Any] = float) -> None:
        """Let a slider set the setting of this name, to what `typed` makes of its value."""
        row.value_changed.connect(lambda value: self.changed.emit(name, typed(value)))
        row.edit_started.connect(self.edit_started)
        row.edit_finished.connect(self.edit_finished)
