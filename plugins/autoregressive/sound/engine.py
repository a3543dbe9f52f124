"""A network of sounds ready to play: sounds that grow as frames, go on from anything, and looks into them. No Qt.

Shape letters: T samples, F stretches, V levels.
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
from studio.core.sound.file import read_sound
from studio.core.sound.wave import resampled
from studio.core.translation import N_
from studio.core.view import State

from .conditioning import ConditioningOffer, SoundConditioning
from .frames import SoundFrames
from .model.receptive_field import DependencyTree, tree_of
from .model.sampling import RingSampler, WaveRequest
from .model.wavenet import SoundNetwork
from .model.weights import conditioner_of, load_sound_network
from .params import SoundParams
from .signal import RATE_HZ, ByteArray, FloatArray, length_of, levels_of
from .state import SoundState, read_state
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
