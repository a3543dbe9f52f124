"""What can be asked of a model of notes, and the network that is told it.

Shape letters: I instruments.
"""

from dataclasses import dataclass
from typing import Final

from studio.core.error import UserError
from studio.core.text import N_

from .sound_network import SoundNetwork
from .sound_time import N_TIMES
from .wave_config import WaveConfig

MAX_INSTRUMENTS: Final = 64
MAX_PITCH: Final = 127


@dataclass(frozen=True)
class NotesConfig:
    """Attributes:
    instruments: by name. lowest_pitch, n_pitches: the notes that can be asked for, as MIDI counts them.
    n_stretches: how many stretches of `wave.hop` samples the learnt notes have.
    wave: the sizes of the network.
    """

    instruments: tuple[str, ...]
    wave: WaveConfig
    lowest_pitch: int = 48
    n_pitches: int = 25
    n_stretches: int = 128

    def __post_init__(self) -> None:
        has_instruments = 0 < len(self.instruments) <= MAX_INSTRUMENTS
        has_pitches = self.n_pitches > 0 and 0 <= self.lowest_pitch <= MAX_PITCH - self.n_pitches
        is_told = self.wave.n_told == n_told(len(self.instruments)) and self.wave.n_waves % 2 == 0
        if not (has_instruments and has_pitches and is_told and self.n_stretches > 0):
            raise UserError(N_("The sizes in this model's file are not possible."))

    @property
    def pitches(self) -> range:
        """The notes that can be asked for."""
        return range(self.lowest_pitch, self.lowest_pitch + self.n_pitches)

    @property
    def n_samples(self) -> int:
        """How long the learnt notes are."""
        return self.n_stretches * self.wave.hop


N_PITCH_WAVES: Final = 3


def n_told(n_instruments: int) -> int:
    """Instruments; pitch, its waves over the octave, velocity; time since the key went down, and the end."""
    return n_instruments + 2 + 2 * N_PITCH_WAVES + N_TIMES


class NotesWaveNet(SoundNetwork):
    """A WaveNet whose sounds are notes."""

    config: NotesConfig
