"""What the panel's person has set: a place in latent space and a word."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.core.masked_picture import StartPicture, has_one_size
from studio.core.scene_codec import UNFIT_PLACE, SceneCodec, Stored, array, flag, part, row, setting, stored

from .arithmetic import MAX_TERMS, Term, is_term, total
from .compress.packing import Packing
from .params import BalancedParams, LetterParams, PictureParams, letters_to_draw

Array: TypeAlias = npt.NDArray[np.float32]
MAX_ABS_Z = 100.0
# Pictures and sessions of the first version had two stored places, which are keyframes now.
FORMER_KEYS = frozenset({"a", "b", "rule", "blend", "is_on_way"})


def _if_any(how: Stored) -> Stored:
    """The same, or None, which is kept as an empty list."""
    return Stored(
        lambda value: [] if value is None else how.write(value),
        lambda value: None if value == [] else how.read(value),
    )


_REPAIR: Final = _if_any(part(StartPicture, lambda source: source.mask is not None and has_one_size(source)))
_PACKING: Final = _if_any(part(Packing))
_BALANCE: Final = _if_any(setting(BalancedParams, "balance"))


@dataclass(frozen=True, eq=False)
class VaeScene:
    """One state of the panel; never changed, only replaced.

    Attributes:
        z: the place, float32 (D,).
        text: the letters on the canvas; empty for models without letters.
        seed: the number that the place came from.
        spread: how far from the average that seed's place may lie.
        is_moved: whether the place was moved since.
        repair: a person's picture with what is missing of it, which is drawn at the place; None for none.
        terms: the sum that leads to the place; where it starts follows from both.
        packing: the picture that is packed to be this place; None where the place is no packed one.
        balance: which of three networks the place is one of; None for models with one.
    """

    z: Array = stored(array(np.float32, -MAX_ABS_Z, MAX_ABS_Z, 1))
    text: str = stored(setting(LetterParams, "text"))
    seed: int = stored(setting(LetterParams, "seed"))
    spread: float = stored(setting(LetterParams, "spread"), default=1.0)
    is_moved: bool = stored(flag(), default=False)
    repair: StartPicture | None = stored(_REPAIR, is_later=True, default=None)
    terms: tuple[Term, ...] = stored(row(part(Term, is_term), 0, MAX_TERMS), is_later=True, default=())
    packing: Packing | None = stored(_PACKING, is_later=True, default=None)
    balance: int | None = stored(_BALANCE, is_later=True, default=None)

    @property
    def is_own(self) -> bool:
        """Whether its settings alone do not bring it back."""
        return self.is_moved or self.repair is not None or bool(self.terms)

    @property
    def start(self) -> Array:
        """Where the sum starts, (D,)."""
        return np.asarray(self.z - total(self.terms, len(self.z)), np.float32)

    def with_sum(self, start: Array, terms: tuple[Term, ...]) -> "VaeScene":
        """The same scene where a sum leads."""
        return replace(self.moved_to(start + total(terms, len(start))), terms=terms, repair=None)

    @property
    def position(self) -> dict[str, Any]:
        """The state of the frame that shows it."""
        repair = self.repair
        held = {} if repair is None else {"picture": repair.picture, "mask": repair.mask}
        if self.balance is not None:
            held["balance"] = np.array(self.balance)
        return {"z": self.z, **held}

    def at_frame(self, state: Mapping[str, Any]) -> "VaeScene":
        """The same scene where a frame of a run is, with the picture that is repaired there."""
        repair = StartPicture(state["picture"], state["mask"]) if "picture" in state else None
        kept = self.repair if is_same_repair(self.repair, repair) else repair
        balance = int(state["balance"]) if "balance" in state else self.balance
        return replace(self.moved_to(state["z"]), repair=kept, balance=balance)

    def moved_to(self, z: Array) -> "VaeScene":
        """The same scene at another place."""
        return replace(self, z=np.clip(z, -MAX_ABS_Z, MAX_ABS_Z).astype(np.float32), is_moved=True, packing=None)

    def packed(self, packing: Packing) -> "VaeScene":
        """The same scene where a packed picture is drawn."""
        return replace(self.moved_to(packing.rounded), packing=packing, terms=(), repair=None)


def is_same_place(a: VaeScene, b: VaeScene) -> bool:
    """Whether two scenes show the same."""
    return (
        (a.text, a.balance) == (b.text, b.balance) and bool((a.z == b.z).all()) and is_same_repair(a.repair, b.repair)
    )


def is_same_repair(a: StartPicture | None, b: StartPicture | None) -> bool:
    """Whether two pictures and what is missing of them are the same."""
    if a is None or b is None:
        return a is b
    pairs = (a.picture, b.picture), (a.mask, b.mask)
    return a is b or all(np.array_equal(one, other) for one, other in pairs if one is not None and other is not None)


CODEC: Final = SceneCodec(VaeScene, UNFIT_PLACE, outdated=FORMER_KEYS)


def check_scene(scene: VaeScene, n_latent: int, draws_letters: bool) -> None:
    """Raise UserError where a saved scene is none of a model with a latent space of `n_latent` numbers."""
    packing = scene.packing
    if packing is not None and packing.place.shape != (n_latent,):
        raise CODEC.unfit()
    fits = all(term.ends.shape[1] == n_latent and term.direction < n_latent for term in scene.terms)
    if not fits or scene.z.shape != (n_latent,) or letters_to_draw(scene.text, draws_letters) != scene.text:
        raise CODEC.unfit()


def seed_params(scene: VaeScene) -> PictureParams:
    """Return the parameters of a scene; the place itself travels as the state."""
    if scene.text:
        return LetterParams(scene.seed, scene.spread, scene.text)
    if scene.balance is not None:
        return BalancedParams(scene.seed, scene.spread, scene.balance)
    return PictureParams(scene.seed, scene.spread)
