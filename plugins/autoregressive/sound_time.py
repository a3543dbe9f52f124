"""When in a sound it is, as a network is told: what is left of its beginning, and of its end. Shape: F stretches."""

from typing import Final

import numpy as np

from studio.core.fade import N_FADE

from .wave_law import RATE_HZ, FloatArray

N_DECAYS: Final = 8
N_TIMES: Final = N_DECAYS + 1
_SHORTEST_S: Final = 0.004


def time_numbers(n_samples: int, hop: int, n_learnt: int) -> FloatArray:
    """(F, 9) for stretches of `hop`: what is left of the beginning at eight paces, and of the sound while it fades out.

    A sound that is longer than those that were learnt goes on as they were before they faded.
    """
    starts = np.arange(0, n_samples, hop)
    passed_s = np.minimum(starts, max(0, n_learnt - N_FADE)) / RATE_HZ
    paces_s = _SHORTEST_S * 2.0 ** np.arange(N_DECAYS)
    left = np.clip((n_samples - starts) / N_FADE, 0, 1)
    return np.concatenate([np.exp(-passed_s[:, None] / paces_s), left[:, None]], 1).astype(np.float32)
