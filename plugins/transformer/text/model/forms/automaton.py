"""A shape as a machine that reads a text character by character; its states are found as texts reach them.

Shape letters: S states, C columns (kinds of characters that the shape tells apart, and what a part of one may become).
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError
from studio.core.translation import N_

from .shape import Chars, Either, Ranges, Repeat, Shape, ShapeSequence

Ints: TypeAlias = npt.NDArray[np.integer[Any]]
DEAD: Final = 0
"""No text that goes on from here has the shape."""
MIDWAY: Final = 1
"""Inside of a character that may become a good one."""
START: Final = 2
MAX_PARTS: Final = 20_000
MAX_SETS: Final = 500
MAX_STATES: Final = 8192
MAX_KEPT: Final = 4_000_000
"""Parts that all states have together."""
MAX_WORK: Final = 2_000_000
"""So many parts are visited for one answer."""
_END: Final = 0
_UNKNOWN: Final = -1


class Automaton:
    """The machine. `n_kinds` kinds of characters are told apart, numbered from 0.

    Raises:
        UserError: the shape is too large, or it becomes so while it is read.
    """

    def __init__(self, shape: Shape) -> None:
        self._ways: list[list[int]] = [[]]  # of each part, those that it leads to without a character
        self._sets: list[int] = [-1]  # of each part, the set of characters that leads on
        self._targets: list[int] = [_END]
        self._numbers: dict[Ranges, int] = {}
        self._added: dict[tuple[int, int], int] = {}  # the same shape before the same target is made once
        self._n_left = MAX_PARTS
        first = self._add(shape, _END)
        self._added.clear()
        self._edges, self._kinds, self._is_in = _kinds_of(list(self._numbers))
        self.n_kinds = self._is_in.shape[1]
        self._fits: list[list[bool]] = self._is_in.T.tolist()  # of each column, the sets that have it
        self._extra: list[frozenset[int]] = []
        self._states: list[tuple[int, ...]] = [(), ()]
        self._known: dict[tuple[int, ...], int] = {}
        self._table = np.full((64, self.n_kinds), _UNKNOWN, np.int32)
        self._table[:START] = DEAD
        self._work = self._n_kept = 0
        self._number(self._closed([first]))

    # What the shape is made of

    def _add(self, shape: Shape, target: int) -> int:
        """Where a text begins that has the shape and then goes on at `target`."""
        self._n_left -= 1
        if self._n_left < 0:
            raise _too_large()
        key = id(shape), target
        if key not in self._added:
            self._added[key] = self._made(shape, target)
        return self._added[key]

    def _made(self, shape: Shape, target: int) -> int:
        if isinstance(shape, Chars):
            number = self._numbers.setdefault(shape.ranges, len(self._numbers))
            if number >= MAX_SETS:
                raise _too_large()
            return self._part([], number, target)
        if isinstance(shape, ShapeSequence):
            for part in reversed(shape.parts):
                target = self._add(part, target)
            return target
        if isinstance(shape, Either):
            return self._part([self._add(way, target) for way in shape.ways])
        return self._repeated(shape, target)

    def _repeated(self, shape: Repeat, target: int) -> int:
        if shape.most is None:
            loop = self._part([])
            self._ways[loop] = [self._add(shape.part, loop), target]
            target = loop
        else:
            end = target
            for _ in range(shape.most - shape.least):
                target = self._part([self._add(shape.part, target), end])
        for _ in range(shape.least):
            target = self._add(shape.part, target)
        return target

    def _part(self, ways: list[int], set_number: int = -1, target: int = _END) -> int:
        self._ways.append(ways)
        self._sets.append(set_number)
        self._targets.append(target)
        return len(self._ways) - 1

    # Kinds of characters

    def kinds_of(self, codes: Ints) -> Ints:
        """The kind of each code point."""
        return self._kinds[np.searchsorted(self._edges, codes, side="right") - 1]

    def kinds_between(self, first: int, last: int) -> frozenset[int]:
        """The kinds that there are from a code point to another one."""
        begin, end = np.searchsorted(self._edges, [first, last], side="right") - 1
        return frozenset(self._kinds[begin : end + 1].tolist())

    def column_of(self, kinds: frozenset[int]) -> int:
        """The column of "a character of one of these kinds, not finished": it leads to MIDWAY or DEAD."""
        if kinds not in self._extra:
            self._extra.append(kinds)
            self._fits.append(np.any(self._is_in[:, sorted(kinds)], axis=1).tolist())
            more = np.full((len(self._table), 1), _UNKNOWN, np.int32)
            more[:START] = DEAD
            self._table = np.concatenate([self._table, more], axis=1)
        return self.n_kinds + self._extra.index(kinds)

    # Reading

    def advanced(self, states: Ints, columns: Ints) -> Ints:
        """The states after one more character each."""
        found = self._table[states, columns]
        unknown = found == _UNKNOWN
        if not unknown.any():
            return found
        width = len(self._fits)
        for pair in np.unique(states[unknown].astype(np.int64) * width + columns[unknown]).tolist():
            state, column = divmod(pair, width)
            self._table[state, column] = self._follow(state, column)
        return self._table[states, columns]

    def after(self, state: int, code: int) -> int:
        """The state after a character."""
        return int(self.advanced(np.array([state]), self.kinds_of(np.array([code])))[0])

    def begin_answer(self) -> None:
        """A question is asked: its work is counted from here on."""
        self._work = 0

    def is_match(self, state: int) -> bool:
        """Whether what was read has the shape."""
        return _END in self._states[state]

    def is_final(self, state: int) -> bool:
        """Whether nothing may follow."""
        return all(part == _END for part in self._states[state])

    def _follow(self, state: int, column: int) -> int:
        parts, fits = self._states[state], self._fits[column]
        self._work += len(parts)
        good = [self._targets[part] for part in parts if part != _END and fits[self._sets[part]]]
        if column >= self.n_kinds:
            return MIDWAY if good else DEAD
        return self._number(self._closed(good))

    def _closed(self, parts: Iterable[int]) -> tuple[int, ...]:
        """The parts that wait for a character, and the end, from these on."""
        seen = set(parts)
        stack = list(seen)
        while stack:
            for way in self._ways[stack.pop()]:
                if way not in seen:
                    seen.add(way)
                    stack.append(way)
        self._work += len(seen)
        if self._work > MAX_WORK:
            raise _too_large()
        return tuple(sorted(part for part in seen if part == _END or self._sets[part] >= 0))

    def _number(self, parts: tuple[int, ...]) -> int:
        if not parts:
            return DEAD
        number = self._known.get(parts)
        if number is None:
            number = self._known[parts] = len(self._states)
            self._n_kept += len(parts)
            if number >= MAX_STATES or self._n_kept > MAX_KEPT:
                raise _too_large()
            self._states.append(parts)
            if number >= len(self._table):
                self._table = np.concatenate([self._table, np.full_like(self._table, _UNKNOWN)])
        return number


def _kinds_of(sets: Sequence[Ranges]) -> tuple[Ints, Ints, npt.NDArray[np.bool_]]:
    """Where intervals of code points begin, the kind of each, and which kinds each set has (sets + 1, kinds)."""
    edges = np.unique([0, *(edge for ranges in sets for first, last in ranges for edge in (first, last + 1))])
    kinds = np.zeros(len(edges), np.int64)
    inside = np.zeros((len(sets), len(edges)), bool)
    for number, ranges in enumerate(sets):
        begins, ends = np.searchsorted(edges, np.array(ranges).T + np.array([[0], [1]]))
        change = np.zeros(len(edges) + 1, np.int8)
        change[begins] += 1
        change[ends] -= 1
        inside[number] = np.cumsum(change)[:-1] > 0
        kinds = np.unique(2 * kinds + inside[number], return_inverse=True)[1]
    _, first = np.unique(kinds, return_index=True)
    return edges, kinds, inside[:, first]


def _too_large() -> UserError:
    return UserError(N_("This form is too large or too complicated to follow."), N_("Write it more simply."))
