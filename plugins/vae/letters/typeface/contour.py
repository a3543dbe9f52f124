"""Finds where a distance field is zero, between its cells, as closed lines.

Shapes: fields (N, N), positive inside; points (n, 2) are x to the right and y down, in cells.
"""

from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[np.float64]
FINER: Final = 4
"""So many times the resolution of the field it is looked at."""
SPACING: Final = 0.25
"""Between the points of a line, in cells."""
_LEAST_AREA: Final = 1.0
_TOP, _RIGHT, _BOTTOM, _LEFT = range(4)
# For each of the 16 ways in which the corners of a square (8 top left, 4 top right, 2 bottom right, 1 bottom left) can
# lie inside: from which side to which one the line runs, ink on its left.
_WAYS: Final[dict[int, tuple[tuple[int, int], ...]]] = {
    8: ((_LEFT, _TOP),),
    4: ((_TOP, _RIGHT),),
    2: ((_RIGHT, _BOTTOM),),
    1: ((_BOTTOM, _LEFT),),
    12: ((_LEFT, _RIGHT),),
    6: ((_TOP, _BOTTOM),),
    3: ((_RIGHT, _LEFT),),
    9: ((_BOTTOM, _TOP),),
    7: ((_TOP, _LEFT),),
    11: ((_RIGHT, _TOP),),
    13: ((_BOTTOM, _RIGHT),),
    14: ((_LEFT, _BOTTOM),),
    10: ((_LEFT, _TOP), (_RIGHT, _BOTTOM)),
    5: ((_TOP, _RIGHT), (_BOTTOM, _LEFT)),
}


def contours(field: npt.NDArray[np.floating]) -> list[Array]:
    """The lines around the ink, each with its points 0.25 cells apart and, as TrueType asks, ink on its right hand.

    What is smaller than one cell is left out.
    """
    lines = [_even(line[::-1]) for line in _closed_lines(_finer(np.asarray(field, np.float64)))]
    return sorted((line for line in lines if abs(area(line)) >= _LEAST_AREA), key=_order)


def area(line: Array) -> float:
    """What a closed line encloses, in cells: positive around ink, negative around holes."""
    x, y = line.T
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) / 2


def _order(line: Array) -> tuple[bool, float]:
    """Ink before holes, from the left, then upwards."""
    x, y = line.mean(0)
    return area(line) < 0, round(x / 4) * 1000 - y


def _finer(field: Array) -> Array:
    """Cubic convolution (Keys 1981) at FINER times the resolution, with empty cells around the field."""
    padded = np.pad(field, 3, constant_values=float(min(field.min(), -1.0)))
    return _finer_rows(_finer_rows(padded).T).T


def _finer_rows(values: Array) -> Array:
    """Rows 1 .. n - 2 of values (n, m) at FINER times as many places."""
    n = len(values) - 4
    finer = np.empty((n, FINER, values.shape[1]))
    for phase in range(FINER):
        at = (phase + 0.5) / FINER - 0.5
        taps = [_tap(at - shift) for shift in range(-2, 3)]
        finer[:, phase] = sum(
            tap * values[2 + shift : 2 + shift + n] for tap, shift in zip(taps, range(-2, 3), strict=True)
        )
    return finer.reshape(n * FINER, -1)


def _tap(away: float) -> float:
    away = abs(away)
    if away < 1:
        return (1.5 * away - 2.5) * away**2 + 1
    return ((-0.5 * away + 2.5) * away - 4) * away + 2 if away < 2 else 0.0


def _closed_lines(values: Array) -> list[Array]:
    inside = values > 0
    cases = 8 * inside[:-1, :-1] + 4 * inside[:-1, 1:] + 2 * inside[1:, 1:] + inside[1:, :-1]
    after: dict[tuple[int, int, int], tuple[int, int, int]] = {}
    for row, column in np.argwhere((cases > 0) & (cases < 15)).tolist():
        case = int(cases[row, column])
        is_joined = case in (5, 10) and values[row : row + 2, column : column + 2].sum() > 0
        ways = _joined(case) if is_joined else _WAYS[case]
        for start, end in ways:
            after[_edge(row, column, start)] = _edge(row, column, end)
    lines = []
    while after:
        first = key = next(iter(after))
        keys = []
        while True:
            keys.append(key)
            key = after.pop(key)
            if key == first:
                break
        lines.append(_points(values, np.array(keys)))
    return lines


def _joined(case: int) -> tuple[tuple[int, int], ...]:
    """The ways around two empty corners where the middle of the square is inside."""
    return ((_RIGHT, _TOP), (_LEFT, _BOTTOM)) if case == 10 else ((_TOP, _LEFT), (_BOTTOM, _RIGHT))


def _edge(row: int, column: int, side: int) -> tuple[int, int, int]:
    """The edge of a square as (row, column, 0 along the row or 1 down), the same for both squares beside it."""
    return row + (side == _BOTTOM), column + (side == _RIGHT), int(side in (_LEFT, _RIGHT))


def _points(values: Array, keys: npt.NDArray[np.int64]) -> Array:
    row, column, is_down = keys.T
    here, there = values[row, column], values[row + is_down, column + 1 - is_down]
    share = here / (here - there)
    x, y = column + share * (1 - is_down), row + share * is_down
    return np.stack([x, y], 1) / FINER + 0.5 / FINER - 1.0


def _even(line: Array) -> Array:
    """The closed line with its points at even distances, about SPACING."""
    closed = np.concatenate([line, line[:1]])
    lengths = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
    n = max(12, round(lengths[-1] / SPACING))
    at = np.arange(n) * lengths[-1] / n
    return np.stack([np.interp(at, lengths, closed[:, axis]) for axis in (0, 1)], 1)
