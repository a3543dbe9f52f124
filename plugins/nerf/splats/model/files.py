"""Writes and reads our own scenes of splats: a safetensors file of small whole numbers.

Per splat: `centres` as 16 bits of each side of the box in the metadata, `log_scales`, `opacity_logits` and the first
coefficients of `harmonics` as float16, `rotations` and the other coefficients (`sheen`) as int8 with one step.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from studio.api.engine import ModelSource
from studio.core.atomic import atomic_write
from studio.core.error import UserError
from studio.core.translation import N_

from .splats import N_COEFFICIENTS, Splats, splats_of

ARCHITECTURE: Final = "GaussianSplats"
FOREIGN: Final = "splats"
"""The `format` of a card whose file another program has written."""
MAX_FILE_BYTES: Final = 256 << 20
MAX_SPLATS: Final = 4_000_000
_BYTE: Final = 127
_WORD: Final = 65535
_BOX: Final = "box"
_TYPES: Final[Mapping[str, Any]] = {
    "centres": np.uint16,
    "log_scales": np.float16,
    "rotations": np.int8,
    "opacity_logits": np.float16,
    "colours": np.float16,
    "sheen": np.int8,
}


def open_splats(source: ModelSource) -> Splats:
    """Read the scene of a model, ours or another program's; raises UserError where the file is no good."""
    if source.card.get("format") == FOREIGN:
        from ...foreign.splats.reader import read_splats

        return read_splats(source.path).splats
    return load_splats(source.path)


def save_splats(path: Path, splats: Splats, metadata: Mapping[str, str] | None = None) -> None:
    """Write a scene; the file is there wholly or not at all."""
    arrays, box = _numbers(splats)
    named = {"architecture": ARCHITECTURE, _BOX: json.dumps(box), **(metadata or {})}
    atomic_write(path, save(arrays, named))


def state_of(splats: Splats) -> dict[str, npt.NDArray[Any]]:
    """The arrays of a scene as a frame of its training keeps them: `splats_of_state` makes the scene of them again."""
    arrays, box = _numbers(splats)
    return {**arrays, _BOX: np.frombuffer(json.dumps(box).encode(), np.uint8)}


def splats_of_state(state: Mapping[str, npt.NDArray[Any]]) -> Splats:
    """Read what `state_of` gave; raises UserError where it holds no scene."""
    try:
        box = json.loads(state[_BOX].tobytes())
        return _splats({name: state[name] for name in _TYPES}, *_box(box))
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise _unfit() from error


def _numbers(splats: Splats) -> tuple[dict[str, npt.NDArray[Any]], dict[str, Any]]:
    """The whole numbers of a scene, and the box that they are told in."""
    low = splats.centres.min(0, initial=0.0)
    size = np.maximum(splats.centres.max(0, initial=0.0) - low, 1e-6)
    sheen = splats.harmonics[:, 1:]
    step = max(float(np.abs(sheen).max(initial=0.0)) / _BYTE, 1e-8)
    arrays = {
        "centres": np.rint((splats.centres - low) / size * _WORD).astype(np.uint16),
        "log_scales": splats.log_scales.astype(np.float16),
        "rotations": np.rint(splats.rotations * _BYTE).astype(np.int8),
        "opacity_logits": splats.opacity_logits.astype(np.float16),
        "colours": splats.harmonics[:, 0].astype(np.float16),
        "sheen": np.rint(sheen / step).astype(np.int8),
    }
    box = {"low": low.tolist(), "size": size.tolist(), "step": step}
    return {name: np.ascontiguousarray(array) for name, array in arrays.items()}, box


def _box(box: Mapping[str, Any]) -> list[npt.NDArray[np.float32]]:
    return [np.array(box[name], np.float32) for name in ("low", "size", "step")]


def load_splats(path: Path) -> Splats:
    """Read a scene that `save_splats` has written; raises UserError where it is none."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise _unfit()
        with safe_open(path, "numpy") as file:
            metadata = file.metadata() or {}
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # it is no dictionary
        return _splats(arrays, *_box(json.loads(metadata[_BOX])))
    except (OSError, SafetensorError, KeyError, ValueError, TypeError, RecursionError) as error:
        raise _unfit() from error


def _splats(
    arrays: Mapping[str, npt.NDArray[Any]],
    low: npt.NDArray[np.float32],
    size: npt.NDArray[np.float32],
    step: npt.NDArray[np.float32],
) -> Splats:
    n, sheen = len(arrays["centres"]), arrays["sheen"]
    is_sound = set(arrays) == set(_TYPES) and all(arrays[name].dtype == kind for name, kind in _TYPES.items())
    is_sound &= low.shape == size.shape == (3,) and step.shape == () and n <= MAX_SPLATS
    if not is_sound or sheen.ndim != 3 or sheen.shape[1] + 1 not in N_COEFFICIENTS:
        raise ValueError(n)
    harmonics = np.concatenate([arrays["colours"][:, None].astype(np.float32), sheen * step], axis=1)
    found = {
        "centres": low + arrays["centres"] * (size / _WORD),
        "log_scales": arrays["log_scales"],
        "rotations": arrays["rotations"].astype(np.float32) / _BYTE,
        "opacity_logits": arrays["opacity_logits"],
        "harmonics": harmonics,
    }
    splats = splats_of(found)
    if not all(np.isfinite(array).all() for array in splats.arrays().values()):
        raise ValueError("numbers that are none")
    return splats


def _unfit() -> UserError:
    return UserError(N_("This scene of splats cannot be read."), N_("Fetch or make the file again."))
