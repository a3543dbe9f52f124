"""One training on the photos of a scene: the box that it fills, what learns, its pictures, its figures."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.api.engine import Device
from studio.api.training import Moment, SlowPreview, Validation
from studio.core.learning import LogThinning
from studio.core.view import Image

from ...shared.camera.camera import Camera, camera_from_matrix
from ...shared.camera.viewpoint import extent_of
from ...shared.state import SceneFacts
from ..model.config import FieldConfig
from ..model.weights import FieldParts, state_of
from ..photos.photos import Photos, straightened
from .evaluation import drawn_exactly, field_of, laid_on, likeness
from .field_training import FieldSettings, FieldTraining
from .learner import GRID_BOOST, FieldLearner, LearnSettings
from .own_light import likeness_in_own_light
from .torch_learner import TorchLearner

FloatArray: TypeAlias = npt.NDArray[np.float32]
Doubles: TypeAlias = npt.NDArray[np.float64]

N_CARVED: Final = 64
"""Points per axis that are asked whether any photo sees through them."""
N_CARVERS: Final = 40
"""At most so many photos, evenly chosen, are asked."""
MARGIN: Final = 0.03
"""Of the box's longest side, left on all sides of what was found."""
SURROUNDINGS: Final = 2.0
"""How much further than the cameras a scene reaches that has a background."""
MIN_SHARE: Final = 0.02
MIN_RADIUS: Final = 1e-2
PSNR: Final = "PSNR"
"""The held-out figure: of the held-out photos, in dB."""
MOMENTS: Final = LogThinning(dense=32, growth=1.4, first=32)
"""When a frame has a picture and keeps the field itself, some 2 MB each: 18 times in 10,000 steps.

Before that it is all fog, which is slow to draw and worth nothing to look at.
"""
MOVING: Final = {"n_moving_levels": 4, "moving_log2_size": 15, "moving_resolution": 8, "n_knots": 24}
"""The further levels of a scene that moves."""
PICTURE_HEIGHT_PX: Final = 192
MEASURED_SIDE_PX: Final = 100
N_MEASURED: Final = 4
N_CODE: Final = 8
"""Numbers for the light of a photo, where photos were taken in different light."""
N_QUICK_FITS: Final = 40
"""Steps in which the light of a photo is found while the training goes on."""
BACKGROUND_SHARE: Final = 0.5
"""Of both sizes, for scenes with a background: there no ray is empty, and each is long."""


def scene_box(photos: Photos) -> tuple[FloatArray, FloatArray]:
    """The corners (3,) of a box in world units that holds what the photos show."""
    low, high = _box_of_cameras(photos)
    if photos.given_box is not None:
        low, high = (corner.astype(np.float64) for corner in photos.given_box)
    if photos.has_opacity and photos.given_time is None:
        low, high = _carved(photos.chosen(_evenly(len(photos), N_CARVERS)), low, high)
    return low.astype(np.float32), high.astype(np.float32)


def _evenly(n: int, at_most: int) -> npt.NDArray[np.int64]:
    return np.unique(np.linspace(0, n - 1, at_most).astype(np.int64))


def focus_point(photos: Photos) -> Doubles:
    """The point (3,) to which the cameras' lines of sight come nearest, in the sense of least squares."""
    origins = photos.camera_to_world[:, :3, 3].astype(np.float64)
    axes = -photos.camera_to_world[:, :3, 2].astype(np.float64)
    across = np.eye(3) - axes[:, :, None] * axes[:, None, :]  # (N, 3, 3)
    # A little pull to the cameras' middle: parallel lines of sight have no nearest point.
    pull = 1e-3 * np.eye(3)
    right = (across @ origins[:, :, None]).sum(0)[:, 0] / len(origins) + pull @ origins.mean(0)
    return np.linalg.solve(across.mean(0) + pull, right)


def _box_of_cameras(photos: Photos) -> tuple[Doubles, Doubles]:
    """Where the cameras' fields of view meet; for scenes with a background also what lies behind."""
    middle = focus_point(photos)
    distances = np.linalg.norm(photos.camera_to_world[:, :3, 3] - middle, axis=-1)
    farthest = max(float(distances.max()), MIN_RADIUS)
    if not photos.has_opacity:
        return middle - SURROUNDINGS * farthest, middle + SURROUNDINGS * farthest
    half_sizes = np.array([photos.width, photos.height]) / 2 / photos.intrinsics[:, :2]  # (N, 2), tangents
    radius = max(MIN_RADIUS, min(float((distances * half_sizes.max(-1)).max()), farthest))
    return middle - radius, middle + radius


def _carved(photos: Photos, low: Doubles, high: Doubles) -> tuple[Doubles, Doubles]:
    """The smaller box round the points that no photo sees through; the same where all are seen through."""
    steps = [np.linspace(a, b, N_CARVED) for a, b in zip(low, high, strict=True)]
    points = np.stack(np.meshgrid(*steps, indexing="ij"), axis=-1).reshape(-1, 3)
    is_solid = _not_seen_through(photos, points)
    if is_solid.mean() < MIN_SHARE**3:
        return low, high
    found = points[is_solid]
    margin = MARGIN * (high - low).max() + (high - low) / (N_CARVED - 1)
    return np.maximum(found.min(0) - margin, low), np.minimum(found.max(0) + margin, high)


def _not_seen_through(photos: Photos, points: Doubles) -> npt.NDArray[np.bool_]:
    """Which points (P, 3) are opaque in every photo that shows them, and are shown by most."""
    is_solid, n_shown = np.ones(len(points), np.bool_), np.zeros(len(points), np.int64)
    for number in range(len(photos)):
        rest = np.flatnonzero(is_solid)
        columns, rows, is_shown = _pixels_of(photos, number, points[rest])
        n_shown[rest[is_shown]] += 1
        is_clear = _near_opacity(photos.pixels[number, ..., 3])[rows, columns] == 0
        is_solid[rest[is_shown & is_clear]] = False
    return is_solid & (n_shown * 2 >= len(photos))


def _near_opacity(opacity: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The largest opacity of a pixel and its eight neighbours: thin parts fall between the points."""
    padded = np.pad(opacity, 1)
    rows = np.maximum(np.maximum(padded[:-2], padded[1:-1]), padded[2:])
    return np.maximum(np.maximum(rows[:, :-2], rows[:, 1:-1]), rows[:, 2:])


def _pixels_of(
    photos: Photos, number: int, points: Doubles
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Column and row at which a photo shows each point, were it taken by a pinhole, and whether it does."""
    camera = photos.camera_to_world[number].astype(np.float64)
    seen = (points - camera[:3, 3]) @ camera[:3, :3]  # (P, 3), OpenGL axes
    depth = np.maximum(-seen[:, 2], 1e-9)
    fx, fy, cx, cy = photos.intrinsics[number].astype(np.float64)
    x, y = seen[:, 0] / depth * fx + cx, -seen[:, 1] / depth * fy + cy
    is_shown = (seen[:, 2] < 0) & (x >= 0) & (x < photos.width) & (y >= 0) & (y < photos.height)
    columns, rows = np.where(is_shown, x, 0).astype(np.int64), np.where(is_shown, y, 0).astype(np.int64)
    return columns, rows, is_shown


@dataclass(frozen=True, eq=False)
class SceneLesson:
    """What is learnt from: photos of all parts, and how.

    Attributes:
        shape: fields of the field's configuration that differ from the usual.
    """

    photos: Photos
    settings: FieldSettings
    seed: int
    shape: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def config(self) -> FieldConfig:
        """The shape of the field: its box is the one that the photos show."""
        shape = dict(self.shape)
        if "low" not in shape:
            low, high = scene_box(self.photos.part("train"))
            shape |= {"low": _corner(low), "high": _corner(high)}
        if self.photos.given_time is not None:
            shape = MOVING | shape
        return FieldConfig(**shape, is_mip=self.settings.is_mip and not shape.get("n_code"))

    def training(self, device: Device) -> FieldTraining:
        """The training before its first step; on a graphics card the networks are asked there, unless light differs."""
        rate = self.settings.learning_rate
        settings = LearnSettings(n_samples=self.settings.n_samples, grid_rate=GRID_BOOST * rate, network_rate=rate)
        photos = self.photos.part("train")
        if device.kind == "cuda" and not self.config.n_code:
            learner: FieldLearner = TorchLearner(self.config, photos, settings, self.seed, device.torch_device)
        else:
            learner = FieldLearner(self.config, photos, settings, self.seed)
        return FieldTraining(learner, self.settings)

    @property
    def _share(self) -> float:
        return 1.0 if self.photos.has_opacity else BACKGROUND_SHARE

    @cached_property
    def held_out(self) -> Photos:
        """Some pixels of some photos that are not learnt from; none where all are learnt from."""
        held_out = self.photos.part("val")
        if not len(held_out):
            held_out = self.photos.part("test")
        if not len(held_out):
            return held_out
        chosen = held_out.chosen(np.unique(np.linspace(0, len(held_out) - 1, N_MEASURED).astype(np.int64)))
        factor = max(1, round(max(chosen.width, chosen.height) / (MEASURED_SIDE_PX * self._share)))
        return straightened(chosen).thinned(factor)

    @cached_property
    def camera(self) -> Camera:
        """The fixed camera of all pictures: that of a held-out photo, or of the first one."""
        photos = self.held_out if len(self.held_out) else self.photos
        matrix = photos.camera_to_world[0]
        ahead = float(-(focus_point(self.photos) - matrix[:3, 3]) @ matrix[:3, 2])
        size = float((np.array(self.config.high) - np.array(self.config.low)).max())
        return camera_from_matrix(matrix, photos.fov_y_rad(0), max(ahead, 0.1 * size))

    @property
    def facts(self) -> SceneFacts:
        """Where the scene lies."""
        low, high = (np.array(corner, np.float32) for corner in (self.config.low, self.config.high))
        return SceneFacts(extent_of(low, high), self.camera)

    def preview(self) -> SlowPreview:
        """The scene from the fixed camera, and the field itself, to be drawn again from any other."""
        return SlowPreview(self._draw, MOMENTS)

    def _draw(self, parts: FieldParts, _: int) -> Generator[Any, None, Moment]:
        height = round(PICTURE_HEIGHT_PX * self._share)
        rays = self.camera.ray_grid(max(1, round(height * self.photos.width / self.photos.height)), height)
        found: Any = yield from drawn_exactly(field_of(parts))(rays, 0.0)
        figures: Any = {}
        if len(self.held_out):
            figures = yield from self.measure(parts)
        return Moment({"picture": Image(laid_on(found))}, {**state_of(parts), **self.camera.position()}, figures)

    def validation(self) -> Validation | None:
        """How near it comes to held-out photos; None where there are none."""
        return Validation(self.measure, PSNR, is_higher_better=True) if len(self.held_out) else None

    def measure(self, parts: FieldParts) -> Generator[Any, None, Mapping[str, float]]:
        """The mean PSNR of the held-out photos, at every few pixels."""
        numbers = range(len(self.held_out))
        if parts.lights is None:
            drawing = likeness(drawn_exactly(field_of(parts)), self.held_out, numbers, with_ssim=False)
        else:
            drawing = likeness_in_own_light(parts, self.held_out, N_QUICK_FITS, with_ssim=False)
        found: Any = yield from drawing
        return {PSNR: found.mean_psnr_db}


def _corner(corner: Any) -> tuple[float, float, float]:
    x, y, z = (float(value) for value in corner)
    return x, y, z
