"""What a frame of a picture keeps, as plain arrays that a file can hold. No torch.

The state of a picture of which n tokens are written holds

- "by_line" uint8 (1,): whether they follow each other line by line rather than from coarse to fine.
- "tokens" int32 (n,): in the order in which they are written; whole blocks of them.
- "forced" int32 (1,): the one that a person has chosen last, -1 for none.
- "bits" float16 (n,): how surprising each was. "next_ids" int32 (n, N), "next_shares" float16 (n, N): what it might
  have been, the likeliest first.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError
from studio.core.translation import N_
from studio.core.view import ByteArray, State

from .orders import Order

NONE: Final = -1
UNKNOWN: Final = (128, 128, 132)
"""The colour of cells that are not drawn yet."""


@dataclass(frozen=True)
class PictureStart:
    """What a picture begins with: whole blocks of tokens, and the one that was chosen."""

    tokens: tuple[int, ...] = ()
    forced: int = NONE


@dataclass(frozen=True, eq=False)
class DrawerInfo:
    """What a panel knows of the open model: its orders, and the words that it has read."""

    by_scale: Order
    by_line: Order
    words: frozenset[str]

    def order(self, is_by_line: bool) -> Order:
        """One of the two."""
        return self.by_line if is_by_line else self.by_scale


@dataclass(frozen=True, eq=False)
class TokenChoices:
    """What a token might have been.

    Attributes:
        token: which. ids, shares: (N,) candidates, the likeliest first. chosen: the one that it is.
        pictures: (N, H, W, 3), how the picture would look then.
    """

    token: int
    ids: npt.NDArray[np.int32]
    shares: npt.NDArray[np.float32]
    chosen: int
    pictures: ByteArray


def started(is_by_line: bool, tokens: Any, forced: int) -> State:
    """The state from which a picture goes on behind some tokens."""
    return {
        "by_line": np.array([is_by_line], np.uint8),
        "tokens": np.array(tokens, np.int32),
        "forced": np.array([forced], np.int32),
    }


def read_start(state: State, order: Order, n_codes: int) -> PictureStart:
    """What a state says to a run in an order: nothing where it was drawn in the other one.

    Raises:
        UserError: it is of another model.
    """
    try:
        by_line, tokens, forced = (np.asarray(state[name]) for name in ("by_line", "tokens", "forced"))
    except KeyError as error:
        raise _unfit() from error
    is_sound = tokens.ndim == 1 and tokens.dtype.kind in "iu" and by_line.shape == forced.shape == (1,)
    if not is_sound or (len(tokens) and not (tokens.min() >= 0 and tokens.max() < n_codes)):
        raise _unfit()
    if bool(by_line[0]) != order.is_by_line:
        return PictureStart()
    if len(tokens) not in (0, *order.ends) or not NONE <= forced[0] < max(len(tokens), 1):
        raise _unfit()
    return PictureStart(tuple(tokens.tolist()), int(forced[0]))


def _unfit() -> UserError:
    return UserError(N_("This picture cannot be continued: it was made by another model."))


class PictureTrace:
    """Reads the state of a frame."""

    def __init__(self, state: State) -> None:
        self.is_by_line = bool(state["by_line"][0])
        self.tokens: list[int] = state["tokens"].tolist()
        self.forced = int(state["forced"][0])
        self.bits: npt.NDArray[np.float16] = state["bits"]
        self.state = state

    def with_token(self, order: Order, token: int, code: int) -> State:
        """The state in which a token is another one: its block stays, what stands behind goes."""
        tokens = self.tokens[: order.ends[order.block_of(token)]]
        tokens[token] = code
        return started(self.is_by_line, tokens, token)
