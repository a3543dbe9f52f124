"""What the panel's person has set: a place in latent space, a word, and two stored places A and B."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError
from studio.core.position import Rule, interpolate
from studio.core.text import N_

from .params import MAX_LETTERS, SampleParams

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

    def moved_to(self, z: Array) -> "Scene":
        """The same scene at another place."""
        return replace(self, z=np.asarray(z, dtype=np.float32), is_moved=True)

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
        return replace(self, z=z, blend=blend, is_moved=True)


def scene_to_json(scene: Scene) -> dict[str, Any]:
    """Return the scene as plain JSON values."""
    values = {name: getattr(scene, name) for name in Scene.__dataclass_fields__}
    return {
        name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in values.items()
    }


def scene_from_json(values: Mapping[str, Any], n_latent: int) -> Scene:
    """Read a scene for a latent space of `n_latent` numbers; raises UserError where anything is amiss."""
    try:
        places = {name: _place(values.get(name), n_latent) for name in ("z", "a", "b")}
        scene = Scene(
            z=_required(places["z"]),
            text=str(values["text"])[:MAX_LETTERS],
            seed=int(values["seed"]),
            spread=float(values["spread"]),
            is_moved=bool(values["is_moved"]),
            a=places["a"],
            b=places["b"],
            rule="linear" if values["rule"] == "linear" else "spherical",
            blend=min(1.0, max(0.0, float(values["blend"]))),
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise UserError(N_("This saved place does not fit the model.")) from error
    return scene


def _place(values: Any, n_latent: int) -> Array | None:
    if values is None:
        return None
    place = np.asarray(values, dtype=np.float32)
    if place.shape != (n_latent,) or not np.isfinite(place).all() or np.abs(place).max() > MAX_ABS_Z:
        raise ValueError(values)
    return place


def _required(place: Array | None) -> Array:
    if place is None:
        raise ValueError("no place")
    return place


def seed_params(scene: Scene) -> SampleParams:
    """Return the parameters of a scene; the place itself travels as the state."""
    return SampleParams(scene.seed, scene.text, scene.spread)
