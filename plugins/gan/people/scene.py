"""What the person has set in the people's panel: a place on the carpet of seeds, a mix, directions, realism.

L rows of w, D numbers in each.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.core.param import param_specs, params_to_json, saved_params
from studio.core.scene_codec import (
    UNFIT_PLACE,
    SceneCodec,
    Stored,
    array,
    by_name,
    decimal_rows,
    flag,
    number,
    one_of,
    optional,
    row,
    setting,
    stored,
)

from .params import PeopleParams

Array: TypeAlias = npt.NDArray[np.float32]
GROUPS: Final = ("figure", "features", "colours")
MAX_AWAY: Final = 1e6
MAX_ABS_W: Final = 1e3
MAX_VALUE: Final = 10.0
MAX_ENTRIES: Final = 256
N_DECIMALS: Final = 5
_SETTINGS: Final = Stored(
    params_to_json, lambda values: saved_params(PeopleParams, values), keys=tuple(param_specs(PeopleParams))
)
_SEED: Final = setting(PeopleParams, "seed")
_PLACE: Final = optional(
    Stored(lambda w: decimal_rows(w, N_DECIMALS), array(np.float32, -MAX_ABS_W, MAX_ABS_W, 2).read)
)
_AWAY: Final = number(-MAX_AWAY, MAX_AWAY)


@dataclass(frozen=True, eq=False)
class PeopleScene:
    """One state of the panel; never changed, only replaced.

    Attributes:
        params: seed, words, truncation and noise of face A.
        x, y: how far from the seed on the carpet (latent_plane.py), in seeds.
        own_w: (L, D) where the place comes from no seed but from a picture or a path; the carpet then leads on from it.
        seed_b: the seed of face B.
        from_b: which groups of layers come from B.
        crossfade: how far they go over to B, 0 to 1.
        values: by the id of a direction how far along it, in its own units.
        groups: by the id of a direction the group of layers that it moves, where a person chose another one.
        noise_seed: of the fine noise; None for the noise that belongs to the model.
        expression: how far the features go over to those of a driving face, 0 to 1.
        driver_w: (L, D) of the driving face; None where it is face B.
        is_swapped: whether the place itself was reached with another face's expression.
    """

    params: PeopleParams = stored(_SETTINGS, default_factory=PeopleParams)
    x: float = stored(_AWAY, default=0.0)
    y: float = stored(_AWAY, default=0.0)
    own_w: Array | None = stored(_PLACE, default=None)
    seed_b: int = stored(_SEED, default=2)
    from_b: tuple[bool, ...] = stored(row(flag(), len(GROUPS), len(GROUPS)), default=(False, False, False))
    crossfade: float = stored(number(0, 1), default=1.0)
    values: Mapping[str, float] = stored(by_name(number(-MAX_VALUE, MAX_VALUE), MAX_ENTRIES), default_factory=dict)
    groups: Mapping[str, str] = stored(by_name(one_of((*GROUPS, "all")), MAX_ENTRIES), default_factory=dict)
    noise_seed: int | None = stored(optional(_SEED), default=None)
    expression: float = stored(number(0, 1), is_later=True, default=0.0)
    driver_w: Array | None = stored(_PLACE, is_later=True, default=None)
    is_swapped: bool = stored(flag(), is_later=True, default=False)

    @property
    def is_marked(self) -> bool:
        """Whether the picture says of itself that a machine made it: it shows another face's expression."""
        return self.expression > 0 or self.is_swapped

    @property
    def is_moved(self) -> bool:
        """Whether seed and parameters alone do not give this picture."""
        is_away = self.x != 0 or self.y != 0 or self.own_w is not None or self.noise_seed is not None
        is_away = is_away or self.is_marked
        return is_away or any(self.from_b) or any(value != 0 for value in self.values.values())

    def anew(self, params: PeopleParams) -> "PeopleScene":
        """What these settings alone give; face B stays."""
        return PeopleScene(params, seed_b=self.seed_b)

    def moved_by(self, dx: float, dy: float) -> "PeopleScene":
        """The same, so many seeds further on the carpet."""
        x, y = (max(-MAX_AWAY, min(MAX_AWAY, value)) for value in (self.x + dx, self.y + dy))
        return replace(self, x=x, y=y)

    def at_seed(self, seed: int) -> "PeopleScene":
        """The same settings at the place of a seed."""
        params = replace(self.params, seed=seed)
        return replace(self, params=params, x=0.0, y=0.0, own_w=None, is_swapped=False)

    def at_frame(self, state: Mapping[str, Any]) -> "PeopleScene":
        """The place of a frame's state."""
        return self.at_w(state["w"])

    def at_w(self, w: Array) -> "PeopleScene":
        """A place of its own that is drawn as it is: no direction, mix or truncation moves it any more.

        A mark stays: the place has the other face's expression.
        """
        bounded = np.clip(w, -MAX_ABS_W, MAX_ABS_W).astype(np.float32)
        params = replace(self.params, truncation=1.0)
        plain = replace(self, from_b=(False, False, False), values={}, groups={}, expression=0.0)
        return replace(plain, params=params, own_w=bounded, x=0.0, y=0.0, is_swapped=self.is_marked)

    def with_value(self, direction: str, value: float) -> "PeopleScene":
        """The same, so far along a direction."""
        kept = {key: one for key, one in self.values.items() if key != direction}
        return replace(self, values=kept if value == 0 else {**kept, direction: value})


def replace_driver(scene: PeopleScene, driver_w: Array | None, expression: float) -> PeopleScene:
    """The same scene without a mark of its own, driven by a face as far as said."""
    return replace(scene, driver_w=driver_w, expression=expression, is_swapped=False)


CODEC: Final = SceneCodec(PeopleScene, UNFIT_PLACE)


def is_same_scene(a: PeopleScene, b: PeopleScene) -> bool:
    """Whether two scenes show the same."""
    return CODEC.write(a) == CODEC.write(b)


def chance_settings(scene: PeopleScene) -> dict[str, Any]:
    """What decides how faces by chance look."""
    return CODEC.write(scene.at_seed(0))
