"""The photos from which a scene was learnt, as far as they are on this computer, and one of them beside our picture."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from studio.api.engine import ModelSource, psnr_db, ssim
from studio.core.error import UserError
from studio.core.pausing import pause

from ...foreign.unplaced import known_scene
from ...shared.camera.camera import Camera
from ...shared.camera.frustum import photo_camera, pyramid_length, pyramids
from ...shared.camera.ray import FloatArray
from ...shared.camera.viewpoint import Extent
from ..model.field import RadianceField
from ..render.exact import draw_exact
from .pack import unpack_photos
from .photos import Photos, straightened
from .reader import PhotoReading, read_photos

ByteArray = npt.NDArray[np.uint8]
MAX_SIDE_PX: Final = 400
THUMBNAIL_PX: Final = 96


@dataclass(frozen=True, eq=False)
class PhotoViews:
    """What a panel needs of the photos.

    Attributes:
        camera_to_world: float32 (N, 4, 4), OpenGL. fovs_rad: float32 (N,), from top to bottom.
        pyramids: float32 (N, 5, 3), eye and corners of each photo in the scene.
        names: fit to be shown.
        thumbnails: uint8 (h, w, 3) each, on white; none where only the cameras are known.
        aspect: width over height of each.
        is_held_out: bool (N,), photos that are not learnt from.
        times: float32 (N,), when each was taken, 0..1; None where nothing moved.
    """

    camera_to_world: FloatArray
    fovs_rad: FloatArray
    pyramids: FloatArray
    names: tuple[str, ...]
    thumbnails: tuple[ByteArray, ...]
    aspect: float
    is_held_out: npt.NDArray[np.bool_]
    times: FloatArray | None = None

    def __len__(self) -> int:
        return len(self.names)

    def camera(self, index: int, view_aspect: float, extent: Extent) -> Camera:
        """The camera that took a photo, for a view that shall show all of it."""
        matrix, fov = self.camera_to_world[index], float(self.fovs_rad[index])
        return photo_camera(matrix, fov, self.aspect, view_aspect, extent.centre.astype(np.float64), extent.radius)


@dataclass(frozen=True, eq=False)
class PhotoPair:
    """A photo and our picture of the same view, uint8 (H, W, 3) each, on white, and how near they are.

    Attributes, beside those:
        left_out: uint8 (h, w), how much less than in full the scene was learnt from it, on a coarse grid over the whole
            photo; None where that was not learnt.
    """

    index: int
    photo: ByteArray
    ours: ByteArray
    psnr_db: float
    ssim: float
    left_out: ByteArray | None = None


def photos_of(source: ModelSource) -> Generator[PhotoReading, None, Photos | None]:
    """Read the photos that the card names: a pack beside the scene, or the person's own folder; None without any."""
    pack, folder = source.card.get("photos"), _own_folder(source)
    if isinstance(pack, str) and pack:
        return (yield from unpack_photos(_pack_path(source, Path(pack).name)))
    if folder is None:
        return None
    try:
        photos, _ = yield from read_photos(known_scene(folder), MAX_SIDE_PX)
    except UserError:  # moved or changed since: the scene does not need them
        return None
    return shown_photos(photos)


def shown_photos(photos: Photos) -> Photos:
    """The photos that are learnt from, as small as they are shown, without what a lens bends."""
    factor = max(photos.width, photos.height) // MAX_SIDE_PX
    small = photos.thinned(factor) if factor > 1 else photos
    return small if small.is_pinhole else straightened(small)


def _pack_path(source: ModelSource, name: str) -> Path:
    """A pack beside the scene, or among those that came with the family."""
    beside = source.path.parent / name
    return beside if beside.exists() else Path(str(files(__package__.rsplit(".", 2)[0]) / "models" / name))


def _own_folder(source: ModelSource) -> Path | None:
    settings: Any = source.card.get("settings")
    named = settings.get("data") if isinstance(settings, dict) else None
    path = Path(named) if isinstance(named, str) and named else None
    return path if path is not None and path.exists() else None


def views_of(photos: Photos, extent: Extent) -> PhotoViews:
    """What a panel shows of the photos."""
    length = pyramid_length(photos.camera_to_world[:, :3, 3], extent.radius)
    size = photos.width, photos.height
    return PhotoViews(
        photos.camera_to_world,
        np.array([photos.fov_y_rad(index) for index in range(len(photos))], np.float32),
        pyramids(photos.camera_to_world, photos.intrinsics, size, length),
        photos.names,
        tuple(_thumbnail(photos, index) for index in range(len(photos))),
        photos.width / photos.height,
        photos.split != "train",
        photos.given_time,
    )


def views_of_cameras(cameras: Sequence[Mapping[str, Any]], extent: Extent) -> PhotoViews | None:
    """The same for a file that has the cameras of its photos but not the photos; None where there are none.

    Args:
        cameras: each with "camera_to_world" (4 x 4, OpenGL), "fov_y_rad" and "name", as importers tell them.
    """
    if not cameras:
        return None
    matrices = np.array([one["camera_to_world"] for one in cameras], np.float32)
    fovs = np.array([one["fov_y_rad"] for one in cameras], np.float32)
    half = np.tan(fovs / 2)
    intrinsics = np.stack([0.5 / half, 0.5 / half, *np.full((2, len(fovs)), 0.5)], axis=-1)
    length = pyramid_length(matrices[:, :3, 3], extent.radius)
    return PhotoViews(
        matrices,
        fovs,
        pyramids(matrices, intrinsics, (1, 1), length),
        tuple(str(one["name"]) for one in cameras),
        (),
        1.0,
        np.zeros(len(fovs), np.bool_),
    )


def _thumbnail(photos: Photos, index: int) -> ByteArray:
    pause()
    step = max(1, max(photos.width, photos.height) // THUMBNAIL_PX)
    return np.ascontiguousarray(photos.on((255, 255, 255), index)[::step, ::step])


def photo_pair(photos: Photos, index: int, field: RadianceField) -> PhotoPair:
    """Draw the view of a photo with the network, and measure how near it comes."""
    photo = photos.on((255, 255, 255), index)
    found = draw_exact(field, photos.ray_grid(index))
    colour: FloatArray = np.clip(found.colour + (1 - found.opacity)[..., None], 0, 1)
    ours = (colour * 255 + 0.5).astype(np.uint8)
    counted = photo / np.float32(255)
    return PhotoPair(index, photo, ours, psnr_db(colour, counted), ssim(colour, counted))
