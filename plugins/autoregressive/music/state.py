"""Where a piece stands while it is made, as plain arrays that a frame, a panel and a file can hold; no torch, no Qt.

Keys of a state, for T sixteenths and V = 4 voices: "values" (T, V) uint8 as in `grid`; "kept" (T, V) uint8, 1
where a cell is not made; "metre" (T, 2) uint8, the place in the bar and the bar's length; "key" (1,) int64; "place"
(1,) int64: all sixteenths before it are settled.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError
from studio.core.translation import N_
from studio.core.view import State

from .grid import HIGHEST, HOLD, LOWEST, MAX_BAR, MAX_STEPS, N_VOICES, NO_KEY, Flags, VoiceGrid


@dataclass(frozen=True, eq=False)
class MusicState:
    """The same, checked: the piece, which of its cells are kept (T, V), and how far it is."""

    grid: VoiceGrid
    is_kept: Flags
    place: int

    @property
    def stops(self) -> npt.NDArray[np.int64]:
        """The sixteenths before which a frame is shown: those in which something is made, and the end."""
        return np.append(np.flatnonzero(~self.is_kept.all(1)), len(self.grid))


def started(grid: VoiceGrid, is_kept: Flags) -> State:
    """The state from which the cells that are not kept (T, V) are made."""
    return state_of(MusicState(grid, is_kept, 0))


def state_of(state: MusicState) -> State:
    """Its arrays."""
    grid = state.grid
    return {
        "values": np.ascontiguousarray(grid.values),
        "kept": state.is_kept.astype(np.uint8),
        "metre": np.stack([grid.places, grid.bars], 1),
        "key": np.array([grid.key], np.int64),
        "place": np.array([state.place], np.int64),
    }


def read_state(state: State) -> MusicState:
    """A state that makes sense; raises UserError where it does not."""
    try:
        values, kept, metre = (np.asarray(state[name]) for name in ("values", "kept", "metre"))
        (key,), (place,) = np.asarray(state["key"]).tolist(), np.asarray(state["place"]).tolist()
    except (KeyError, ValueError, TypeError) as error:
        raise unfit() from error
    n_steps = len(values) if values.ndim else 0
    has_shapes = values.shape == (n_steps, N_VOICES) and kept.shape == values.shape and metre.shape == (n_steps, 2)
    if not has_shapes or values.dtype != np.uint8 or not 0 < n_steps <= MAX_STEPS:
        raise unfit()
    grid = VoiceGrid(values, metre[:, 0].astype(np.uint8), metre[:, 1].astype(np.uint8), int(key))
    if not is_sound(grid) or not 0 <= place <= n_steps:
        raise unfit()
    return MusicState(grid, kept != 0, int(place))


def is_sound(grid: VoiceGrid) -> bool:
    """Whether every cell and every bar is one that the network knows."""
    pitches = grid.values[grid.values > HOLD]
    has_pitches = not len(pitches) or (int(pitches.min()) >= LOWEST and int(pitches.max()) <= HIGHEST)
    has_bars = bool((grid.places < grid.bars).all()) and int(grid.bars.max()) <= MAX_BAR
    return has_pitches and has_bars and 0 <= grid.key <= NO_KEY


def unfit() -> UserError:
    """What is said where a state is not sound."""
    return UserError(N_("This music cannot be continued: it was made by another model, or is damaged."))
