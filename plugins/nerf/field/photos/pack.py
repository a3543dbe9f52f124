"""Photos of a scene in one small file: lossless WebP pictures side by side in an npz, and their cameras."""

import io
import zipfile
from collections.abc import Generator
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from studio.core.container.source import open_regular, printable
from studio.core.error import UserError
from studio.core.pausing import pause
from studio.core.picture import encode_webp, read_opacity_picture
from studio.core.translation import N_

from .photos import Photos
from .reader import PhotoReading

MAX_BYTES: Final = 16 << 20
MAX_PHOTOS: Final = 1000
MAX_SIDE_PX: Final = 1024
_NAMES: Final = ("pictures", "ends", "size", "camera_to_world", "intrinsics", "split")
_TIME: Final = "time"
"""When each was taken, where things move."""
_LIGHTING: Final = "lighting"
"""In which light each was taken, where that is known."""
_EVERY: Final = 20


def pack_photos(photos: Photos, quality: int | None = None) -> bytes:
    """Put photos without lenses or masks into a file; the same photos give the same bytes.

    Args:
        quality: 0..100 where pictures need not be the same to the bit; their opacity always is.
    """
    if not photos.is_pinhole or photos.ignored is not None:
        raise ValueError("lenses and masks do not fit into a pack")
    files = [encode_webp(pixels, quality) for pixels in photos.pixels]
    buffer = io.BytesIO()
    arrays: dict[str, Any] = {
        "pictures": np.frombuffer(b"".join(files), np.uint8),
        "ends": np.cumsum([len(file) for file in files]),
        "size": np.array([photos.width, photos.height]),
        "camera_to_world": photos.camera_to_world,
        "intrinsics": photos.intrinsics,
        "split": photos.split,
    }
    if photos.given_time is not None:
        arrays[_TIME] = photos.given_time
    if photos.lighting:
        arrays[_LIGHTING] = np.array(photos.lighting)
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def unpack_photos(path: Path) -> Generator[PhotoReading, None, Photos]:
    """Read what `pack_photos` wrote; raises UserError where the file is damaged."""
    try:
        arrays = _arrays(path)
        ends, (width, height) = arrays["ends"], (int(side) for side in arrays["size"])
        n_photos = len(ends)
        _check(arrays, n_photos, width, height)
        pixels = np.empty((n_photos, height, width, 4), np.uint8)
        for number, (start, end) in enumerate(zip([0, *ends[:-1]], ends, strict=True)):
            pause()
            pixels[number] = read_opacity_picture(arrays["pictures"][int(start) : int(end)].tobytes(), width, height)
            if number % _EVERY == _EVERY - 1:
                yield PhotoReading(number + 1, n_photos)
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise UserError(N_("The photos that come with this scene are damaged."), N_("Install them again.")) from error
    split = arrays["split"].astype(np.str_)
    return Photos(
        pixels,
        np.ascontiguousarray(arrays["camera_to_world"], np.float32),
        np.ascontiguousarray(arrays["intrinsics"], np.float32),
        np.zeros((n_photos, 6), np.float32),
        np.zeros(n_photos, np.bool_),
        split,
        tuple(f"{part} {number}" for number, part in enumerate(split)),
        lighting=tuple(printable(str(name)) for name in arrays.get(_LIGHTING, ())),
        given_time=arrays.get(_TIME),
    )


def _arrays(path: Path) -> dict[str, npt.NDArray[Any]]:
    with open_regular(path) as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise ValueError("too large")
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        return {name: arrays[name] for name in (*_NAMES, *(name for name in (_TIME, _LIGHTING) if name in arrays))}


def _check(arrays: dict[str, npt.NDArray[Any]], n_photos: int, width: int, height: int) -> None:
    ends = arrays["ends"]
    if not (0 < n_photos <= MAX_PHOTOS and 0 < width <= MAX_SIDE_PX and 0 < height <= MAX_SIDE_PX):
        raise ValueError("a size that no pack has")
    if arrays["camera_to_world"].shape != (n_photos, 4, 4) or arrays["intrinsics"].shape != (n_photos, 4):
        raise ValueError("cameras that do not fit")
    if len(arrays.get(_LIGHTING, ends)) != n_photos:
        raise ValueError("lights that do not fit")
    if arrays["split"].shape != (n_photos,) or ends[-1] != len(arrays["pictures"]) or (np.diff(ends) <= 0).any():
        raise ValueError("pictures that do not fit")
    times = arrays.get(_TIME, np.zeros(n_photos, np.float32))
    if times.shape != (n_photos,) or times.dtype != np.float32 or not ((times >= 0) & (times <= 1)).all():
        raise ValueError("times that do not fit")
    if not (np.isfinite(arrays["camera_to_world"]).all() and (arrays["intrinsics"][:, :2] > 0).all()):
        raise ValueError("cameras that are none")
