"""Diffusion of short sounds: DiffWave's gated, dilated layers on a lapped transform, told the harmonics of the note.

DiffWave: Kong et al. 2021 (arXiv 2009.09761). On raw samples it costs 8 GMAC a pass; here bands of an orthonormal
lapped transform are its channels. What is known of a note's partials is given and taken by their number too, so that a
pitch that was never learnt is like its neighbours (harmonic oscillators with learnt gains: DDSP, Engel et al. 2020,
arXiv 2001.04643). The network also says how strong each cell is, and corrects it in that measure, so that the faint
count as they do for the ear (preconditioning: Karras et al. 2022, arXiv 2206.00364, here cell by cell).

Shape letters: B batch, M bands, L frames, K harmonics, W waves of each, C channels, E embedding, I instruments.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.core.error import UserError
from studio.core.sound.lapped import lapped, unlapped
from studio.core.sound.note import frequency_hz
from studio.core.sound.wave import fade_out
from studio.core.translation import N_

from ...shared.model.denoiser import Condition, Denoise, FloatArray, Guidance, Prediction
from ...shared.model.noise_schedule import NoiseSchedule
from ...shared.model.prediction import guided_prediction, halves_needed, x0_of
from ..prompt import MEDIUM, MIDDLE_C, read_prompt
from .partials import N_WAVES, Partials, PartialsConfig

RATE_HZ: Final = 16_000
WITHOUT: Final = "without_"
CONDITIONING_NAMES: Final = ("instrument", "pitch", "velocity", "is_pitched")
_N_PITCH_WAVES: Final = 3
_LOG_LIMITS: Final = (-14.0, 9.0)
_HIGHEST_HZ: Final = 7_600.0


@dataclass(frozen=True)
class DiffWaveConfig:
    """Sizes, and what can be asked for.

    Attributes:
        instruments: by name; for a person's own sounds, the names of their kinds.
        lowest_pitch, n_pitches: as MIDI counts; 0 pitches for sounds without one.
        n_bands, n_frames: of the transform; the first and the last frame lie half outside of the sound.
        width: channels of the layers; dilation: of each layer.
        embedding_width: of time, instrument, pitch and loudness together.
        n_harmonics: which are told apart by their number; higher ones only by their band.
        partial_width: channels of each partial; partial_dilation: of the layers over partials.
    """

    instruments: tuple[str, ...]
    lowest_pitch: int = 48
    n_pitches: int = 25
    n_bands: int = 512
    n_frames: int = 17
    width: int = 96
    dilation: tuple[int, ...] = (1, 2, 4, 1)
    embedding_width: int = 128
    n_harmonics: int = 56
    partial_width: int = 32
    partial_dilation: tuple[int, ...] = (1, 2, 4)
    schedule: NoiseSchedule = field(default_factory=NoiseSchedule)

    @property
    def n_samples(self) -> int:
        """How long a sound is."""
        return self.n_bands * (self.n_frames - 1)

    @property
    def pitches(self) -> range:
        """The notes that can be asked for."""
        return range(self.lowest_pitch, self.lowest_pitch + self.n_pitches)


@dataclass(frozen=True, eq=False)
class NoteConditioning:
    """What a batch asks for; all zero where nothing is.

    Attributes:
        instrument: (B, I), 1 at the one that is asked for.
        pitch, velocity: (B, 1), as MIDI counts.
        is_pitched: (B, 1) 1 where there is a pitch.
        harmonics: (B, 4 M, L) the waves of all harmonics, transformed as sounds are.
        comb: (B, K, M) which bands each harmonic lies in.
    """

    instrument: Tensor
    pitch: Tensor
    velocity: Tensor
    is_pitched: Tensor
    harmonics: Tensor
    comb: Tensor


@dataclass(frozen=True, eq=False)
class NoteEmbedding:
    """What all steps of a run share.

    Attributes:
        embedding: (B, E) of what is asked for; told: of each partial, see Partials.
        harmonics, comb: see Asked.
    """

    embedding: Tensor
    told: Tensor
    harmonics: Tensor
    comb: Tensor


class NotesDiffusion(nn.Module):
    """What says v of noisy sounds.

    Its answer has three parts: what a Wiener filter makes of x, whose spectrum in each cell it says; gains for the
    waves of the harmonics in each cell; and what these leave. The last two are told in units of what the filter leaves
    open.
    """

    scale: Tensor

    def __init__(self, config: DiffWaveConfig) -> None:
        super().__init__()
        self.config = config
        n_bands, width, n_embedding = config.n_bands, config.width, config.embedding_width
        self.register_buffer("scale", torch.ones(n_bands))
        self.time = nn.Sequential(nn.Linear(n_embedding, n_embedding), nn.SiLU(), nn.Linear(n_embedding, n_embedding))
        n_numbers = len(config.instruments) + 3 + 2 * _N_PITCH_WAVES
        self.asked = nn.Sequential(nn.Linear(n_numbers, n_embedding), nn.SiLU(), nn.Linear(n_embedding, n_embedding))
        self.into = nn.Conv1d(3 * n_bands + 2 * config.n_harmonics, width, 1)
        self.place = nn.Parameter(torch.zeros(width, config.n_frames))
        self.layers = nn.ModuleList([DiffWaveLayer(width, n_embedding, dilation) for dilation in config.dilation])
        self.partials = Partials(
            PartialsConfig(
                config.n_harmonics,
                config.n_frames,
                len(config.instruments),
                config.lowest_pitch,
                config.n_pitches,
                config.partial_width,
                config.partial_dilation,
                n_embedding,
            )
        )
        last = nn.Conv1d(width, 4 * n_bands + 3 * config.n_harmonics, 1)
        self.out = nn.Sequential(nn.SiLU(), nn.Conv1d(width, width, 1), nn.SiLU(), last)
        nn.init.zeros_(last.weight)
        if last.bias is not None:
            nn.init.zeros_(last.bias)

    def forward(self, x: Tensor, time: Tensor, asked: NoteConditioning) -> Tensor:
        """v (B, M, L) of x (B, M, L) at times (B,)."""
        return self.answer(x, time, self.know(asked))[0]

    def know(self, asked: NoteConditioning) -> NoteEmbedding:
        """What does not change from step to step."""
        told = self.partials.told(asked.instrument, asked.pitch)
        return NoteEmbedding(self.embed(asked), told, asked.harmonics, asked.comb)

    def embed(self, asked: NoteConditioning) -> Tensor:
        """(B, E) of instrument, pitch and loudness."""
        height = (asked.pitch - MIDDLE_C) / 12
        angles = math.pi / 2 * height * 2.0 ** torch.arange(_N_PITCH_WAVES, device=height.device)  # (B, waves)
        pitch = torch.cat([height, torch.ones_like(height), angles.sin(), angles.cos()], 1) * asked.is_pitched
        known = asked.instrument.sum(1, keepdim=True)
        loudness = (asked.velocity - MEDIUM) / 32 * known
        embedding: Tensor = self.asked(torch.cat([asked.instrument, pitch, loudness], 1))
        return embedding

    def answer(self, x: Tensor, time: Tensor, known: NoteEmbedding) -> tuple[Tensor, Tensor]:
        """v of x at times (B,), and the log of the variance that x0 has in each cell; (B, M, L) each."""
        embedding = known.embedding + self.time(_waves(time, self.config.embedding_width))
        waves = known.harmonics.chunk(N_WAVES, 1)  # (B, M, L) each
        partials = torch.stack([known.comb @ (x * wave) for wave in waves], 1)  # (B, W, K, L)
        steady = torch.cat(waves[:2], 1), partials[:, :2].flatten(1, 2)
        hidden = self.into(torch.cat([x, *steady], 1)) + self.place
        skips = torch.zeros_like(hidden)
        for layer in self.layers:
            hidden, skip = layer(hidden, embedding)
            skips = skips + skip
        said = self.out(skips / math.sqrt(len(self.layers))).float()
        by_partial = self.partials(partials, embedding, known.told).float()  # (B, 1 + W, K, L)
        n_bands, n_steady = self.config.n_bands, 3 * self.config.n_harmonics
        by_partial[:, :3] += said[:, -n_steady:].unflatten(1, (3, -1))
        spectrum, cosine_gain, sine_gain, rest = said[:, :-n_steady].split(n_bands, 1)
        back = known.comb.transpose(1, 2)  # (B, M, K)
        more, *gains = [back @ one for one in by_partial.unbind(1)]  # (B, M, L) each
        gains[0], gains[1] = gains[0] + cosine_gain, gains[1] + sine_gain
        spectrum = (spectrum + more).clamp(*_LOG_LIMITS)
        correction = sum((gain * wave for gain, wave in zip(gains, waves, strict=True)), rest)
        return self._filtered(x, time, spectrum, correction), spectrum

    def _filtered(self, x: Tensor, time: Tensor, spectrum: Tensor, correction: Tensor) -> Tensor:
        """v of the Wiener filter for x0 of which the log of its variance in each cell is `spectrum`, corrected.

        With variance s² the likeliest x0 is alpha s² x / (alpha² s² + sigma²), give or take s sigma over the root of
        alpha² s² + sigma², in which the correction is told; v = (alpha x - x0) / sigma. All (B, M, L).
        """
        squared = self._squared(time)[:, None, None]  # alpha²
        variance = spectrum.exp()
        total = squared * variance + 1 - squared
        filtered = x * ((squared * (1 - squared)).sqrt() * (1 - variance) / total)
        return filtered + (variance / total).sqrt() * correction

    def _squared(self, time: Tensor) -> Tensor:
        """alpha² at times (B,), also between two steps of the training."""
        curve = torch.from_numpy(self.config.schedule.alphas_cumprod).float().to(time.device).logit()
        before = time.floor().long().clamp(0, len(curve) - 1)
        after = (before + 1).clamp_max(len(curve) - 1)
        return torch.lerp(curve[before], curve[after], time.float() - before).sigmoid()

    def asked_for(self, arrays: Mapping[str, FloatArray]) -> NoteConditioning:
        """What "instrument" (B, I), "pitch", "velocity" and "is_pitched" (B, 1) ask for, with the harmonics."""
        config, is_pitched = self.config, arrays["is_pitched"][:, :, None].astype(np.float32)  # (B, 1, 1)
        pitches = [float(pitch) for pitch in arrays["pitch"][:, 0]]
        waves = np.stack([harmonics(pitch, config.n_bands, config.n_frames) for pitch in pitches]) * is_pitched
        comb = np.stack([harmonic_comb(pitch, config.n_bands, config.n_harmonics) for pitch in pitches]) * is_pitched
        numbers = [np.ascontiguousarray(arrays[name], np.float32) for name in CONDITIONING_NAMES]
        return NoteConditioning(*[torch.from_numpy(array).to(self.scale.device) for array in (*numbers, waves, comb)])

    def encode(self, samples: FloatArray) -> FloatArray:
        """Sounds (N, T) as what is denoised, (N, M, L); about 1 strong in each band."""
        scale: FloatArray = self.scale.cpu().numpy()
        return _framed(samples, self.config.n_bands) / scale[:, None]

    def decode(self, x0: FloatArray) -> FloatArray:
        """Sounds (N, T) of (N, M, L), cut to -1..1."""
        scale: FloatArray = self.scale.cpu().numpy()
        return unlapped(x0 * scale[:, None])[:, self.config.n_bands :].clip(-1, 1)

    def fit_scale(self, samples: FloatArray) -> None:
        """Make each band of sounds (N, T) 1 strong; bands that are nearly silent are not blown up."""
        strength = np.sqrt((_framed(samples, self.config.n_bands) ** 2).mean((0, 2)))  # (M,)
        self.scale.copy_(torch.from_numpy(np.maximum(strength, 0.02 * strength.max())))


class DiffWaveLayer(nn.Module):
    """A gated, dilated convolution, as in DiffWave."""

    def __init__(self, width: int, n_embedding: int, dilation: int) -> None:
        super().__init__()
        self.steer = nn.Linear(n_embedding, 2 * width)
        self.mix = nn.Conv1d(width, 2 * width, 3, padding=dilation, dilation=dilation)
        self.out = nn.Conv1d(width, 2 * width, 1)

    def forward(self, hidden: Tensor, embedding: Tensor) -> tuple[Tensor, Tensor]:
        """The hidden (B, C, L) for the next layer, and what goes to the answer."""
        filtered, gate = (self.mix(hidden) + self.steer(embedding)[:, :, None]).chunk(2, 1)
        residual, skip = self.out(filtered.tanh() * gate.sigmoid()).chunk(2, 1)
        return (hidden + residual) / math.sqrt(2), skip


def _framed(samples: FloatArray, n_bands: int) -> FloatArray:
    """Sounds (N, T) to (N, M, L), with silence before them, so that no frame holds both their end and their start."""
    return lapped(np.pad(samples, ((0, 0), (n_bands, 0))), n_bands)


@lru_cache(maxsize=256)  # the keys, and the notes between them that are learnt
def harmonics(pitch: float, n_bands: int, n_frames: int) -> FloatArray:
    """(4 M, L) waves of a pitch's harmonics, also between notes, that fade out as notes do; one is about 1 strong.

    They are cosines, sines, and both times -1..1 over the two blocks of each frame.
    """
    step = 2 * np.pi * frequency_hz(pitch) / RATE_HZ
    n_harmonics = max(1, int(_HIGHEST_HZ / frequency_hz(pitch)))
    # The sum of exp(i k angle) over k = 1..K in closed form (Dirichlet), which is K where the angle is a whole turn.
    n_samples = n_bands * (n_frames - 1)
    angles = (np.arange(n_samples) * step + np.pi) % (2 * np.pi) - np.pi
    halves = np.where(np.abs(angles) < 1e-9, 1e-9, angles) / 2
    total = np.exp(1j * (n_harmonics + 1) * halves) * np.sin(n_harmonics * halves) / np.sin(halves)
    waves = np.stack([total.real, total.imag]) * fade_out(n_samples) / math.sqrt(n_bands / 2)  # (2, T)
    at = np.arange(n_samples) / n_bands  # in blocks; frame l is centred on l
    steady, since_start = (_framed(part.astype(np.float32), n_bands) for part in (waves, waves * at))
    growing = since_start - steady * np.arange(n_frames, dtype=np.float32)
    found: FloatArray = np.concatenate([steady, growing]).reshape(4 * n_bands, n_frames)
    found.setflags(write=False)
    return found


@lru_cache(maxsize=256)  # the keys, and the notes between them that are learnt
def harmonic_comb(pitch: float, n_bands: int, n_harmonics: int) -> FloatArray:
    """(K, M) how near each harmonic of a pitch lies to each band, 1 at its middle, 0 two bands away."""
    places = np.arange(1, n_harmonics + 1)[:, None] * (frequency_hz(pitch) * 2 * n_bands / RATE_HZ) - 0.5  # (K, 1)
    comb = np.clip(1 - np.abs(places - np.arange(n_bands)) / 2, 0, None).astype(np.float32)
    comb[places[:, 0] > (_HIGHEST_HZ * 2 * n_bands / RATE_HZ)] = 0
    comb.setflags(write=False)
    return comb


def _waves(time: Tensor, width: int) -> Tensor:
    """(B, E) sines and cosines of times (B,)."""
    speeds = torch.exp(-math.log(10_000.0) * torch.arange(width // 2, device=time.device) / (width // 2))
    angles = time[:, None].float() * speeds
    return F.pad(torch.cat([angles.sin(), angles.cos()], 1), (0, width % 2))


class NotesModel:
    """A network of notes as samplers know it; one item at a time, both halves of the guidance in one pass."""

    kind: Literal["pictures", "sound"] = "sound"
    has_attention = False

    def __init__(self, network: NotesDiffusion) -> None:
        config = network.config
        self.network = network
        self.networks: tuple[nn.Module, ...] = (network,)
        self.shape: tuple[int, ...] = (config.n_bands, config.n_frames)
        self.schedule: NoiseSchedule = config.schedule
        self.size = (1, config.n_samples)
        self.rate_hz = RATE_HZ

    def embed(self, prompt: str, negative: str = "") -> Condition:
        """See DiffusionModel; the whole prompt is given back ("piano" is "piano C4")."""
        text, arrays = self._read(prompt)
        _, without = self._read(negative)
        return Condition(text, (), {**arrays, **{WITHOUT + name: value for name, value in without.items()}})

    def _read(self, prompt: str) -> tuple[str, dict[str, FloatArray]]:
        config = self.network.config
        instrument = np.zeros(len(config.instruments), np.float32)
        if not prompt.strip():
            return "", _arrays(instrument, 0, 0, is_pitched=False)
        if not config.n_pitches:
            return self._kind(prompt, instrument)
        asked = read_prompt(prompt, config.instruments, config.pitches)
        instrument[config.instruments.index(asked.instrument)] = 1
        return asked.text, _arrays(instrument, asked.pitch, asked.velocity, is_pitched=True)

    def _kind(self, prompt: str, instrument: FloatArray) -> tuple[str, dict[str, FloatArray]]:
        names = self.network.config.instruments
        known = [name.casefold() for name in names]
        wanted = prompt.strip().casefold()
        if wanted not in known:
            raise UserError(
                N_("This model does not know “{name}”.").format(name=prompt.strip()[:40]),
                N_("It knows: {names}.").format(names=", ".join(names)),
            )
        instrument[known.index(wanted)] = 1
        return names[known.index(wanted)], _arrays(instrument, 0, MEDIUM, is_pitched=False)

    @torch.inference_mode()
    def denoiser(self, condition: Condition, guidance: Guidance, with_attention: bool = False) -> Denoise:
        """See DiffusionModel."""
        needed = halves_needed(guidance)
        prefixes = [prefix for prefix, is_needed in zip(("", WITHOUT), needed, strict=True) if is_needed]
        arrays = {
            name: np.stack([condition.arrays[prefix + name] for prefix in prefixes]) for name in CONDITIONING_NAMES
        }
        asked = self.network.asked_for(arrays)
        known = self.network.know(asked)

        @torch.inference_mode()
        def denoise(x: Tensor, time: float) -> Prediction:
            parts = [self._predict(x[item : item + 1], time, known) for item in range(len(x))]
            level = self.schedule.alpha_sigma(time)
            with_prompt = torch.cat([part[:1] for part in parts]) if needed[0] else None
            without = torch.cat([part[-1:] for part in parts]) if needed[1] else None
            return guided_prediction(x, with_prompt, without, guidance, level)

        return denoise

    def _predict(self, x: Tensor, time: float, known: NoteEmbedding) -> Tensor:
        """The clean predictions of the halves at one x (1, M, L)."""
        device = self.network.scale.device
        twice = x.to(device).expand(len(known.embedding), -1, -1)
        times = torch.full((len(known.embedding),), float(time), device=device)
        said = self.network.answer(twice, times, known)[0]
        return x0_of(said, "v", twice, *self.schedule.alpha_sigma(time)).to(x.device)

    def encode(self, clean: FloatArray) -> Tensor:
        """See DiffusionModel: sound (T,) to (1, M, L)."""
        return torch.from_numpy(self.network.encode(np.ascontiguousarray(clean, np.float32)[None]))

    def decode(self, x0: Tensor) -> FloatArray:
        """See DiffusionModel: (1, M, L) to sound (T,)."""
        return self.network.decode(x0[:1].float().cpu().numpy())[0]

    def preview(self, x: Tensor) -> FloatArray:
        """See DiffusionModel; the transform is quick enough."""
        return self.network.decode(x.float().cpu().numpy())


def _arrays(instrument: FloatArray, pitch: float, velocity: float, *, is_pitched: bool) -> dict[str, FloatArray]:
    return {
        "instrument": instrument,
        "pitch": np.array([pitch], np.float32),
        "velocity": np.array([velocity], np.float32),
        "is_pitched": np.array([float(is_pitched)], np.float32),
    }
