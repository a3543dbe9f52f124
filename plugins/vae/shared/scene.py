"""What the panel's person has set: a place in latent space and a word."""

from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.core.scene_codec import UNFIT_PLACE, SceneCodec, array, flag, setting, stored

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

    z: Array = stored(array(np.float32, -MAX_ABS_Z, MAX_ABS_Z, 1))
    text: str = stored(setting(LetterParams, "text"))
    seed: int = stored(setting(LetterParams, "seed"))
    spread: float = stored(setting(LetterParams, "spread"), default=1.0)
    is_moved: bool = stored(flag(), default=False)

    def moved_to(self, z: Array) -> "VaeScene":
        """The same scene at another place."""
        return replace(self, z=np.clip(z, -MAX_ABS_Z, MAX_ABS_Z).astype(np.float32), is_moved=True)


def is_same_place(a: VaeScene, b: VaeScene) -> bool:
    """Whether two scenes show the same."""
    return a.text == b.text and bool((a.z == b.z).all())


CODEC: Final = SceneCodec(VaeScene, UNFIT_PLACE, outdated=FORMER_KEYS)


def check_scene(scene: VaeScene, n_latent: int, draws_letters: bool) -> None:
    """Raise UserError where a saved scene is none of a model with a latent space of `n_latent` numbers."""
    if scene.z.shape != (n_latent,) or letters_to_draw(scene.text, draws_letters) != scene.text:
        raise CODEC.unfit()


def seed_params(scene: VaeScene) -> PictureParams:
    """Return the parameters of a scene; the place itself travels as the state."""
    if scene.text:
        return LetterParams(scene.seed, scene.spread, scene.text)
    return PictureParams(scene.seed, scene.spread)
