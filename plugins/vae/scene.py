"""What the panel's person has set: a place in latent space, a word, and two stored places A and B."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError
from studio.core.param import make_params
from studio.core.position import Rule, interpolate
from studio.core.text import N_

from .params import SampleParams, letters_to_draw

Array: TypeAlias = npt.NDArray[np.float32]
End: TypeAlias = Literal["a", "b"]
MAX_ABS_Z = 100.0


@dataclass(frozen=True, eq=False)
class Scene:
    """One state of the panel; never changed, only replaced.

    Attributes:
        z: the place, float32 (D,).
        text: the letters on the canvas; empty for models without letters.
        seed: the number that the place came from.
        spread: how far from the average that seed's place may lie.
        is_moved: whether the place was moved since.
        a, b: the two stored places, float32 (D,) each, or None.
        rule: how the way from A to B is blended.
        blend: where on that way we are, 0 to 1.
        is_on_way: whether the place is the one that `blend` gives.
    """

    z: Array
    text: str
    seed: int
    spread: float = 1.0
    is_moved: bool = False
    a: Array | None = None
    b: Array | None = None
    rule: Rule = "spherical"
    blend: float = 0.0
    is_on_way: bool = False

    def moved_to(self, z: Array) -> "Scene":
        """The same scene at another place."""
        return replace(self, z=np.clip(z, -MAX_ABS_Z, MAX_ABS_Z).astype(np.float32), is_moved=True, is_on_way=False)

    def at_place_of(self, other: "Scene") -> "Scene":
        """The same A and B, with place and word of another scene."""
        return replace(other, a=self.a, b=self.b, rule=self.rule, blend=self.blend, is_on_way=False)

    def with_end(self, end: End, z: Array | None) -> "Scene":
        """The same scene with A or B stored anew."""
        return replace(self, a=z) if end == "a" else replace(self, b=z)

    def swapped(self) -> "Scene":
        """The same scene with A and B exchanged; the place stays."""
        return replace(self, a=self.b, b=self.a, blend=1.0 - self.blend)

    @property
    def has_path(self) -> bool:
        """Whether both ends of the way are stored."""
        return self.a is not None and self.b is not None

    def blended(self, blend: float, time: float) -> "Scene":
        """The same scene on the way from A to B, at `time` in [0, 1] of the rule's curve."""
        if self.a is None or self.b is None:
            return self
        z = interpolate({"z": self.a}, {"z": self.b}, time, {"z": self.rule})["z"]
        return replace(self, z=z, blend=blend, is_moved=True, is_on_way=True)


def scene_to_json(scene: Scene) -> dict[str, Any]:
    """Return the scene as plain JSON values."""
    values = {name: getattr(scene, name) for name in Scene.__dataclass_fields__}
    return {
        name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in values.items()
    }


def scene_from_json(values: Mapping[str, Any], n_latent: int, draws_letters: bool) -> Scene:
    """Read a scene for a latent space of `n_latent` numbers; raises UserError where anything is amiss."""
    try:
        if set(values) != set(Scene.__dataclass_fields__):
            raise ValueError(sorted(values))
        params = make_params(SampleParams, {name: values[name] for name in ("seed", "text", "spread")})
        a, b = (None if values[end] is None else _place(values[end], n_latent) for end in ("a", "b"))
        return Scene(
            z=_place(values["z"], n_latent),
            text=letters_to_draw(params.text, draws_letters),
            seed=params.seed,
            spread=params.spread,
            is_moved=bool(values["is_moved"]),
            a=a,
            b=b,
            rule="linear" if values["rule"] == "linear" else "spherical",
            blend=min(1.0, max(0.0, float(values["blend"]))),
            is_on_way=bool(values["is_on_way"]),
        )
    except (TypeError, ValueError, OverflowError) as error:
        raise UserError(N_("This saved place does not fit the model.")) from error


def _place(values: Any, n_latent: int) -> Array:
    place = np.asarray(values, dtype=np.float64)
    if place.shape != (n_latent,) or not (np.abs(place) <= MAX_ABS_Z).all():
        raise ValueError(values)
    return place.astype(np.float32)


def seed_params(scene: Scene) -> SampleParams:
    """Return the parameters of a scene; the place itself travels as the state."""
    return SampleParams(scene.seed, scene.text, scene.spread)
