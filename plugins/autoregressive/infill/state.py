"""What a frame of a text that is filled in keeps, as plain arrays that a file can hold. No torch.

Frame number t is the moment when t blanks are filled. Its state holds

- "true" int32 (T,): the text as it was written, -1 where nobody knows; "order" int32 (K,): the places of the blanks.
- "told" int32 (K,): what was filled in at each turn, -1 where nothing is yet.
- "facts" float32 (K, 4): `shared.next_token.FACTS` of each turn; -1 where they are not known.
- "next_ids" int32 (K, 50): what may come at each turn as far as the next one, likeliest first; "next_raw" float16
  (K, 50): as the network says it; "next_after" float16 (K, 50): as it may be drawn.

Shape letters: T tokens, K blanks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError
from studio.core.text import gaps
from studio.core.text.gaps import UNKNOWN_ID
from studio.core.text.token import TextToken
from studio.core.text.vocabulary import TextVocabulary
from studio.core.translation import N_
from studio.core.view import State

from ..shared.next_token import FACTS, UNKNOWN, NextTokens, TokenChoice, token_choice
from .passage import Passage

NOT_FILLED = -1
WAYS: Final[Mapping[str, str]] = {
    "right": N_("left to right"),
    "left": N_("right to left"),
    "present": N_("this order"),
    "mean": N_("any order (mean)"),
}
"""From the left, from the right, as it is, and the mean probability over orders."""
MAX_ALL: Final = 6
"""Blanks up to which every order is tried: 720 of them."""
N_RANDOM: Final = 24


@dataclass(frozen=True)
class Filling:
    """What a run begins with: a text, what is filled in already, and the dice that drew it, -1 for what was forced."""

    passage: Passage
    told: tuple[int, ...]
    rolls: tuple[float, ...]


def started(passage: Passage, told: tuple[int, ...] = (), rolls: tuple[float, ...] = ()) -> State:
    """The state from which the filling of a text goes on."""
    n_blanks, n_told = len(passage.order), len(told)
    facts = np.full((n_blanks, len(FACTS)), UNKNOWN, np.float32)
    facts[:n_told, 3] = rolls
    filled = np.full(n_blanks, NOT_FILLED, np.int32)
    filled[:n_told] = told
    return {
        "true": np.array(passage.ids, np.int32),
        "order": np.array(passage.order, np.int32),
        "told": filled,
        "facts": facts,
    }


def with_token(state: State, turn: int, token: int) -> State:
    """The state in which a token is filled in at a turn, and what comes after it is told anew."""
    told = (*state["told"][:turn].tolist(), token)
    return started(passage_of(state), told, (*state["facts"][:turn, 3].tolist(), UNKNOWN))


def passage_of(state: State) -> Passage:
    """The text of a state."""
    return Passage(tuple(state["true"].tolist()), tuple(state["order"].tolist()))


def read_state(state: State, n_vocab: int, n_context: int) -> Filling:
    """What a state says; raises UserError where it is of another model."""
    try:
        true, order, told, facts = (np.asarray(state[name]) for name in ("true", "order", "told", "facts"))
    except (KeyError, ValueError, TypeError) as error:
        raise _unfit() from error
    if any(one.ndim != 1 or one.dtype.kind != "i" for one in (true, order, told)) or not 0 < len(true) <= n_context:
        raise _unfit()
    if len(told) != len(order) or facts.shape != (len(order), len(FACTS)) or facts.dtype.kind != "f":
        raise _unfit()
    n_told = int((told != NOT_FILLED).sum())
    filling = Filling(passage_of(state), tuple(told[:n_told].tolist()), tuple(facts[:n_told, 3].tolist()))
    if not is_sound(filling, n_vocab):
        raise _unfit()
    return filling


def is_sound(filling: Filling, n_vocab: int) -> bool:
    """Whether all tokens and places are there; a blank of unknown content must be filled."""
    ids, order = filling.passage.ids, filling.passage.order
    is_order = len(set(order)) == len(order) and all(0 <= place < len(ids) for place in order)
    if not is_order or len(filling.told) > len(order) or not all(0 <= token < n_vocab for token in filling.told):
        return False
    blanks = set(order)
    return all(0 <= token < n_vocab or (token == UNKNOWN_ID and at in blanks) for at, token in enumerate(ids))


def _unfit() -> UserError:
    return UserError(N_("This text cannot be continued: it was made by another model."))


class InfillTrace:
    """Reads the state of a frame: everything known of a text that is filled in."""

    def __init__(self, state: State) -> None:
        self.passage = passage_of(state)
        self.told: npt.NDArray[np.int32] = state["told"]
        self.n_told = int((self.told != NOT_FILLED).sum())
        self.next_ids: npt.NDArray[np.int32] = state["next_ids"]
        self.next_raw: npt.NDArray[np.float16] = state["next_raw"]
        self.next_after: npt.NDArray[np.float16] = state["next_after"]
        self.surprise, self.rank, self.entropy, self.roll = state["facts"].T

    def filled(self, n_told: int | None = None) -> list[int]:
        """The tokens (T,) after so many turns, all of them for None; -1 in a blank that is still open."""
        ids = list(self.passage.ids)
        known = self.told[: self.n_told if n_told is None else n_told].tolist()
        for turn, place in enumerate(self.passage.order):
            ids[place] = known[turn] if turn < len(known) else NOT_FILLED
        return ids

    def next_tokens(self, turn: int) -> NextTokens:
        """What may come at a turn."""
        return NextTokens(self.next_ids[turn], self.next_raw[turn], self.next_after[turn])

    def is_forced(self, turn: int) -> bool:
        """Whether a person chose what is filled in at a turn."""
        return turn < self.n_told and self.roll[turn] < 0


def blank(turn: int) -> str:
    """A blank as it stands in the text."""
    return f" ▁{turn + 1}▁"


def spelled(ids: list[int], passage: Passage, vocabulary: TextVocabulary) -> tuple[str, ...]:
    """What each token adds to the text, a numbered blank for each -1."""
    return gaps.spelled(ids, vocabulary, lambda place: blank(passage.order.index(place)))


def tokens_of(trace: InfillTrace, vocabulary: TextVocabulary, n_told: int) -> tuple[TextToken, ...]:
    """The text after so many turns as chips."""
    ids = trace.filled(n_told)
    turns = {place: turn for turn, place in enumerate(trace.passage.order[:n_told])}
    return tuple(
        _token(trace, turns[place], piece, vocabulary) if place in turns else TextToken(piece, is_written=False)
        for place, piece in enumerate(spelled(ids, trace.passage, vocabulary))
    )


def _token(trace: InfillTrace, turn: int, piece: str, vocabulary: TextVocabulary) -> TextToken:
    likeliest: Any = (vocabulary.name(int(trace.next_ids[turn, 0])), float(trace.next_raw[turn, 0]))
    token = int(trace.told[turn])
    return TextToken(
        piece,
        float(max(trace.surprise[turn], 0.0)),
        int(trace.rank[turn]),
        likeliest,
        True,
        trace.is_forced(turn),
        vocabulary.mark(token),
    )


def choice_at(trace: InfillTrace, turn: int, n_told: int, vocabulary: TextVocabulary) -> TokenChoice:
    """What could be filled in at a turn that is told, or is the next one, where so many are told."""
    found = trace.next_tokens(turn)
    if turn >= n_told:
        return token_choice(found, None, UNKNOWN, UNKNOWN, vocabulary)
    roll, bits = float(trace.roll[turn]), float(trace.surprise[turn])
    return token_choice(found, int(trace.told[turn]), bits, roll, vocabulary)


def share_of(trace: InfillTrace, turn: int, token: int) -> float | None:
    """How likely a token was at a turn; None where it was not among the captured ones."""
    found = trace.next_tokens(turn)
    shares = (float(raw) for one, raw in zip(found.ids, found.raw, strict=True) if one == token)
    return next((raw for raw in shares if raw > 0), None)


@dataclass(frozen=True)
class OrderBits:
    """Bits that some words cost together, by `WAYS`; the mean is over `n_orders` orders, all there are or some."""

    bits: Mapping[str, float]
    n_orders: int
    is_all: bool


@dataclass(frozen=True)
class Compared:
    """What was compared, and the bits of the words that stood there, where they are known, and of those filled in."""

    key: Any
    true: OrderBits | None
    filled: OrderBits | None


def same_blanks(ids: Sequence[int], order: Sequence[int], told: Sequence[int]) -> bool:
    """Whether what was told is what stood there."""
    return [ids[place] for place in order] == list(told)
