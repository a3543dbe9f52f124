"""What a person has asked for in the panel of music: settings, the piece, what of it stays, and what is in hand."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from studio.api.timeline.run_source import GeneratedSource
from studio.core.scene_codec import (
    SceneCodec,
    SettingsScene,
    Stored,
    array,
    flag,
    one_of,
    optional,
    part,
    row,
    settings,
    stored,
    whole,
)
from studio.core.view import State

from .grid import MAX_STEPS, N_VOICES, Flags, VoiceGrid
from .melodies import FIRST, MELODIES, melody_grid
from .params import MusicParams
from .state import is_sound, started

SPEED_RANGE: Final = (4, 240)
"""Sixteenths a second while it grows; at the right end all at once."""
INSTANT: Final = SPEED_RANGE[1]


def _written(grid: VoiceGrid) -> dict[str, Any]:
    metre = np.stack([grid.places, grid.bars], 1)
    return {"values": grid.values.tolist(), "metre": metre.tolist(), "key": grid.key}


def _grid(values: Mapping[str, Any]) -> VoiceGrid:
    cells, metre = (array(np.uint8, 0, 255, 2).read(values[name]) for name in ("values", "metre"))
    places, bars = np.ascontiguousarray(metre.T)
    grid = VoiceGrid(cells, places, bars, int(values["key"]))
    if cells.shape != (len(metre), N_VOICES) or not 0 < len(cells) <= MAX_STEPS or not is_sound(grid):
        raise ValueError(values["key"])
    return grid


@dataclass(frozen=True, eq=False)
class MusicPiece:
    """Attributes:
    grid: the music as far as it is there.
    is_open: (T, V) cells that are to be made. is_own: (T, V) cells that a person has set, which stay.
    """

    grid: VoiceGrid = stored(Stored(_written, _grid, ("values", "metre", "key")))
    is_open: Flags = stored(array(np.bool_, 0, 1, 2), key="open")
    is_own: Flags = stored(array(np.bool_, 0, 1, 2), key="own")

    @property
    def is_sound(self) -> bool:
        """Whether all say something of the same cells."""
        return self.is_open.shape == self.is_own.shape == self.grid.values.shape

    def start(self) -> State:
        """What a run begins with."""
        return started(self.grid, ~self.is_open)


@dataclass(frozen=True, eq=False)
class MusicScene(SettingsScene):
    """Attributes:
    params: the settings of a run.
    piece: what it goes on with; None for what the settings alone give.
    locks: which voices stay as they are.
    example: the melody that it began with, "" for one's own.
    voice, step: the voice in hand, and the sixteenth that is looked at; None for none.
    shows_surprise: whether notes are tinted by it. is_following: whether other voices follow an edit.
    speed: sixteenths a second while it grows.
    """

    params: MusicParams = stored(settings(MusicParams), default_factory=MusicParams)
    piece: MusicPiece | None = stored(optional(part(MusicPiece, lambda piece: piece.is_sound)), default=None)
    locks: tuple[bool, ...] = stored(row(flag(), N_VOICES, N_VOICES), default=(False,) * N_VOICES)
    example: str = stored(one_of(("", *MELODIES)), default="")
    voice: int = stored(whole(0, N_VOICES - 1), default=0)
    step: int | None = stored(optional(whole(0, MAX_STEPS - 1)), default=None)
    shows_surprise: bool = stored(flag(), default=False)
    is_following: bool = stored(flag(), default=True)
    speed: int = stored(whole(*SPEED_RANGE), default=16)

    def anew(self, params: MusicParams) -> "MusicScene":
        """The whole piece that these settings give."""
        return replace(self, params=params, piece=None, example="", step=None)

    @property
    def made_from(self) -> tuple[Any, ...]:
        """The settings on which notes depend."""
        params = self.params
        return params.seed, params.temperature, params.kind, params.n_bars, params.no_parallels

    def source(self) -> GeneratedSource:
        """The run that makes what is open; a piece of the settings alone where there is none."""
        if self.piece is None:
            return GeneratedSource(self.params)
        return GeneratedSource(self.params, self.piece.start(), int(self.piece.is_open.any(1).sum()) + 1)


def melody_piece(grid: VoiceGrid) -> MusicPiece:
    """A melody of which the soprano stays and all else is to be made."""
    is_own = np.zeros(grid.values.shape, np.bool_)
    is_own[:, 0] = True
    return MusicPiece(grid, ~is_own, is_own)


def opened(scene: MusicScene, name: str = FIRST) -> MusicScene:
    """The same with a melody to be harmonised; its voice is locked."""
    locks = (True, *[False] * (N_VOICES - 1))
    return replace(scene, piece=melody_piece(melody_grid(name)), example=name, locks=locks, step=None)


CODEC: Final = SceneCodec(MusicScene)
