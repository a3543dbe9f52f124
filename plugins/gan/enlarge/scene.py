"""What a person has chosen to enlarge, and how: never changed, only replaced."""

import base64
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from studio.api.timeline.run_source import GeneratedSource
from studio.core.picture import png_text, read_picture
from studio.core.scene_codec import SceneCodec, SettingsScene, Stored, one_of, optional, settings, stored, text

from .params import EnlargeParams
from .state import Pixels, check_size

COMPARED: Final = ("bicubic", "lanczos", "nearest", "original")
_MAX_NAME: Final = 200
MAX_SAVED_PX: Final = 1_500_000


def _packed(picture: Pixels) -> str:
    """A picture as PNG in Base64; nothing of one that is too large to lie in a state, which then cannot be read."""
    if picture.shape[0] * picture.shape[1] > MAX_SAVED_PX:
        return ""
    return png_text(picture)


def _unpacked(packed: str) -> Pixels:
    if len(packed) > 8 * MAX_SAVED_PX:
        raise ValueError("a picture that is too large")
    rgb = read_picture(base64.b64decode(packed, validate=True)).rgb
    check_size(rgb.shape[1], rgb.shape[0])
    return rgb


@dataclass(frozen=True, eq=False)
class EnlargeScene(SettingsScene):
    """One state of the panel.

    Attributes:
        params: the seed names the example, the vividness how it is enlarged.
        picture: a person's own one, (H, W, 3) uint8, instead of the example.
        name: of that picture.
        compared: what lies left of the divider, one of `COMPARED`.
    """

    params: EnlargeParams = stored(settings(EnlargeParams), default_factory=EnlargeParams)
    picture: Pixels | None = stored(optional(Stored(_packed, _unpacked)), default=None)
    name: str = stored(text(_MAX_NAME), default="")
    compared: str = stored(one_of(COMPARED), default="bicubic")

    def anew(self, params: EnlargeParams) -> "EnlargeScene":
        """The same with the example that these settings name."""
        return replace(self, params=params, picture=None, name="")

    def is_same_picture(self, other: "EnlargeScene") -> bool:
        """Whether both enlarge the same picture."""
        if self.picture is None or other.picture is None:
            return self.picture is other.picture and self.params.seed == other.params.seed
        return self.picture is other.picture or bool(np.array_equal(self.picture, other.picture))

    def source(self) -> GeneratedSource:
        """The run that enlarges it."""
        start = None if self.picture is None else {"small": self.picture, "preview": np.ones(1, np.uint8)}
        return GeneratedSource(self.params, start)

    def of_run(self, source: GeneratedSource) -> "EnlargeScene":
        """The same with what a run enlarges."""
        picture = None if source.start is None else source.start.get("small")
        scene = replace(self, params=source.params, picture=picture)
        is_own = picture is not None and self.is_same_picture(scene)
        return replace(scene, picture=self.picture) if is_own else scene


CODEC: Final = SceneCodec(EnlargeScene)
