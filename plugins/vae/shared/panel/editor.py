"""Every change that a person can make to the scene, as steps of undo; drags and bursts of keys merge."""

import random
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QObject

from studio.api.gesture import GestureEditor
from studio.api.panel import UndoStack
from studio.api.timeline.controller import TimelineController
from studio.core.param import param_specs
from studio.core.seed import MAX_SEED, standard_normal
from studio.core.translation import N_

from ..arithmetic import Term
from ..atlas import Array, Atlas
from ..params import BalancedParams, PictureParams, text_of
from ..scene import VaeScene

UNITS_PER_PX = 0.012
UNITS_PER_STEP = 0.15
SCALE_PER_STEP = 1.06
FIRST: Final = PictureParams()
_BOLDNESS: Final = param_specs(PictureParams)["spread"].label


class VaeSceneEditor(GestureEditor[VaeScene]):
    """Holds the scene and the undo steps that lead to it.

    Attributes:
        timeline: its path moves along with a hand while it plays.
    """

    def __init__(
        self, n_latent: int, text: str, undo: UndoStack, parent: QObject, first: PictureParams = FIRST
    ) -> None:
        super().__init__(_seed_scene(first, n_latent, text), undo, parent)
        self._n_latent = n_latent
        self._text = text
        self.atlas: Atlas | None = None
        self.timeline: TimelineController | None = None

    def seed_scene(self, params: PictureParams) -> VaeScene:
        """Return a scene at the place of a seed: z ~ N(0, spread² I), as the engine draws it."""
        return _seed_scene(params, self._n_latent, self._text)

    def apply(self, title: str, scene: VaeScene, merge_key: str | None = None) -> None:
        """Make `scene` the present one, as a step with a title for the menu.

        While a path plays, a change that a hand goes on making moves the whole path.
        """
        way = scene.z - self.scene.z
        if self.timeline is not None and self.timeline.is_playing_path and merge_key is not None and way.any():
            self.go_on(merge_key)
            self.timeline.paths.shift(title, {"z": way}, merge_key)
        else:
            super().apply(title, scene, merge_key)

    def drag(self, dx_px: float, dy_px: float) -> None:
        """Move along the two strongest directions, right and up are more."""
        self._move(dx_px * UNITS_PER_PX, -dy_px * UNITS_PER_PX)

    def nudge(self, dx: float, dy: float) -> None:
        """Move one step of an arrow key."""
        self._move(dx * UNITS_PER_STEP, -dy * UNITS_PER_STEP)

    def turn(self, steps: float) -> None:
        """Move along the third direction; where there are only two, away from the average or back to it."""
        if self._n_latent > 2:
            self._move(0.0, 0.0, steps * UNITS_PER_STEP)
        else:
            self.apply(N_("Move"), self.scene.moved_to(self.scene.z * SCALE_PER_STEP**steps), "move")

    def _move(self, *way: float) -> None:
        if self.atlas is None:
            return
        z = self.scene.z
        for index, distance in enumerate(way):
            z = z + distance * self.atlas.vectors[index]
        self.apply(N_("Move"), self.scene.moved_to(z), "move")

    def set_direction(self, index: int, value: float) -> None:
        """Set the value along one direction, keeping all others."""
        if self.atlas is not None:
            name = self.atlas.directions[index].name
            self.apply(name, self.scene.moved_to(self.atlas.moved(self.scene.z, index, value)), f"direction {index}")

    def place_on_map(self, x: float, y: float, index: int) -> Array | None:
        """Return the place (D,) at (x, y) of the map, or the known place of that index; None before it is known."""
        if self.atlas is None:
            return None
        return self.atlas.places[index] if index >= 0 else self.atlas.from_map(x, y, self.scene.z)

    def go_on_map(self, x: float, y: float, index: int) -> None:
        """Go to a place of the map."""
        z = self.place_on_map(x, y, index)
        if z is not None:
            if self.timeline is not None:
                self.timeline.playback.pause()  # one goes to a place of the map, and the path stays where it is
            self.apply(N_("Move on the map"), self.scene.moved_to(z), "map")

    def go_to(self, title: str, z: Array, text: str) -> None:
        """Go to a place and a word."""
        self.apply(title, replace(self.scene.moved_to(z), text=text or self.scene.text, repair=None))

    def surprise(self) -> None:
        """Go to the place of a new seed."""
        self.set_seed(random.randrange(MAX_SEED), N_("Surprise"))

    def set_seed(self, seed: int, title: str = N_("Seed")) -> None:
        """Go to the place of a seed."""
        self._go_to_seed(title, seed, self.scene.spread, None)

    def set_spread(self, spread: float) -> None:
        """Go to the same seed's place, nearer to the average or further from it."""
        self._go_to_seed(_BOLDNESS, self.scene.seed, spread, "spread")

    def reset(self) -> None:
        """Return to the place that the seed gives, without a sum, unless we are there."""
        if self.scene.is_own:
            self._go_to_seed(N_("Reset"), self.scene.seed, self.scene.spread, None, ())

    def _go_to_seed(
        self, title: str, seed: int, spread: float, merge_key: str | None, terms: tuple[Term, ...] | None = None
    ) -> None:
        """Go to a seed's place, or where the sum leads from there."""
        terms = self.scene.terms if terms is None else terms
        fresh = self.seed_scene(PictureParams(seed=seed, spread=spread)).z
        scene = replace(self.scene, seed=seed, spread=spread).with_sum(fresh, terms)
        self.apply(title, scene if terms else replace(scene, z=fresh, is_moved=False), merge_key)

    def set_text(self, text: str) -> None:
        """Write another word."""
        self.apply(N_("Word"), replace(self.scene, text=text), "text")


def _seed_scene(params: PictureParams, n_latent: int, text: str) -> VaeScene:
    z = params.spread * standard_normal((n_latent,), params.seed, 0)
    balance = params.balance if isinstance(params, BalancedParams) else None
    return VaeScene(z, text_of(params) or text, params.seed, params.spread, balance=balance)
