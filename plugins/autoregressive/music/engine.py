"""A network of four voices ready to sing: pieces that grow as frames, how likely each note is, and their sound. No Qt.

Shape letters: T sixteenths, V = 4 voices, K tokens.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import torch

from studio.api.engine import Device, ModelSource, PausingEngine, limited_threads
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.translation import N_
from studio.core.view import Audio, State

from .frames import frame_of
from .grid import HOLD_TOKEN, Flags, VoiceGrid
from .melodies import MELODIES, empty_grid, melody_grid, only_soprano
from .model.encoding import examples, nothing_before
from .model.sampling import MusicSampler
from .model.transformer import ChoraleTransformer, load_music
from .params import MusicParams
from .state import MusicState, is_sound, read_state, unfit
from .synthesis import RATE_HZ, sound_of

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class MusicModelInfo:
    """What a panel has to know: between which bits per beat nine of ten true pieces lie, None where not known."""

    usual_bits: tuple[float, float] | None


@dataclass(frozen=True, eq=False)
class NoteScores:
    """How likely a piece is.

    Attributes:
        chances: (T, V, K) of every cell, told from what is before it and what is kept.
        surprise: (T, V) bits of what stands there.
    """

    chances: Floats
    surprise: Floats


class MusicEngine(PausingEngine):
    """One network of four voices, on the processor."""

    def __init__(self, network: ChoraleTransformer, card: Mapping[str, Any]) -> None:
        self.network = network
        self._usual = card.get("usual_bits")

    @classmethod
    def open(cls, source: ModelSource, device: Device) -> Self:
        """Load the model; raises UserError where the file is no good."""
        return cls(load_music(source.path), source.card)

    def close(self) -> None:
        """Free the weights."""
        del self.network

    def about(self) -> MusicModelInfo:
        """What a panel has to know."""
        return MusicModelInfo((float(self._usual["low"]), float(self._usual["high"])) if self._usual else None)

    def generate_with_pauses(self, params: MusicParams, start: State | None = None) -> Iterator[Frame | None]:
        """Yield a frame before each sixteenth in which something is made, and one of the whole piece.

        A state (`state`) is a frame's, or says which cells stay; without one the melody that `params.kind` names
        is harmonised, or a piece of `params.n_bars` made from nothing.
        """
        state = first_state(params) if start is None else read_state(start)
        stops = state.stops
        is_given = state.is_kept.copy()
        is_given[: state.place] = True
        first = int(np.searchsorted(stops, state.place))
        sampler = MusicSampler(
            self.network,
            state.grid,
            is_given,
            params.seed,
            params.temperature,
            state.is_kept,
            params.no_parallels,
        )
        heard: int | None = None
        for step in range(first, len(stops)):
            stop = int(stops[step])
            while sampler.place < stop:
                sampler.advance()
                yield None
            yield frame_of(sampler, state, stop, step, len(stops), params.tempo_bpm, heard)
            heard = stop

    def score(self, grid: VoiceGrid, is_kept: Flags) -> NoteScores:
        """How likely every cell of a whole piece (T, V) is, where only those that are kept were known beforehand."""
        if not is_sound(grid):
            raise unfit()
        asked = examples([grid], [is_kept], [0], [nothing_before()])
        with limited_threads(1), torch.no_grad():
            logits = self.network(asked.known, asked.before, asked.now)[0]
            logits[0, :, HOLD_TOKEN] = -torch.inf  # nothing could go on
            chances = logits.softmax(-1)
            told = chances.gather(-1, asked.tokens[0, ..., None])[..., 0]
            surprise = -told.clamp(min=1e-12).log2()
        return NoteScores(chances.numpy(), surprise.numpy())

    def sound(self, grid: VoiceGrid, tempo_bpm: float, first: int = 0) -> Audio:
        """A piece as it sounds from a sixteenth on; notes begun before go on."""
        return Audio(np.clip(sound_of(grid.values, tempo_bpm, first), -1, 1), RATE_HZ)


def first_state(params: MusicParams) -> MusicState:
    """What a run without a state begins with; raises UserError where there is no such melody."""
    if not params.kind:
        grid = empty_grid(params.n_bars)
        return MusicState(grid, np.zeros(grid.values.shape, np.bool_), 0)
    if params.kind not in MELODIES:
        raise UserError(
            N_("There is no melody “{word}”.").format(word=params.kind[:20]),
            N_("Choose one of {kinds}, or none.").format(kinds=", ".join(MELODIES)),
        )
    grid = melody_grid(params.kind)
    return MusicState(grid, only_soprano(grid), 0)
