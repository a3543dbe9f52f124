"""One training on the photos of a scene: what learns, its pictures from a fixed camera, its held-out figures."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np

from studio.api.engine import Device
from studio.api.training import Moment, SlowPreview, Validation
from studio.core.thinning import LogThinning
from studio.core.view import Image

from .camera import Camera, camera_from_matrix
from .config import FieldConfig
from .field_training import FieldSettings, FieldTraining
from .learner import GRID_BOOST, Learner, LearnSettings
from .photos import Photos
from .scene_box import focus_point, scene_box
from .scene_evaluation import drawn_exactly, field_of, laid_on, likeness
from .straighten import straightened
from .torch_learner import TorchLearner
from .weights import FieldParts, state_of

PSNR: Final = "PSNR"
"""The held-out figure: of the held-out photos, in dB."""
MOMENTS: Final = LogThinning(dense=32, growth=1.4, first=32)
"""When a frame has a picture and keeps the field itself, some 2 MB each: 18 times in 10,000 steps.

Before that it is all fog, which is slow to draw and worth nothing to look at.
"""
PICTURE_HEIGHT_PX: Final = 192
MEASURED_SIDE_PX: Final = 100
N_MEASURED: Final = 4
BACKGROUND_SHARE: Final = 0.5
"""Of both sizes, for scenes with a background: there no ray is empty, and each is long."""


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
        return FieldConfig(**shape)

    def training(self, device: Device) -> FieldTraining:
        """The training before its first step; on a graphics card the networks are asked there."""
        rate = self.settings.learning_rate
        settings = LearnSettings(n_samples=self.settings.n_samples, grid_rate=GRID_BOOST * rate, network_rate=rate)
        photos = self.photos.part("train")
        if device.kind == "cuda":
            learner: Learner = TorchLearner(self.config, photos, settings, self.seed, device.torch_device)
        else:
            learner = Learner(self.config, photos, settings, self.seed)
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

    def preview(self) -> SlowPreview:
        """The scene from the fixed camera, and the field itself, to be drawn again from any other."""
        return SlowPreview(self._draw, MOMENTS)

    def _draw(self, parts: FieldParts, _: int) -> Generator[None, None, Moment]:
        height = round(PICTURE_HEIGHT_PX * self._share)
        rays = self.camera.ray_grid(max(1, round(height * self.photos.width / self.photos.height)), height)
        found: Any = yield from drawn_exactly(field_of(parts))(rays)
        figures: Any = {}
        if len(self.held_out):
            figures = yield from self.measure(parts)
        return Moment({"picture": Image(laid_on(found))}, {**state_of(parts), **self.camera.position()}, figures)

    def validation(self) -> Validation | None:
        """How near it comes to held-out photos; None where there are none."""
        return Validation(self.measure, PSNR, is_higher_better=True) if len(self.held_out) else None

    def measure(self, parts: FieldParts) -> Generator[Any, None, Mapping[str, float]]:
        """The mean PSNR of the held-out photos, at every few pixels."""
        draw = drawn_exactly(field_of(parts))
        found: Any = yield from likeness(draw, self.held_out, range(len(self.held_out)), with_ssim=False)
        return {PSNR: found.mean_psnr_db}


def _corner(corner: Any) -> tuple[float, float, float]:
    x, y, z = (float(value) for value in corner)
    return x, y, z
