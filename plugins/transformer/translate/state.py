"""What a frame of a translation keeps, as plain arrays that a file can hold. No torch.

Frame number t is the moment when every lane that goes on has t tokens. Its state holds

- "source" int32 (S,): the tokens of the text to translate, its end included.
- "forced" int32 (P,): the tokens that a person laid down, which all lanes begin with. "step" int32 (1,): t.
- "lanes" int32 (K, T): the tokens of each lane, the best one first; -1 behind the last.
- "scores" float32 (K,): of each lane, 0 at best. "over" uint8 (K,): whether it has ended. "parents" int32 (K,): which
  lane of the frame before each goes on from.
- "logs" float32 (T,): the log-probability of each token of the best lane.
- "looks" uint8 (T + 1, S): how much of each source token was looked at for each of its tokens, 255 for all of it; the
  last row is for the token that comes next.
- "next_ids" int32 (T + 1, 10), "next_shares" float16 (T + 1, 10): what could stand at each place of the best lane.

Shape letters: S source tokens, P forced ones, K lanes, T tokens of the longest lane.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError
from studio.core.text.token import Candidate, TextToken
from studio.core.text.vocabulary import TextVocabulary
from studio.core.translation import N_
from studio.core.view import State

MAX_SOURCE: Final = 128
"""Tokens of a source of the shipped translator; longer ones were never learnt from."""
MOST_SOURCE: Final = 512
"""Tokens of a source of any model: what each word looked at is kept with every frame."""
NO_TOKEN: Final = -1


@dataclass(frozen=True)
class Limits:
    """What a model can do: tokens that it knows, of a source at most, its end included, and of a target at most."""

    n_vocab: int
    most_source: int
    most: int


@dataclass(frozen=True)
class SourceCut:
    """A text as a model reads it.

    Attributes:
        ids: its tokens, with all that stands before and behind it.
        spots: of each, how many letters of the text stand before it, spaces not counted; -1 for what is none of it.
        is_whole: whether all of the text was read; else the rest was too long.
    """

    ids: tuple[int, ...]
    spots: tuple[int, ...]
    is_whole: bool = True


@dataclass(frozen=True)
class TranslationStart:
    """What a search begins with, and which of its steps is the first to be shown."""

    source: tuple[int, ...]
    forced: tuple[int, ...] = ()
    step: int = 0


@dataclass(frozen=True, eq=False)
class LanesInfo:
    """What a panel knows of any model that writes in lanes: its tokens, and all words that it has read."""

    vocabulary: TextVocabulary
    words: frozenset[str]


@dataclass(frozen=True, eq=False)
class TranslatorInfo(LanesInfo):
    """What a panel knows of the open model; of its words, see `OpenTranslator`.

    Attributes:
        examples: texts to translate, each with the translation of the book that it is from.
        cut: how a text is read for a task, None where its letters alone tell that.
    """

    examples: tuple[tuple[str, str], ...]
    cut: Callable[[str, str], SourceCut] | None = None


def started(source: Sequence[int], forced: Sequence[int]) -> State:
    """The state from which a search begins whose lanes begin with some tokens."""
    return {
        "source": np.array(source, np.int32),
        "forced": np.array(forced, np.int32),
        "step": np.array([len(forced)], np.int32),
    }


def read_start(state: State, limits: Limits) -> TranslationStart:
    """What a state says; raises UserError where it is of another model."""
    try:
        source, forced, step = (np.asarray(state[name]) for name in ("source", "forced", "step"))
    except KeyError as error:
        raise _unfit() from error
    if any(one.ndim != 1 or one.dtype.kind != "i" for one in (source, forced, step)) or len(step) != 1:
        raise _unfit()
    tokens = np.concatenate([source, forced])
    is_known = bool(len(tokens)) and tokens.min() >= 0 and tokens.max() < limits.n_vocab
    is_short = 0 < len(source) <= limits.most_source and len(forced) < limits.most
    if not (is_short and is_known and len(forced) <= step[0] <= limits.most):
        raise _unfit()
    return TranslationStart(tuple(source.tolist()), tuple(forced.tolist()), int(step[0]))


def _unfit() -> UserError:
    return UserError(N_("This translation cannot be continued: it was made by another model."))


class TranslationTrace:
    """Reads the state of a frame."""

    def __init__(self, state: State) -> None:
        self.source: list[int] = state["source"].tolist()
        self.n_forced = len(state["forced"])
        self.lanes = [[token for token in row if token != NO_TOKEN] for row in state["lanes"].tolist()]
        self.scores: list[float] = state["scores"].tolist()
        self.are_over: list[bool] = [bool(one) for one in state["over"]]
        self.parents: list[int] = state["parents"].tolist()
        self.logs: npt.NDArray[np.float32] = state["logs"]
        self.looks: npt.NDArray[np.uint8] = state["looks"]
        self._next_ids, self._next_shares = state["next_ids"], state["next_shares"]

    @property
    def ids(self) -> list[int]:
        """The best lane."""
        return self.lanes[0]

    @property
    def newest(self) -> int:
        """The place that is of interest while none is chosen: that of the next token, or of the last one."""
        return len(self.ids) - self.are_over[0]

    def start(self, forced: Sequence[int]) -> State:
        """The state from which a search for the same begins whose lanes begin with some tokens."""
        return started(self.source, forced)

    def look(self, place: int) -> list[float]:
        """How much of each source token was looked at for the token at a place, 0 to 1."""
        return [float(one) / 255 for one in self.looks[place]] if 0 <= place < len(self.looks) else []

    def candidates(self, place: int, vocabulary: TextVocabulary) -> tuple[Candidate, ...]:
        """What could stand at a place of the best lane."""
        if not 0 <= place < len(self._next_ids):
            return ()
        chosen = self.ids[place] if place < len(self.ids) else NO_TOKEN
        pairs = zip(self._next_ids[place].tolist(), self._next_shares[place].tolist(), strict=True)
        return tuple(Candidate(one, vocabulary.name(one), share, share, one == chosen) for one, share in pairs)

    def tokens(self, vocabulary: TextVocabulary) -> tuple[TextToken, ...]:
        """The best lane as chips."""
        return tuple(
            TextToken(
                piece,
                float(-self.logs[place]) / float(np.log(2)),
                None,
                self._expected(place, vocabulary),
                True,
                place < self.n_forced,
                vocabulary.mark(self.ids[place]),
            )
            for place, piece in enumerate(vocabulary.texts(self.ids))
        )

    def _expected(self, place: int, vocabulary: TextVocabulary) -> Any:
        return vocabulary.name(int(self._next_ids[place, 0])), float(self._next_shares[place, 0])

    def text(self, lane: int, vocabulary: TextVocabulary) -> str:
        """What a lane says so far."""
        return "".join(vocabulary.texts(self.lanes[lane])).strip()
