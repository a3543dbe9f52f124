"""What the person has set in the people's panel: a place on the carpet of seeds, a mix, directions, realism.

L rows of w, D numbers in each.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError
from studio.core.param import saved_params
from studio.core.translation import N_

from .params import PeopleParams

Array: TypeAlias = npt.NDArray[np.float32]
GROUPS: Final = ("figure", "features", "colours")
MAX_AWAY: Final = 1e6
MAX_ABS_W: Final = 1e3
MAX_VALUE: Final = 10.0
MAX_ENTRIES: Final = 256


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

    params: PeopleParams = field(default_factory=PeopleParams)
    x: float = 0.0
    y: float = 0.0
    own_w: Array | None = None
    seed_b: int = 2
    from_b: tuple[bool, ...] = (False, False, False)
    crossfade: float = 1.0
    values: Mapping[str, float] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    noise_seed: int | None = None
    expression: float = 0.0
    driver_w: Array | None = None
    is_swapped: bool = False

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

    def moved_by(self, dx: float, dy: float) -> "PeopleScene":
        """The same, so many seeds further on the carpet."""
        x, y = (max(-MAX_AWAY, min(MAX_AWAY, value)) for value in (self.x + dx, self.y + dy))
        return replace(self, x=x, y=y)

    def at_seed(self, seed: int) -> "PeopleScene":
        """The same settings at the place of a seed."""
        params = replace(self.params, seed=seed)
        return replace(self, params=params, x=0.0, y=0.0, own_w=None, is_swapped=False)

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


def is_same_scene(a: PeopleScene, b: PeopleScene) -> bool:
    """Whether two scenes show the same."""
    return scene_to_json(a) == scene_to_json(b)


def scene_to_json(scene: PeopleScene) -> dict[str, Any]:
    """Return the scene as plain JSON values."""
    params = {name: getattr(scene.params, name) for name in ("seed", "words", "truncation", "noise")}
    return {
        **params,
        "x": scene.x,
        "y": scene.y,
        "own_w": _rounded(scene.own_w),
        "seed_b": scene.seed_b,
        "from_b": list(scene.from_b),
        "crossfade": scene.crossfade,
        "values": dict(scene.values),
        "groups": dict(scene.groups),
        "noise_seed": scene.noise_seed,
        "expression": scene.expression,
        "driver_w": _rounded(scene.driver_w),
        "is_swapped": scene.is_swapped,
    }


LATER: Final[Mapping[str, Any]] = {"expression": 0.0, "driver_w": None, "is_swapped": False}
"""What scenes have that were not saved yet when there was no such thing."""


def _rounded(w: Array | None) -> list[list[float]] | None:
    return None if w is None else [[round(float(value), 5) for value in row] for row in w]


def scene_from_json(values: Mapping[str, Any]) -> PeopleScene:
    """Read a scene; raises UserError where anything is amiss. Whether `own_w` fits the model its engine says."""
    values = {**LATER, **values}
    try:
        if set(values) != set(scene_to_json(PeopleScene())):
            raise ValueError(sorted(values))
        params = saved_params(PeopleParams, {key: values[key] for key in ("seed", "words", "truncation", "noise")})
        seed_b = saved_params(PeopleParams, {"seed": values["seed_b"]}).seed
        noise_seed = values["noise_seed"]
        return PeopleScene(
            params,
            _bounded(values["x"], MAX_AWAY),
            _bounded(values["y"], MAX_AWAY),
            _own_w(values["own_w"]),
            seed_b,
            _booleans(values["from_b"]),
            abs(_bounded(values["crossfade"], 1.0)),
            {str(key)[:60]: _bounded(value, MAX_VALUE) for key, value in _entries(values["values"])},
            {str(key)[:60]: _group(value) for key, value in _entries(values["groups"])},
            None if noise_seed is None else saved_params(PeopleParams, {"seed": noise_seed}).seed,
            abs(_bounded(values["expression"], 1.0)),
            _own_w(values["driver_w"]),
            _boolean(values["is_swapped"]),
        )
    except (TypeError, ValueError, OverflowError, AttributeError) as error:
        raise UserError(N_("This saved place does not fit the model.")) from error


def _bounded(value: Any, limit: float) -> float:
    number = float(value)
    if not math.isfinite(number) or abs(number) > limit:
        raise ValueError(value)
    return number


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(value)
    return value


def _booleans(values: Any) -> tuple[bool, ...]:
    if len(values) != len(GROUPS) or not all(isinstance(value, bool) for value in values):
        raise ValueError(values)
    return tuple(values)


def _entries(values: Any) -> list[tuple[Any, Any]]:
    entries = list(values.items())
    if len(entries) > MAX_ENTRIES:
        raise ValueError(len(entries))
    return entries


def _group(value: Any) -> str:
    if value not in (*GROUPS, "all"):
        raise ValueError(value)
    return str(value)


def _own_w(values: Any) -> Array | None:
    if values is None:
        return None
    w = np.asarray(values, np.float64)
    if w.ndim != 2 or w.size > 64 * 1024 or not (np.abs(w) <= MAX_ABS_W).all():
        raise ValueError(w.shape)
    return w.astype(np.float32)
