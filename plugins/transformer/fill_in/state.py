"""What a frame of a text with gaps keeps, as plain arrays that a file can hold. No torch.

Frame number t is the moment after t steps. Its state holds, for each token of the text,

- "written" int32 (T,): as it was written, -1 where nobody knows.
- "now" int32 (T,): as it stands, -1 where a gap is still open.
- "turn" int32 (T,): -1 where it was given, 0 in an open gap or where a person put it, else the step that filled it.
- "bits" float32 (T,): how much the filled one surprised the model then; -1 where that is not known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError
from studio.core.text import gaps
from studio.core.text.token import TextToken
from studio.core.text.vocabulary import TextVocabulary
from studio.core.translation import N_
from studio.core.view import State

from .passage import GappedText, is_sound

OPEN: Final = -1
GIVEN: Final = -1
UNKNOWN: Final = -1.0
GAP: Final = " ___"
KEYS: Final = ("written", "now", "turn", "bits")


@dataclass(frozen=True, eq=False)
class Filling:
    """A text in the midst of being filled; arrays (T,) as in a state, never changed."""

    written: npt.NDArray[np.int32]
    now: npt.NDArray[np.int32]
    turn: npt.NDArray[np.int32]
    bits: npt.NDArray[np.float32]

    @property
    def n_steps(self) -> int:
        """How many steps were done."""
        return max(int(self.turn.max(initial=0)), 0)

    @property
    def open_places(self) -> list[int]:
        """The gaps that are still open."""
        return [int(place) for place in np.flatnonzero(self.now == OPEN)]

    def with_tokens(self, tokens: Mapping[int, int], bits: Mapping[int, float]) -> "Filling":
        """The text after one more step, which fills these places."""
        now, turn, known = self.now.copy(), self.turn.copy(), self.bits.copy()
        step = self.n_steps + 1
        for place, token in tokens.items():
            now[place], turn[place], known[place] = token, step, bits[place]
        return Filling(self.written, now, turn, known)

    def state(self) -> State:
        """As a frame keeps it."""
        return {"written": self.written, "now": self.now, "turn": self.turn, "bits": self.bits}

    def text(self) -> GappedText:
        """The text that was begun with."""
        gaps = tuple(int(place) for place in np.flatnonzero(self.turn != GIVEN))
        put = {place: int(self.now[place]) for place in gaps if self.turn[place] == 0 and self.now[place] != OPEN}
        return GappedText(tuple(self.written.tolist()), gaps, put)


def started(text: GappedText) -> Filling:
    """The text before the first step."""
    written = np.array(text.ids, np.int32)
    now, turn = written.copy(), np.full(len(text), GIVEN, np.int32)
    for place in text.gaps:
        now[place], turn[place] = text.put.get(place, OPEN), 0
    return Filling(written, now, turn, np.full(len(text), UNKNOWN, np.float32))


def read_state(state: State, n_vocab: int, n_most: int) -> Filling:
    """What a state says; raises UserError where it is of another model."""
    try:
        written, now, turn, bits = (np.asarray(state[name]) for name in KEYS)
    except (KeyError, ValueError, TypeError) as error:
        raise _unfit() from error
    are_whole = all(one.ndim == 1 and one.dtype.kind == "i" for one in (written, now, turn))
    if not are_whole or bits.dtype.kind != "f" or not 0 < len(written) <= n_most:
        raise _unfit()
    if not written.shape == now.shape == turn.shape == bits.shape or now.max() >= n_vocab or now.min() < OPEN:
        raise _unfit()
    if turn.min() < GIVEN or turn.max() > len(turn) or bool(((now == OPEN) & (turn != 0)).any()):
        raise _unfit()
    filling = Filling(written.astype(np.int32), now.astype(np.int32), turn.astype(np.int32), bits.astype(np.float32))
    if not is_sound(filling.text(), n_vocab):
        raise _unfit()
    return filling


def _unfit() -> UserError:
    return UserError(N_("This text cannot be continued: it was made by another model."))


def spelled(ids: Sequence[int], vocabulary: TextVocabulary) -> tuple[str, ...]:
    """What each token adds to the text, a gap for each -1."""
    return gaps.spelled(ids, vocabulary, lambda _place: GAP)


def tokens_of(filling: Filling, fit: Mapping[int, float], vocabulary: TextVocabulary) -> tuple[TextToken, ...]:
    """The text as chips; `fit` says for given tokens how many bits they cost among all others."""
    pieces = spelled(filling.now.tolist(), vocabulary)
    return tuple(_token(filling, place, piece, fit) for place, piece in enumerate(pieces))


def _token(filling: Filling, place: int, piece: str, fit: Mapping[int, float]) -> TextToken:
    if filling.now[place] == OPEN:
        return TextToken(piece)
    turn, bits = int(filling.turn[place]), float(filling.bits[place])
    known: Any = fit.get(place) if turn <= 0 else max(bits, 0.0)
    return TextToken(piece, known, is_written=turn != GIVEN, is_forced=turn == 0)


@dataclass(frozen=True)
class GapWords:
    """What could stand in a gap.

    Attributes:
        places: of the gap. tokens: of each candidate, one for each place, likeliest first.
        words: their texts. shares: how likely each is, all tokens of it together.
    """

    places: tuple[int, ...]
    tokens: tuple[tuple[int, ...], ...]
    words: tuple[str, ...]
    shares: tuple[float, ...]
