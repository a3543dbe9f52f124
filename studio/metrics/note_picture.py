"""Notes as the judge of instruments sees them: mel spectrograms as grey pictures; and disturbed, to learn from."""

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.core.seed import generator
from studio.core.sound.mel import FLOOR_DB, log_mel
from studio.datasets.music.notes import Notes

N_COPIES: Final = 6
_MAX_SHIFT: Final = 256
_PART: Final = 64

FloatArray = NDArray[np.float32]


def note_pictures(samples: FloatArray) -> Tensor:
    """Sounds (N, 8192) as mel spectrograms (N, 1, 64, 64) uint8, loud is white."""
    parts = [samples[first : first + _PART] for first in range(0, len(samples), _PART)]
    levels = np.concatenate([log_mel(part) for part in parts])
    grey = np.rint((1 - levels / FLOOR_DB).clip(0, 1) * 255).astype(np.uint8)
    return torch.from_numpy(grey)[:, None]


def copied_note_pictures(notes: Notes) -> tuple[Tensor, Tensor]:
    """N notes to (6 N, 1, 64, 64) pictures and the instrument (6 N,) of each; all but the first N are disturbed."""
    samples = notes.sound()
    copies = [note_pictures(disturbed(samples, copy)) for copy in range(N_COPIES)]
    return torch.cat(copies), torch.from_numpy(notes.instruments).long().repeat(N_COPIES)


def disturbed(samples: FloatArray, copy: int) -> FloatArray:
    """Sounds (N, T) up to 16 ms later, louder or softer by up to 10 dB, with hiss; copy 0 is as it was."""
    if copy == 0:
        return samples
    random = generator(0, "notes judge", copy)
    shifts = random.integers(0, _MAX_SHIFT, len(samples))
    late = np.stack([np.pad(sound, (shift, 0))[: len(sound)] for sound, shift in zip(samples, shifts, strict=True)])
    gains = 10 ** (random.uniform(-10, 4, (len(samples), 1)) / 20)
    hiss = 10 ** (random.uniform(-90, -45, (len(samples), 1)) / 20)
    noisy = late * gains + hiss * random.standard_normal(samples.shape, dtype=np.float32)
    return noisy.clip(-1, 1).astype(np.float32)
