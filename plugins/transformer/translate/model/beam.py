"""Beam search: the few likeliest beginnings of a text are gone on with together, as lanes side by side. No torch.

A lane's score is its log-probability divided by ((5 + length) / 6) ** penalty (Wu et al. 2016, arXiv 1609.08144), so
that long texts are not put behind short ones for their length alone. Lanes that have ended keep their place until
others are better; the search is over when all have ended.

Shape letters: B lanes, S source tokens, V vocabulary.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

N_NEXT: Final = 10


@dataclass(frozen=True, eq=False)
class Said:
    """What the network says behind each lane.

    Attributes:
        logs: log-probabilities of the next token, (B, V). looks: how much of the source each looked at, (B, S).
    """

    logs: npt.NDArray[np.float64]
    looks: npt.NDArray[np.float32]


class LaneReader(Protocol):
    """A network that reads several beginnings of a text."""

    def begin(self, tokens: Sequence[int]) -> list[Said]:
        """Read the tokens of the only lane; what is said before each of them, and behind the last."""

    def go_on(self, rows: Sequence[int], tokens: Sequence[int]) -> Said:
        """Let lanes be some of those read last, each with one more token."""


class Search(Protocol):
    """Looks for the best text."""

    def steps(self, forced: Sequence[int] = ()) -> "Iterator[tuple[Lane, ...]]":
        """Yield the lanes, the best first, after the forced tokens and after each further step."""


@dataclass(frozen=True, eq=False)
class NextWords:
    """The likeliest tokens at a place, (N_NEXT,) each: int32 and their probabilities; `look` as in `Said`, (S,)."""

    ids: npt.NDArray[np.int32]
    shares: npt.NDArray[np.float32]
    look: npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Lane:
    """A beginning of a text.

    Attributes:
        ids: its tokens. logs: the log-probability of each.
        nexts: what could stand at each place, also behind the last one where it has not ended.
        parent: the lane of the step before that it goes on from.
    """

    ids: tuple[int, ...]
    logs: tuple[float, ...]
    nexts: tuple[NextWords, ...]
    parent: int = 0
    is_over: bool = False

    def score(self, penalty: float) -> float:
        """How good it is, 0 at best."""
        return lane_score(sum(self.logs), len(self.ids), penalty)


def lane_score(log: float, n_tokens: int, penalty: float) -> float:
    """The log-probability of so many tokens, as lanes are compared."""
    return log / float(((5 + n_tokens) / 6) ** penalty)


@dataclass(frozen=True)
class Beam:
    """A search.

    Attributes:
        n_lanes: how many lanes. penalty: see the module. most: tokens of a lane. end: the token that ends it.
    """

    reader: LaneReader
    n_lanes: int
    penalty: float
    most: int
    end: int

    def steps(self, forced: Sequence[int] = ()) -> Iterator[tuple[Lane, ...]]:
        """Yield the lanes, the best first, after the forced tokens and after each further step."""
        said = self.reader.begin([one for one in forced if one != self.end])
        logs = tuple(float(one.logs[0, token]) for one, token in zip(said, forced, strict=False))
        nexts = tuple(next_words(one, 0) for one in said)
        is_over = bool(forced) and forced[-1] == self.end
        lanes: tuple[Lane, ...] = (Lane(tuple(forced), logs, nexts[: len(forced)] if is_over else nexts, 0, is_over),)
        last, rows = said[-1], [0]  # of the lanes that go on, where each stands in what was said last
        yield lanes
        while not all(lane.is_over for lane in lanes) and max(len(lane.ids) for lane in lanes) < self.most:
            lanes = self._next_lanes(lanes, last, rows)
            going = [place for place, lane in enumerate(lanes) if not lane.is_over]
            if going:
                last = self.reader.go_on(
                    [rows_of(lanes[one], rows) for one in going], [lanes[one].ids[-1] for one in going]
                )
                lanes = self._with_nexts(lanes, going, last)
            rows = _numbered(lanes)
            yield lanes

    def _next_lanes(self, lanes: Sequence[Lane], said: Said, rows: Sequence[int]) -> tuple[Lane, ...]:
        """The best lanes among those that have ended and all that those which go on can become."""
        found: list[tuple[float, int, int]] = []  # minus the score, the lane, and its token, -1 where it has ended
        for place, lane in enumerate(lanes):
            if lane.is_over:
                found.append((-lane.score(self.penalty), place, -1))
                continue
            logs = said.logs[rows[place]]
            top = np.argsort(-logs, kind="stable")[: self.n_lanes]
            before, n_tokens = sum(lane.logs), len(lane.ids) + 1
            found += [(-lane_score(before + float(logs[one]), n_tokens, self.penalty), place, int(one)) for one in top]
        return tuple(
            self._grown(lanes[place], place, token, said, rows) for _, place, token in sorted(found)[: self.n_lanes]
        )

    def _grown(self, lane: Lane, place: int, token: int, said: Said, rows: Sequence[int]) -> Lane:
        if token < 0:
            return Lane(lane.ids, lane.logs, lane.nexts, place, True)
        log = float(said.logs[rows[place], token])
        return Lane((*lane.ids, token), (*lane.logs, log), lane.nexts, place, token == self.end)

    def _with_nexts(self, lanes: Sequence[Lane], going: Sequence[int], said: Said) -> tuple[Lane, ...]:
        rows = {place: row for row, place in enumerate(going)}
        return tuple(
            Lane(lane.ids, lane.logs, (*lane.nexts, next_words(said, rows[place])), lane.parent)
            if place in rows
            else lane
            for place, lane in enumerate(lanes)
        )


def rows_of(lane: Lane, rows: Sequence[int]) -> int:
    """Where the lane that another one goes on from stands in what was said."""
    return rows[lane.parent]


def _numbered(lanes: Sequence[Lane]) -> list[int]:
    """Where each lane stands among those that go on; -1 for one that has ended."""
    rows, n = [], 0
    for lane in lanes:
        rows.append(-1 if lane.is_over else n)
        n += not lane.is_over
    return rows


def next_words(said: Said, row: int) -> NextWords:
    """The likeliest tokens of a lane."""
    logs: Any = said.logs[row]
    top = np.argsort(-logs, kind="stable")[:N_NEXT]
    return NextWords(top.astype(np.int32), np.exp(logs[top]).astype(np.float32), said.looks[row])
