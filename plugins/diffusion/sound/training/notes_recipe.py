"""The training that makes `diffusion/notes`, half-second notes by instrument and pitch, and what its card says.

Notes are also learnt a little lower than they were played, so that a network learns what lies between two keys. A
player of sound fonts does the same with the keys that have no sample of their own: it reads the nearest one slower.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np
import torch

from studio.api.engine import AMOUNT_COLOURS
from studio.api.recipe import Measuring, TrainingRecipe
from studio.api.training import (
    INSTRUMENTS,
    Moment,
    Notes,
    SlowPreview,
    Split,
    Training,
    TrainSettings,
    Validation,
    load_notes,
)
from studio.core.sound.mel import FLOOR_DB, log_mel
from studio.core.sound.note import note_name
from studio.core.sound.wave import fade_out
from studio.core.translation import N_
from studio.core.view import Audio, Image

from ...pictures.training.evaluation import PREVIEW_STEPS, SAMPLES, SELDOM
from ...shared.model.denoiser import FloatArray, Guidance
from ...shared.training.card import Defaults, write_card
from ...shared.weights import load_network, save_model
from ..model.diffwave import RATE_HZ, DiffWaveConfig, NotesDiffusion
from ..prompt import DYNAMICS
from .evaluation import note_checks, sampled_sounds, sheet_of, wanted_notes
from .objective import DiffusionSoundBatches, SoundObjective, TrainingSounds, held_out_error

_FINER: Final = 4
_PART: Final = 64
CONFIG: Final = DiffWaveConfig(tuple(INSTRUMENTS))
TRAINING: Final = TrainSettings(n_steps=28000, learning_rate=2e-3, n_warmup=200, n_decay=10000)
DEFAULTS: Final = Defaults(steps=30, guidance=1.0)
LOWERED: Final = (0.33, 0.67, 1.0)
"""By how many semitones each note is learnt lower too."""
N_VALIDATION_BATCHES: Final = 6
EXAMPLES: Final = (
    "piano C4",
    "violin A4",
    "soft flute E4",
    "guitar E3",
    "trumpet G4",
    "vibraphone C5",
    "loud saxophone D4",
    "choir A3",
)


def lowered(samples: FloatArray, semitones: float) -> FloatArray:
    """Sounds (N, T) that fade out, lower by 0 to 12 semitones and slower by as much; they still fade at the end."""
    n = samples.shape[-1]
    at = np.arange(n) * (2 ** (-semitones / 12) * _FINER)
    before, share = at.astype(int), (at % 1).astype(np.float32)
    faded = fade_out(n)
    refaded = (faded / np.interp(at / _FINER, np.arange(n), faded)).astype(np.float32)  # 0..1: they faded later before
    parts = []
    for part in np.split(samples, range(_PART, len(samples), _PART)):
        spectrum = np.fft.rfft(np.concatenate([part, np.zeros_like(part)], -1))  # the end does not run into the start
        wider = np.zeros((len(part), _FINER * n + 1), spectrum.dtype)
        wider[:, : n + 1] = spectrum
        wider[:, n] /= 2  # it stood for two frequencies, which are two now
        fine = np.fft.irfft(wider) * _FINER
        slower = fine[:, before] * (1 - share) + fine[:, before + 1] * share
        parts.append((slower * refaded).astype(np.float32))
    return np.concatenate(parts)


def with_lower(sounds: TrainingSounds, semitones: tuple[float, ...]) -> TrainingSounds:
    """The sounds, and each of them lower by each of these many semitones, with the pitches that they then have."""
    copies = [sounds] + [
        replace(sounds, samples=lowered(sounds.samples, by), pitches=sounds.pitches - np.float32(by))
        for by in semitones
    ]
    return TrainingSounds(
        np.concatenate([one.samples for one in copies]),
        np.concatenate([one.instruments for one in copies]),
        np.concatenate([one.pitches for one in copies]),
        np.concatenate([one.velocities for one in copies]),
        sounds.is_pitched,
    )


@dataclass(frozen=True, kw_only=True)
class DiffusionNotesRecipe(TrainingRecipe[Notes]):
    """`diffusion/notes`: notes of 18 instruments over two octaves."""

    id: str = "diffusion/notes"
    title: str = N_("Notes")
    summary: str = N_("Learns half a second of 18 instruments, C3 to C5; you say which one, and which note.")
    task: str = N_("Makes a note of the pitch and instrument you ask for, out of noise.")
    minutes: float = 85
    config: DiffWaveConfig = CONFIG
    settings: TrainSettings = TRAINING
    defaults: Defaults = DEFAULTS
    n_sounds: int = 32
    lowered: tuple[float, ...] = LOWERED
    seed: int = 55
    kind: ClassVar[str] = "sound"

    def data(self, split: Split) -> Notes:
        return load_notes(split)

    def network_and_objective(self, data: Notes, device: torch.device) -> tuple[NotesDiffusion, SoundObjective]:
        network, sounds = NotesDiffusion(self.config), with_lower(sounds_of(data), self.lowered)
        network.fit_scale(sounds.samples)
        batches = DiffusionSoundBatches(sounds, self.config, self.n_sounds, self.seed, device)
        return network, SoundObjective(batches)

    def preview(self, data: Notes, device: torch.device) -> SlowPreview:
        return sound_preview(self.defaults)

    def validation(self, data: Notes, device: torch.device) -> Validation:
        sounds = sounds_of(self.data(Split.VALIDATION))
        batches = DiffusionSoundBatches(sounds, self.config, self.n_sounds, self.seed, device, drop_share=0)
        return held_out_error(batches, N_VALIDATION_BATCHES)

    def write(self, out: Path, training: Training, data: Notes) -> Measuring[None]:
        """Write the averaged network, then measure what was written for the card."""
        save_model(out, training.average)
        network = load_network(out)[1].to(training.device)
        assert isinstance(network, NotesDiffusion)
        real = self.data(Split.TEST)
        guidance = Guidance(self.defaults.guidance)
        drawn = yield from sampled_sounds(network, wanted_notes(real), self.defaults.steps, guidance)
        everything = [self.data(split) for split in Split]
        pitches = [int(pitch) for part in everything for pitch in part.pitches]
        checks = yield from note_checks(drawn, real, np.concatenate([part.sound() for part in everything]), pitches)
        write_card(out.with_suffix(".json"), self._card(network, training, data, real), checks, self.defaults)

    def _card(self, network: NotesDiffusion, training: Training, notes: Notes, real: Notes) -> dict[str, Any]:
        pitches = self.config.pitches
        return {
            **self.common_card(
                network,
                [training],
                "notes",
                len(notes.pitches),
                notes.is_full,
                n_sounds=self.n_sounds,
                lowered=list(self.lowered),
            ),
            "data": N_("{n:,} notes of 18 instruments played by FluidR3 (MIT, Frank Wen), 0.5 s at 16 kHz").format(
                n=len(notes.pitches)
            ),
            "notes": [
                N_("{n} of 450 pairs of instrument and pitch are held out, at all velocities.").format(
                    n=len(
                        {(int(place), int(pitch)) for place, pitch in zip(real.instruments, real.pitches, strict=True)}
                    )
                ),
                N_("Each note is also learnt up to a semitone lower: read more slowly, as sound font players do."),
                N_("Neighbouring velocities are those of p, mp, mf, f and ff on MIDI’s scale (49, 64, 80, 96, 112)."),
                N_("Distances are mean absolute differences of dB in 64 mel bands and 64 frames, down to −80 dB."),
            ],
            "examples": list(EXAMPLES),
            "words": {
                "instruments": list(self.config.instruments),
                "notes": [note_name(pitch) for pitch in pitches],
                "loudness": list(DYNAMICS),
            },
            "classes": [],
            "n_pictures": len(notes.pitches),
        }


def sounds_of(notes: Notes) -> TrainingSounds:
    """Notes as the training takes them."""
    return TrainingSounds(
        notes.sound(),
        notes.instruments.astype(np.int64),
        notes.pitches.astype(np.float32),
        notes.velocities.astype(np.float32),
    )


def sound_preview(defaults: Defaults) -> SlowPreview:
    """Spectrograms of a few sounds of fixed seeds, and the sounds one after the other."""

    def draw(average: NotesDiffusion, _: int) -> Measuring[Moment]:
        wanted = sheet_of(average.config)
        sounds = yield from sampled_sounds(average, wanted, PREVIEW_STEPS, Guidance(defaults.guidance))
        return Moment({SAMPLES: Image(spectrogram_sheet(sounds)), "sound": Audio(sounds.reshape(-1), RATE_HZ)})

    return SlowPreview(draw, SELDOM)


def spectrogram_sheet(sounds: FloatArray) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Mel spectrograms of sounds (N, T) side by side, low bands below, (64, N 64, 3) uint8."""
    levels = np.concatenate(list(log_mel(sounds)), axis=1)[::-1]  # (M, N L)
    places = np.rint((1 - levels / FLOOR_DB).clip(0, 1) * 255).astype(np.uint8)
    return np.ascontiguousarray(AMOUNT_COLOURS[places])
