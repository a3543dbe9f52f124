"""Every change that a person can make to the people's scene, as steps of undo; drags and bursts of keys merge."""

import random
from dataclasses import replace
from typing import Any, Final

from studio.api.gesture import GestureEditor
from studio.core.param import param_specs
from studio.core.seed import MAX_SEED
from studio.core.translation import N_

from ..params import PeopleParams
from ..scene import GROUPS, Array, PeopleScene

SEEDS_PER_PX: Final = 1 / 260
SEEDS_PER_KEY: Final = 0.1
TRUNCATION_PER_NOTCH: Final = 0.05
BY_B: Final = (False, False, True)
_SPECS: Final = param_specs(PeopleParams)


class PeopleEditor(GestureEditor[PeopleScene]):
    """Holds the scene and the undo steps that lead to it."""

    def drag(self, dx_px: float, dy_px: float) -> None:
        """Pull the carpet: what lies to the left comes when the hand goes to the right."""
        self.apply(N_("Move"), self.scene.moved_by(-dx_px * SEEDS_PER_PX, -dy_px * SEEDS_PER_PX), "move")

    def nudge(self, dx: float, dy: float) -> None:
        """Go one step of an arrow key over the carpet."""
        self.apply(N_("Move"), self.scene.moved_by(dx * SEEDS_PER_KEY, dy * SEEDS_PER_KEY), "move")

    def turn(self, notches: float) -> None:
        """Go away from the mean face, or towards it."""
        truncation = self.scene.params.truncation + notches * TRUNCATION_PER_NOTCH
        self.set_realism("truncation", _SPECS["truncation"].clamped(truncation))

    def set_realism(self, name: str, value: float) -> None:
        """Give truncation or noise another value."""
        self.set_params(_SPECS[name].label, name, **{name: value})

    def set_params(self, title: str, merge_key: str | None = None, **changes: Any) -> None:
        """Change seed, words, truncation or noise."""
        scene = replace(self.scene, params=replace(self.scene.params, **changes))
        self.apply(title, scene, merge_key)

    def set_seed(self, seed: int, title: str = N_("Seed")) -> None:
        """Go to the place of a seed."""
        self.apply(title, self.scene.at_seed(seed))

    def set_words(self, words: str) -> None:
        """Ask for a face in words: the place becomes that of the seed again, since only that knows words."""
        params = replace(self.scene.params, words=words)
        self.apply(N_("Words"), replace(self.scene, params=params, x=0.0, y=0.0, own_w=None, is_swapped=False))

    def surprise(self) -> None:
        """Go to the place of a new seed."""
        self.set_seed(random.randrange(MAX_SEED), N_("Surprise"))

    def reset(self) -> None:
        """Return to the place that the seed gives, unless we are there."""
        if self.scene.is_moved:
            self.apply(N_("Reset"), self.scene.anew(self.scene.params))

    def set_value(self, direction: str, title: str, value: float) -> None:
        """Go so far along a direction."""
        self.apply(title, self.scene.with_value(direction, value), f"direction {direction}")

    def set_group(self, direction: str, title: str, group: str) -> None:
        """Let a direction move another group of layers."""
        self.apply(title, replace(self.scene, groups={**self.scene.groups, direction: group}))

    def set_from_b(self, group: str, is_from_b: bool) -> None:
        """Take a group of layers from the other face, or no longer."""
        chosen = tuple(is_from_b if one == group else old for one, old in zip(GROUPS, self.scene.from_b, strict=True))
        self.apply(N_("Style mixing"), replace(self.scene, from_b=chosen))

    def set_seed_b(self, seed: int) -> None:
        """Choose the other face."""
        self.apply(N_("Face B"), replace(self.scene, seed_b=seed))

    def mix_in(self, seed: int) -> None:
        """Mix a seed's face in as face B: what B gives already, else the colours, which show at once."""
        from_b = self.scene.from_b if any(self.scene.from_b) else BY_B
        self.apply(N_("Mix with a seed"), replace(self.scene, seed_b=seed, from_b=from_b))

    def set_crossfade(self, share: float) -> None:
        """Go over to the other face."""
        self.apply(N_("Crossfade"), replace(self.scene, crossfade=share), "crossfade")

    def set_expression(self, share: float) -> None:
        """Let the driving face's expression come through."""
        self.apply(N_("Expression"), replace(self.scene, expression=share), "expression")

    def set_driver(self, w: Array | None) -> None:
        """Choose the driving face: a place (L, D), or face B."""
        self.apply(N_("Driving face"), replace(self.scene, driver_w=w))

    def set_noise_seed(self, seed: int | None) -> None:
        """Draw other fine noise."""
        self.apply(N_("New noise"), replace(self.scene, noise_seed=seed))
