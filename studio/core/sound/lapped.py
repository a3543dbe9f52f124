"""An orthonormal lapped transform of sound (MDCT, Princen, Johnson and Bradley 1987) that closes into a ring.

The end of a sound meets its beginning, so T samples become exactly T numbers, bands by frames, and the transform is
its own transpose: distances and noise are the same on both sides. Shape letters: N sounds, T samples, M bands, L
frames, T = M L.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]


@lru_cache(maxsize=4)
def lapped_basis(n_bands: int) -> FloatArray:
    """(M, 2 M): band m's waveform over the two blocks that a frame covers, with a sine window."""
    at = np.arange(2 * n_bands) + 0.5
    window = np.sin(np.pi * at / (2 * n_bands))
    bands = np.arange(n_bands)[:, None] + 0.5
    waves = np.cos(np.pi / n_bands * (at + n_bands / 2) * bands) * np.sqrt(2 / n_bands)
    basis: FloatArray = (waves * window).astype(np.float32)
    basis.setflags(write=False)
    return basis


def lapped(samples: FloatArray, n_bands: int) -> FloatArray:
    """Sounds (N, T) to (N, M, L); T is a multiple of M. Frame l covers samples l M to (l + 2) M, around the ring."""
    blocks = samples.reshape(len(samples), -1, n_bands)  # (N, L, M)
    pairs = np.concatenate([blocks, np.roll(blocks, -1, axis=1)], axis=2)  # (N, L, 2 M)
    return np.ascontiguousarray((pairs @ lapped_basis(n_bands).T).transpose(0, 2, 1))


def unlapped(numbers: FloatArray) -> FloatArray:
    """What `lapped` was given: (N, M, L) to (N, T)."""
    n_sounds, n_bands, _ = numbers.shape
    pairs = numbers.transpose(0, 2, 1) @ lapped_basis(n_bands)  # (N, L, 2 M)
    blocks = pairs[..., :n_bands] + np.roll(pairs[..., n_bands:], 1, axis=1)
    return np.ascontiguousarray(blocks.reshape(n_sounds, -1))
