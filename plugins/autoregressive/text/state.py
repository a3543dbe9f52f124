"""What a frame of a text keeps, as plain arrays that a file can hold, and what is read from them. No torch.

Frame number t is the moment when token t has been read. Its state holds rows for tokens 0 .. t, told as changes:

- "ids" int32 (T,): the tokens so far; "prompt" int32 (P,): those that a person gave, which may go on beyond them.
- "facts" float32 (T, 4): `FACTS` of each token; -1 where they are not known.
- "next_ids" int32 (T, 50): what may come after each token, likeliest first; "next_raw" float16 (T, 50): their
  probabilities as the network says them; "next_after" float16 (T, 50): as they may be drawn.
- "looked" float16 (T, K): the share of its attention that each token has for its own segment, and for those before.
- "settings" float64 (4,): `SETTINGS` by which dice were read in this run; not there where there are no dice.

Shape letters: T tokens, K segments seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError
from studio.core.text.token import TextToken
from studio.core.text.vocabulary import TextVocabulary
from studio.core.translation import N_
from studio.core.view import State

from ..shared.next_token import FACTS, UNKNOWN, NextTokens, TokenChoice, token_choice

SAME_BITS: Final = 0.01
OUTDATED: Final = -2.0
"""In place of a die that was read by other settings: among the shares of this run it would fall on another word."""
SETTINGS: Final = ("temperature", "top_p", "memory", "cut")
"""All on which it hangs where a die falls; memory and cut as the network heeds them."""
GROWING: Final = ("facts", "next_ids", "next_raw", "next_after", "looked")


@dataclass(frozen=True)
class XLTextModelInfo:
    """Attributes:
    vocabulary: its tokens.
    n_segment: tokens that are read together. n_memory: tokens before them that can be remembered.
    n_layers, n_heads: of the network.
    """

    vocabulary: TextVocabulary
    n_segment: int
    n_memory: int
    n_layers: int
    n_heads: int


@dataclass(frozen=True, eq=False)
class Reread:
    """Attributes:
    surprise: (T,) bits of each token, -1 for the first one.
    looked: (T, K) the share of its attention that each token has for each segment, its own one first, then back.
    next_ids, next_raw: (T, 50) what may come after each token, likeliest first, and how likely.
    """

    surprise: npt.NDArray[np.float32]
    looked: npt.NDArray[np.float32]
    next_ids: npt.NDArray[np.int32]
    next_raw: npt.NDArray[np.float32]


@dataclass(frozen=True)
class MemoryBits:
    """How many bits a token of a text costs on average with each length of memory, and what that was asked for."""

    key: Any
    lengths: tuple[int, ...]
    bits: tuple[float, ...]


def looked_at(attention: npt.NDArray[Any], first: int, n_segment: int, n_back: int) -> npt.NDArray[np.float32]:
    """Shares (K,) of the segments in attention (L, N, S) of tokens from `first` on: that of the last one first."""
    shares = attention.mean((0, 1), dtype=np.float32)
    segments = (first + np.arange(len(shares))) // n_segment
    return np.bincount(segments[-1] - segments, shares, n_back).astype(np.float32)


def differs(bits: float, found: float) -> bool:
    """Whether a token costs something else than its run knew: numbers that are told agree to a hundredth."""
    return abs(float(bits) - float(found)) >= SAME_BITS


@dataclass(frozen=True, eq=False)
class XLTextBeginning:
    """What a run begins with.

    Attributes:
        text: the tokens that are there already. n_first: how many of them the first frame has.
        n_prompt: how many a person gave.
        rolls: of the dice that drew them, -1 for those that were given, -2 where it is not known any more.
        settings: by which they were read, as `SETTINGS`.
    """

    text: tuple[int, ...]
    n_first: int
    n_prompt: int
    rolls: tuple[float, ...]
    settings: tuple[float, ...] = (0.0,) * len(SETTINGS)

    def rolls_by(self, settings: tuple[float, ...]) -> list[float]:
        """The dice as a run with these settings can show them."""
        is_same = settings == self.settings
        return [roll if is_same or roll < 0 else OUTDATED for roll in self.rolls]


def started(ids: Sequence[int]) -> State:
    """The state from which a text that a person gave goes on; its first frame shows the whole of it."""
    facts = np.full((len(ids), len(FACTS)), UNKNOWN, np.float32)
    return {"ids": np.array(ids, np.int32), "prompt": np.array(ids, np.int32), "facts": facts}


def with_token(state: State, place: int, token: int) -> State:
    """The state in which a token stands at a place, and what comes behind it is written anew."""
    before = started([*state["ids"][:place].tolist(), token])
    before["facts"][:place, 3] = state["facts"][:place, 3]
    return {**before, "prompt": state["prompt"][:place], "settings": settings_of(state)}


def settings_of(state: State) -> npt.NDArray[np.float64]:
    """By which its dice were read, (4,); zeros, which no run has, where it does not say."""
    return np.asarray(state.get("settings", np.zeros(len(SETTINGS))))


def read_state(state: State, n_vocab: int) -> XLTextBeginning:
    """What a state says; raises UserError where it is of another model."""
    try:
        ids, prompt, facts = (np.asarray(state[name]) for name in ("ids", "prompt", "facts"))
        settings = settings_of(state)
    except (KeyError, ValueError, TypeError) as error:
        raise _unfit() from error
    if ids.ndim != 1 or prompt.ndim != 1 or len(ids) == 0 or facts.shape != (len(ids), len(FACTS)):
        raise _unfit()
    if settings.shape != (len(SETTINGS),) or settings.dtype.kind != "f":
        raise _unfit()
    n_shared, both = min(len(ids), len(prompt)), np.concatenate([ids, prompt])
    if both.dtype.kind != "i" or both.min() < 0 or both.max() >= n_vocab or (ids[:n_shared] != prompt[:n_shared]).any():
        raise _unfit()
    more = prompt[len(ids) :].tolist()
    rolls = (*facts[:, 3].tolist(), *[UNKNOWN] * len(more))
    return XLTextBeginning((*ids.tolist(), *more), len(ids), len(prompt), rolls, tuple(settings.tolist()))


def _unfit() -> UserError:
    return UserError(N_("This text cannot be continued: it was made by another model."))


class XLTextTrace:
    """Reads the state of a frame: everything known of its text."""

    def __init__(self, state: State) -> None:
        self.ids: npt.NDArray[np.int32] = state["ids"]
        self.n_prompt = len(state["prompt"])
        self.next_ids: npt.NDArray[np.int32] = state["next_ids"]
        self.next_raw: npt.NDArray[np.float16] = state["next_raw"]
        self.next_after: npt.NDArray[np.float16] = state["next_after"]
        self.looked: npt.NDArray[np.float16] = state["looked"]
        self.surprise, self.rank, self.entropy, self.roll = state["facts"].T
        self.settings: npt.NDArray[np.float64] = settings_of(state)

    def __len__(self) -> int:
        return len(self.ids)

    def next_tokens(self, place: int) -> NextTokens:
        """What may come after the token at a place."""
        return NextTokens(self.next_ids[place], self.next_raw[place], self.next_after[place])


def tokens_of(trace: XLTextTrace, vocabulary: TextVocabulary) -> tuple[TextToken, ...]:
    """The whole text of a trace as chips."""
    pieces = vocabulary.texts(trace.ids.tolist())
    return tuple(_token(trace, place, piece, vocabulary) for place, piece in enumerate(pieces))


def _token(trace: XLTextTrace, place: int, piece: str, vocabulary: TextVocabulary) -> TextToken:
    is_known = place > 0 and trace.surprise[place] >= 0
    is_written = place >= trace.n_prompt
    likeliest = (vocabulary.name(int(trace.next_ids[place - 1, 0])), float(trace.next_raw[place - 1, 0]))
    return TextToken(
        piece,
        float(trace.surprise[place]) if is_known else None,
        int(trace.rank[place]) if is_known else None,
        likeliest if is_known else None,
        is_written,
        is_written and trace.roll[place] == UNKNOWN,
        vocabulary.mark(int(trace.ids[place])),
    )


def choice_at(
    trace: XLTextTrace, place: int, vocabulary: TextVocabulary, found: Reread | None = None
) -> TokenChoice | None:
    """What could stand at a place, 1 to T; T is behind the end. None at the first place, which nothing precedes.

    Where the text was `found` to cost something else there with another memory, that is what the network says; no die
    was rolled on it.
    """
    if place < 1 or place > len(trace):
        return None
    if place == len(trace):
        return token_choice(trace.next_tokens(place - 1), None, UNKNOWN, UNKNOWN, vocabulary)
    chosen, bits, roll = int(trace.ids[place]), float(trace.surprise[place]), float(trace.roll[place])
    if found is None or not differs(bits, found.surprise[place]):
        return token_choice(trace.next_tokens(place - 1), chosen, bits, roll, vocabulary)
    raw = found.next_raw[place - 1]
    other = NextTokens(found.next_ids[place - 1], raw, raw)
    return token_choice(other, chosen, float(found.surprise[place]), UNKNOWN, vocabulary)
