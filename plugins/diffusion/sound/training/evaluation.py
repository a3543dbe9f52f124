"""Draws many sounds at once, for cards and previews, and measures them: pitch, instrument, and distance to real notes.

Shape letters: N sounds, T samples, M bands, L frames.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor

from studio.api.recipe import Measuring
from studio.api.training import INSTRUMENTS, Notes, load_judge, note_pictures, pitch_hz, training_autocast
from studio.core.card import Check
from studio.core.sound.mel import log_mel, log_mel_distance
from studio.core.sound.note import cents_between, frequency_hz
from studio.core.translation import N_

from ...shared.model.denoiser import Denoise, FloatArray, Guidance, Prediction
from ...shared.model.noise_schedule import lay_grid
from ...shared.model.position import noise_of
from ...shared.model.prediction import guided_prediction, halves_needed, x0_of
from ...shared.model.sampler import SamplerInputs, ddim
from ..model.diffwave import CONDITIONING_NAMES, RATE_HZ, DiffWaveConfig, NoteConditioning, NotesDiffusion
from ..prompt import DYNAMICS, NotePrompt

PART: Final = 15
MAX_CENTS: Final = 50.0
PITCH_FLOOR: Final = 0.9
JUDGE_FLOOR: Final = 0.8
DISTANCE_CEILING: Final = 1.5
ESTIMATOR_FLOOR: Final = 0.98


@dataclass(frozen=True, eq=False)
class WantedSounds:
    """What N sounds are asked for.

    Attributes:
        seeds: of each.
        instruments: places among the names of the network; pitches, velocities: as MIDI counts.
        is_pitched: whether there is a pitch at all.
    """

    seeds: Sequence[int]
    instruments: Sequence[int]
    pitches: Sequence[float]
    velocities: Sequence[float]
    is_pitched: bool = True

    def part(self, start: int, end: int) -> "WantedSounds":
        """Some of them."""
        here = slice(start, end)
        return WantedSounds(
            self.seeds[here], self.instruments[here], self.pitches[here], self.velocities[here], self.is_pitched
        )

    def asked(self, network: NotesDiffusion) -> NoteConditioning:
        """As the network takes it."""
        instrument = np.eye(len(network.config.instruments), dtype=np.float32)[list(self.instruments)]
        numbers = [np.array(values, np.float32)[:, None] for values in (self.pitches, self.velocities)]
        is_pitched = np.full((len(self.seeds), 1), float(self.is_pitched), np.float32)
        return network.asked_for(dict(zip(CONDITIONING_NAMES, (instrument, *numbers, is_pitched), strict=True)))


@torch.inference_mode()
def batch_denoiser(network: NotesDiffusion, asked: NoteConditioning, guidance: Guidance) -> Denoise:
    """What a sampler calls for all of a batch at once, in the precision of trainings."""
    needed, n = halves_needed(guidance), len(asked.pitch)
    nothing = NoteConditioning(*[torch.zeros_like(value) for value in vars(asked).values()])
    halves = [half for half, is_needed in zip((asked, nothing), needed, strict=True) if is_needed]
    both = NoteConditioning(
        *[torch.cat(values) for values in zip(*[vars(half).values() for half in halves], strict=True)]
    )

    @torch.inference_mode()
    def denoise(x: Tensor, time: float) -> Prediction:
        twice = x.repeat(len(halves), 1, 1)
        with training_autocast(x.device):
            said = network(twice, torch.full((len(twice),), time, device=x.device), both)
        level = network.config.schedule.alpha_sigma(time)
        clean = x0_of(said.float(), "v", twice, *level)
        return guided_prediction(
            x, clean[:n] if needed[0] else None, clean[-n:] if needed[1] else None, guidance, level
        )

    return denoise


@torch.no_grad()
def sampled_sounds(
    network: NotesDiffusion, wanted: WantedSounds, n_steps: int, guidance: Guidance
) -> Measuring[FloatArray]:
    """Sounds (N, T) by DDIM with even steps; sound i is the run of its own seed."""
    config, device = network.config, network.scale.device
    grid, shape = lay_grid(config.schedule, n_steps), (config.n_bands, config.n_frames)
    parts = []
    for start in range(0, len(wanted.seeds), PART):
        part = wanted.part(start, start + PART)
        denoise = batch_denoiser(network, part.asked(network), guidance)

        def noise(k: int, seeds: Sequence[int] = part.seeds) -> Tensor:
            return noise_of(seeds, k, shape, device)

        x = torch.empty(0)
        for step in ddim(SamplerInputs(denoise, grid, noise(0), noise)):
            x = step.x
            yield
        parts.append(network.decode(x.float().cpu().numpy()))
    return np.concatenate(parts)


def wanted_notes(notes: Notes, seed: int = 0) -> WantedSounds:
    """The same notes as real ones, with seeds that follow each other."""
    n = len(notes.pitches)
    return WantedSounds(
        range(seed, seed + n), notes.instruments.tolist(), notes.pitches.tolist(), notes.velocities.tolist()
    )


def note_prompts(notes: Notes, n: int) -> list[str]:
    """As many different prompts for such notes, spread evenly over all whose loudness has a word."""
    rows = zip(notes.instruments.tolist(), notes.pitches.tolist(), notes.velocities.tolist(), strict=True)
    names = tuple(INSTRUMENTS)
    asked = [NotePrompt(names[row[0]], row[1], row[2]) for row in rows if row[2] in DYNAMICS.values()]
    return [asked[place].text for place in np.linspace(0, len(asked) - 1, n).astype(int)]


def note_checks(
    drawn: FloatArray, real: Notes, everything: FloatArray, pitches: Sequence[int]
) -> Measuring[list[Check]]:
    """The figures of sounds (N, T) that are asked for as `real` notes are, with what they had to reach.

    Args:
        everything, pitches: real notes (K, T) of all parts and their pitches, which the estimator is measured on.
    """
    judge, sounds = load_judge("notes"), real.sound()
    is_right = judge.read(note_pictures(drawn).float() / 255).numpy() == real.instruments
    is_real_right = judge.read(note_pictures(sounds).float() / 255).numpy() == real.instruments
    yield
    is_in_tune = yield from in_tune(drawn, real.pitches.tolist())
    estimator = yield from in_tune(everything, pitches)
    to_real, to_neighbour = yield from distances(drawn, real)
    return [
        Check(N_("Pitch within 50 cents, held-out pairs, share"), float(np.mean(is_in_tune)), PITCH_FLOOR),
        Check(N_("Judge hears the instrument asked for, held-out pairs, share"), float(is_right.mean()), JUDGE_FLOOR),
        Check(
            N_("Log-mel distance to the real note, compared with that between neighbouring velocities"),
            to_real / to_neighbour,
            DISTANCE_CEILING,
            False,
        ),
        Check(N_("Log-mel distance to the real note, dB"), to_real, None, False),
        Check(N_("Log-mel distance between neighbouring velocities, dB"), to_neighbour),
        Check(
            N_("Estimator right within 50 cents on all real notes, share"), float(np.mean(estimator)), ESTIMATOR_FLOOR
        ),
        Check(N_("Judge right on the real held-out notes, share"), float(is_real_right.mean())),
    ]


def in_tune(sounds: FloatArray, pitches: Sequence[int]) -> Measuring[list[bool]]:
    """Whether each sound is within 50 cents of its pitch."""
    found = []
    for number, (sound, pitch) in enumerate(zip(sounds, pitches, strict=True)):
        heard = pitch_hz(sound, RATE_HZ)
        found.append(heard is not None and abs(cents_between(heard, frequency_hz(pitch))) <= MAX_CENTS)
        if number % 16 == 15:
            yield
    return found


def distances(drawn: FloatArray, real: Notes) -> Measuring[tuple[float, float]]:
    """Mean log-mel distance of drawn notes to their real ones, and of real ones to the next velocity, in dB."""
    sounds, levels = real.sound(), []
    for start in range(0, len(sounds), PART):
        levels.append(log_mel(sounds[start : start + PART]))
        yield
    known = np.concatenate(levels)  # (N, M, L)
    to_real = []
    for sound, level in zip(drawn, known, strict=True):
        to_real.append(log_mel_distance(log_mel(sound), level))
        if len(to_real) % PART == 0:
            yield
    pairs = neighbours(real)
    return float(np.mean(to_real)), float(np.mean([log_mel_distance(known[one], known[next]) for one, next in pairs]))


def neighbours(notes: Notes) -> list[tuple[int, int]]:
    """Pairs of notes of one instrument and pitch with neighbouring velocities, among those that are there."""
    order = np.lexsort((notes.velocities, notes.pitches, notes.instruments))
    same = [(notes.instruments[one], notes.pitches[one]) for one in order]
    places = range(len(order) - 1)
    return [(int(order[at]), int(order[at + 1])) for at in places if same[at] == same[at + 1]]


def sheet_of(config: DiffWaveConfig) -> WantedSounds:
    """One sound of each of at most 8 instruments, spread over the pitches, for previews."""
    instruments = np.linspace(0, len(config.instruments) - 1, min(8, len(config.instruments))).round().astype(int)
    n = len(instruments)
    pitches = config.lowest_pitch + (np.arange(n) * 7) % max(1, config.n_pitches)
    return WantedSounds(range(n), instruments.tolist(), pitches.tolist(), [80] * n, config.n_pitches > 0)
