"""Photos of one scene with the cameras that took them, the rays through their pixels; lenses taken away."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.core.pausing import pause

from ...shared.camera.camera import rays_of
from ...shared.camera.lens import bent, bent_fisheye, straight, straight_fisheye
from ...shared.camera.ray import RayGrid

FloatArray: TypeAlias = npt.NDArray[np.float32]
IntArray: TypeAlias = npt.NDArray[np.int64]
Part: TypeAlias = Literal["train", "val", "test"]

_TO_OPENGL: Final = np.array([1.0, -1.0, -1.0])
"""Pixels count downwards and along the view; OpenGL's camera has y up and looks along -z."""
Doubles: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Photos:
    """N photos of one size, and how each was taken.

    Attributes:
        pixels: uint8 (N, H, W, 4), sRGB already multiplied by the opacity, and the opacity: on a background b a pixel
            is rgb + (1 - a) b.
        camera_to_world: float32 (N, 4, 4); the camera has x right, y up and looks along -z (OpenGL).
        intrinsics: float32 (N, 4): fx, fy, cx, cy in pixels; the middle of the first pixel is at (0.5, 0.5).
        lens: float32 (N, 6): k1, k2, k3, k4, p1, p2 of OpenCV's model; zeros for a pinhole.
        is_fisheye: bool (N,).
        split: the part to which each belongs: (N,) "train", "val" or "test".
        names: of the photos, fit to be shown.
        ignored: bool (N, H, W), pixels that tell nothing; None where all of them count.
        given_box: the corners of the box that the file states, in world units; None where it states none.
        lighting: in which light each was taken, by name; empty where the file does not say so of all of them.
        given_time: float32 (N,), when each was taken, 0..1; None where nothing moved.
        fill: how much of the way to the next pixel a pixel covers; less than 1 where others were left out between.
    """

    pixels: npt.NDArray[np.uint8]
    camera_to_world: FloatArray
    intrinsics: FloatArray
    lens: FloatArray
    is_fisheye: npt.NDArray[np.bool_]
    split: npt.NDArray[np.str_]
    names: tuple[str, ...]
    ignored: npt.NDArray[np.bool_] | None = None
    given_box: tuple[FloatArray, FloatArray] | None = None
    lighting: tuple[str, ...] = ()
    given_time: FloatArray | None = None
    fill: float = 1.0

    def __len__(self) -> int:
        return len(self.pixels)

    @property
    def height(self) -> int:
        """Of every photo, in pixels."""
        return self.pixels.shape[1]

    @property
    def width(self) -> int:
        """Of every photo, in pixels."""
        return self.pixels.shape[2]

    @cached_property
    def time(self) -> FloatArray:
        """When each was taken, float32 (N,), 0..1; 0 where nothing moved."""
        return np.zeros(len(self), np.float32) if self.given_time is None else self.given_time

    @cached_property
    def is_pinhole(self) -> bool:
        """Whether no lens bends any of them."""
        return not (self.lens.any() or self.is_fisheye.any())

    @cached_property
    def has_opacity(self) -> bool:
        """Whether there is anything transparent in them."""
        return bool((self.pixels[..., 3] < 255).any())

    def chosen(self, photos: npt.NDArray[np.integer] | npt.NDArray[np.bool_]) -> "Photos":
        """Some of the photos, by number or by a mask."""
        numbers = np.flatnonzero(photos) if photos.dtype == np.bool_ else photos
        return replace(
            self,
            pixels=np.ascontiguousarray(self.pixels[numbers]),
            camera_to_world=self.camera_to_world[numbers],
            intrinsics=self.intrinsics[numbers],
            lens=self.lens[numbers],
            is_fisheye=self.is_fisheye[numbers],
            split=self.split[numbers],
            names=tuple(self.names[int(number)] for number in numbers),
            ignored=None if self.ignored is None else self.ignored[numbers],
            lighting=tuple(self.lighting[int(number)] for number in numbers) if self.lighting else (),
            given_time=None if self.given_time is None else self.given_time[numbers],
        )

    def part(self, split: Part) -> "Photos":
        """The photos of one part."""
        return self.chosen(self.split == split)

    def reduced(self, factor: int) -> "Photos":
        """Photos of 1/factor of the size, each pixel the mean of factor x factor; the rest at the end is cut off."""
        height, width = self.height // factor, self.width // factor
        ignored = self.ignored
        if ignored is not None:
            kept = ignored[:, : height * factor, : width * factor]
            ignored = np.asarray(kept.reshape(len(self), height, factor, width, factor).any((2, 4)))
        pixels = np.empty((len(self), height, width, 4), np.uint8)
        for number in range(len(self)):
            pause()
            pixels[number] = _means(self.pixels[number, : height * factor, : width * factor], factor)
        return replace(self, pixels=pixels, intrinsics=self.intrinsics / np.float32(factor), ignored=ignored)

    def thinned(self, factor: int) -> "Photos":
        """Every factor-th pixel of every factor-th row, with the same rays: what is measured on them holds for all."""
        first = factor // 2
        shift = np.array([0, 0, first + 0.5, first + 0.5], np.float32)
        intrinsics = (self.intrinsics - shift) / np.float32(factor) + np.array([0, 0, 0.5, 0.5], np.float32)
        ignored = self.ignored
        return replace(
            self,
            pixels=np.ascontiguousarray(self.pixels[:, first::factor, first::factor]),
            intrinsics=intrinsics.astype(np.float32),
            ignored=None if ignored is None else np.ascontiguousarray(ignored[:, first::factor, first::factor]),
            fill=self.fill / factor,
        )

    def columns(self, first: int, last: int) -> "Photos":
        """The part of all photos from one column to before another, with the same rays."""
        return replace(
            self,
            pixels=np.ascontiguousarray(self.pixels[:, :, first:last]),
            intrinsics=self.intrinsics - np.array([0, 0, first, 0], np.float32),
            ignored=None if self.ignored is None else np.ascontiguousarray(self.ignored[:, :, first:last]),
        )

    def rays(self, photo: IntArray, columns: IntArray, rows: IntArray) -> tuple[FloatArray, FloatArray]:
        """Origins and unit directions (R, 3), in the world, of the rays through the middles of R pixels."""
        middles = np.stack([columns, rows], axis=-1) + 0.5
        return self.rays_through(photo, middles)

    def rays_through(self, photo: IntArray, places: npt.NDArray[np.floating]) -> tuple[FloatArray, FloatArray]:
        """Origins and unit directions (R, 3) of the rays through places (R, 2) = (x, y) in pixels of photos (R,)."""
        intrinsics = self.intrinsics[photo].astype(np.float64)
        plane = (places - intrinsics[:, 2:]) / intrinsics[:, :2]  # (R, 2)
        seen = np.concatenate([plane, np.ones((len(plane), 1))], axis=-1)
        if not self.is_pinhole:
            self._straighten(seen, photo)
        seen /= np.linalg.norm(seen, axis=-1, keepdims=True)
        cameras = self.camera_to_world[photo]
        directions = np.einsum("rij,rj->ri", cameras[:, :3, :3].astype(np.float64), seen * _TO_OPENGL)
        return np.ascontiguousarray(cameras[:, :3, 3]), directions.astype(np.float32)

    def spreads(self, photo: IntArray, directions: FloatArray) -> FloatArray:
        """How wide pixels of photos (R,) are one world unit ahead along their unit directions (R, 3): (R,)."""
        ahead = -np.einsum("ri,ri->r", self.camera_to_world[photo, :3, 2], directions)
        across = np.where(self.is_fisheye[photo], 1, ahead)  # a fisheye's pixels see about the same angle everywhere
        return np.asarray(self.fill * across / np.sqrt(self.intrinsics[photo, :2].prod(-1)), np.float32)

    def _straighten(self, seen: npt.NDArray[np.float64], photo: IntArray) -> None:
        """Put into `seen` (R, 3) what the lens had bent to there."""
        lens, is_fisheye = self.lens[photo].astype(np.float64), self.is_fisheye[photo]
        if is_fisheye.any():
            seen[is_fisheye] = straight_fisheye(seen[is_fisheye, :2], lens[is_fisheye])
        is_plain = ~is_fisheye
        if is_plain.any():
            seen[is_plain, :2] = straight(seen[is_plain, :2], lens[is_plain])

    def draw(self, random: np.random.Generator, n_rays: int) -> tuple[IntArray, IntArray, IntArray]:
        """Photo, column and row of pixels drawn evenly from those that count, (n_rays,) each."""
        places = random.integers(0, self.n_counting, n_rays)
        if self.ignored is not None:
            places = self._counting[places]
        photo, place = np.divmod(places, self.height * self.width)
        rows, columns = np.divmod(place, self.width)
        return photo, columns, rows

    @cached_property
    def n_counting(self) -> int:
        """How many pixels all photos have that are not ignored."""
        return self.pixels[..., 0].size if self.ignored is None else len(self._counting)

    @cached_property
    def _counting(self) -> IntArray:
        assert self.ignored is not None
        return np.flatnonzero(~self.ignored)

    def ray_grid(self, photo: int) -> RayGrid:
        """The rays of a photo as one grid; they are those of `rays` where no lens bends it (see `straightened`)."""
        fx, fy, cx, cy = (float(value) for value in self.intrinsics[photo])
        rays = rays_of(self.camera_to_world[photo], (fx, fy), (cx, cy), (self.width, self.height))
        return replace(rays, fill=self.fill)

    def fov_y_rad(self, photo: int) -> float:
        """The angle that a photo sees from its top to its bottom, were it taken by a pinhole."""
        return float(2 * np.arctan(self.height / 2 / self.intrinsics[photo, 1]))

    def on(self, background: tuple[int, int, int], photo: int) -> npt.NDArray[np.uint8]:
        """A photo (H, W, 3) laid on a colour (0 to 255)."""
        rgba = self.pixels[photo].astype(np.uint16)
        behind = (255 - rgba[..., 3:]) * np.array(background, np.uint16)
        return np.minimum(rgba[..., :3] + (behind + 127) // 255, 255).astype(np.uint8)

    def target(
        self, photo: IntArray, columns: IntArray, rows: IntArray, background: FloatArray | float = 1.0
    ) -> FloatArray:
        """Colours (R, 3) in 0..1 of pixels, laid on a background (R, 3), (3,) or one grey."""
        rgba = self.pixels[photo, rows, columns].astype(np.float32) / np.float32(255)
        return np.asarray(rgba[:, :3] + (1 - rgba[:, 3:]) * background, np.float32)


def _means(pixels: npt.NDArray[np.uint8], factor: int) -> npt.NDArray[np.uint8]:
    """The means of factor x factor pixels of a picture (H, W, 4)."""
    sums = np.zeros((pixels.shape[0] // factor, pixels.shape[1] // factor, 4), np.uint32)
    for down in range(factor):
        for along in range(factor):
            sums += pixels[down::factor, along::factor]
    return ((sums + factor * factor // 2) // (factor * factor)).astype(np.uint8)


def straightened(photos: Photos) -> Photos:
    """The same photos without what their lenses did; pixels that no photo shows are ignored (and white)."""
    if photos.is_pinhole:
        return photos
    pixels, ignored = np.empty_like(photos.pixels), np.zeros(photos.pixels.shape[:3], np.bool_)
    for number in range(len(photos)):
        pixels[number], ignored[number] = _straightened(photos, number)
    return replace(
        photos,
        pixels=pixels,
        ignored=ignored,
        lens=np.zeros_like(photos.lens),
        is_fisheye=np.zeros_like(photos.is_fisheye),
    )


def _straightened(photos: Photos, number: int) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
    places = source_places(photos, number)  # (H, W, 2)
    is_outside = np.asarray(((places < 0) | (places > (photos.width, photos.height))).any(-1))
    pixels = _between(photos.pixels[number], places)
    pixels[is_outside] = 255
    if photos.ignored is not None:
        columns = np.clip(places[..., 0].astype(np.int64), 0, photos.width - 1)
        rows = np.clip(places[..., 1].astype(np.int64), 0, photos.height - 1)
        is_outside |= photos.ignored[number, rows, columns]
    return pixels, is_outside


def source_places(photos: Photos, number: int) -> Doubles:
    """Where in a photo lies what a pinhole camera would show at the middle of each pixel: (H, W, 2) = (x, y)."""
    fx, fy, cx, cy = photos.intrinsics[number].astype(np.float64)
    x, y = np.meshgrid((np.arange(photos.width) + 0.5 - cx) / fx, (np.arange(photos.height) + 0.5 - cy) / fy)
    lens = photos.lens[number].astype(np.float64)
    if photos.is_fisheye[number]:
        plane = bent_fisheye(np.stack([x, y, np.ones_like(x)], axis=-1), lens)
    else:
        plane = bent(np.stack([x, y], axis=-1), lens)
    return np.asarray(plane * (fx, fy) + (cx, cy))


def _between(pixels: npt.NDArray[np.uint8], places: Doubles) -> npt.NDArray[np.uint8]:
    """Colours at places (..., 2) = (x, y) of a picture (H, W, 4), bilinear."""
    height, width = pixels.shape[:2]
    x = np.clip(places[..., 0] - 0.5, 0, width - 1).astype(np.float32)
    y = np.clip(places[..., 1] - 0.5, 0, height - 1).astype(np.float32)
    column, row = x.astype(np.int64), y.astype(np.int64)
    right, below = np.minimum(column + 1, width - 1), np.minimum(row + 1, height - 1)
    along, down = (x - column)[..., None], (y - row)[..., None]
    upper = pixels[row, column] * (1 - along) + pixels[row, right] * along
    lower = pixels[below, column] * (1 - along) + pixels[below, right] * along
    return np.asarray(upper * (1 - down) + lower * down + 0.5).astype(np.uint8)
