"""What a person has asked for in the panel of sounds: the note, what it begins with, and what is looked at."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from studio.core.error import UserError
from studio.core.param import params_to_json, saved_params
from studio.core.translation import N_
from studio.core.view import State

from .params import SoundParams
from .signal import ByteArray
from .state import MOST_SAMPLES, started

SPEEDS: Final = ("single", "slow", "heard", "instant")
BLOCKS: Final = {"single": 1, "slow": 16, "heard": 128, "instant": 128}
"""Samples in a step at each speed."""
FPS: Final = {"single": 30.0, "slow": 30.0, "heard": 125.0, "instant": 125.0}
SOURCES: Final = ("", "spliced", "own")
MAX_NAME: Final = 200


@dataclass(frozen=True, eq=False)
class SoundBeginning:
    """What a sound begins with.

    Attributes:
        levels: (n,). source: "spliced" out of a run, or a person's "own". name: of the file of an own one.
    """

    levels: ByteArray
    source: str = "spliced"
    name: str = ""


@dataclass(frozen=True, eq=False)
class SoundScene:
    """Attributes:
    params: the settings of a run. beginning: None for silence.
    speed: one of SPEEDS. mark: the sample that is looked at; None for the newest one.
    """

    params: SoundParams = field(default_factory=SoundParams)
    beginning: SoundBeginning | None = None
    speed: str = "heard"
    mark: int | None = None

    def with_params(self, **params: Any) -> "SoundScene":
        """The same with other settings."""
        return replace(self, params=replace(self.params, **params))

    def at_speed(self, speed: str) -> "SoundScene":
        """The same at another speed, in steps that fit it."""
        return replace(self.with_params(block=BLOCKS[speed]), speed=speed)

    def start(self) -> State | None:
        """What a run begins with."""
        return None if self.beginning is None else started(self.beginning.levels)


def scene_to_json(scene: SoundScene) -> dict[str, Any]:
    """The scene as plain values."""
    begun = scene.beginning
    return {
        "params": params_to_json(scene.params),
        "levels": None if begun is None else base64.b64encode(begun.levels.tobytes()).decode("ascii"),
        "source": "" if begun is None else begun.source,
        "name": "" if begun is None else begun.name,
        "speed": scene.speed,
        "mark": scene.mark,
    }


def scene_from_json(values: Any) -> SoundScene:
    """The scene that these values stand for; raises UserError where they are unsound."""
    try:
        return _read(values)
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error) as error:
        raise UserError(N_("This saved state does not fit the model.")) from error


def _read(values: Mapping[str, Any]) -> SoundScene:
    if set(values) != {"params", "levels", "source", "name", "speed", "mark"}:
        raise ValueError
    speed, mark = values["speed"], values["mark"]
    is_marked = mark is None or (type(mark) is int and 0 <= mark < MOST_SAMPLES)
    if speed not in SPEEDS or not is_marked:
        raise ValueError
    params = saved_params(SoundParams, values["params"])
    return SoundScene(params, _beginning(values["levels"], values["source"], values["name"]), speed, mark)


def _beginning(levels: Any, source: Any, name: Any) -> SoundBeginning | None:
    if source not in SOURCES or not isinstance(name, str) or len(name) > MAX_NAME or (levels is None) != (not source):
        raise ValueError
    if levels is None:
        return None
    if not isinstance(levels, str) or len(levels) > 2 * MOST_SAMPLES:
        raise ValueError
    data = base64.b64decode(levels, validate=True)
    if not 0 < len(data) <= MOST_SAMPLES:
        raise ValueError
    return SoundBeginning(np.frombuffer(data, np.uint8), source, name)
