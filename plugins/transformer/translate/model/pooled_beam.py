"""Beam search as `transformers` does it: texts that have ended are put aside into a pool while others take their place.

A text's score is its log-probability, of what was not forced, divided by its length to the power of the penalty. The
search ends when no lane could still beat the worst of the pool, or as the rules say. No torch.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .beam import Lane, LaneReader, Said, next_words
from .rules import Rules


@dataclass(frozen=True, eq=False)
class PooledLane(Lane):
    """Attributes: total: the log-probability that counts. n_given: tokens that do not, since they were forced."""

    total: float = 0.0
    n_given: int = 0

    def score(self, penalty: float) -> float:
        """How good it is, 0 at best."""
        return self.total / float(max(len(self.ids) - self.n_given, 1) ** penalty)


@dataclass(frozen=True)
class PooledBeam:
    """A search.

    Attributes:
        n_lanes: how many lanes, and texts in the pool. penalty: see the module.
        most: tokens of a target, its start included.
    """

    reader: LaneReader
    rules: Rules
    n_lanes: int
    penalty: float
    most: int

    def steps(self, forced: Sequence[int] = ()) -> Iterator[tuple[Lane, ...]]:
        """Yield the lanes that are shown, the best first, after the forced tokens and after each further step."""
        said = self.reader.begin([one for one in forced if one not in self.rules.ends])
        logs = tuple(float(one.logs[0, token]) for one, token in zip(said, forced, strict=False))
        nexts = tuple(next_words(one, 0) for one in said)
        is_over = bool(forced) and forced[-1] in self.rules.ends
        first = PooledLane(
            tuple(forced), logs, nexts[: len(forced)] if is_over else nexts, 0, is_over, 0.0, len(forced)
        )
        running, last = [first], said[-1]
        pool: list[PooledLane] = []
        shown: tuple[Lane, ...] = (first,)
        yield shown
        while not is_over and len(running[0].ids) + 1 < self.most:
            grown = self._candidates(running, last)
            ended = [(rank, row, one) for rank, (row, one) in enumerate(grown) if self._is_at_its_end(one)]
            going = [(row, one) for row, one in grown if not self._is_at_its_end(one)][: self.n_lanes]
            pool = self._pooled(pool, [one for rank, _, one in ended if rank < self.n_lanes])
            if going:
                last = self.reader.go_on([row for row, _ in going], [one.ids[-1] for _, one in going])
            new = [replace(one, nexts=(*one.nexts, next_words(last, row))) for row, (_, one) in enumerate(going)]
            is_over = not going or self._is_done(pool, new)
            shown, running = self._shown(shown, pool, [] if is_over and pool else new), new
            yield shown

    def _candidates(self, running: Sequence[PooledLane], said: Said) -> list[tuple[int, PooledLane]]:
        """The likeliest ways to go on, the best first: the row of the lane each comes from, and what it becomes."""
        n_kept = max(2, 1 + len(self.rules.ends)) * self.n_lanes
        totals = np.stack(
            [self.rules.applied(lane.ids, said.logs[row], self.most) + lane.total for row, lane in enumerate(running)]
        )
        n_vocab = totals.shape[1]
        top = np.argsort(-totals, axis=None, kind="stable")[:n_kept].tolist()
        found = []
        for row, token in (divmod(place, n_vocab) for place in top):
            total, lane = float(totals[row, token]), running[row]
            if total > -math.inf:
                ids, logs = (*lane.ids, token), (*lane.logs, float(said.logs[row, token]))
                found.append((row, PooledLane(ids, logs, lane.nexts, row, False, total, lane.n_given)))
        return found

    def _is_at_its_end(self, lane: Lane) -> bool:
        return lane.ids[-1] in self.rules.ends or len(lane.ids) + 1 >= self.most

    def _pooled(self, pool: list[PooledLane], ended: Sequence[PooledLane]) -> list[PooledLane]:
        """The best of those that have ended; none joins a full pool where the search stops early."""
        if len(pool) >= self.n_lanes and self.rules.stops_early:
            return pool
        found = [*pool, *(replace(one, is_over=True) for one in ended)]
        return sorted(found, key=lambda one: -one.score(self.penalty))[: self.n_lanes]

    def _is_done(self, pool: Sequence[PooledLane], going: Sequence[PooledLane]) -> bool:
        if len(pool) < self.n_lanes:
            return False
        if self.rules.stops_early or self.n_lanes == 1:
            return True
        longest = self.most - 1 if self.rules.stops_early is None and self.penalty > 0 else len(going[0].ids)
        best = going[0].total / (longest - going[0].n_given) ** self.penalty
        return best <= pool[-1].score(self.penalty)

    def _shown(
        self, before: Sequence[Lane], pool: Sequence[PooledLane], going: Sequence[PooledLane]
    ) -> tuple[Lane, ...]:
        """The best of both; `parent` becomes a place among those shown before, -1 where it was not."""
        lanes = sorted([*pool, *going], key=lambda one: -one.score(self.penalty))[: self.n_lanes]
        places = {lane.ids: place for place, lane in enumerate(before)}
        return tuple(replace(one, parent=places.get(one.ids, places.get(one.ids[:-1], -1))) for one in lanes)
