"""What a person has asked for: settings of a run, the picture it may start from, its painted mask; plain data.

H W pixels of the model.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.core.masked_picture import StartPicture, feathered, has_one_size, painted_from
from studio.core.picture import fit_square, read_picture
from studio.core.scene_codec import SceneCodec, flag, number, one_of, settings, spread, stored
from studio.core.view import State

from .params import DiffusionParams

ByteArray: TypeAlias = npt.NDArray[np.uint8]
Origin: TypeAlias = Literal["noise", "picture", "masked"]
ORIGINS: Final[tuple[Origin, ...]] = ("noise", "picture", "masked")
MAX_FEATHER_PX: Final = 32.0
_WHITE: Final = (255, 255, 255)


def own_picture(source: Path | ByteArray, size: tuple[int, int]) -> ByteArray:
    """The middle of a picture, a file or pixels (h, w, 3): as much as has the shape of `size` (H, W), in that size."""
    rgb = read_picture(source).rgb if isinstance(source, Path) else source
    scale = min(rgb.shape[0] / size[0], rgb.shape[1] / size[1])
    part = _middle(rgb, *(max(1, round(side * scale)) for side in size))
    return _middle(fit_square(part, max(size), _WHITE), *size)


def _middle(picture: ByteArray, height: int, width: int) -> ByteArray:
    top, left = (picture.shape[0] - height) // 2, (picture.shape[1] - width) // 2
    return np.ascontiguousarray(picture[top : top + height, left : left + width])


_SOURCE: Final = spread(StartPicture, {"picture": None, "mask": None}, has_one_size)


@dataclass(frozen=True, eq=False)
class DiffusionScene:
    """Attributes:
    params: the settings of the run.
    origin: from noise, from a picture, or only behind the mask of a picture.
    source: that picture, kept also while it is not used.
    strength: 0..1, how much of the way to noise a picture goes before it comes back.
    feather_px: how softly the mask ends.
    is_live: whether every change is drawn at once.
    """

    params: DiffusionParams = stored(settings(DiffusionParams), default_factory=DiffusionParams)
    origin: Origin = stored(one_of(ORIGINS), default="noise")
    source: StartPicture | None = stored(_SOURCE, default=None)
    strength: float = stored(number(0.0, 1.0), default=0.6)
    feather_px: float = stored(number(0.0, MAX_FEATHER_PX), default=2.0)
    is_live: bool = stored(flag(), default=False)

    def anew(self, params: DiffusionParams) -> "DiffusionScene":
        """The same scene with these settings."""
        return replace(self, params=params)

    def with_params(self, **changes: Any) -> "DiffusionScene":
        """The same scene with other settings."""
        return replace(self, params=replace(self.params, **changes))

    @property
    def is_from_picture(self) -> bool:
        """Whether a run starts from the picture."""
        return self.origin != "noise" and self.source is not None

    def start(self) -> State | None:
        """What a run starts from beside its settings; None for noise."""
        if not self.is_from_picture or self.source is None:
            return None
        if self.origin == "picture" or self.source.mask is None:
            return {"picture": self.source.picture, "strength": np.array(self.strength, np.float32)}
        share = feathered(painted_from(self.source.mask), self.feather_px)
        return {"picture": self.source.picture, "mask": share}


CODEC: Final = SceneCodec(DiffusionScene)
