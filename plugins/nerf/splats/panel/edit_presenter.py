"""Joins the controls that change a scene of splats to the scene: a tool selects, a button does something with it."""

from dataclasses import replace
from typing import Final

import numpy as np
from PySide6.QtCore import QObject

from studio.api.panel import SceneView
from studio.core.hand import Pointer
from studio.core.translation import N_

from ...shared.panel.editor import ViewEditor
from ...shared.panel.navigation_input import NavigationInput
from ..model.edits import ACTIONS, MOST_NUMBERS, N_STROKE, Action, Edit, Region
from ..scene import MOST_EDITS, SplatScene
from .edit_section import EditSection

TITLES: Final[dict[Action, str]] = {
    "remove": N_("Remove splats"),
    "keep": N_("Crop the scene"),
    "clean": N_("Remove specks"),
    "colour": N_("Recolour splats"),
}


class EditPresenter(QObject):
    """Holds the tool that a person has in hand; what is selected stands in the scene, so that undo knows it."""

    def __init__(
        self,
        section: EditSection,
        canvas: SceneView,
        editor: ViewEditor[SplatScene],
        hand: NavigationInput,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._section, self._canvas, self._editor, self._hand = section, canvas, editor, hand
        self._tool = "off"
        self._points: list[float] = []
        hand.claims = self._takes_stroke
        canvas.pointer_moved.connect(self._on_moved)
        canvas.pointer_released.connect(lambda _: self._end_stroke())
        canvas.hand_lost.connect(self._end_stroke)
        hand.stopped.connect(self._follow_pivot)
        section.tool_changed.connect(self.hold)
        section.size_changed.connect(self._select_shape)
        section.asked.connect(self.act)
        section.original_asked.connect(self._start_again)

    def hold(self, tool: str) -> None:
        """Take a tool in hand."""
        self._tool = tool
        self._section.show_tool(tool)
        if tool == "off":
            self._select(None)
        else:
            self._select_shape()

    def show_scene(self, scene: SplatScene) -> None:
        """Let the controls stand where the scene is."""
        self._section.show_scene(len(scene.edits) + len(scene.added), scene.selection is not None)

    def act(self, name: str) -> None:
        """Do something with what is selected; recolouring and cleaning mean all of it where nothing is."""
        action: Action = next(one for one in ACTIONS if one == name)
        scene, section = self._editor.scene, self._section
        region = scene.selection or (Region("all") if action in ("clean", "colour") else None)
        if region is None or len(scene.edits) >= MOST_EDITS:
            return
        edit = Edit(action, region, 2.0 ** section.light.value(), section.colour.value())
        self._apply(TITLES[action], (*scene.edits, edit))

    def _start_again(self) -> None:
        scene = self._editor.scene
        self._editor.apply(N_("Take back all changes"), replace(scene, edits=(), added=(), selection=None))
        self.hold("off")

    def _apply(self, title: str, edits: tuple[Edit, ...]) -> None:
        self._editor.apply(title, self._editor.scene.changed_by(edits))
        self.hold("off")

    # What is selected

    def _select(self, region: Region | None) -> None:
        if region != self._editor.scene.selection:
            self._editor.apply(N_("Select"), self._editor.scene.selecting(region), "select")

    def _follow_pivot(self) -> None:
        """A ball or box stands where the camera turns about."""
        if self._tool in ("ball", "box"):
            self._select_shape()

    def _select_shape(self) -> None:
        pivot = self._editor.scene.camera.pivot
        size = self._section.size_row.value() * self._editor.facts.extent.radius
        if self._tool == "ball":
            self._select(Region("ball", (*pivot.tolist(), size)))
        elif self._tool == "box":
            self._select(Region("box", (*(pivot - size).tolist(), *(pivot + size).tolist())))

    # The brush

    def _takes_stroke(self, event: Pointer) -> bool:
        """Whether a press begins a stroke."""
        if self._tool != "stroke" or event.button != "left" or event.modifiers:
            return False
        self._points = []
        self._add(event)
        return True

    def _on_moved(self, event: Pointer) -> None:
        if self._points and len(self._points) + N_STROKE + 2 <= MOST_NUMBERS:
            self._add(event)

    def _end_stroke(self) -> None:
        self._points = []

    def _add(self, event: Pointer) -> None:
        self._points += [event.x_px / self._canvas.width(), event.y_px / self._canvas.height()]
        position = self._editor.scene.camera.position()
        camera = np.concatenate([position[name] for name in ("rotation", "pivot", "distance", "fov")]).tolist()
        aspect = self._canvas.width() / self._canvas.height()
        numbers = (*camera, aspect, self._section.width_row.value(), *self._points)
        self._select(Region("stroke", tuple(float(number) for number in numbers)))
