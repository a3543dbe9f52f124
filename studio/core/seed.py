"""Noise that depends on a seed and a step only, never on what was drawn before."""

import hashlib

import numpy as np
import numpy.typing as npt

MAX_SEED = 2**31 - 1


def generator(seed: int, *keys: int | str) -> np.random.Generator:
    """Return a random generator for hash(seed, keys); what was drawn before makes no difference."""
    text = "\x1f".join(str(part) for part in (seed, *keys))
    digest = hashlib.sha256(text.encode()).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest[:16], "little")))


def standard_normal(shape: tuple[int, ...], seed: int, *keys: int | str) -> npt.NDArray[np.float32]:
    """Draw float32 noise ~ N(0, I) of `shape` from hash(seed, keys)."""
    return generator(seed, *keys).standard_normal(shape, dtype=np.float32)
