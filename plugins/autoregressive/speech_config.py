"""What can be asked of a model of spoken words, and the network that is told it.

Shape letters: V voices, W words, S segments of a word (a phoneme or a pause each), N numbers of a timbre.
"""

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from studio.core.error import UserError
from studio.core.text import N_

from .sound_network import SoundNetwork
from .wave_config import WaveConfig

MAX_VOICES: Final = 128
MAX_WORDS: Final = 32
MAX_PHONEMES: Final = 64
MAX_SEGMENTS: Final = 16
N_PER_SEGMENT: Final = 4
"""Its phoneme, its stretches, and the pitch in Hz at its beginning and end (0 where it is voiceless)."""
N_PACES: Final = 3


@dataclass(frozen=True)
class SpeechConfig:
    """Attributes:
    words, voices: by name. phonemes: by name, the first is the pause.
    n_segments: of the longest word. n_timbre: numbers that tell a voice.
    wave: the sizes of the network.
    """

    words: tuple[str, ...]
    voices: tuple[str, ...]
    phonemes: tuple[str, ...]
    wave: WaveConfig
    n_segments: int = 8
    n_timbre: int = 8

    def __post_init__(self) -> None:
        counts = ((self.words, MAX_WORDS), (self.voices, MAX_VOICES), (self.phonemes, MAX_PHONEMES))
        has_all = all(0 < len(names) <= most for names, most in counts) and 0 < self.n_segments <= MAX_SEGMENTS
        is_told = self.wave.n_told == n_told(len(self.phonemes), self.n_timbre) and self.wave.n_waves % 2 == 0
        if not (has_all and is_told):
            raise UserError(N_("The sizes in this model's file are not possible."))


def n_told(n_phonemes: int, n_timbre: int) -> int:
    """This phoneme, the last and the next one; where in it; whether there is a voice and how high; whose it is."""
    return 3 * n_phonemes + 2 + 2 * N_PACES + 2 + n_timbre


class SpeechWaveNet(SoundNetwork):
    """A WaveNet whose sounds are words.

    Attributes:
        segments: (V, W, S, 4) how each voice says each word, see N_PER_SEGMENT; zeros behind its last segment.
        timbres: (V, N) what tells the voices apart.
    """

    config: SpeechConfig
    segments: Tensor
    timbres: Tensor

    def __init__(self, config: SpeechConfig) -> None:
        super().__init__(config)
        n_voices, n_words = len(config.voices), len(config.words)
        self.register_buffer("segments", torch.zeros(n_voices, n_words, config.n_segments, N_PER_SEGMENT))
        self.register_buffer("timbres", torch.zeros(n_voices, config.n_timbre))
