"""How sounds that are cut off end: they fade out, so that nothing clicks."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

N_FADE: Final = 512
"""32 ms at 16 kHz."""


def fade_out(n_samples: int) -> NDArray[np.float64]:
    """(n_samples,) what the samples of a sound are multiplied by: 1, and a quarter of a cosine, squared, at the end."""
    n = min(N_FADE, n_samples)
    return np.concatenate([np.ones(n_samples - n), np.cos(np.linspace(0, np.pi / 2, n)) ** 2])
