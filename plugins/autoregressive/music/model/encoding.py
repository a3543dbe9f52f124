"""Pieces as the network is asked about them: what is known beforehand, and the cells to be told.

Shape letters: B pieces at once, T sixteenths, V = 4 voices.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ..grid import HOLD, N_VOICES, UNKNOWN, Bytes, Flags, VoiceGrid, known_sounds, sounding, sounds_of, tokens_of
from .transformer import KnownVoices, VoiceCells


@dataclass(frozen=True, eq=False)
class ChoraleExamples:
    """What a network is asked: `known` and cells to tell, with their tokens; `is_asked` (B, T, V) marks what counts."""

    known: KnownVoices
    before: VoiceCells
    now: VoiceCells
    tokens: Tensor
    is_asked: Tensor

    def to(self, device: torch.device) -> "ChoraleExamples":
        """The same on a device."""
        known = KnownVoices(*(one.to(device) for one in self.known))
        before, now = (VoiceCells(*(one.to(device) for one in cells)) for cells in (self.before, self.now))
        return ChoraleExamples(known, before, now, self.tokens.to(device), self.is_asked.to(device))


def examples(
    grids: Sequence[VoiceGrid], given: Sequence[Flags], to_end: Sequence[int], past: Sequence[Bytes]
) -> ChoraleExamples:
    """Pieces of one length as the network is asked about them.

    Args:
        given: (T, V) each. to_end: sixteenths behind the last one. past: (V,) what sounded before each, 0 to UNKNOWN.
    """
    known = [known_of(grid, is_given, far) for grid, is_given, far in zip(grids, given, to_end, strict=True)]
    now = [cells_of(grid.values) for grid in grids]
    before = [_shifted(one, first) for one, first in zip(now, past, strict=True)]
    return ChoraleExamples(
        KnownVoices(*(torch.from_numpy(np.stack(part)) for part in zip(*known, strict=True))),
        VoiceCells(*(torch.from_numpy(np.stack(part)) for part in zip(*before, strict=True))),
        VoiceCells(*(torch.from_numpy(np.stack(part)) for part in zip(*now, strict=True))),
        torch.from_numpy(np.stack([tokens_of(grid.values) for grid in grids])),
        torch.from_numpy(np.stack([~is_given for is_given in given])),
    )


def known_of(grid: VoiceGrid, is_given: Flags, to_end: int) -> tuple[npt.NDArray[np.generic], ...]:
    """The arrays of `Known` for one piece."""
    sounds, begins = known_sounds(grid.values, is_given)
    far = to_end + np.arange(len(grid))[::-1]
    places, bars = grid.places.astype(np.int64), grid.bars.astype(np.int64)
    return sounds, begins.astype(np.float32), places, bars, far.astype(np.int64), np.array(grid.key)


def cells_of(values: Bytes) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """What sounds (T, V), and whether it begins there."""
    return sounds_of(sounding(values)), (values != HOLD).astype(np.float32)


def _shifted(
    cells: tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]], first: Bytes
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    sounds, begins = cells
    begins = np.concatenate([np.zeros((1, N_VOICES), np.float32), begins[:-1]])
    return np.concatenate([first[None].astype(np.int64), sounds[:-1]]), begins


def nothing_before() -> Bytes:
    """What sounded before the beginning of a piece."""
    return np.full(N_VOICES, UNKNOWN, np.uint8)
