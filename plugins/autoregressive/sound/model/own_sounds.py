"""A person's own short sounds by their kind: what can be asked of a model of them, and what its network is told.

Shape letters: F stretches, C numbers told, T samples.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from studio.core.error import UserError
from studio.core.translation import N_

from ..conditioning import N_TIMES, ConditioningOffer, SoundConditioning, WordChoice, time_numbers
from ..params import SoundParams
from .config import WaveConfig
from .wavenet import SoundNetwork

MAX_KINDS: Final = 64
FULL_RMS: Final = 1.0
"""The learnt sounds go up to full scale, and a person’s own one shall."""


@dataclass(frozen=True)
class OwnWaveNetConfig:
    """Attributes:
    kinds: by name. n_stretches: how many stretches of `wave.hop` samples the learnt sounds have.
    wave: the sizes of the network.
    """

    kinds: tuple[str, ...]
    wave: WaveConfig
    n_stretches: int

    def __post_init__(self) -> None:
        has_kinds = 0 < len(set(self.kinds)) == len(self.kinds) <= MAX_KINDS
        if (
            not has_kinds
            or self.wave.n_told != n_conditioning(len(self.kinds))
            or self.wave.n_waves
            or self.n_stretches < 1
        ):
            raise UserError(N_("The sizes in this model’s file are impossible."))

    @property
    def n_samples(self) -> int:
        """How long the learnt sounds are."""
        return self.n_stretches * self.wave.hop


def n_conditioning(n_kinds: int) -> int:
    """The kinds; time since the sound began, and its end."""
    return n_kinds + N_TIMES


class OwnWaveNet(SoundNetwork):
    """A WaveNet whose sounds are a person's own."""

    config: OwnWaveNetConfig


@dataclass(frozen=True)
class OwnSoundsConditioner:
    """What a model of own sounds can be asked for."""

    config: OwnWaveNetConfig

    @property
    def kinds(self) -> WordChoice:
        """Of which kind it may be."""
        return WordChoice("kind", N_("Kind of sound"), {name: name for name in self.config.kinds})

    @property
    def offer(self) -> ConditioningOffer:
        is_choice = len(self.config.kinds) > 1
        one, several = N_("You asked for a sound like your own."), N_("You asked for “{kind}”.")
        return ConditioningOffer((self.kinds,), several if is_choice else one, FULL_RMS)

    def told(self, params: SoundParams, n_samples: int) -> SoundConditioning:
        return kind_conditioning(self.kinds.place(params), n_samples, self.config)


def kind_conditioning(kind: int, n_samples: int, config: OwnWaveNetConfig) -> SoundConditioning:
    """What is told of a sound of one kind, by its place among the names: numbers (F, C), and no waves (T, 0)."""
    time = time_numbers(n_samples, config.wave.hop, config.n_samples)  # (F, 9)
    kinds = np.zeros((len(time), len(config.kinds)), np.float32)
    kinds[:, kind] = 1
    return SoundConditioning(np.concatenate([kinds, time], 1), np.zeros((n_samples, 0), np.float32))
