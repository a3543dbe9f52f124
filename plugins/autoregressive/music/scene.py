"""What a person has asked for in the panel of music: settings, the piece, what of it stays, and what is in hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from studio.core.error import UserError
from studio.core.param import params_to_json, saved_params
from studio.core.translation import N_
from studio.core.view import State

from ..shared.paced_source import PacedSource
from .grid import MAX_STEPS, N_VOICES, Flags, VoiceGrid
from .melodies import FIRST, MELODIES, melody_grid
from .params import MusicParams
from .state import is_sound, started

SPEED_RANGE: Final = (4, 240)
"""Sixteenths a second while it grows; at the right end all at once."""
INSTANT: Final = SPEED_RANGE[1]
_PLAIN: Final = ("example", "voice", "step", "shows_surprise", "is_following", "speed")


@dataclass(frozen=True, eq=False)
class MusicPiece:
    """Attributes:
    grid: the music as far as it is there.
    is_open: (T, V) cells that are to be made. is_own: (T, V) cells that a person has set, which stay.
    """

    grid: VoiceGrid
    is_open: Flags
    is_own: Flags

    def start(self) -> State:
        """What a run begins with."""
        return started(self.grid, ~self.is_open)


@dataclass(frozen=True, eq=False)
class MusicScene:
    """Attributes:
    params: the settings of a run.
    piece: what it goes on with; None for what the settings alone give.
    locks: which voices stay as they are.
    example: the melody that it began with, "" for one's own.
    voice, step: the voice in hand, and the sixteenth that is looked at; None for none.
    shows_surprise: whether notes are tinted by it. is_following: whether other voices follow an edit.
    speed: sixteenths a second while it grows.
    """

    params: MusicParams = field(default_factory=MusicParams)
    piece: MusicPiece | None = None
    locks: tuple[bool, ...] = (False,) * N_VOICES
    example: str = ""
    voice: int = 0
    step: int | None = None
    shows_surprise: bool = False
    is_following: bool = True
    speed: int = 16

    def with_params(self, **params: Any) -> "MusicScene":
        """The same with other settings."""
        return replace(self, params=replace(self.params, **params))

    def source(self) -> PacedSource:
        """The run that makes what is open; a piece of the settings alone where there is none."""
        if self.piece is None:
            return PacedSource(self.params)
        return PacedSource(self.params, self.piece.start(), int(self.piece.is_open.any(1).sum()) + 1)


def melody_piece(grid: VoiceGrid) -> MusicPiece:
    """A melody of which the soprano stays and all else is to be made."""
    is_own = np.zeros(grid.values.shape, np.bool_)
    is_own[:, 0] = True
    return MusicPiece(grid, ~is_own, is_own)


def opened(scene: MusicScene, name: str = FIRST) -> MusicScene:
    """The same with a melody to be harmonised; its voice is locked."""
    locks = (True, *[False] * (N_VOICES - 1))
    return replace(scene, piece=melody_piece(melody_grid(name)), example=name, locks=locks, step=None)


def scene_to_json(scene: MusicScene) -> dict[str, Any]:
    """The scene as plain values."""
    piece = scene.piece
    music = None
    if piece is not None:
        music = {
            "values": piece.grid.values.tolist(),
            "metre": np.stack([piece.grid.places, piece.grid.bars], 1).tolist(),
            "key": piece.grid.key,
            "open": piece.is_open.astype(int).tolist(),
            "own": piece.is_own.astype(int).tolist(),
        }
    plain = {name: getattr(scene, name) for name in _PLAIN}
    return {"params": params_to_json(scene.params), "piece": music, "locks": list(scene.locks), **plain}


def scene_from_json(values: Any) -> MusicScene:
    """The scene that these values stand for; raises UserError where they are unsound."""
    try:
        return _read(values)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise UserError(N_("This saved state does not fit the model.")) from error


def _read(values: Mapping[str, Any]) -> MusicScene:
    if set(values) != {"params", "piece", "locks", *_PLAIN}:
        raise ValueError
    plain = {name: values[name] for name in _PLAIN}
    locks, piece = tuple(bool(one) for one in values["locks"]), values["piece"]
    params = saved_params(MusicParams, values["params"])
    scene = MusicScene(params, None if piece is None else _piece(piece), locks, **plain)
    whole = [scene.voice, scene.speed, *([] if scene.step is None else [scene.step])]
    is_sound_scene = len(locks) == N_VOICES and all(type(one) is int and one >= 0 for one in whole)
    is_sound_scene = is_sound_scene and scene.voice < N_VOICES and SPEED_RANGE[0] <= scene.speed <= SPEED_RANGE[1]
    if not is_sound_scene or (scene.step or 0) >= MAX_STEPS or scene.example not in ("", *MELODIES):
        raise ValueError
    return replace(scene, shows_surprise=bool(scene.shows_surprise), is_following=bool(scene.is_following))


def _piece(values: Mapping[str, Any]) -> MusicPiece:
    cells = np.array(values["values"], np.int64)
    metre = np.array(values["metre"], np.int64)
    flags = [np.array(values[name], np.int64) != 0 for name in ("open", "own")]
    has_shapes = metre.shape == (len(cells), 2) and cells.shape == (len(cells), N_VOICES)
    if not has_shapes or any(one.shape != cells.shape for one in flags) or not 0 < len(cells) <= MAX_STEPS:
        raise ValueError
    if min(cells.min(), metre.min()) < 0 or max(cells.max(), metre.max()) > 255:
        raise ValueError
    places, bars = np.ascontiguousarray(metre.astype(np.uint8).T)
    grid = VoiceGrid(cells.astype(np.uint8), places, bars, int(values["key"]))
    if not is_sound(grid):
        raise ValueError
    return MusicPiece(grid, *flags)
