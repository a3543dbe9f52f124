"""A network of sounds ready to play: sounds that grow as frames, go on from anything, and looks into them. No Qt.

Shape letters: T samples, F stretches, V levels, M bands, L columns, n samples that are there.
"""

from bisect import bisect_left
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import numpy as np

from studio.api.engine import Device, ModelSource, PausingEngine, limited_threads
from studio.api.training import pitch_hz
from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.recording.delta import Append, AppendRows, Delta, Patch
from studio.core.sound.file import read_sound
from studio.core.sound.mel import FLOOR_DB
from studio.core.sound.wave import resampled
from studio.core.translation import N_
from studio.core.view import Audio, Field, Series, State, View

from .conditioning import ConditioningOffer, SoundConditioning
from .model.receptive_field import DependencyTree, tree_of
from .model.sampling import RingSampler, WaveRequest, WaveSampler
from .model.wavenet import SoundNetwork
from .model.weights import conditioner_of, load_sound_network
from .params import SoundParams
from .signal import (
    HOP,
    RATE_HZ,
    ByteArray,
    FloatArray,
    columns,
    first_changed,
    heard,
    length_of,
    levels_of,
    n_columns,
    samples_of,
)
from .state import MOST_BITS, NEXT, SPECTROGRAM, SURPRISE, WAVEFORM, SoundState, read_state
from .training.samples import request_of

MAX_SECONDS: Final = 10.0
"""Of a file that are looked through for where its sound begins; it may be hours long."""
PEAK: Final = 0.9
_ONSET_SHARE: Final = 0.02
_QUIET: Final = 1e-4
_LEAD_S: Final = 0.005
_LEAST_S: Final = 0.02
N_AT_ONCE: Final = 256
"""Samples between two pauses."""


class SoundFrames:
    """Makes the frames of one run, the first one whole, later ones by what is new in them."""

    def __init__(self, sampler: WaveSampler, state: SoundState, n_steps: int) -> None:
        self._sampler = sampler
        self._n_given = state.n_given
        self._n_steps = n_steps
        self._before: int | None = None

    def frame(self, step: int, place: int) -> Frame:
        """The frame at a stop: all samples before it are settled, and what is said about the next one is known."""
        before, self._before = self._before, place
        views = {} if before is not None else self._whole(place)
        changes = {} if before is None else self._changes(before, place)
        if place < self._sampler.n_samples:
            views[NEXT] = self._next()
        surprise = self._sampler.task.surprise[0]
        state = {"given": np.array([self._n_given], np.int64)}
        state_changes: dict[str, Delta] = {}
        if before is None:
            state |= {"levels": self._levels(0, place), "surprise": surprise[:place].copy()}
        else:
            state_changes = {
                "levels": AppendRows(self._levels(before, place)),
                "surprise": AppendRows(surprise[before:place].copy()),
            }
        label = N_("Sample {place:,} of {n:,}").format(place=place, n=self._sampler.n_samples)
        figures = self._scalars(before or 0, place)
        return Frame(step, self._n_steps, label, views, figures, state, changes, state_changes)

    def _whole(self, place: int) -> dict[str, View]:
        n_samples = self._sampler.n_samples
        surprise = self._sampler.task.surprise[:1, :place].copy()
        return {
            WAVEFORM: Audio(self._samples(0, place), RATE_HZ),
            SPECTROGRAM: Field(self._columns(place, 0, n_columns(n_samples)), "loudness", FLOOR_DB, 0.0),
            SURPRISE: Field(surprise, "surprise", 0.0, MOST_BITS),
        }

    def _changes(self, before: int, place: int) -> dict[str, Delta]:
        n_samples = self._sampler.n_samples
        known, shown = heard(before, n_samples), heard(place, n_samples)
        first = first_changed(known)
        last = min(-(-shown // HOP), n_columns(n_samples)) if shown > known else first
        return {
            WAVEFORM: Append(Audio(self._samples(before, place), RATE_HZ)),
            SPECTROGRAM: Patch(self._columns(place, first, last), (0, first)),
            SURPRISE: AppendRows(self._sampler.task.surprise[:1, before:place].copy(), 1),
        }

    def _columns(self, place: int, first: int, last: int) -> FloatArray:
        n_samples = self._sampler.n_samples
        return columns(self._samples(0, heard(place, n_samples)), first, last)

    def _levels(self, first: int, last: int) -> np.ndarray:
        return self._sampler.task.levels[0, first:last].copy()

    def _samples(self, first: int, last: int) -> FloatArray:
        return samples_of(self._sampler.task.levels[0, first:last], self._sampler.config.n_levels)

    def _scalars(self, before: int, place: int) -> dict[str, float]:
        surprise = self._sampler.task.surprise[0]
        newest = surprise[before:place] if before < place else surprise[:place]
        return {"bits": float(surprise[:place].mean()), "surprise": float(newest.mean())}

    def _next(self) -> Series:
        """The distribution of the next level, after the temperature."""
        task = self._sampler.task
        said = task.said[0] / task.temperature
        chances = np.exp(said - said.max())
        chances /= chances.sum()
        levels = samples_of(np.arange(len(chances)), len(chances))
        return Series({N_("Probability"): chances.astype(np.float32)}, levels, N_("Value of the next sample"))


@dataclass(frozen=True, eq=False)
class OwnSound:
    """The beginning of a person's sound.

    Attributes:
        levels: (n,) from where it begins. name: of its file.
        frequency_hz: of its pitch; None where it has none.
    """

    levels: ByteArray
    name: str
    frequency_hz: float | None


def own_sound(path: Path, n_samples: int, n_levels: int, rms: float) -> OwnSound:
    """At most the first `n_samples` of the sound in a file, from where it begins, about as loud as `rms`.

    Raises:
        UserError: it cannot be read (see `read_sound`), is silent, or shorter than a fiftieth of a second.
    """
    samples, rate_hz = read_sound(path, MAX_SECONDS)
    begun = _from_onset(centred(samples), rate_hz)
    if len(begun) < _LEAST_S * rate_hz:
        raise UserError(
            N_("This sound is too short to continue."), N_("Choose one that lasts a tenth of a second or more.")
        )
    n_needed = int(np.ceil((n_samples + RATE_HZ // 50) * rate_hz / RATE_HZ))
    piece = matched(resampled(begun[:n_needed], rate_hz, RATE_HZ)[:n_samples], rms)
    return OwnSound(levels_of(piece, n_levels), printable(path.name), _pitch(begun, rate_hz))


def centred(samples: FloatArray) -> FloatArray:
    """A sound (T,) around 0: a constant offset, as of a cheap sound card, is nothing that could be heard."""
    result: FloatArray = (samples - samples.mean(dtype=np.float64)).astype(np.float32)
    return result


def _from_onset(samples: FloatArray, rate_hz: int) -> FloatArray:
    loudness = np.abs(samples)
    if loudness.max() < _QUIET:
        raise UserError(
            N_("The first {n:.0f} seconds of this sound are silent.").format(n=MAX_SECONDS),
            N_("Choose a sound that starts sooner."),
        )
    onset = int(np.argmax(loudness > _ONSET_SHARE * loudness.max()))
    return samples[max(0, onset - int(_LEAD_S * rate_hz)) :]


def matched(samples: FloatArray, rms: float) -> FloatArray:
    """So loud on average, but never beyond full scale."""
    gain = min(rms / max(float(np.sqrt(np.mean(samples**2))), 1e-9), PEAK / max(float(np.abs(samples).max()), 1e-9))
    return samples * np.float32(gain)


def _pitch(samples: FloatArray, rate_hz: int) -> float | None:
    """Of its first half second."""
    piece = resampled(samples[: rate_hz // 2], rate_hz, RATE_HZ)
    try:
        return pitch_hz(piece, RATE_HZ)
    except ValueError:  # too short to repeat itself
        return None


@dataclass(frozen=True)
class SoundModelInfo:
    """What a panel has to know of an open model.

    Attributes:
        offer: what may be asked for.
        dilation: how far each layer looks back. n_taps: samples that the first one is given.
        n_seen: how many samples one depends on at most.
        n_levels: of a sample.
    """

    offer: ConditioningOffer
    dilation: tuple[int, ...]
    n_taps: int
    n_seen: int
    n_levels: int


class SoundEngine(PausingEngine):
    """One network of sounds, on the processor."""

    def __init__(self, network: SoundNetwork, card: Mapping[str, Any]) -> None:
        self.network = network
        self.config = network.wave.config
        self.asking = conditioner_of(network)

    @classmethod
    def open(cls, source: ModelSource, device: Device) -> Self:
        """Load the model; raises UserError where the file is no good."""
        return cls(load_sound_network(source.path), source.card)

    def close(self) -> None:
        """Free the weights."""
        del self.network

    def about(self) -> SoundModelInfo:
        """What a panel has to know."""
        config = self.config
        return SoundModelInfo(self.asking.offer, config.dilation, config.n_taps, config.n_seen, config.n_levels)

    # Sounds

    def generate_with_pauses(self, params: SoundParams, start: State | None = None) -> Iterator[Frame | None]:
        """Yield a frame after each `params.block` samples that are drawn, and one of the whole sound.

        A state (`state`) is a frame's, or says what the sound begins with; its first frame shows it.
        """
        n_samples = length_of(params.seconds)
        state = read_state(start, self.config.n_levels).cut(n_samples)
        return self._drawn(state, params, self.asking.told(params, n_samples), n_samples)

    def _drawn(
        self, state: SoundState, params: SoundParams, told: SoundConditioning, n_samples: int
    ) -> Iterator[Frame | None]:
        stops = state.stops(n_samples, params.block).tolist()
        first = bisect_left(stops, state.place)
        sampler = yield from self._begun(
            state, request_of([told], (params.seed,), params.temperature, state.levels[None])
        )
        frames = SoundFrames(sampler, state, len(stops))
        for step in range(first, len(stops)):
            yield from _advanced(sampler, stops[step] + 1)  # what is said about the next sample is part of the frame
            yield frames.frame(step, stops[step])

    def _begun(self, state: SoundState, wish: WaveRequest) -> Generator[None, None, RingSampler]:
        """A sampler that stands where the state is: read from its beginning, or as much as still counts."""
        with limited_threads(1):
            sampler = RingSampler(self.network.wave, wish)
        if state.is_scored:
            sampler.resume(state.surprise[None])
        else:
            yield from _advanced(sampler, state.place)
        return sampler

    # Looks

    def tree(self, levels: ByteArray, place: int, params: SoundParams) -> DependencyTree:
        """What a sample of a sound (n,) may have been, and what that hangs on."""
        checked = read_state(
            {"levels": levels, "surprise": np.zeros(len(levels)), "given": np.zeros(1, np.int64)}, self.config.n_levels
        )
        n_samples = length_of(params.seconds)
        if not 0 <= place < min(checked.place, n_samples):
            raise UserError(N_("There is no such sample."))
        told = self.asking.told(params, n_samples)
        with limited_threads(1):
            return tree_of(self.network.wave, checked.levels, place, told.numbers[None], told.waves[None])

    def own(self, path: Path, n_samples: int) -> OwnSound:
        """The beginning of a person's sound; raises UserError where it cannot be used."""
        return own_sound(path, n_samples, self.config.n_levels, self.asking.offer.rms)


def _advanced(sampler: RingSampler, place: int) -> Iterator[None]:
    """Settle the samples before a place; pauses."""
    place = min(place, sampler.n_samples)
    while sampler.place < place:
        sampler.advance(min(N_AT_ONCE, place - sampler.place))
        if sampler.place < place - 1:
            yield None
