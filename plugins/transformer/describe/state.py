"""What a frame of a description keeps, as plain arrays that a file can hold. No torch.

Its state is that of a translation (`translate.state`) without "source": what is written stands in "lanes" and the
arrays beside it, and "looks" say how much each patch of the picture, row by row, was looked at. Besides there are

- "picture" uint8 (64, 64, 3): what is described.
- "asked" int32 (Q,): the tokens of the question; none where the picture is described.
- "odd" float32 (2,): how unlike the known faces the picture is, and the most that this is for those.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError
from studio.core.picture import fit_square, read_picture
from studio.core.translation import N_
from studio.core.view import ByteArray, State

from ..translate.state import LanesInfo, TranslationTrace

SIDE_PX: Final = 64
MAX_ASKED: Final = 40
"""Tokens of a question; longer ones were never learnt from."""
_WHITE: Final = (255, 255, 255)


@dataclass(frozen=True, eq=False)
class DescribeStart:
    """What a text begins with: a picture (64, 64, 3), a question, forced tokens; the first step that is shown."""

    picture: ByteArray
    asked: tuple[int, ...] = ()
    forced: tuple[int, ...] = ()
    step: int = 0


@dataclass(frozen=True, eq=False)
class DescriberInfo(LanesInfo):
    """What a panel knows of the open model. Attributes: faces: (N, 64, 64, 3) uint8."""

    faces: ByteArray


def read_own(source: Path | ByteArray) -> tuple[ByteArray, str]:
    """A person's picture as the network sees it, (64, 64, 3) on white, and its name.

    Raises:
        UserError: the file is no picture.
    """
    rgb = read_picture(source).rgb if isinstance(source, Path) else source
    name = source.name if isinstance(source, Path) else ""
    return fit_square(np.ascontiguousarray(rgb), SIDE_PX, _WHITE), name


def started(picture: ByteArray, asked: Sequence[int] = (), forced: Sequence[int] = ()) -> State:
    """The state from which a search begins whose lanes begin with some tokens."""
    return {
        "picture": picture,
        "asked": np.array(asked, np.int32),
        "forced": np.array(forced, np.int32),
        "step": np.array([len(forced)], np.int32),
    }


def read_start(state: State, n_vocab: int, most: int) -> DescribeStart:
    """What a state says; raises UserError where it is of another model."""
    try:
        picture, *rows = (np.asarray(state[name]) for name in ("picture", "asked", "forced", "step"))
    except KeyError as error:
        raise unfit() from error
    asked, forced, step = rows
    check_picture(picture)
    if any(one.ndim != 1 or one.dtype.kind != "i" for one in rows) or len(step) != 1:
        raise unfit()
    tokens = np.concatenate([asked, forced])
    is_known = not len(tokens) or (tokens.min() >= 0 and tokens.max() < n_vocab)
    fits = len(asked) <= MAX_ASKED and len(asked) + len(forced) < most and len(forced) <= step[0] <= most
    if not (is_known and fits):
        raise unfit()
    return DescribeStart(picture, tuple(asked.tolist()), tuple(forced.tolist()), int(step[0]))


def check_picture(picture: npt.NDArray[np.generic]) -> None:
    """Raise UserError where it is no picture as the network sees them."""
    if picture.shape != (SIDE_PX, SIDE_PX, 3) or picture.dtype != np.uint8:
        raise unfit()


def unfit() -> UserError:
    """A state of another model."""
    return UserError(N_("This description cannot be continued: it was made by another model."))


class DescriptionTrace(TranslationTrace):
    """Reads the state of a frame."""

    def __init__(self, state: State) -> None:
        super().__init__({**state, "source": np.zeros(0, np.int32)})
        self.picture: ByteArray = state["picture"]
        self.asked: list[int] = state["asked"].tolist()
        self.oddness, self.most_odd = (float(one) for one in state["odd"])

    @property
    def newest(self) -> int:
        """The same, but the beginning of an answer that is there."""
        return 0 if self.asked and self.are_over[0] else super().newest

    def start(self, forced: Sequence[int]) -> State:
        """The same about the picture and its question."""
        return started(self.picture, self.asked, forced)

    @property
    def is_odd(self) -> bool:
        """Whether the picture is unlike the faces that the model knows."""
        return self.oddness > self.most_odd

    def probability(self, lane: int) -> float:
        """What a lane has of all that could be said so far, 0 to 1."""
        return float(np.exp(self.scores[lane]))

    def heat(self, places: Sequence[int]) -> npt.NDArray[np.float32]:
        """How much of the look went to each patch for some tokens, (n, n), 1 in sum; empty for none."""
        rows = [self.looks[place] for place in places if 0 <= place < len(self.looks)]
        if not rows:
            return np.zeros((0, 0), np.float32)
        mean = np.stack(rows).mean(0)
        side = round(mean.size**0.5)
        return (mean / max(float(mean.sum()), 1e-9)).reshape(side, side).astype(np.float32)
