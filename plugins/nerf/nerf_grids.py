"""Keeps in the user's cache folder where the two networks of an original NeRF hold something."""

import contextlib
import io
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from studio.core.atomic import atomic_write
from studio.core.error import UserError
from studio.core.path import cache_dir

from .field import OccupancyGrid

FORMAT: Final = 1
"""Part of every file's name: grids that were found in another way are not taken."""
_MAX_BYTES: Final = 16 << 20
_NAMES: Final = ("coarse", "fine")


@dataclass(frozen=True, eq=False)
class Grids:
    """Where the coarse and the fine network hold something."""

    coarse: OccupancyGrid
    fine: OccupancyGrid


def kept_grids(content: str) -> Grids | None:
    """The grids of the file with this hash; None where there are none, or they are damaged."""
    path = _path(content)
    try:
        if path.stat().st_size > _MAX_BYTES:
            return None
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return Grids(*(_read(arrays, name) for name in _NAMES))
    except (OSError, ValueError, KeyError, TypeError, BadZipFile, EOFError, zlib.error):
        return None


def keep_grids(content: str, grids: Grids) -> None:
    """Keep them; where the disk is full they are found anew next time."""
    arrays: dict[str, Any] = {}
    for name in _NAMES:
        grid: OccupancyGrid = getattr(grids, name)
        arrays[name] = np.packbits(grid.cells, axis=-1)
        arrays[f"{name}_box"] = np.stack([grid.low, grid.high])
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    with contextlib.suppress(UserError):
        atomic_write(_path(content), file.getvalue())


def _path(content: str) -> Path:
    folder = cache_dir() / "grids"
    folder.mkdir(exist_ok=True)
    return folder / f"{content}-{FORMAT}.npz"


def _read(arrays: Any, name: str) -> OccupancyGrid:
    bits: npt.NDArray[np.uint8] = arrays[name]
    box: npt.NDArray[np.float32] = arrays[f"{name}_box"]
    if bits.dtype != np.uint8 or bits.ndim != 4 or box.shape != (2, 3) or not np.isfinite(box).all():
        raise ValueError("not a grid")
    low, high = box.astype(np.float32)
    return OccupancyGrid(np.unpackbits(bits, axis=-1), low, high)
