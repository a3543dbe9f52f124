"""Where a dreamt game stands: the last pictures and keys, and the true game beside them; as arrays and as JSON.

Shape letters: K pictures that are looked at, H W pixels, D numbers of a true state.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.scene_codec import UNFIT_STATE, Stored, packed
from studio.core.seed import generator
from studio.core.translation import N_
from studio.core.view import Image, State

from .games.drawing import SIDE_PX, Floats, Pictures
from .games.game import Game

N_SEEN: Final = 3
"""K: a ball's way is seen in two pictures, and in three also where it has just bounced."""
PICTURE: Final = "dream"
SEEN, KEYS, INDEX, TRUE = "seen", "keys", "index", "true"
MAX_INDEX: Final = 10**6
MOST_PX: Final = 10**4
_SHAPE: Final = (N_SEEN, SIDE_PX, SIDE_PX, 3)


@dataclass(frozen=True, eq=False)
class GameMoment:
    """Where a dreamt game stands.

    Attributes:
        seen: (K, H, W, 3) the last pictures, the newest last.
        keys: (K,) those that led to each of them.
        index: the number of the newest one.
        true: (1, D) where the true game stands after the same keys.
    """

    seen: Pictures
    keys: npt.NDArray[np.int64]
    index: int
    true: Floats

    def after(self, game: Game, key: int, picture: Pictures) -> "GameMoment":
        """The moment that a key and the picture (H, W, 3) dreamt then lead to."""
        pressed = np.array([key], np.int64)
        seen, keys = np.concatenate([self.seen[1:], picture[None]]), np.concatenate([self.keys[1:], pressed])
        return GameMoment(seen, keys, self.index + 1, game.step(self.true, pressed))


@dataclass(frozen=True)
class KeyOrder:
    """What the next picture of a played run follows: a key, and in how many steps it is dreamt."""

    key: int
    steps: int


def first_moment(game: Game, seed: int) -> GameMoment:
    """How a game begins: with three true pictures."""
    run = game.run(game.first(generator(seed, "first")), np.zeros((N_SEEN - 1, 1), np.int64))  # (K, 1, D)
    return GameMoment(game.draw(run[:, 0]), np.zeros(N_SEEN, np.int64), 0, run[-1])


def frame_of(moment: GameMoment, n_frames: int, figures: Mapping[str, float]) -> Frame:
    """The frame that shows a moment of a run."""
    picture = Image(np.ascontiguousarray(moment.seen[-1]))
    label = N_("Picture {n:,}").format(n=moment.index)
    return Frame(moment.index, n_frames, label, {PICTURE: picture}, figures, state_of(moment))


def figures_of(game: Game, before: GameMoment, now: GameMoment) -> dict[str, float]:
    """The score that is read, and how far, in pixels, things are from where the rules have them; without what is not.

    "wrong score" is 1 where the digits are not those of the rules.
    """
    seen = game.read(np.concatenate([before.seen, now.seen[-1:]]))
    wanted = game.expected(seen[None, :-1], now.keys[None])[0]
    off = np.abs(wanted - seen[-1])
    found = {"score": float(seen[-1, -1]), "off": float(off[:-1].max()), "wrong score": float(off[-1] != 0)}
    return {name: value for name, value in found.items() if np.isfinite(value)}


def state_of(moment: GameMoment) -> State:
    """The arrays from which a game goes on."""
    return {SEEN: moment.seen, KEYS: moment.keys, INDEX: np.array([moment.index], np.int64), TRUE: moment.true}


def is_moment(state: Mapping[str, Any] | None) -> bool:
    """Whether a frame's state is a moment of a game."""
    return state is not None and SEEN in state and TRUE in state


def moment_of(game: Game, state: Mapping[str, Any]) -> GameMoment:
    """Read what `state_of` gave; raises UserError where it is unsound."""
    try:
        seen, keys, true = (np.asarray(state[name]) for name in (SEEN, KEYS, TRUE))
        index = int(np.asarray(state[INDEX])[0])
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise UserError(UNFIT_STATE) from error
    sound = seen.shape == _SHAPE and seen.dtype == np.uint8 and keys.shape == (N_SEEN,) and keys.dtype.kind == "i"
    sound = sound and bool(((keys >= 0) & (keys < len(game.keys))).all()) and 0 <= index <= MAX_INDEX
    sound = sound and true.shape == game.first(generator(0, "shape")).shape and true.dtype == np.float32
    if not sound or not (np.isfinite(true).all() and np.abs(true).max() < MOST_PX):
        raise UserError(UNFIT_STATE)
    return GameMoment(seen, keys.astype(np.int64), index, true)


_PIXELS: Final = packed(int(np.prod(_SHAPE)))


def _to_json(state: Mapping[str, Any]) -> dict[str, Any]:
    lists = {name: np.asarray(state[name]).tolist() for name in (KEYS, INDEX, TRUE)}
    return {SEEN: _PIXELS.write(np.asarray(state[SEEN])), **lists}


def _from_json(values: Mapping[str, Any]) -> State:
    if set(values) != {SEEN, KEYS, INDEX, TRUE}:
        raise ValueError(sorted(values))
    return {
        SEEN: _PIXELS.read(values[SEEN]).reshape(_SHAPE).copy(),
        KEYS: np.array(values[KEYS], np.int64),
        INDEX: np.array(values[INDEX], np.int64),
        TRUE: np.array(values[TRUE], np.float32),
    }


STORED_MOMENT: Final = Stored(_to_json, _from_json)
"""The state of a frame as plain JSON values."""
