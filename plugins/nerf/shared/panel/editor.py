"""Every change that a person can make to the view, as steps of undo; what a hand goes on doing is one step."""

import random
from dataclasses import replace
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from studio.api.gesture import GestureEditor
from studio.api.panel import UndoStack
from studio.core.seed import MAX_SEED
from studio.core.translation import N_

from ..camera.camera import Camera
from ..camera.rotation import angles_of, rotation_of
from ..camera.viewpoint import UP, seed_camera
from ..params import ViewParams
from ..scene import SceneT
from ..state import SceneFacts


class ViewEditor(GestureEditor[SceneT]):
    """Holds the scene and the undo steps that lead to it.

    Signals, beside those of GestureEditor:
        steered(): before a person changes something, so that what plays can stop.
        jumped(): the camera is elsewhere without having gone there: after undo, a seed, a saved view.

    Attributes, beside those of GestureEditor:
        facts: where the scene lies and from where it is seen at first, as far as that is known.
    """

    steered = Signal()
    jumped = Signal()

    def __init__(self, facts: SceneFacts, scene: SceneT, undo: UndoStack, parent: QObject) -> None:
        super().__init__(scene, undo, parent)
        self.facts = facts

    @property
    def depths(self) -> tuple[float, float]:
        """How far from the camera the scene begins and ends, in world units."""
        return self.facts.extent.depths(self.scene.camera)

    def show(self, scene: SceneT) -> None:
        """Make `scene` the present one, without an undo step."""
        before, self.scene = self.scene, scene
        if scene.camera is not before.camera:
            self.jumped.emit()
        self.changed.emit(before)

    def adopt(self, scene: SceneT) -> None:
        """Take over the scene of a frame that is shown already: nothing is to be drawn for it."""
        super().adopt(scene)
        self.jumped.emit()

    def at_seed(self, params: ViewParams) -> SceneT:
        """The scene with these settings, seen from the seed's viewpoint."""
        camera = seed_camera(self.facts.home, params.seed, self.scene.up)
        return replace(self.scene, camera=camera, params=params, is_moved=False)

    def apply(self, title: str, scene: SceneT, merge_key: str | None = None) -> None:
        """Make `scene` the present one, as a step with a title for the menu."""
        self.go_on(merge_key)
        before = self.scene
        self.steered.emit()
        if merge_key == "camera":  # a hand went there with it
            super().show(scene)
        else:
            self.show(scene)
        self._push(title, before, scene, merge_key)

    def move(self, camera: Camera) -> None:
        """Follow the hand that moves the camera."""
        self.apply(N_("Move the camera"), self.scene.moved(camera), "camera")

    def change(self, title: str, **params: Any) -> None:
        """Set parameters of the picture; the same ones in a row are one step."""
        self.apply(title, self.scene.with_params(**params), " ".join(params))

    def choose_view(self, view: str) -> None:
        """Draw colour, depth or another quantity."""
        self.change(N_("View"), view=view)

    def set_picture_size(self, width: int, height: int) -> None:
        """Make pictures and videos so large, in pixels."""
        self.change(N_("Picture size"), width=width, height=height)

    def set_field_of_view(self, fov_y_rad: float) -> None:
        """Change the opening angle; the camera stays where it is."""
        camera = replace(self.scene.camera, fov_y_rad=fov_y_rad)
        self.apply(N_("Field of view"), self.scene.moved(camera), "fov")

    def roll(self, roll_rad: float) -> None:
        """Lean the camera to its side."""
        camera, up = self.scene.camera, UP[self.scene.up]
        angles = replace(angles_of(camera.rotation, up), roll=roll_rad)
        rotation = rotation_of(angles, up).astype(np.float32)
        self.apply(N_("Roll"), self.scene.moved(replace(camera, rotation=rotation)), "roll")

    def set_up(self, axis: str) -> None:
        """Let another axis of the world point up."""
        self.apply(N_("Up axis"), replace(self.scene, up=axis))

    def surprise(self) -> None:
        """Go to the viewpoint of a new seed."""
        self.set_seed(random.randrange(1, MAX_SEED), N_("Surprise"))

    def set_seed(self, seed: int, title: str = N_("Seed")) -> None:
        """Go to the viewpoint of a seed."""
        self.apply(title, self.at_seed(replace(self.scene.params, seed=seed)))

    def reset(self) -> None:
        """Return to the seed's viewpoint, unless we are there."""
        if self.scene.is_moved:
            self.set_seed(self.scene.params.seed, N_("Reset the view"))
