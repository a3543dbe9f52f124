"""Spoken words made by hand, and a small network of them."""

import numpy as np
import torch

from plugins.autoregressive.sound.model.config import WaveConfig
from plugins.autoregressive.sound.model.speech import SpeechWaveNet, SpeechWaveNetConfig, WordRequest, n_conditioning
from studio.datasets.speech import PHONEMES, VOICES, WORDS, Speech
from studio.datasets.voice_pitch import HOP

CONFIG = SpeechWaveNetConfig(
    WORDS,
    VOICES,
    PHONEMES,
    WaveConfig((1, 2), n_conditioning(len(PHONEMES), 3), n_waves=4, width=4, skip_width=4, told_width=4, told_inner=4),
    n_segments=5,
    n_timbre=3,
)
LENGTHS = (4, 10, 6, 5)
NAMES = ("_", "s", "aI", "_")
TIMBRE = np.array([0.5, -1.0, 2.0], np.float32)


def made_word(pitch_hz=125.0):
    """Silence, “s”, “aI” at an even pitch, silence; 25 stretches."""
    phonemes = np.repeat([PHONEMES.index(name) for name in NAMES], LENGTHS).astype(np.uint8)
    turns = np.arange(len(phonemes)) * pitch_hz * HOP / 16_000
    return WordRequest(phonemes, turns, phonemes == PHONEMES.index("aI"), TIMBRE)


def made_speech(n_voices=2):
    """Every word of some voices in two manners, all alike but for voice, pitch and timbre; softly hissing."""
    asked = [made_word(100.0 + 10 * voice) for voice in range(n_voices) for _ in range(2 * len(WORDS))]
    n, n_stretches, random = len(asked), len(asked[0].phonemes), np.random.default_rng(0)
    return Speech(
        random.integers(-300, 300, n * n_stretches * HOP).astype(np.int16),
        np.arange(n + 1) * n_stretches,
        np.concatenate([one.phonemes for one in asked]),
        np.concatenate([one.turns for one in asked]).astype(np.float32),
        np.tile(np.repeat(np.arange(len(WORDS)), 2), n_voices).astype(np.uint8),
        np.repeat(np.arange(n_voices), n // n_voices).astype(np.uint8),
        np.tile([0, 1], n // 2).astype(np.uint8),
        random.normal(size=(len(VOICES), 64)).astype(np.float32),
    )


def made_talker():
    """A network that has learnt nothing, but knows how its voices say its words."""
    torch.manual_seed(3)
    network = SpeechWaveNet(CONFIG)
    network.segments[:, :, : len(NAMES)] = torch.tensor(
        [
            [PHONEMES.index(name), n, 110.0 * (name == "aI"), 90.0 * (name == "aI")]
            for name, n in zip(NAMES, LENGTHS, strict=True)
        ]
    )
    network.timbres.normal_()
    return network.eval().requires_grad_(False)
