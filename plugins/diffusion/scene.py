"""What a person has asked for: the settings of a run, and the picture that it may start from; plain data.

H W pixels of the model.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError
from studio.core.param import params_to_json, saved_params
from studio.core.picture import encode_png, read_picture
from studio.core.text import N_
from studio.core.view import State

from .mask import feathered, painted_from
from .params import SampleParams

ByteArray: TypeAlias = npt.NDArray[np.uint8]
Origin: TypeAlias = Literal["noise", "picture", "masked"]
ORIGINS: Final[tuple[Origin, ...]] = ("noise", "picture", "masked")
MAX_FEATHER_PX: Final = 32.0
MAX_SIDE_PX: Final = 1024
_NAMES: Final = {"params", "origin", "strength", "feather_px", "picture", "mask", "is_live"}


@dataclass(frozen=True, eq=False)
class Source:
    """A person's picture as the model sees it.

    Attributes:
        picture: (H, W, 3) uint8 sRGB in the model's size.
        mask: (H, W) uint8, 255 where the model may paint; None where all of it may change.
    """

    picture: ByteArray
    mask: ByteArray | None = None


@dataclass(frozen=True, eq=False)
class Scene:
    """Attributes:
    params: the settings of the run.
    origin: from noise, from a picture, or only behind the mask of a picture.
    source: that picture, kept also while it is not used.
    strength: 0..1, how much of the way to noise a picture goes before it comes back.
    feather_px: how softly the mask ends.
    is_live: whether every change is drawn at once.
    """

    params: SampleParams = field(default_factory=SampleParams)
    origin: Origin = "noise"
    source: Source | None = None
    strength: float = 0.6
    feather_px: float = 2.0
    is_live: bool = False

    def with_params(self, **changes: Any) -> "Scene":
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


def scene_to_json(scene: Scene) -> dict[str, Any]:
    """The scene as plain JSON values; pictures as PNG in base 64."""
    source = scene.source
    return {
        "params": params_to_json(scene.params),
        "origin": scene.origin,
        "strength": scene.strength,
        "feather_px": scene.feather_px,
        "picture": None if source is None else _packed(source.picture),
        "mask": None if source is None or source.mask is None else _packed(source.mask),
        "is_live": scene.is_live,
    }


def scene_from_json(values: Any, size: tuple[int, int] | None = None) -> Scene:
    """Read what `scene_to_json` gave; raises UserError where it is unsound, or of another size than (H, W)."""
    if not isinstance(values, Mapping) or set(values) != _NAMES or not isinstance(values["params"], Mapping):
        raise _unfit()
    numbers = (values["strength"], values["feather_px"])
    if not all(type(number) in (int, float) for number in numbers) or not isinstance(values["is_live"], bool):
        raise _unfit()
    strength, feather_px = map(float, numbers)
    if not (0 <= strength <= 1 and 0 <= feather_px <= MAX_FEATHER_PX) or values["origin"] not in ORIGINS:
        raise _unfit()
    params = saved_params(SampleParams, values["params"])
    source = _source_from(values["picture"], values["mask"], size)
    return Scene(params, values["origin"], source, strength, feather_px, values["is_live"])


def _source_from(picture: Any, mask: Any, size: tuple[int, int] | None) -> Source | None:
    if picture is None:
        return None
    pixels = _unpacked(picture)
    if size is not None and pixels.shape[:2] != size:
        raise _unfit()
    cover = None if mask is None else np.ascontiguousarray(_unpacked(mask)[:, :, 0])
    if cover is not None and cover.shape != pixels.shape[:2]:
        raise _unfit()
    return Source(pixels, cover)


def _packed(pixels: ByteArray) -> str:
    return base64.b64encode(encode_png(pixels)).decode("ascii")


def _unpacked(text: Any) -> ByteArray:
    if not isinstance(text, str) or len(text) > 4 * MAX_SIDE_PX**2:
        raise _unfit()
    try:
        found = read_picture(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError) as error:
        raise _unfit() from error
    if max(found.rgb.shape[:2]) > MAX_SIDE_PX:
        raise _unfit()
    return found.rgb


def _unfit() -> UserError:
    return UserError(N_("This saved state does not fit the model."))
