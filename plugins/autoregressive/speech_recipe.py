"""The training that makes `autoregressive/speech`, digits spoken by voice, and what its card says."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import numpy as np
import torch

from studio.api.training import PHONEMES, VOICES, WORDS, Speech, Split, TrainSettings, load_speech_parts
from studio.core.check import Check
from studio.core.frame import Frame
from studio.core.text import N_

from .sound_network import SoundNetwork
from .sound_recipe import SoundMaterial, SoundRecipe
from .speech_config import SpeechConfig, SpeechWaveNet, n_told
from .speech_data import SpeechBatches, spoken_segments, voice_timbres
from .speech_evaluation import asked_pairs, spoken_words, word_check
from .wave_config import WaveConfig
from .wave_law import FloatArray
from .wave_training import Measuring, SoundBatches

N_TIMBRE: Final = 8
CONFIG: Final = SpeechConfig(
    WORDS,
    VOICES,
    PHONEMES,
    WaveConfig(tuple(2**k for k in range(11)), n_told(len(PHONEMES), N_TIMBRE), n_waves=8),
    n_timbre=N_TIMBRE,
)
TRAINING: Final = TrainSettings(
    n_steps=5400,
    n_micro=4,
    learning_rate=2e-3,
    n_warmup=100,
    n_decay=4900,
    weight_decay=1e-3,
    average_decay=0.998,
    keep_best=True,
)
TEMPERATURE: Final = 0.65
LONGEST_S: Final = 0.704
"""In which every word fits."""
FIRST: Final = {"kind": "seven", "instrument": "Annie"}
"""What is heard first, in a voice that was never learnt from."""
N_SHOWN: Final = 5
N_HEARD: Final = 200
SHOWN_VOICE: Final = VOICES.index("f1")


@dataclass(frozen=True, kw_only=True)
class SpeechRecipe(SoundRecipe):
    """Words by voice, whose phonemes are told."""

    config: SpeechConfig
    measured_on: ClassVar[str] = N_("Bits per sample of test voices")

    def material(self, settings: TrainSettings, device: torch.device) -> Generator[Frame, None, SoundMaterial]:
        yield from ()  # nothing here takes long
        parts = load_speech_parts()
        timbres = voice_timbres(parts[Split.TRAIN], self.config.n_timbre)
        network = SpeechWaveNet(self.config)
        table = spoken_segments(list(parts.values()), len(self.config.voices), self.config.n_segments)
        network.segments.copy_(torch.from_numpy(table))
        network.timbres.copy_(torch.from_numpy(timbres))
        batches = {
            split: SpeechBatches(speech, self.config, timbres, self.seed, device) for split, speech in parts.items()
        }
        return SoundMaterial(network, batches, self._about(parts))

    def shown(self, network: SoundNetwork) -> Measuring[FloatArray]:
        assert isinstance(network, SpeechWaveNet)
        asked = [(SHOWN_VOICE, word) for word in range(0, 2 * N_SHOWN, 2)]
        return (yield from spoken_words(network, asked, self.seed, self.temperature))

    def heard(self, network: SoundNetwork, test: SoundBatches) -> Measuring[list[Check]]:
        assert isinstance(network, SpeechWaveNet)
        assert isinstance(test, SpeechBatches)
        asked = asked_pairs(np.unique(test.speech.voices).astype(np.int64), len(self.config.words), N_HEARD)
        sounds = yield from spoken_words(network, asked, self.seed, self.temperature)
        return [word_check(sounds, asked)]

    def _about(self, parts: Mapping[Split, Speech]) -> dict[str, Any]:
        learnt, held_out = parts[Split.TRAIN], np.unique(parts[Split.TEST].voices)
        n, n_voices = len(learnt.words), len(np.unique(learnt.voices))
        spoken = N_("Bits per sample are of 256 mu-law levels at temperature 1; words are spoken at {t}.")
        never = N_("Held out are voices: {names} were never heard, only how bright they are is told.")
        return {
            "data": N_("{n:,} digits spoken by espeak-ng in {v} voices, 16 kHz").format(n=n, v=n_voices),
            "data_set": {"name": "speech", "n_items": n, "which": "full"},
            "defaults": {"temperature": self.temperature, "seconds": LONGEST_S, **FIRST},
            "notes": [
                spoken.format(t=self.temperature),
                N_("Which phoneme is spoken when, and how high, is told: it was measured once on espeak-ng."),
                never.format(names=", ".join(VOICES[voice] for voice in held_out)),
            ],
        }


SPEECH: Final = SpeechRecipe(
    id="autoregressive/speech",
    title=N_("Spoken digits"),
    summary=N_("Learns from spoken digits in 34 voices what the next of 16,000 samples a second may be."),
    task=N_("Says a digit in the voice that you ask for, sample by sample, and goes on with sounds."),
    minutes=80,
    config=CONFIG,
    settings=TRAINING,
    temperature=TEMPERATURE,
    seed=88,
)
