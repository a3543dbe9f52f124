"""What every game here is made of, so that network, judge and panel need not know which one they have.

Shape letters: N games, D numbers of a state, S of what is seen of it, H W pixels.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError
from studio.core.translation import N_

from . import paddle
from .brush import Brush
from .drawing import Floats, Pictures


@dataclass(frozen=True)
class Game:
    """A game with exact rules.

    Attributes:
        name: as cards and files name it.
        keys: what may be pressed at a step; the first one stands for nothing.
        first: how a game begins, (1, D).
        step: states (N, D) and keys (N,), as numbers of `keys`, to the states one step later.
        futures: the same where it is a close thing, all that may be taken for it (F, N, D).
        draw: states (N, D) to pictures (N, H, W, 3).
        random_states: that many states that a game may come to; what a network learns from.
        player_key: what a player presses who sees (S,), a little clumsily.
        key_towards: what to press, seeing (S,), to get to a place across, in pixels.
        read: what is seen in pictures (N, H, W, 3), (N, S): places in pixels and, last, the score; NaN for what is not.
        brushes: what a person paints with.
        expected: what the rules say is seen next (N, S), after three pictures (N, 3, S) and keys (N, 3).
    """

    name: str
    keys: tuple[str, ...]
    first: Callable[[np.random.Generator], Floats]
    step: Callable[[Floats, npt.NDArray[np.int64]], Floats]
    futures: Callable[[Floats, npt.NDArray[np.int64]], Floats]
    draw: Callable[[Floats], Pictures]
    random_states: Callable[[int, np.random.Generator], Floats]
    player_key: Callable[[Floats, np.random.Generator], int]
    key_towards: Callable[[Floats, float], int]
    read: Callable[[Pictures], Floats]
    expected: Callable[[Floats, npt.NDArray[np.int64]], Floats]
    brushes: Mapping[str, Brush]

    def run(self, states: Floats, keys: npt.NDArray[np.int64]) -> Floats:
        """The states (T + 1, N, D) that come of `states` (N, D) by keys (T, N)."""
        found = [states]
        for pressed in keys:
            found.append(self.step(found[-1], pressed))
        return np.stack(found)


PADDLE: Final = Game(
    "paddle",
    paddle.KEYS,
    paddle.first_state,
    paddle.step,
    paddle.futures,
    paddle.draw,
    paddle.random_states,
    paddle.player_key,
    paddle.key_towards,
    paddle.read,
    paddle.expected,
    paddle.BRUSHES,
)
GAMES: Final = {game.name: game for game in (PADDLE,)}


def game_of(card: Mapping[str, Any]) -> Game:
    """The game that a card names; raises UserError where there is none of that name."""
    game = GAMES.get(str(card.get("game", PADDLE.name)))
    if game is None:
        raise UserError(N_("This model is of a game that this version does not know."))
    return game
