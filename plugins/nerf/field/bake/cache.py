"""Keeps finished bakes in the user's cache folder, so that a scene moves at once when it is opened again."""

import contextlib
import hashlib
import json
import os
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open

from studio.core.atomic import atomic_file
from studio.core.error import UserError
from studio.core.place import cache_dir

from ..model.field import RadianceField
from .bake import Baked, BakeSettings, bake
from .bricks import MAX_BYTES, BrickVolume

Arrays = Mapping[str, npt.NDArray[Any]]

FORMAT: Final = 2  # goes into every name: a bake of another format is never found
MAX_TOTAL_BYTES: Final = 512 * 2**20
_MAX_FILE_BYTES: Final = MAX_BYTES + 2**16
_PIECE: Final = 4 * 2**20  # bytes written between two yields
_SUFFIX: Final = ".bake"
_ARRAYS: Final = ("low", "index", "leap", "opacity", "colour", "head")
_KINDS: Final = {"float32": "F32", "int32": "I32", "uint8": "U8"}


def cached_bake(
    field: RadianceField, content: str, settings: BakeSettings | None = None
) -> Generator[Baked, None, None]:
    """Like `bake`, but at once where the folder has it; else it is kept after the last stage was yielded.

    Args:
        content: a hash of everything that decides what the field looks like.
    """
    path = _path(content, settings)
    held = _load(path)
    if held is not None:
        yield held
        return
    for baked in bake(field, settings):
        yield baked
        if baked.fraction == 1.0 and baked.volume is not None:
            for _ in _store(path, baked.volume, baked.stage):
                yield baked


def cached_volume(content: str, settings: BakeSettings | None = None) -> BrickVolume | None:
    """What was kept of a field with this content; None where there is nothing, or only a broken file."""
    held = _load(_path(content, settings))
    return None if held is None else held.volume


def keep_volume(content: str, volume: BrickVolume, settings: BakeSettings | None = None) -> None:
    """Keep a finished bake at once; `cached_bake` does so little by little."""
    extent = volume.high - volume.low
    for _ in _store(_path(content, settings), volume, round(float(extent.max()) / volume.voxel)):
        pass


def _path(content: str, settings: BakeSettings | None) -> Path:
    folder = cache_dir() / "bakes"
    folder.mkdir(exist_ok=True)
    name = hashlib.blake2b(f"{FORMAT} {settings or BakeSettings()} {content}".encode(), digest_size=20).hexdigest()
    return folder / f"{name}{_SUFFIX}"


def _load(path: Path) -> Baked | None:
    """The bake in a file; None where there is none. A broken file is removed."""
    try:
        baked = _read(path)
        os.utime(path)  # used now: others go first
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, SafetensorError):
        with contextlib.suppress(OSError):
            path.unlink()
        return None
    return baked


def _store(path: Path, volume: BrickVolume, stage: int) -> Iterator[None]:
    """Write a bake piece by piece, then remove the oldest ones where all are too large together."""
    arrays = {name: np.ascontiguousarray(getattr(volume, name)) for name in _ARRAYS}
    notes = {"voxel": repr(volume.voxel), "stage": str(stage), "digest": _digest(arrays)}
    with contextlib.suppress(UserError), atomic_file(path) as draft, draft.open("r+b") as file:
        # A full disk is no reason to trouble anybody: it is baked again next time.
        file.write(_header(arrays, notes))
        for part in arrays.values():
            content = _bytes(part)
            for first in range(0, len(content), _PIECE):
                file.write(content[first : first + _PIECE])
                file.flush()
                os.fsync(file.fileno())  # by pieces: all at the end would take too long for one step
                yield
    _make_room(path.parent)


def _header(arrays: Arrays, notes: dict[str, str]) -> bytes:
    """The beginning of a safetensors file."""
    entries: dict[str, Any] = {"__metadata__": notes}
    end = 0
    for name, part in arrays.items():
        first, end = end, end + part.nbytes
        entries[name] = {"dtype": _KINDS[part.dtype.name], "shape": part.shape, "data_offsets": [first, end]}
    text = json.dumps(entries).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text


def _read(path: Path) -> Baked:
    """Read and check a file; whatever is wrong with it raises."""
    if path.stat().st_size > _MAX_FILE_BYTES:
        raise ValueError("too large")
    with safe_open(os.fspath(path), framework="np") as file:
        notes = file.metadata()
        arrays = {name: np.array(file.get_tensor(name)) for name in _ARRAYS}
    if notes["digest"] != _digest(arrays):
        raise ValueError("changed since it was written")
    volume = BrickVolume(voxel=float(notes["voxel"]), **arrays)
    volume.check()
    return Baked(volume, 1.0, int(notes["stage"]))


def _digest(arrays: Arrays) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for part in arrays.values():
        digest.update(_bytes(np.ascontiguousarray(part)))
    return digest.hexdigest()


def _bytes(part: npt.NDArray[Any]) -> memoryview:
    return part.reshape(-1).view(np.uint8).data


def _make_room(folder: Path) -> None:
    """Remove the files that nobody used for the longest time until the rest is small enough."""
    files = []
    for path in folder.glob(f"*{_SUFFIX}"):
        with contextlib.suppress(OSError):
            state = path.stat()
            files.append((state.st_mtime_ns, state.st_size, path))
    total = 0
    for _, size, path in sorted(files, reverse=True):
        total += size
        if total > MAX_TOTAL_BYTES:
            with contextlib.suppress(OSError):
                path.unlink()
