"""A network of sounds ready to play: sounds that grow as frames, go on from anything, and looks into them. No Qt.

Shape letters: T samples, F stretches, V levels.
"""

from bisect import bisect_left
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import numpy as np

from studio.api.engine import Device, Engine, ModelSource, limited_threads
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.text import N_
from studio.core.view import State

from .sound_asking import Offer, Told
from .sound_frame import SoundFrames
from .sound_looking import Tree, tree_of
from .sound_making import wish_of
from .sound_models import asking_of
from .sound_network import SoundNetwork
from .sound_own import OwnSound, own_sound
from .sound_params import SoundParams
from .sound_spectrogram import length_of
from .sound_state import SoundState, read_state
from .wave_law import ByteArray
from .wave_sampling import RingSampler, WaveWish
from .wave_weights import load_sound_network

N_AT_ONCE: Final = 256
"""Samples between two pauses."""


@dataclass(frozen=True)
class About:
    """What a panel has to know of an open model.

    Attributes:
        offer: what may be asked for.
        dilation: how far each layer looks back. n_taps: samples that the first one is given.
        n_seen: how many samples one depends on at most.
        n_levels: of a sample.
    """

    offer: Offer
    dilation: tuple[int, ...]
    n_taps: int
    n_seen: int
    n_levels: int


class SoundEngine(Engine):
    """One network of sounds, on the processor."""

    def __init__(self, network: SoundNetwork, card: Mapping[str, Any]) -> None:
        self.network = network
        self.config = network.wave.config
        self.asking = asking_of(network)

    @classmethod
    def open(cls, source: ModelSource, device: Device) -> Self:
        """Load the model; raises UserError where the file is no good."""
        return cls(load_sound_network(source.path), source.card)

    def close(self) -> None:
        """Free the weights."""
        del self.network

    def about(self) -> About:
        """What a panel has to know."""
        config = self.config
        return About(self.asking.offer, config.dilation, config.n_taps, config.n_seen, config.n_levels)

    # Sounds

    def generate(self, params: SoundParams, start: State | None = None) -> Iterator[Frame]:
        """Yield a frame after each `params.block` samples that are drawn, and one of the whole sound.

        A state (`sound_state`) is a frame's, or says what the sound begins with; its first frame shows it.
        """
        return (frame for frame in self.generate_with_pauses(params, start) if frame is not None)

    def generate_with_pauses(self, params: SoundParams, start: State | None = None) -> Iterator[Frame | None]:
        """The same with a None wherever a frame takes longer than others may wait."""
        n_samples = length_of(params.seconds)
        state = read_state(start, self.config.n_levels).cut(n_samples)
        return self._drawn(state, params, self.asking.told(params, n_samples), n_samples)

    def _drawn(self, state: SoundState, params: SoundParams, told: Told, n_samples: int) -> Iterator[Frame | None]:
        stops = state.stops(n_samples, params.block).tolist()
        first = bisect_left(stops, state.place)
        sampler = yield from self._begun(state, wish_of([told], (params.seed,), params.temperature, state.levels[None]))
        frames = SoundFrames(sampler, state, len(stops))
        for step in range(first, len(stops)):
            yield from _advanced(sampler, stops[step] + 1)  # what is said about the next sample is part of the frame
            yield frames.frame(step, stops[step])

    def _begun(self, state: SoundState, wish: WaveWish) -> Generator[None, None, RingSampler]:
        """A sampler that stands where the state is: read from its beginning, or as much as still counts."""
        with limited_threads(1):
            sampler = RingSampler(self.network.wave, wish)
        if state.is_scored:
            sampler.resume(state.surprise[None])
        else:
            yield from _advanced(sampler, state.place)
        return sampler

    # Looks

    def tree(self, levels: ByteArray, place: int, params: SoundParams) -> Tree:
        """What a sample of a sound (n,) may have been, and what that hangs on."""
        checked = read_state({"levels": levels, "surprise": np.zeros(len(levels)), "given": np.zeros(1, np.int64)},
                             self.config.n_levels)  # fmt: skip
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
