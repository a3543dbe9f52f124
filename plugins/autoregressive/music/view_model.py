"""What is on screen of a piece, read off a frame; no torch.

Shape letters: T sixteenths, V = 4 voices.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from studio.core.frame import Frame
from studio.core.view import Field

from .grid import N_VOICES, Bytes, Flags, VoiceGrid, bar_starts, sounding
from .notes import VoiceNote, notes_in


@dataclass(frozen=True, eq=False)
class MusicViewModel:
    """One moment of a run.

    Attributes:
        grid: the piece as far as it is there. is_kept: (T, V). place: all sixteenths before it are settled.
        surprise: (T, V) bits, 0 behind the place.
    """

    grid: VoiceGrid
    is_kept: Flags
    place: int
    surprise: npt.NDArray[np.float32]

    @property
    def is_whole(self) -> bool:
        """Whether every note is there."""
        return self.place >= len(self.grid)

    @cached_property
    def is_there(self) -> Flags:
        """(T, V): settled, or kept."""
        return self.is_kept | (np.arange(len(self.grid)) < self.place)[:, None]

    @cached_property
    def pitches(self) -> Bytes:
        """(T, V) MIDI pitches that sound, 0 for none."""
        return sounding(self.grid.values)

    @cached_property
    def notes(self) -> list[list[VoiceNote]]:
        """The notes of each voice."""
        return [notes_in(self.grid.values[:, voice]) for voice in range(N_VOICES)]

    @cached_property
    def bars(self) -> list[int]:
        """The sixteenths at which bars begin."""
        return bar_starts(self.grid.places)

    def bar_of(self, step: int) -> int:
        """The number of a sixteenth's bar, counted from 0."""
        return int(np.searchsorted(self.bars, step, side="right")) - 1

    def bar_span(self, number: int) -> tuple[int, int]:
        """First sixteenth and end of a bar."""
        return self.bars[number], ([*self.bars, len(self.grid)])[number + 1]

    def beat_of(self, step: int) -> int:
        """The beat of a sixteenth in its bar, counted from 1."""
        return int(self.grid.places[step]) // 4 + 1


def view_model_of(frame: Frame) -> MusicViewModel | None:
    """What a frame of a run shows; None for a frame of anything else."""
    state, surprise = frame.state, frame.views.get("surprise")
    if state is None or not {"values", "kept", "metre", "key", "place"} <= set(state):
        return None
    if not isinstance(surprise, Field):
        return None
    places, bars = np.ascontiguousarray(state["metre"].T)
    grid = VoiceGrid(state["values"], places, bars, int(state["key"][0]))
    return MusicViewModel(grid, state["kept"] != 0, int(state["place"][0]), np.ascontiguousarray(surprise.values.T))
