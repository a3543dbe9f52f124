"""A person's own sounds to learn from as levels with what is told about them, drawn by number.

Shape letters: N sounds, T samples, F stretches, C numbers told.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import torch

from studio.core.seed import generator

from .notes_data import lowered
from .sounds_asking import told_kind
from .sounds_config import SoundsConfig
from .wave_law import FloatArray, levels_of
from .wave_training import Inputs

LOWERED_SHARE: Final = 0.5
"""Of the sounds that are read slower, up to a semitone lower: few sounds become many that are nearly the same."""
MOST_MEASURED: Final = 48


@dataclass(frozen=True, eq=False)
class OwnSoundBatches:
    """Draws a sound by number: the same seed and number give the same one, whatever came before.

    Attributes:
        samples: (N, T). labels: (N,) of which kind each is.
    """

    samples: FloatArray
    labels: npt.NDArray[np.int64]
    config: SoundsConfig
    seed: int
    device: torch.device

    def draw(self, step: int, micro: int) -> Inputs:
        """Levels (1, T), told numbers (1, F, C) and no waves (1, T, 0) of a sound, now and then a little lower."""
        random = generator(self.seed, "sounds", step, micro)
        number = int(random.integers(len(self.labels)))
        share, low = random.random(2)
        sound = self.samples[number]
        return self._inputs(lowered(sound, float(low)) if share < LOWERED_SHARE else sound, int(self.labels[number]))

    def each(self) -> list[Inputs]:
        """All sounds as they are, or 48 of them from the first to the last."""
        n = len(self.labels)
        chosen = np.unique(np.linspace(0, n - 1, min(n, MOST_MEASURED)).round().astype(int))
        return [self._inputs(self.samples[number], int(self.labels[number])) for number in chosen.tolist()]

    def _inputs(self, sound: FloatArray, kind: int) -> Inputs:
        levels = torch.from_numpy(levels_of(sound[None], self.config.wave.n_levels)).long()
        told = told_kind(kind, len(sound), self.config)
        numbers, waves = torch.from_numpy(told.numbers[None]), torch.from_numpy(told.waves[None])
        return levels.to(self.device), numbers.to(self.device), waves.to(self.device)
