"""Spoken words as their judge sees them: mel spectrograms as grey pictures; and disturbed, to learn from."""

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.core.seed import generator
from studio.core.sound.mel import FLOOR_DB, log_mel
from studio.datasets.speech import Speech

N_SAMPLES: Final = 16_384
"""How much of a sound is looked at: about a second, with the word in its middle."""
N_COPIES: Final = 6
LEAST_SNR_DB, MOST_SNR_DB, MOST_HOARSE = 3.0, 50.0, 0.8
"""How people still understand every word, and so shall the judge."""
RANGE_DB: Final = 60.0
"""Below the loudest place; what is fainter is black."""
_PART: Final = 64
_LEAST_DB: Final = FLOOR_DB + RANGE_DB
"""No place is taken for a loud one below it: silence is black."""

FloatArray = NDArray[np.float32]


def word_pictures(samples: FloatArray) -> Tensor:
    """Sounds (N, 16384) as mel spectrograms (N, 1, 64, 128) uint8: the loudest place of each is white."""
    parts = [log_mel(samples[first : first + _PART]) for first in range(0, len(samples), _PART)]
    levels = np.concatenate(parts)  # (N, 64, 128)
    loudest = np.maximum(levels.max((1, 2), keepdims=True), _LEAST_DB)
    grey = np.rint((1 + (levels - loudest) / RANGE_DB).clip(0, 1) * 255).astype(np.uint8)
    return torch.from_numpy(grey)[:, None]


def in_the_middle(sound: FloatArray, late: int = 0) -> FloatArray:
    """A sound (T,) with silence around it, or cut, to (16384,); `late` samples right of the middle."""
    over = max(0, len(sound) - N_SAMPLES)
    kept = sound[over // 2 : over // 2 + N_SAMPLES]
    before = int(np.clip((N_SAMPLES - len(kept)) // 2 + late, 0, N_SAMPLES - len(kept)))
    return np.pad(kept, (before, N_SAMPLES - len(kept) - before))


def pictured_speech(speech: Speech, n_copies: int = 1) -> tuple[Tensor, Tensor]:
    """Words N to (n N, 1, 64, 128) pictures and which digit each is, (n N,); all but the first N are disturbed."""
    sounds = [speech.sound(number) for number in range(len(speech.words))]
    copies = [
        word_pictures(np.stack([_disturbed(sound, number, copy) for number, sound in enumerate(sounds)]))
        for copy in range(n_copies)
    ]
    return torch.cat(copies), torch.from_numpy(speech.words).long().repeat(n_copies)


def _disturbed(sound: FloatArray, number: int, copy: int) -> FloatArray:
    """Earlier or later by up to 60 ms, faster or slower by up to 12 %, with hiss and hoarse; copy 0 is as it was."""
    if copy == 0:
        return in_the_middle(sound)
    random = generator(0, "speech judge", number, copy)
    pace, late = 2.0 ** random.uniform(-0.17, 0.17), int(random.integers(-960, 960))
    places = np.arange(int(len(sound) / pace)) * pace
    moved = in_the_middle(np.interp(places, np.arange(len(sound)), sound).astype(np.float32), late)
    return noisy(moved, random.uniform(LEAST_SNR_DB, MOST_SNR_DB), random.uniform(0, MOST_HOARSE), random)


def noisy(sound: FloatArray, snr_db: float, hoarse: float, random: np.random.Generator) -> FloatArray:
    """A sound (T,) with white noise so much softer than itself, and times noise of mean 1 and spread `hoarse`."""
    hiss = float(np.sqrt(np.mean(sound**2))) * 10 ** (-snr_db / 20)
    rough, white = random.standard_normal((2, len(sound)), dtype=np.float32)
    result: FloatArray = (sound * (1 + hoarse * rough) + hiss * white).astype(np.float32)
    return result
