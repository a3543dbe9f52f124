"""An isolation forest, the usual way to find odd ones, beside what a model says of them (Liu, Ting and Zhou, 2008)."""

from collections.abc import Generator
from functools import partial
from importlib.util import find_spec
from typing import Final

import numpy as np

from studio.core.pausing import beside
from studio.core.view import FloatArray

N_TREES: Final = 100


def has_forest() -> bool:
    """Whether scikit-learn, which grows it, is there."""
    return find_spec("sklearn") is not None


def isolation(rows: FloatArray, seed: int) -> Generator[None, None, FloatArray]:
    """How easily each of N rows (N, F) is told from the others by random cuts: (N,), about 0.5 for the usual ones."""
    return (yield from beside(partial(_isolation, rows, seed)))


def _isolation(rows: FloatArray, seed: int) -> FloatArray:
    from sklearn.ensemble import IsolationForest

    forest = IsolationForest(n_estimators=N_TREES, random_state=seed).fit(rows)
    return np.asarray(-forest.score_samples(rows), np.float32)
