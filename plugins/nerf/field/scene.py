"""What a panel shows: a viewpoint, the settings of the picture and how it is drawn; plain data."""

from dataclasses import dataclass, replace
from typing import Any, Final

from studio.core.scene_codec import SceneCodec, Stored, flag, one_of, settings, stored
from studio.core.translation import N_

from .camera.camera import Camera, camera_from_position
from .params import FieldParams
from .state import QUALITIES, Quality

UPS: Final = ("z", "y")
_CAMERA: Final = Stored(
    lambda camera: {name: value.tolist() for name, value in camera.position().items()}, camera_from_position
)


@dataclass(frozen=True, eq=False)
class FieldScene:
    """Attributes:
    camera: the viewpoint.
    params: the settings of the picture.
    quality: how the viewport is drawn.
    up: the axis of the world that points up.
    is_moved: whether the viewpoint is another one than the seed's.
    """

    camera: Camera = stored(_CAMERA)
    params: FieldParams = stored(settings(FieldParams))
    quality: Quality = stored(one_of(QUALITIES), default="adaptive")
    up: str = stored(one_of(UPS), default="z")
    is_moved: bool = stored(flag(), default=False)

    def moved(self, camera: Camera) -> "FieldScene":
        """The same scene seen from another place."""
        return replace(self, camera=camera, is_moved=True)

    def with_params(self, **changes: Any) -> "FieldScene":
        """The same scene with other settings of the picture."""
        return replace(self, params=replace(self.params, **changes))


CODEC: Final = SceneCodec(FieldScene, N_("This saved view belongs to another scene."))
