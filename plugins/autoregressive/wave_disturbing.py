"""Sounds that went away from what they should be, so that a network learns to bring them back.

A network that learnt from clean sounds alone does not know what to do when its own sound has become too loud, too soft
or another one: every sample was likely, and the sum of all errors is not (exposure bias: Ranzato et al. 2016, arXiv
1511.06732). Here a sound is heard with another one that comes and goes, and what it is to tell is the true sound. Later
in the training what is heard may be what the network itself makes (its own states, those to learn from: Ross et al.
2011, arXiv 1011.0686). Shape letters: T samples.
"""

from typing import Final

import numpy as np

from .wave_law import ByteArray, FloatArray, levels_of, samples_of

_LOUDER: Final = 0.3
"""Of the natural logarithm of how loud a sound is heard, the spread: 2.6 dB."""
_OTHER: Final = (0.02, 1.0)
"""How loud the other one is against it, at its loudest."""
_SPEEDS: Final = (0.5, 2.0)
"""Of the other one against it: an octave lower to an octave higher."""
_HISS: Final = (3e-4, 2e-2)
"""How loud a hiss comes with it, where samples go from -1 to 1."""
_COMING: Final = (800.0, 16_000.0)
"""Samples from once that it is loudest to the next time."""


def mixed(levels: ByteArray, n_levels: int, random: np.random.Generator) -> ByteArray:
    """A sound (T,), louder or softer, with itself from another time at another speed, and hiss."""
    samples = samples_of(levels, n_levels)
    coming = np.sin(np.pi * (random.random() + np.arange(len(samples)) / _between(_COMING, random))) ** 2
    other = _between(_OTHER, random) * _elsewhere(samples, random)
    hiss = _between(_HISS, random) * random.standard_normal(len(samples))
    louder = np.exp(random.normal(0, _LOUDER) * coming)
    return levels_of(samples * louder + coming * (other + hiss), n_levels)


def _elsewhere(samples: FloatArray, random: np.random.Generator) -> FloatArray:
    """A sound (T,) from a random time, at its own speed or another one; behind its end it begins again."""
    speed = 1.0 if random.random() < 0.5 else _between(_SPEEDS, random)
    places = (random.random() * len(samples) + np.arange(len(samples)) * speed) % len(samples)
    return np.interp(places, np.arange(len(samples)), samples).astype(np.float32)


def _between(bounds: tuple[float, float], random: np.random.Generator) -> float:
    """A positive number between two, its logarithm evenly spread."""
    return float(np.exp(random.uniform(*np.log(bounds))))
