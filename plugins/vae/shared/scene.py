"""What the panel's person has set: a place in latent space and a word."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError
from studio.core.param import make_params
from studio.core.translation import N_

from .params import LetterParams, PictureParams, letters_to_draw

Array: TypeAlias = npt.NDArray[np.float32]
MAX_ABS_Z = 100.0
# Pictures and sessions of the first version had two stored places, which are keyframes now.
FORMER_KEYS = frozenset({"a", "b", "rule", "blend", "is_on_way"})


@dataclass(frozen=True, eq=False)
class VaeScene:
    """One state of the panel; never changed, only replaced.

    Attributes:
        z: the place, float32 (D,).
        text: the letters on the canvas; empty for models without letters.
        seed: the number that the place came from.
        spread: how far from the average that seed's place may lie.
        is_moved: whether the place was moved since.
    """

    z: Array
    text: str
    seed: int
    spread: float = 1.0
    is_moved: bool = False

    def moved_to(self, z: Array) -> "VaeScene":
        """The same scene at another place."""
        return replace(self, z=np.clip(z, -MAX_ABS_Z, MAX_ABS_Z).astype(np.float32), is_moved=True)


def is_same_place(a: VaeScene, b: VaeScene) -> bool:
    """Whether two scenes show the same."""
    return a.text == b.text and bool((a.z == b.z).all())


def scene_to_json(scene: VaeScene) -> dict[str, Any]:
    """Return the scene as plain JSON values."""
    values = {name: getattr(scene, name) for name in VaeScene.__dataclass_fields__}
    return {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in values.items()}


def scene_from_json(values: Mapping[str, Any], n_latent: int, draws_letters: bool) -> VaeScene:
    """Read a scene for a latent space of `n_latent` numbers; raises UserError where anything is amiss."""
    try:
        if set(values) - FORMER_KEYS != set(VaeScene.__dataclass_fields__):
            raise ValueError(sorted(values))
        params = make_params(LetterParams, {name: values[name] for name in ("seed", "text", "spread")})
        return VaeScene(
            z=_place(values["z"], n_latent),
            text=letters_to_draw(params.text, draws_letters),
            seed=params.seed,
            spread=params.spread,
            is_moved=bool(values["is_moved"]),
        )
    except (TypeError, ValueError, OverflowError) as error:
        raise UserError(N_("This saved place does not fit the model.")) from error


def _place(values: Any, n_latent: int) -> Array:
    place = np.asarray(values, dtype=np.float64)
    if place.shape != (n_latent,) or not (np.abs(place) <= MAX_ABS_Z).all():
        raise ValueError(values)
    return place.astype(np.float32)


def seed_params(scene: VaeScene) -> PictureParams:
    """Return the parameters of a scene; the place itself travels as the state."""
    if scene.text:
        return LetterParams(scene.seed, scene.spread, scene.text)
    return PictureParams(scene.seed, scene.spread)
