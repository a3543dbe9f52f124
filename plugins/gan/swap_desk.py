"""Joins the swap to the people's panel: another face's expression drives the present one."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from .people_scene import Array

if TYPE_CHECKING:
    from .people_panel import PeoplePanel


class SwapDesk(QObject):
    """Knows the place of the person's picture once it was found."""

    def __init__(self, panel: "PeoplePanel") -> None:
        super().__init__(panel)
        self._panel = panel
        self._mine: Array | None = None
        panel.controls.swap.set_has_mine(False)
        section = panel.controls.swap
        section.driver_chosen.connect(self._on_driver_chosen)
        section.expression_changed.connect(panel.editor.set_expression)
        panel.project.found.connect(self._on_found)

    def _on_found(self, w: Array) -> None:
        self._mine = w
        self._panel.controls.swap.set_has_mine(True)

    def _on_driver_chosen(self, is_mine: bool) -> None:
        self._panel.editor.set_driver(self._mine if is_mine else None)
