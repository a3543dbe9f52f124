"""What differs between two runs: settings by name, and pieces of text by place."""

import difflib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from studio.core.recording.recording import RunInfo

MOVED: Final = "moved"
"""Under this key a branch's state says how far its positions lie from those of its parent."""
MAX_ALIGNED: Final = 2_000  # pieces; aligning takes time that grows with the square of their number


@dataclass(frozen=True)
class Differing:
    """A setting in which two runs differ; nested ones have dotted names. None: the run does not have it."""

    name: str
    a: Any
    b: Any


def differing_settings(a: RunInfo, b: RunInfo) -> tuple[Differing, ...]:
    """Return in which of model, weights, seed and parameters two runs differ, then of their backends.

    Weights count where the model is the same: trained on, or again.
    """
    is_one_model = a.model_id == b.model_id
    settings = _differing(dict(_settings(a, is_one_model)), dict(_settings(b, is_one_model)))
    return settings + _differing(dict(_flat(a.backend, "backend.")), dict(_flat(b.backend, "backend.")))


def _differing(a: Mapping[str, Any], b: Mapping[str, Any]) -> tuple[Differing, ...]:
    rows = (Differing(name, a.get(name), b.get(name)) for name in dict.fromkeys((*a, *b)))
    return tuple(row for row in rows if not _is_same(row.a, row.b))


def _settings(info: RunInfo, has_weights: bool) -> Iterator[tuple[str, Any]]:
    yield "model", info.model_id
    if has_weights:
        yield "weights", info.model_hash[:8] or None
    yield "seed", info.seed
    yield "moved", info.state.get(MOVED)
    yield from _flat(info.params, "")


def _flat(values: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _is_same(a: Any, b: Any) -> bool:
    """Equality of plain values where NaN equals itself, a list equals its tuple, and True is not 1."""
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return len(a) == len(b) and all(map(_is_same, a, b))
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, float) and isinstance(b, float) and math.isnan(a) and math.isnan(b):
        return True
    return bool(a == b)


def differing_pieces(a: Sequence[str], b: Sequence[str]) -> tuple[list[bool], list[bool]]:
    """Return for each piece of two texts whether the other text lacks it at this place.

    Texts of more than 2,000 pieces between their common ends are compared place by place.
    """
    start = _n_common(a, b)
    end = _n_common(a[start:][::-1], b[start:][::-1])
    middle_a, middle_b = a[start : len(a) - end], b[start : len(b) - end]
    marks_a, marks_b = _marks(middle_a, middle_b)
    same_start, same_end = [False] * start, [False] * end
    return same_start + marks_a + same_end, same_start + marks_b + same_end


def _n_common(a: Sequence[str], b: Sequence[str]) -> int:
    return next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def _marks(a: Sequence[str], b: Sequence[str]) -> tuple[list[bool], list[bool]]:
    marks_a, marks_b = [True] * len(a), [True] * len(b)
    if max(len(a), len(b)) > MAX_ALIGNED:
        blocks = [(i, i, 1) for i, (x, y) in enumerate(zip(a, b, strict=False)) if x == y]
    else:
        matcher = difflib.SequenceMatcher(None, a, b, autojunk=False)
        blocks = [(block.a, block.b, block.size) for block in matcher.get_matching_blocks()]
    for start_a, start_b, size in blocks:
        marks_a[start_a : start_a + size] = [False] * size
        marks_b[start_b : start_b + size] = [False] * size
    return marks_a, marks_b
