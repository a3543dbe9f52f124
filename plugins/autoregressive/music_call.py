"""The calls that the panel of music sends to its engine; what computes stays behind it, where only the Lane goes."""

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from studio.core.view import Audio

from .music_grid import Flags, Grid
from .music_midi import Imported, read_midi

if TYPE_CHECKING:
    from .music_engine import About, MusicEngine, Score


@dataclass(frozen=True, eq=False)
class Scored:
    """How likely a piece is.

    Attributes:
        grid: which piece it was.
        free: its score where nothing is known beforehand. given: where what the person wants is known.
    """

    grid: Grid
    free: "Score"
    given: "Score"


def about(engine: "MusicEngine") -> "About":
    """What a panel has to know."""
    return engine.about()


def score(engine: "MusicEngine", grid: Grid, is_wanted: Flags) -> Generator[None, None, Scored]:
    """How likely every note is, where cells (T, V) that the person wants are known beforehand, and where none are."""
    free = engine.score(grid, np.zeros_like(is_wanted))
    yield
    return Scored(grid, free, engine.score(grid, is_wanted))


def sound(engine: "MusicEngine", grid: Grid, tempo_bpm: float, first: int = 0) -> Audio:
    """A piece as it sounds from a sixteenth on, with the notes that are held there."""
    return engine.sound(grid, tempo_bpm, first)


def read(engine: "MusicEngine", path: Path) -> Imported:
    """Music out of a MIDI file."""
    return read_midi(path)
