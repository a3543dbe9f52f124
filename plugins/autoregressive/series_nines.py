"""Finds values that stand for a missing one: -99, -999.9, -9999, far below all others of their column."""

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
_NINES: Final = np.array([-9.99, *(0.1**decimals - 10.0**whole for whole in range(2, 8) for decimals in range(4))])
_EXACT: Final = 2e-7
"""Values of 32 bits differ from nines by so much of their size."""


def missing_nines(values: Floats) -> npt.NDArray[np.int64]:
    """The places in values (N,) of those that are only nines, and further below the rest than that reaches.

    The rest is not of their size itself, or a column of angles about -90 would lose some.
    """
    low = np.unique(values[values <= _NINES.max()])
    nines = low[(np.abs(low[:, None] - _NINES) <= _EXACT * np.abs(_NINES)).any(1)]
    is_nines = np.isin(values, nines)
    rest = values[np.isfinite(values) & ~is_nines]
    if not len(nines) or not len(rest):
        return np.flatnonzero(is_nines)
    is_far = (rest.min() - values > np.ptp(rest)) & (rest.min() > values / 2)
    return np.flatnonzero(is_nines & is_far)
