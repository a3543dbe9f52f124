"""What a frame of a text keeps of each token, so that whatever is asked later needs no pass through the network.

Frame number t is the moment when token t has been read. Its state holds rows for tokens 0 .. t, told as changes:

- "ids" int32 (T,): the tokens so far; "prompt" int32 (P,): those that are read in one pass at the beginning.
- "facts" float32 (T, F): see `FactColumns`; about the token itself and about what may come after it.
- "next_ids" int32 (T, 50): what may come after each token, likeliest first.
- "next_after" float16 (T, 8, 50): their probabilities after each stage of `sampler.STAGES`.
- "log_normalisers" float32 (T,): what was subtracted from the network's logits to get log-probabilities. Runs of
  before this was kept have none, and were drawn as if it were 0.
- "cut" uint8 (C,): UTF-8 of what stood before a prompt that was too long; not there where nothing did.
- "window" int32 (1,): the first token that the network sees; more than 0 once the text is longer than its context.

A text of a server has "told" int32 (1,) besides, flags of `Told`, and the spelling of its tokens. Each of its rows is
about its own place instead of the next one: what could have stood there, as far as the server tells.

Attention is not among them, since it grows with the square of the text: it is read anew where somebody looks at it.

Shape letters: T tokens, L layers, N heads, S tokens seen, V vocabulary, R groups of the rest.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntFlag
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from studio.core.view import State

from .model.sampler import STAGES, SamplerStage, Sampling, stages

Floats = npt.NDArray[np.float32]
Halves = npt.NDArray[np.float16]
Ints = npt.NDArray[np.int32]
N_TOP: Final = 50
N_REST: Final = 32
REST_WIDTH: Final = 0.5
"""Of a group of the rest, in units of the logits."""
UNKNOWN: Final = -1.0
DRAWN_ELSEWHERE: Final = -0.5
"""Instead of the roll of a die: a server drew the token, and nobody knows how its die fell."""
SPELLING: Final = ("spelling", "spelled", "told")
"""What only the state of a server's text has."""


class Told(IntFlag):
    """What is to be said of a server's text.

    Attributes:
        NOTHING: it does not say how likely its words were. DOUBTFUL: some of what it said of that cannot be true.
        AS_QUESTION: the text was sent as a question, since the server only answers. ANEW: an answer was to go on in
            its midst, which not every server does.
    """

    NOTHING = 1
    DOUBTFUL = 2
    AS_QUESTION = 4
    ANEW = 8


@dataclass(frozen=True)
class FactColumns:
    """Where the columns of "facts" are, for a vocabulary of some size.

    Columns of the token itself, as its place asked for it: "surprise" (bits), "rank" (0 is the likeliest), "entropy"
    (bits, of all that could have stood here), "roll" of the die; each -1 where it was not predicted or not drawn.
    Columns about what comes next: log-probabilities of the top ones; how many there are and their mean log-probability
    in each group of the rest; how many are left after each stage. Last, the lengths of the residual stream.
    """

    n_top: int

    @property
    def top(self) -> slice:
        """Natural logarithms of probabilities."""
        return slice(4, 4 + self.n_top)

    @property
    def rest_counts(self) -> slice:
        """How many tokens are in each group of the rest."""
        return slice(self.top.stop, self.top.stop + N_REST)

    @property
    def rest_means(self) -> slice:
        """Their mean log-probability."""
        return slice(self.rest_counts.stop, self.rest_counts.stop + N_REST)

    @property
    def left(self) -> slice:
        """How many tokens are left after each stage."""
        return slice(self.rest_means.stop, self.rest_means.stop + len(STAGES))

    @property
    def norms(self) -> slice:
        """Lengths of the residual stream before the first layer and after each."""
        return slice(self.left.stop, None)


@dataclass(frozen=True, eq=False)
class NextTokenFacts:
    """What may come next at one place.

    Attributes:
        ids: the likeliest tokens (K,), best first. log_probabilities: theirs (K,).
        rest_counts, rest_means: of the others, in groups by their probability.
        after: probabilities of `ids` after each stage of the run, (8, K); 0 where ruled out.
        left: how many tokens are left after each stage, (8,).
        log_normaliser: how far the network's logits lie above these log-probabilities.
    """

    ids: Ints
    log_probabilities: Floats
    rest_counts: Ints
    rest_means: Floats
    after: Halves
    left: Ints
    log_normaliser: float = 0.0

    @property
    def raw(self) -> npt.NDArray[np.float64]:
        """Probabilities of `ids` before any stage."""
        return np.exp(self.log_probabilities.astype(np.float64))

    @property
    def n_others(self) -> int:
        """How many tokens are not among `ids`."""
        return int(self.rest_counts.sum())

    def with_token(self, token: int, log_probability: float) -> "NextTokenFacts":
        """The same where a token is known apart from the rest, of which it was one."""
        if token in self.ids:
            return self
        counts, distance = self.rest_counts.copy(), np.abs(self.rest_means - log_probability)
        counts[np.where(counts > 0, distance, np.inf).argmin()] -= 1
        values = np.append(self.log_probabilities, np.float32(log_probability))
        return replace(self, ids=np.append(self.ids, np.int32(token)), log_probabilities=values, rest_counts=counts)

    def sketched(self) -> Floats:
        """Log-probabilities of all tokens, (V,): place i < K is that of ids[i], the others their group's mean."""
        return np.concatenate([self.log_probabilities, np.repeat(self.rest_means, self.rest_counts)])

    def tried(self, before: Sequence[int] | Ints, sampling: Sampling) -> list[SamplerStage]:
        """The stages of other settings without a pass through the network; places as in `sketched`.

        Exact for the likeliest tokens but for the sum over the others, which are known by groups half a unit wide.
        Wishes and penalties reach only the likeliest.
        """
        place_of = {int(token): place for place, token in enumerate(self.ids)}
        known = [place_of[int(token)] for token in before if int(token) in place_of]
        return stages(self.sketched(), known, _moved(sampling, place_of), self.log_normaliser)


def _moved(sampling: Sampling, place_of: Mapping[int, int]) -> Sampling:
    """The same wishes for places instead of tokens."""
    forced = sampling.forced
    return Sampling(
        **{
            **sampling.__dict__,
            "bias": {place_of[token]: value for token, value in sampling.bias.items() if token in place_of},
            "banned": frozenset(place_of[token] for token in sampling.banned if token in place_of),
            "forced": None if forced is None else frozenset(place_of[one] for one in forced if one in place_of),
        }
    )


class TextTrace:
    """Reads the state of a frame: everything known of its text."""

    def __init__(self, state: State) -> None:
        self.ids: Ints = state["ids"]
        self.prompt: Ints = state["prompt"]
        self.window = int(state["window"][0])
        self.cut = cut_of(state)
        self._facts: Floats = state["facts"]
        self._next_ids: Ints = state["next_ids"]
        self._after: Halves = state["next_after"]
        self._log_normalisers = _log_normalisers(state)
        self.columns = FactColumns(self._next_ids.shape[1])
        self.told = Told(int(state["told"][0])) if "told" in state else None
        """What is to be said of a server's text; None for one that was written here."""
        self.spelling: dict[str, npt.NDArray[Any]] = {name: state[name] for name in SPELLING if name in state}

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def surprise(self) -> Floats:
        """Of each token in bits, (T,); -1 for the first one, which nothing came before."""
        return self._facts[:, 0]

    @property
    def rank(self) -> Floats:
        """Of each token among all at its place, (T,); 0 is the likeliest."""
        return self._facts[:, 1]

    @property
    def entropy(self) -> Floats:
        """Of what could have stood in each token's place, in bits (T,)."""
        return self._facts[:, 2]

    @property
    def roll(self) -> Floats:
        """The die that drew each token (T,); -1 for those that a person wrote or forced."""
        return self._facts[:, 3]

    @property
    def norms(self) -> Floats:
        """Lengths of the residual stream at each token, (T, L + 1)."""
        return self._facts[:, self.columns.norms]

    def next(self, position: int) -> NextTokenFacts:
        """What may come after the token at a position."""
        level = float(self._log_normalisers[position])
        return _next_of(self._facts[position], self._next_ids[position], self._after[position], self.columns, level)

    def instead_of(self, position: int) -> NextTokenFacts | None:
        """What else could have stood at a position, the token there included; None where that is not known.

        That is the first place, and of a server's text all that it does not tell.
        """
        if self.told is None:
            return self.next(position - 1) if position > 0 else None
        return _known_part(self.next(position)) if position < len(self) else None


def _known_part(found: NextTokenFacts) -> NextTokenFacts | None:
    """Without the places of alternatives that a server did not tell; None where it told none."""
    n_known = int(np.isfinite(found.log_probabilities).sum())
    if not n_known:
        return None
    return replace(
        found,
        ids=found.ids[:n_known],
        log_probabilities=found.log_probabilities[:n_known],
        after=found.after[:, :n_known],
    )


def _next_of(facts: Floats, ids: Ints, after: Halves, columns: FactColumns, level: float) -> NextTokenFacts:
    return NextTokenFacts(
        ids,
        facts[columns.top],
        facts[columns.rest_counts].astype(np.int32),
        facts[columns.rest_means],
        after,
        facts[columns.left].astype(np.int32),
        level,
    )


GROWING: Final[tuple[str, ...]] = ("facts", "next_ids", "next_after", "log_normalisers")


def known_rows(state: State) -> dict[str, Any]:
    """The growing arrays of a frame's state, by name; empty where it is of a text that has yet to be read."""
    if "facts" not in state:
        return {}
    return {name: _log_normalisers(state) if name == GROWING[-1] else state[name] for name in GROWING}


def cut_of(state: State) -> str:
    """What stood before the first token of a prompt that was too long."""
    known = state.get("cut")
    return "" if known is None else known.astype(np.uint8).tobytes().decode("utf-8", "replace")


def _log_normalisers(state: State) -> Floats:
    known: Floats | None = state.get(GROWING[-1])
    return np.zeros(len(state["facts"]), np.float32) if known is None else known


def state_with(state: State, position: int, *tokens: int) -> State:
    """A state from which a run goes on with other tokens from a position on: what stood before it stays.

    The frames begin with that of the first one; the others are "put" behind it. Raises ValueError where the position
    lies beyond the text's end.
    """
    ids = np.asarray(state["ids"], np.int32)
    is_told = "told" in state
    if not 0 < position <= len(ids):
        raise ValueError(f"a text of {len(ids)} tokens has no place {position}")
    changed = np.append(ids[:position], np.array(tokens[:1], np.int32))
    prompt = np.asarray(state["prompt"], np.int32)
    known = {name: rows[: position + is_told] for name, rows in known_rows(state).items()}
    known |= {name: state[name] for name in SPELLING if is_told}
    if is_told and position < len(ids):
        known["chosen"] = np.ones(1, np.int32)  # the last row is about the token that stood there
    put = {"put": np.array(tokens[1:], np.int32)} if tokens[1:] else {}
    cut = {name: state[name] for name in ("cut",) if name in state}
    return {"ids": changed, "prompt": prompt if position >= len(prompt) else changed, **known, **put, **cut}


@dataclass(frozen=True, eq=False)
class TraceRow:
    """One row of the growing arrays: of a token, and of what may come after it."""

    facts: Floats
    next_ids: Ints
    next_after: Halves
    log_normalisers: np.float32


def captured_next(
    log_probabilities: Floats,
    found: Sequence[SamplerStage],
    norms: Floats,
    about: tuple[float, float, float, float],
    log_normaliser: float = 0.0,
) -> TraceRow:
    """Make a token's row from what may come next (V,), the stages of that, and the four facts about itself."""
    from .model.kernels.captured import group_rest, likeliest  # loads numba, which the window must not

    top = np.empty(N_TOP, np.int32)
    top = top[: likeliest(log_probabilities, top)]
    rest = np.empty((2, N_REST), np.float32)
    group_rest(log_probabilities, top, REST_WIDTH, *rest)
    after, left = _after(found, top, log_probabilities)
    itself = np.array(about, np.float32)
    facts = np.concatenate([itself, log_probabilities[top], *rest, left, norms], dtype=np.float32)
    return TraceRow(facts, top, after, np.float32(log_normaliser))


def next_facts(log_probabilities: Floats, log_normaliser: float = 0.0) -> NextTokenFacts:
    """What may come next, of its log-probabilities (V,), where no run has drawn from it."""
    row = captured_next(log_probabilities, (), np.zeros(0, np.float32), (UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN))
    return _next_of(row.facts, row.next_ids, row.next_after, FactColumns(len(row.next_ids)), log_normaliser)


def _after(found: Sequence[SamplerStage], top: npt.NDArray[Any], raw: Floats) -> tuple[Halves, Floats]:
    """Probabilities of the top ones after each stage (8, K), and how many tokens each leaves (8,)."""
    after = np.empty((len(found), len(top)), np.float16)
    left = np.empty(len(found), np.float32)
    logits = raw
    after[:], left[:] = np.exp(raw[top]), len(raw)
    for place, stage in enumerate(found):
        if stage.logits is not logits:
            logits = stage.logits
            after[place:], left[place:] = _some(logits, top), np.count_nonzero(logits > -np.inf)
    return after, left


def _some(logits: npt.NDArray[Any], top: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Probabilities of some tokens."""
    highest = logits.max()
    if not np.isfinite(highest):
        return np.zeros(len(top))
    return np.exp(logits[top] - highest) / np.exp(logits - highest).sum()
