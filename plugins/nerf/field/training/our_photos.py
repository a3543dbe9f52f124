"""The pictures of the scenes that travel with the family: the full set where it was built, else what came along."""

from collections.abc import Generator
from importlib.resources import files
from pathlib import Path

from studio.api.training import reading_frames
from studio.core.frame import Frame
from studio.core.place import data_dir

from ...foreign.transforms import is_scene, read_transforms
from ..photos.pack import unpack_photos
from ..photos.photos import Photos
from ..photos.reader import PhotoReading, read_photos


def read_our_photos(name: str, pack: str, side_px: int, n_steps: int) -> Generator[Frame, None, tuple[Photos, bool]]:
    """The photos of a scene, and whether they are the full set, which lies in a folder called `name`.

    Args:
        pack: the file in `models/` with those that came along.
        side_px: the longest side of the full ones.
    """
    folder = data_dir() / "datasets" / name
    is_full = is_scene(folder)
    reading = read_photos(read_transforms(folder), side_px) if is_full else _unpacked(pack)
    photos, _ = yield from reading_frames(reading, n_steps)
    return photos, is_full


def _unpacked(pack: str) -> Generator[PhotoReading, None, tuple[Photos, tuple[str, ...]]]:
    path = files(__package__.rsplit(".", 2)[0]) / "models" / pack
    photos = yield from unpack_photos(Path(str(path)))
    return photos, ()
