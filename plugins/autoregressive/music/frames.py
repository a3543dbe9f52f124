"""What a frame shows of a piece that is being made: its roll, its notes, its sound so far, and how surprising it is.

Shape letters: T sixteenths, V = 4 voices.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from studio.core.frame import Frame
from studio.core.recording.delta import Append
from studio.core.translation import N_
from studio.core.view import Audio, Field, Image, Notes, View

from .grid import COLOURS, HOLD, MOST_BITS, N_VOICES, STEPS_PER_BEAT, Bytes, VoiceGrid, sounding
from .model.sampling import MusicSampler
from .state import MusicState, state_of
from .synthesis import RATE_HZ, notes_of, sound_of

PAPER: Final = (21, 23, 28)
BAR_LINE: Final = (44, 48, 58)
STEP_PX: Final = 4
LANE_PX: Final = 5
_MARGIN: Final = 2


def roll_picture(values: Bytes, places: Bytes) -> npt.NDArray[np.uint8]:
    """(H, W, 3) uint8 of values (T, V)."""
    pitches = sounding(values)
    some = pitches[pitches > 0]
    low, high = (int(some.min()), int(some.max())) if len(some) else (60, 72)
    top, height = high + _MARGIN, (high - low + 1 + 2 * _MARGIN) * LANE_PX
    picture = np.full((height, len(values) * STEP_PX, 3), PAPER, np.uint8)
    for start in np.flatnonzero(places == 0).tolist():
        picture[:, start * STEP_PX] = BAR_LINE
    for voice in reversed(range(N_VOICES)):
        for start, stop, pitch in notes_of(values[:, voice], pitches[:, voice]):
            row = (top - pitch) * LANE_PX
            picture[row + 1 : row + LANE_PX, start * STEP_PX + 1 : stop * STEP_PX] = COLOURS[voice]
    return picture


def frame_of(
    sampler: MusicSampler, state: MusicState, place: int, step: int, n_steps: int, tempo_bpm: float, heard: int | None
) -> Frame:
    """The frame at a place: all sixteenths before it are settled.

    Args:
        heard: how many sixteenths the sound of the frame before had, None for the first frame.
    """
    values = shown_values(sampler.values, state, place)
    grid = VoiceGrid(values, state.grid.places, state.grid.bars, state.grid.key)
    surprise = sampler.surprise.copy()
    surprise[place:] = 0
    views: dict[str, View] = {
        "picture": Image(roll_picture(values, grid.places)),
        "surprise": Field(np.ascontiguousarray(surprise.T), "surprise", 0.0, MOST_BITS),
        "notes": Notes(note_rows(values)),
    }
    sound = Audio(sound_of(values[:place], tempo_bpm, heard or 0, place), RATE_HZ)
    if heard is None:
        views["sound"] = sound
    return Frame(
        step,
        n_steps,
        N_("Beat {place} of {n}").format(place=place // STEPS_PER_BEAT, n=-(-len(values) // STEPS_PER_BEAT)),
        views,
        scalars(surprise, state, place),
        state_of(MusicState(grid, state.is_kept, place)),
        {} if heard is None else {"sound": Append(sound)},
    )


def shown_values(values: Bytes, state: MusicState, place: int) -> Bytes:
    """Values (T, V) of which what is not there yet behind `place` is silent; kept notes there are shown."""
    shown = values.copy()
    for voice in range(N_VOICES):
        is_open = ~state.is_kept[:, voice]
        is_open[:place] = False
        begins = is_open & np.concatenate([[True], ~is_open[:-1]])
        shown[is_open, voice] = HOLD
        shown[begins, voice] = 0
    return shown


def note_rows(values: Bytes) -> tuple[tuple[float, float, int, int], ...]:
    """(start in beats, length in beats, MIDI pitch, voice) of each note."""
    pitches, beat = sounding(values), float(STEPS_PER_BEAT)
    rows = [
        (start / beat, (stop - start) / beat, pitch, voice)
        for voice in range(N_VOICES)
        for start, stop, pitch in notes_of(values[:, voice], pitches[:, voice])
    ]
    return tuple(sorted(rows))


def scalars(surprise: npt.NDArray[np.float32], state: MusicState, place: int) -> dict[str, float]:
    """Bits per beat of what was made so far, and the surprise of the newest sixteenth in which something was made."""
    made = ~state.is_kept[:place]
    if not made.any():
        return {}
    bits = surprise[:place] * made
    newest = int(np.flatnonzero(made.any(1))[-1])
    n_beats = max(int(made.any(1).sum()) / STEPS_PER_BEAT, 0.25)
    return {"bits": float(bits.sum() / n_beats), "surprise": float(bits[newest].sum())}
