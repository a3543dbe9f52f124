"""A person's own sounds as they can be asked for: by their kind, which is the name of a folder or of files.

Shape letters: F stretches, C numbers told, T samples.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from studio.core.text import N_

from .sound_asking import Offer, Told, Words
from .sound_params import SoundParams
from .sound_time import time_numbers
from .sounds_config import SoundsConfig

FULL_RMS: Final = 1.0
"""The learnt sounds go up to full scale, and a person’s own one shall."""


@dataclass(frozen=True)
class SoundsAsking:
    """What a model of own sounds can be asked for."""

    config: SoundsConfig

    @property
    def kinds(self) -> Words:
        """Of which kind it may be."""
        return Words("kind", N_("Kind of sound"), {name: name for name in self.config.kinds})

    @property
    def offer(self) -> Offer:
        is_choice = len(self.config.kinds) > 1
        one, several = N_("You asked for a sound like your own."), N_("You asked for “{kind}”.")
        return Offer((self.kinds,), several if is_choice else one, FULL_RMS)

    def told(self, params: SoundParams, n_samples: int) -> Told:
        return told_kind(self.kinds.place(params), n_samples, self.config)


def told_kind(kind: int, n_samples: int, config: SoundsConfig) -> Told:
    """What is told of a sound of one kind, by its place among the names: numbers (F, C), and no waves (T, 0)."""
    time = time_numbers(n_samples, config.wave.hop, config.n_samples)  # (F, 9)
    kinds = np.zeros((len(time), len(config.kinds)), np.float32)
    kinds[:, kind] = 1
    return Told(np.concatenate([kinds, time], 1), np.zeros((n_samples, 0), np.float32))
