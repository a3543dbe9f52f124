"""Which controls of a panel can be made large for visitors, and by which names they are known."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QAbstractButton, QCheckBox, QComboBox, QLineEdit, QPushButton, QWidget

from studio.commands.command import Command
from studio.core.translation import translate
from studio.shell.present.large import (
    Large,
    LargeButton,
    LargeChoice,
    LargeLine,
    LargeList,
    LargePress,
    LargeSlider,
    in_a_box,
)
from studio.shell.present.show import MAX_CONTROLS
from studio.widgets.controls.chip import ChipFlow, GroupButton
from studio.widgets.controls.model_picker import ModelPicker
from studio.widgets.controls.number_field import NumberField
from studio.widgets.controls.section import SectionTitle
from studio.widgets.controls.segmented import Segmented
from studio.widgets.controls.slider import SliderRow

if TYPE_CHECKING:
    from studio.api.panel import Panel

N_USUAL: Final = 4
"""How many controls a model has of which nobody says which ones."""
MAX_WORDS: Final = 12
"""Of one choice; more would fill the page."""
SURPRISE_KEY: Final = "R"
"""The key of the command that makes something else by chance, in every panel."""
_NEVER: Final = ("kind_tabs", "model_card", "model_picker")  # they lead to another model
_ASKS: Final = "…"  # at the end of a title: a dialog comes, in which a visitor would be lost
_GROUPS: Final = (Segmented, ChipFlow)
_SOURCES: Final = (SliderRow, *_GROUPS, QCheckBox, QComboBox, QLineEdit, QPushButton)
_USUAL: Final = (SliderRow, Segmented, QCheckBox, QComboBox)
Source = QWidget | Command


def offered_controls(panel: "Panel") -> dict[str, Source]:
    """The controls and commands of a panel that visitors can be given, by their ids in the order of the inspector."""
    widgets = {widget.objectName(): widget for widget in _widgets(panel) if _is_usable(widget)}
    return widgets | {one.id: one for one in panel.commands() if not title_of(one).endswith(_ASKS)}


def chosen_controls(panel: "Panel", names: Sequence[str]) -> dict[str, Source]:
    """Those of these names that a panel has, or its first sliders and choices where none are named."""
    offered = offered_controls(panel)
    found = {name: offered[name] for name in names if name in offered}
    if not found:
        usual = [name for name, one in offered.items() if isinstance(one, _USUAL)]
        found = {name: offered[name] for name in usual[:N_USUAL]}
    return dict(list(found.items())[:MAX_CONTROLS])


def title_of(source: Source) -> str:
    """What a control is called."""
    if isinstance(source, Command):
        return translate(source.title)
    if isinstance(source, SliderRow):
        return source.name
    text = source.text() if isinstance(source, QAbstractButton) else ""
    return text if len(text) > 1 else source.accessibleName() or text


def make_large(source: Source, scale: float) -> QWidget:
    """The large control that does the same."""
    if isinstance(source, Command):
        button = LargeButton(translate(source.title))
        button.clicked.connect(source.run)
        return Large("", in_a_box(button), scale)
    if isinstance(source, SliderRow):
        return LargeSlider(source, scale)
    if isinstance(source, _GROUPS):
        return LargeChoice(source.accessibleName(), _words(source), scale)
    if isinstance(source, QComboBox):
        return LargeList(source.accessibleName(), source, scale)
    if isinstance(source, QLineEdit):
        return LargeLine(source.accessibleName(), source, scale)
    assert isinstance(source, QAbstractButton)
    return Large("", in_a_box(LargePress(source)), scale)


def surprise_of(panel: "Panel") -> Command | None:
    """The command that makes something else by chance."""
    return next((command for command in panel.commands() if SURPRISE_KEY in command.keys), None)


def _widgets(panel: "Panel") -> Iterator[QWidget]:
    inspector = panel.frame.inspector
    for widget in inspector.findChildren(QWidget):
        if isinstance(widget, _SOURCES) and widget.objectName() and widget.isVisibleTo(inspector):
            yield widget


def _is_usable(widget: QWidget) -> bool:
    if widget.objectName() in _NEVER or isinstance(widget, NumberField | GroupButton | SectionTitle | ModelPicker):
        return False
    if isinstance(widget, QPushButton) and (widget.property("kind") == "link" or widget.text().endswith(_ASKS)):
        return False
    if isinstance(widget, _GROUPS):
        return 1 < len(_words(widget)) <= MAX_WORDS
    return not isinstance(widget, QComboBox) or 1 < widget.count() <= MAX_WORDS


def _words(group: QWidget) -> list[GroupButton]:
    return [one for one in group.findChildren(GroupButton) if one.isVisibleTo(group)]
