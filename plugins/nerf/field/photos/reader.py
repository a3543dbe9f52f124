"""Reads the pixels of a scene's photos, all brought to one size, while telling how far it is."""

import time
from collections import Counter, deque
from collections.abc import Collection, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.picture import picture_size, read_opacity_picture
from studio.core.translation import N_

from ...foreign.shots import PARTS, SceneFile, Shot
from .photos import Part, Photos

MAX_BYTES: Final = 1 << 30
MIN_SIDE_PX: Final = 8
YIELD_S: Final = 0.05
MAX_HELD_OUT: Final = 20
"""Of each part that is not learnt from: more would be measured for longer, and no better."""
N_READERS: Final = 2
N_AHEAD: Final = 4
"""Photos that are decoded ahead."""

_Decoded: TypeAlias = tuple[npt.NDArray[np.uint8], npt.NDArray[np.bool_] | None]


@dataclass(frozen=True)
class PhotoReading:
    """How far the reading has come: photos read, and how many there are."""

    n_read: int
    n_photos: int

    @property
    def fraction(self) -> float:
        """0 to 1."""
        return self.n_read / max(1, self.n_photos)

    @property
    def sentence(self) -> str:
        """The same for people."""
        return N_("Reading the photos: {n:,} of {total:,}").format(n=self.n_read, total=self.n_photos)


@dataclass(frozen=True, eq=False)
class _Sized:
    """A shot and the size of its file's picture in pixels, which is turned upright where it was on its side."""

    shot: Shot
    width_px: int
    height_px: int
    was_on_its_side: bool


def _sized(shot: Shot) -> _Sized:
    width_px, height_px = picture_size(shot.path)
    if shot.was_on_its_side(width_px, height_px):
        return _Sized(shot, height_px, width_px, True)
    return _Sized(shot, width_px, height_px, False)


def read_photos(
    scene: SceneFile, max_side_px: int, parts: Collection[Part] = ("train", "val", "test")
) -> Generator[PhotoReading, None, tuple[Photos, tuple[str, ...]]]:
    """Read the photos of some parts; returns them, and sentences about those that could not be read.

    All get the size that most of them have, shrunk so that no side is longer than `max_side_px` and all together take
    at most 1 GiB. Photos of other proportions are squeezed, and their intrinsics with them. Of the parts that are not
    learnt from at most 20 are read, evenly chosen.

    Raises:
        UserError: none of them can be read.
    """
    shots = [shot for part in PARTS if part in parts for shot in _some(scene.shots, part)]
    left_out: list[str] = []
    sized = yield from _sizes(shots, left_out)
    if not sized:
        raise _unreadable(left_out)
    width, height = _common_size(sized, max_side_px)
    read = yield from _pixels(sized, width, height, left_out)
    if not read.kept:
        raise _unreadable(left_out)
    return _photos(scene, read, width, height), tuple(left_out)


def _some(shots: Sequence[Shot], part: Part) -> list[Shot]:
    mine = [shot for shot in shots if shot.part == part]
    if part == "train" or len(mine) <= MAX_HELD_OUT:
        return mine
    return [mine[int(number)] for number in np.linspace(0, len(mine) - 1, MAX_HELD_OUT)]


def _unreadable(left_out: Sequence[str]) -> UserError:
    return UserError(N_("None of the scene’s photos can be read."), left_out[0] if left_out else "")


def _sizes(shots: Sequence[Shot], left_out: list[str]) -> Generator[PhotoReading, None, list[_Sized]]:
    sized, last = [], time.monotonic()
    for shot in shots:
        try:
            sized.append(_sized(shot))
        except UserError as error:
            left_out.append(f"{printable(shot.path.name)}: {error.title}")
        if time.monotonic() - last > YIELD_S:
            yield PhotoReading(0, len(shots))
            last = time.monotonic()
    return sized


def _common_size(sized: Sequence[_Sized], max_side_px: int) -> tuple[int, int]:
    """The width and height that all photos get."""
    width, height = Counter((one.width_px, one.height_px) for one in sized).most_common(1)[0][0]
    fits_memory = (MAX_BYTES / (4 * len(sized) * width * height)) ** 0.5
    scale = min(1.0, max_side_px / max(width, height), fits_memory)
    return max(MIN_SIDE_PX, round(width * scale)), max(MIN_SIDE_PX, round(height * scale))


class _Read:
    """Photos whose pixels are read so far."""

    def __init__(self, n_photos: int, width: int, height: int, has_masks: bool) -> None:
        self.kept: list[_Sized] = []
        self._pixels = np.empty((n_photos, height, width, 4), np.uint8)  # memory is taken when it is written to
        self._ignored = np.zeros((n_photos, height, width), np.bool_) if has_masks else None

    def add(self, one: _Sized, pixels: npt.NDArray[np.uint8], ignored: npt.NDArray[np.bool_] | None) -> None:
        self._pixels[len(self.kept)] = pixels
        if self._ignored is not None and ignored is not None:
            self._ignored[len(self.kept)] = ignored
        self.kept.append(one)

    @property
    def pixels(self) -> npt.NDArray[np.uint8]:
        return self._pixels[: len(self.kept)]

    @property
    def ignored(self) -> npt.NDArray[np.bool_] | None:
        return None if self._ignored is None else self._ignored[: len(self.kept)]


def _pixels(
    sized: Sequence[_Sized], width: int, height: int, left_out: list[str]
) -> Generator[PhotoReading, None, _Read]:
    read = _Read(len(sized), width, height, any(one.shot.mask is not None for one in sized))
    # Decoders let go of the interpreter; more than two of them wait for the disk, or take the cores of the window.
    with ThreadPoolExecutor(N_READERS) as pool:
        waiting = deque[Future[_Decoded]]()
        for number, one in enumerate([*sized, *[None] * N_AHEAD]):
            if one is not None:
                waiting.append(pool.submit(_decoded, one, width, height))
            if number >= N_AHEAD and waiting:
                _take(read, sized[number - N_AHEAD], waiting.popleft(), left_out)
                yield PhotoReading(number - N_AHEAD + 1, len(sized))
    return read


def _decoded(one: _Sized, width: int, height: int) -> _Decoded:
    pixels = read_opacity_picture(one.shot.path, width, height, one.was_on_its_side)
    return pixels, _ignored(one.shot, width, height)


def _take(read: _Read, one: _Sized, decoded: Future[_Decoded], left_out: list[str]) -> None:
    """Wait for a photo and keep it, or say why it cannot be used."""
    try:
        read.add(one, *decoded.result())
    except UserError as error:
        left_out.append(f"{printable(one.shot.path.name)}: {error.title}")


def _ignored(shot: Shot, width: int, height: int) -> npt.NDArray[np.bool_] | None:
    """Where the mask of a photo is black; None where it has none."""
    if shot.mask is None:
        return None
    mask = read_opacity_picture(shot.mask, width, height)
    return np.asarray(mask[..., :3].max(-1) < 128)


def _photos(scene: SceneFile, read: _Read, width: int, height: int) -> Photos:
    shots = [one.shot for one in read.kept]
    shrunk = [np.array([width / one.width_px, height / one.height_px] * 2) for one in read.kept]
    intrinsics = [
        np.array(one.shot.intrinsics(one.width_px, one.height_px)) * factor
        for one, factor in zip(read.kept, shrunk, strict=True)
    ]
    lighting = tuple(printable(shot.lighting) for shot in shots)
    return Photos(
        read.pixels,
        np.stack([shot.camera_to_world for shot in shots]).astype(np.float32),
        np.stack(intrinsics).astype(np.float32),
        np.stack([shot.lens for shot in shots]).astype(np.float32),
        np.array([shot.is_fisheye for shot in shots]),
        np.array([shot.part for shot in shots]),
        tuple(printable(shot.path.relative_to(scene.folder).as_posix()) for shot in shots),
        read.ignored,
        scene.box,
        lighting if all(lighting) else (),
        _times(shots),
    )


def _times(shots: Sequence[Shot]) -> npt.NDArray[np.float32] | None:
    """When the photos were taken, (N,), brought to 0..1 where they are not; None where that is not told of all."""
    if not all("time" in shot.table for shot in shots):
        return None
    times = np.array([shot.table["time"] for shot in shots])
    low, high = min(times.min(), 0.0), max(times.max(), 1.0)
    if low < 0 or high > 1:
        low, high = times.min(), times.max()
    return None if times.max() == times.min() else ((times - low) / (high - low)).astype(np.float32)
