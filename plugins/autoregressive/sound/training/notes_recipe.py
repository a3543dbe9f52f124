"""The training that makes `autoregressive/notes`, half-second notes by instrument and pitch, and what its card says.

Shape letters: N notes, T samples.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import numpy as np
import numpy.typing as npt
import torch

from studio.api.recipe import Measuring
from studio.api.training import (
    INSTRUMENTS,
    Notes,
    Split,
    TrainSettings,
    load_judge,
    load_notes,
    note_pictures,
    pitch_hz,
)
from studio.core.card import Check
from studio.core.frame import Frame
from studio.core.sound.note import cents_between, frequency_hz
from studio.core.translation import N_

from ...shared.model.head_config import HeadConfig
from ..model.config import WaveConfig
from ..model.notes import NoteRequest, NotesWaveNet, NotesWaveNetConfig, n_conditioning, note_conditioning
from ..model.wavenet import SoundNetwork
from ..signal import RATE_HZ, FloatArray
from .notes_data import NoteBatches, note_requests
from .objective import LevelBatches
from .recipe import SoundMaterial, SoundRecipe
from .samples import sampled_sounds

MAX_CENTS: Final = 50.0
PITCH_FLOOR: Final = 90.0
JUDGE_FLOOR: Final = 80.0
CONFIG: Final = NotesWaveNetConfig(
    tuple(INSTRUMENTS),
    WaveConfig(
        tuple(2**k for k in range(11)),
        n_conditioning(len(INSTRUMENTS)),
        n_waves=96,
        told_width=96,
        told_inner=192,
        n_taps=16,
        head=HeadConfig("logistic", 5),
    ),
)
TRAINING: Final = TrainSettings(
    n_steps=8000, n_micro=4, learning_rate=2e-3, n_warmup=100, n_decay=4000, weight_decay=1e-3, keep_best=True
)
TEMPERATURE: Final = 0.3
N_SHOWN: Final = 6


def one_of_each_pair(notes: Notes) -> npt.NDArray[np.int64]:
    """The places of one note of each pair of instrument and pitch: that whose velocity is nearest to mf."""
    chosen: dict[tuple[int, int], int] = {}
    for place in np.argsort(np.abs(notes.velocities.astype(int) - 80), kind="stable").tolist():
        chosen.setdefault((int(notes.instruments[place]), int(notes.pitches[place])), place)
    return np.array(sorted(chosen.values()), np.int64)


def note_checks(sounds: FloatArray, notes: Notes, chosen: npt.NDArray[np.int64]) -> Measuring[list[Check]]:
    """What is heard in sounds (N, T) that were asked for as the chosen notes are."""
    judge = load_judge("notes")
    is_right = judge.read(note_pictures(sounds).float() / 255).numpy() == notes.instruments[chosen]
    yield
    is_in_tune = []
    for sound, pitch in zip(sounds, notes.pitches[chosen].tolist(), strict=True):
        heard = pitch_hz(sound, RATE_HZ)
        is_in_tune.append(heard is not None and abs(cents_between(heard, frequency_hz(pitch))) <= MAX_CENTS)
        yield
    n = len(chosen)
    return [
        Check(
            N_("Pitch within 50 cents, % of {n} held-out pairs of instrument and pitch").format(n=n),
            100 * float(np.mean(is_in_tune)),
            PITCH_FLOOR,
        ),
        Check(
            N_("Judge hears the instrument asked for, % of {n} held-out pairs").format(n=n),
            100 * float(is_right.mean()),
            JUDGE_FLOOR,
        ),
    ]


@dataclass(frozen=True, kw_only=True)
class NotesWaveNetRecipe(SoundRecipe):
    """Notes of several instruments over two octaves."""

    config: NotesWaveNetConfig
    measured_on: ClassVar[str] = N_("Bits per sample on test notes")

    def material(self, device: torch.device) -> Generator[Frame, None, SoundMaterial]:
        yield from ()  # nothing here takes long
        parts = {split: load_notes(split) for split in Split}
        batches = {split: NoteBatches(notes, self.config, self.seed, device) for split, notes in parts.items()}
        learnt = parts[Split.TRAIN]
        facts = ("notes", len(learnt.pitches), learnt.is_full)
        return SoundMaterial(NotesWaveNet(self.config), batches, facts, self._about(learnt))

    def shown(self, network: SoundNetwork) -> Measuring[FloatArray]:
        places = np.linspace(0, len(self.config.instruments) - 1, N_SHOWN).round().astype(int).tolist()
        pitches = self.config.lowest_pitch + (np.arange(N_SHOWN) * 7) % self.config.n_pitches
        wanted = [NoteRequest(place, float(pitch), 80.0) for place, pitch in zip(places, pitches, strict=True)]
        return (yield from self._sounds(network, wanted))

    def _sounds(self, network: SoundNetwork, notes: list[NoteRequest]) -> Measuring[FloatArray]:
        told = [note_conditioning(note, self.config.n_samples, self.config) for note in notes]
        return (yield from sampled_sounds(network, told, self.seed, self.temperature))

    def heard(self, network: SoundNetwork, test: LevelBatches) -> Measuring[list[Check]]:
        assert isinstance(test, NoteBatches)
        chosen = one_of_each_pair(test.notes)
        asked = note_requests(test.notes)
        sounds = yield from self._sounds(network, [asked[place] for place in chosen])
        return (yield from note_checks(sounds, test.notes, chosen))

    def _about(self, notes: Notes) -> dict[str, Any]:
        n = len(notes.pitches)
        sentence = N_("{n:,} notes of 18 instruments played by FluidR3 (MIT, Frank Wen), 0.5 s at 16 kHz")
        drawn = N_("Bits per sample are over 256 mu-law levels at temperature 1; notes are drawn at {t}.")
        return {
            "data": sentence.format(n=n),
            "defaults": {"temperature": self.temperature},
            "notes": [
                drawn.format(t=self.temperature),
                N_("Pairs of instrument and pitch are held out: the model never heard any test note in training."),
                N_("All notes were given the same phases beforehand: the model learns how loud each partial is."),
            ],
        }


NOTES: Final = NotesWaveNetRecipe(
    id="autoregressive/notes",
    title=N_("Notes"),
    summary=N_("Learns from short notes of 18 instruments what the next of 16,000 samples a second may be."),
    task=N_("Plays a note on the instrument you ask for, sample by sample, and continues sounds."),
    minutes=100,
    config=CONFIG,
    settings=TRAINING,
    temperature=TEMPERATURE,
    seed=84,
    is_disturbed=True,
)
