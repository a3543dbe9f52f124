"""A moment of a playground run as plain JSON values, and what the panel asks of a run that is watched."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from studio.core.scene_codec import Stored
from studio.core.view import State

from .frames import COUNTS, LOSSES, SETTINGS, moment_of
from .model import network as net
from .model.network import n_weights
from .model.target import Target
from .params import STORED_SETTINGS, PlaygroundSettings, settings_from_array, settings_to_array

_ARRAYS: Final = {
    f"{player}{kept}": n_weights(widths)
    for player, widths in (("forger", net.GENERATOR), ("detective", net.DISCRIMINATOR))
    for kept in ("", " mean", " square")
}
_KEYS: Final = {"counts", "losses", "settings", "weights"}


@dataclass(frozen=True)
class WatchedOrder:
    """What the next frame of a watched run shall do; `stride` steps of learning."""

    settings: PlaygroundSettings
    target: Target
    stride: int


def _to_json(state: Mapping[str, Any]) -> dict[str, Any]:
    packed = b"".join(np.asarray(state[name], np.float32).tobytes() for name in _ARRAYS)
    return {
        "counts": [int(number) for number in state[COUNTS]],
        "losses": [float(number) for number in state[LOSSES]],
        "settings": STORED_SETTINGS.write(settings_from_array(state[SETTINGS])),
        "weights": base64.b64encode(packed).decode("ascii"),
    }


def _from_json(values: Mapping[str, Any]) -> State:
    if set(values) != _KEYS:
        raise ValueError(sorted(values))
    settings = STORED_SETTINGS.read(values["settings"])
    counts, losses = np.array(values["counts"]), np.array(values["losses"], np.float64)
    arrays = _unpacked(values["weights"])
    state: State = {COUNTS: counts, LOSSES: losses, SETTINGS: settings_to_array(settings), **arrays}
    moment_of(state, 0)  # checks all of it
    return state


STORED_MOMENT: Final = Stored(_to_json, _from_json)
"""The state of a frame but for its target, which the scene has: numbers as they are, weights in base 64."""


def _unpacked(text: Any) -> State:
    n_bytes = 4 * sum(_ARRAYS.values())
    if not isinstance(text, str) or len(text) > 2 * n_bytes:
        raise ValueError("no weights")
    packed = np.frombuffer(base64.b64decode(text, validate=True), np.float32)
    if 4 * len(packed) != n_bytes:
        raise ValueError("no weights")
    ends = np.cumsum(list(_ARRAYS.values()))
    return {name: packed[end - n : end].copy() for (name, n), end in zip(_ARRAYS.items(), ends, strict=True)}
