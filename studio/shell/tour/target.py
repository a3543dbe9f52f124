"""Finds the control that a step of a tour is about, and brings it before a person's eyes."""

from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QAbstractButton, QWidget

from studio.registry.guide import TourStep
from studio.widgets.controls.section import Section
from studio.widgets.inspector import Inspector

if TYPE_CHECKING:
    from studio.api.panel import Panel

TIMELINE: Final = "timeline"


def find_control(panel: "Panel", name: str) -> QWidget | None:
    """The control with this object name, None where the panel has none now; NAME:VALUE is one of its buttons."""
    name, _colon, value = name.partition(":")
    control = panel.timeline.bar if name == TIMELINE else panel.findChild(QWidget, name)
    return control.findChild(QAbstractButton, value) if control is not None and value else control


def press(panel: "Panel", name: str) -> bool:
    """Press the button with this name as a person would; returns whether there is one that can be pressed."""
    button = find_control(panel, name)
    if not isinstance(button, QAbstractButton) or not button.isEnabled():
        return False
    reveal(button)
    button.click()
    return True


def target_of(panel: "Panel", step: TourStep) -> QWidget | None:
    """The control of a step once it can be seen, unfolded and scrolled to; None while it is not there."""
    control = find_control(panel, step.control)
    if control is None:
        return None
    reveal(control)
    return control if control.isVisible() else None


def reveal(control: QWidget) -> None:
    """Unfold the section of a control, and scroll the inspector to it."""
    parent = control.parentWidget()
    while parent is not None:
        if isinstance(parent, Section) and parent.is_folded:
            parent.set_folded(False)
        if isinstance(parent, Inspector):
            parent.reveal(control)
        parent = parent.parentWidget()
