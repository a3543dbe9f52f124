"""What is kept of a distribution over all tokens, in one walk over it instead of a dozen.

Shape letters: V vocabulary, K likeliest tokens, R groups of the rest.
"""

from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.api.kernel import kernel

from .step_maths import exp
from .step_weights import FloatArray

Places: TypeAlias = npt.NDArray[np.int32]

_NOWHERE: Final = np.float32(-np.inf)
_LOWEST: Final = np.float32(-1e4)
_LN2: Final = 0.6931471805599453


@kernel()
def likeliest(values: FloatArray, found: Places) -> int:
    """Write the tokens with the highest values (V,) into `found` (K,), equal ones by number; returns how many.

    Those at minus infinity are left out.
    """
    n_found = 0
    for token in range(len(values)):
        value = values[token]
        is_full = n_found == len(found)
        if value == _NOWHERE or (is_full and value <= values[found[n_found - 1]]):
            continue
        place = n_found - 1 if is_full else n_found
        while place > 0 and values[found[place - 1]] < value:
            found[place] = found[place - 1]
            place -= 1
        found[place] = token
        n_found += not is_full
    return n_found


@kernel()
def group_rest(values: FloatArray, top: Places, width: float, counts: FloatArray, means: FloatArray) -> None:
    """Count all but the top ones in groups (R,) by how far they lie below the last of these, and average each group.

    Args:
        values: logarithms of probabilities (V,).
        width: of a group; the last one has all that lie lower.
    """
    last, n_groups = values[top[-1]], len(counts)
    numbers, sums = np.zeros(n_groups, np.int64), np.zeros(n_groups, np.float64)
    for token in range(len(values)):
        depth = min((last - values[token]) / width, n_groups - 1.0)
        group = max(0, int(depth))
        numbers[group] += 1
        sums[group] += values[token]
    for token in top:  # no other one lies above the last of them
        numbers[0] -= 1
        sums[0] -= values[token]
    for group in range(n_groups):
        counts[group] = numbers[group]
        means[group] = sums[group] / max(numbers[group], 1)


@kernel(fast_math=True)
def standing(log_probabilities: FloatArray, token: int) -> tuple[float, float, float]:
    """How a token stands in a distribution (V,): its surprise in bits, how many are likelier, the entropy in bits."""
    mine, n_likelier, nats = log_probabilities[token], 0, 0.0
    for other in range(len(log_probabilities)):
        value = max(log_probabilities[other], _LOWEST)
        n_likelier += value > mine
        nats -= np.float64(exp(value) * value)
    return max(0.0, -mine / _LN2), float(n_likelier), nats / _LN2
