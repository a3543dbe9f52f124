"""A model of a person's own short sounds: which kinds there are, and the network that is told one of them."""

from dataclasses import dataclass
from typing import Final

from studio.core.error import UserError
from studio.core.text import N_

from .sound_network import SoundNetwork
from .sound_time import N_TIMES
from .wave_config import WaveConfig

MAX_KINDS: Final = 64


@dataclass(frozen=True)
class SoundsConfig:
    """Attributes:
    kinds: by name. n_stretches: how many stretches of `wave.hop` samples the learnt sounds have.
    wave: the sizes of the network.
    """

    kinds: tuple[str, ...]
    wave: WaveConfig
    n_stretches: int

    def __post_init__(self) -> None:
        has_kinds = 0 < len(set(self.kinds)) == len(self.kinds) <= MAX_KINDS
        if not has_kinds or self.wave.n_told != n_told(len(self.kinds)) or self.wave.n_waves or self.n_stretches < 1:
            raise UserError(N_("The sizes in this model's file are not possible."))

    @property
    def n_samples(self) -> int:
        """How long the learnt sounds are."""
        return self.n_stretches * self.wave.hop


def n_told(n_kinds: int) -> int:
    """The kinds; time since the sound began, and its end."""
    return n_kinds + N_TIMES


class OwnWaveNet(SoundNetwork):
    """A WaveNet whose sounds are a person's own."""

    config: SoundsConfig
