"""The training that makes `autoregressive/speech`, digits spoken by voice, and what its card says."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Final

import numpy as np
import torch

from studio.api.engine import TrainOptions
from studio.api.training import (
    PHONEMES,
    VOICES,
    WORDS,
    Moment,
    SlowPreview,
    Speech,
    Split,
    Training,
    TrainSettings,
    Validation,
    follow_training,
    load_speech,
    measuring_frames,
    trained_facts,
)
from studio.core.card import write_card
from studio.core.check import Check
from studio.core.frame import Frame
from studio.core.text import N_
from studio.core.view import Audio, Image

from .notes_recipe import PREVIEWS
from .sound_making import sheet_of
from .sound_network import on_processor
from .speech_config import SpeechConfig, SpeechWaveNet, n_told
from .speech_data import SpeechBatches, spoken_segments, voice_timbres
from .speech_evaluation import asked_pairs, spoken_words, word_check
from .wave_config import WaveConfig
from .wave_law import RATE_HZ
from .wave_training import BITS, Measuring, NextSample, mean_bits, validated
from .wave_weights import load_sound_network, save_sound_network

N_TIMBRE: Final = 8
CONFIG: Final = SpeechConfig(
    WORDS,
    VOICES,
    PHONEMES,
    WaveConfig(tuple(2**k for k in range(11)), n_told(len(PHONEMES), N_TIMBRE), n_waves=8),
    n_timbre=N_TIMBRE,
)
TRAINING: Final = TrainSettings(
    n_steps=3000,
    n_micro=4,
    learning_rate=2e-3,
    n_warmup=100,
    n_decay=2800,
    weight_decay=1e-3,
    average_decay=0.998,
    keep_best=True,
)
TEMPERATURE: Final = 0.65
MOST_LOSS: Final = 1.0
LONGEST_S: Final = 0.704
"""In which every word fits."""
FIRST: Final = {"kind": "seven", "instrument": "Annie"}
"""What is heard first, in a voice that was never learnt from."""
N_SHOWN: Final = 5
N_HEARD: Final = 200
SHOWN_VOICE: Final = VOICES.index("f1")


@dataclass(frozen=True)
class SpeechRecipe:
    """`autoregressive/speech`: zero to nine in 44 voices, sample by sample."""

    id: str = "autoregressive/speech"
    title: str = N_("Spoken digits")
    summary: str = N_("Learns from spoken digits in 34 voices what the next of 16,000 samples a second may be.")
    minutes: float = 60
    needs_folder: bool = False
    task: str = N_("Says a digit in the voice that you ask for, sample by sample, and goes on with sounds.")
    config: SpeechConfig = CONFIG
    settings: TrainSettings = TRAINING
    temperature: float = TEMPERATURE
    seed: int = 88

    def train(self, options: TrainOptions) -> Iterator[Frame]:
        """Yield one frame per micro-batch; at the end write weights and card to `options.out`."""
        torch.manual_seed(self.seed)
        speech, device = load_speech(Split.TRAIN), options.device.torch_device
        settings = self.settings.chosen(options.settings, options.n_steps)
        timbres = voice_timbres(speech, self.config.n_timbre)
        network = SpeechWaveNet(self.config)
        parts = [load_speech(split) for split in Split]
        table = spoken_segments(parts, len(self.config.voices), self.config.n_segments)
        network.segments.copy_(torch.from_numpy(table))
        network.timbres.copy_(torch.from_numpy(timbres))
        batches = SpeechBatches(speech, self.config, timbres, self.seed, device)
        held_out = SpeechBatches(load_speech(Split.VALIDATION), self.config, timbres, self.seed, device)
        training = Training(network, NextSample(batches), settings, device)
        yield from follow_training(
            training,
            options.out.with_suffix(".checkpoint"),
            options.is_resumed,
            preview=SlowPreview(self.preview, PREVIEWS),
            validation=Validation(partial(validated, held_out), BITS),
        )
        yield from measuring_frames(settings.n_steps, self.write(options, training, batches))

    def preview(self, network: SpeechWaveNet, step: int) -> Measuring[Moment]:
        """What the averaged weights say: waveforms above spectrograms, and the words one after the other."""
        asked = [(SHOWN_VOICE, word) for word in range(0, 2 * N_SHOWN, 2)]
        ours = on_processor(network)
        assert isinstance(ours, SpeechWaveNet)
        sounds = yield from spoken_words(ours, asked, self.seed, self.temperature)
        return Moment({"picture": Image(sheet_of(sounds)), "sound": Audio(sounds.reshape(-1), RATE_HZ)})

    def write(self, options: TrainOptions, training: Training, batches: SpeechBatches) -> Measuring[None]:
        """Write the averaged network, then measure what was written on test voices for the card."""
        average, path, test = training.average, options.out, load_speech(Split.TEST)
        assert isinstance(average, SpeechWaveNet)
        save_sound_network(path, average)
        network = load_sound_network(path)
        assert isinstance(network, SpeechWaveNet)
        real = SpeechBatches(test, self.config, batches.timbres, self.seed, training.device).each()
        written = yield from mean_bits(network.to(training.device), real)
        whole = yield from mean_bits(average, real)
        asked = asked_pairs(np.unique(test.voices).astype(np.int64), len(self.config.words), N_HEARD)
        sounds = yield from spoken_words(network.cpu(), asked, self.seed, self.temperature)
        loss = Check(N_("Loss by whole numbers of one byte, %"), 100 * (written / whole - 1), MOST_LOSS, False)
        bits = Check(N_("Bits per sample of test voices"), written, None, False)
        checks = [bits, word_check(sounds, asked), loss]
        write_card(path.with_suffix(".json"), self._card(network, training, batches.speech), checks)

    def _card(self, network: SpeechWaveNet, training: Training, speech: Speech) -> dict[str, Any]:
        n, n_voices = len(speech.words), len(np.unique(speech.voices))
        sentence = N_("{n:,} digits spoken by espeak-ng in {v} voices, 16 kHz")
        return {
            "id": self.id,
            "title": self.title,
            "task": self.task,
            "data": sentence.format(n=n, v=n_voices),
            "licence": "MIT",
            "n_params": sum(value.numel() for value in network.parameters()),
            "trained": trained_facts([training], self.seed, is_full=True),
            "kind": "sound",
            "architecture": type(network).__name__,
            "config": asdict(network.config),
            "settings": asdict(training.settings),
            "data_set": {"name": "speech", "n_items": n, "which": "full"},
            "defaults": {"temperature": self.temperature, "seconds": LONGEST_S, **FIRST},
            "notes": [
                N_("Bits per sample are of 256 mu-law levels at temperature 1; words are spoken at {t}.").format(
                    t=self.temperature
                ),
                N_("Which phoneme is spoken when, and how high, is told: it was measured once on espeak-ng."),
                N_("Held out are voices: {names} were never heard, only how bright they are is told.").format(
                    names=", ".join(held_out_voices())
                ),
            ],
        }


def held_out_voices() -> list[str]:
    """The voices of the test part."""
    return [VOICES[voice] for voice in np.unique(load_speech(Split.TEST).voices)]


SPEECH: Final = SpeechRecipe()
