"""What a WaveNet is made of: how far its layers look back, how wide they are, and what it is told beside the past."""

from dataclasses import dataclass
from typing import Final

from studio.core.error import UserError
from studio.core.text import N_

from .wave_law import N_LEVELS

N_TAPS: Final = 2
"""Samples that the first layer looks at, the newest ones."""
MAX_DILATION: Final = 4096


@dataclass(frozen=True)
class WaveConfig:
    """The sizes of a network that reads a sound sample by sample.

    Attributes:
        dilation: how far each gated layer looks back, the lowest layer first.
        width: numbers that a layer keeps of each sample.
        skip_width: of what all layers together hand to the head.
        n_told: numbers that it is told about each stretch of the sound (local conditioning).
        told_width, told_inner: of the small network that reads them.
        hop: samples of such a stretch.
        n_waves: sines and cosines of the wanted pitch that go in with the samples.
        n_levels: values that a sample may have.
    """

    dilation: tuple[int, ...]
    n_told: int
    n_waves: int
    width: int = 64
    skip_width: int = 64
    told_width: int = 64
    told_inner: int = 96
    hop: int = 64
    n_levels: int = N_LEVELS

    def __post_init__(self) -> None:
        sizes = (*self.dilation, self.width, self.skip_width, self.told_width, self.told_inner, self.hop, self.n_told)
        is_possible = bool(self.dilation) and min(sizes) >= 1 and max(self.dilation) <= MAX_DILATION
        if not is_possible or self.n_waves < 0 or not 2 <= self.n_levels <= N_LEVELS:
            raise UserError(N_("The sizes in this model's file are not possible."))

    @property
    def n_layers(self) -> int:
        """Gated layers."""
        return len(self.dilation)

    @property
    def n_seen(self) -> int:
        """How many of the samples before it a sample may depend on (receptive field)."""
        return N_TAPS + sum(self.dilation)

    @property
    def n_biases(self) -> int:
        """Numbers that the told ones become: a bias for both halves of each layer, and one for the head."""
        return 2 * self.n_layers * self.width + self.skip_width

    @property
    def n_inputs(self) -> int:
        """Numbers that go into the first layer: each tap in two forms, and the waves."""
        return 2 * N_TAPS + self.n_waves
