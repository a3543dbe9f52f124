"""What a frame of a text keeps, as plain arrays that a frame, a panel and a file can hold. No torch.

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
from typing import Final

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError
from studio.core.text import N_
from studio.core.text_token import TextToken
from studio.core.text_vocabulary import TextVocabulary
from studio.core.view import State

from .next_tokens import FACTS, UNKNOWN, NextTokens

OUTDATED: Final = -2.0
"""In place of a die that was read by other settings: among the shares of this run it would fall on another word."""
SETTINGS: Final = ("temperature", "top_p", "memory", "cut")
"""All on which it hangs where a die falls; memory and cut as the network heeds them."""
GROWING: Final = ("facts", "next_ids", "next_raw", "next_after", "looked")


@dataclass(frozen=True, eq=False)
class Beginning:
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


def read_state(state: State, n_vocab: int) -> Beginning:
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
    return Beginning((*ids.tolist(), *more), len(ids), len(prompt), rolls, tuple(settings.tolist()))


def _unfit() -> UserError:
    return UserError(N_("Nothing can go on from this text: it is of another model."))


class Trace:
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


def tokens_of(trace: Trace, vocabulary: TextVocabulary) -> tuple[TextToken, ...]:
    """The whole text of a trace as chips."""
    pieces = vocabulary.texts(trace.ids.tolist())
    return tuple(_token(trace, place, piece, vocabulary) for place, piece in enumerate(pieces))


def _token(trace: Trace, place: int, piece: str, vocabulary: TextVocabulary) -> TextToken:
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
