"""What a panel shows: a viewpoint, the settings of the picture and how it is drawn; plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from studio.core.error import UserError
from studio.core.param import params_to_json, saved_params
from studio.core.translation import N_

from .camera.camera import Camera, camera_from_position
from .params import FieldParams
from .state import QUALITIES, Quality

UPS: Final = ("z", "y")
_NAMES: Final = {"camera", "params", "quality", "up", "is_moved"}


@dataclass(frozen=True, eq=False)
class FieldScene:
    """Attributes:
    camera: the viewpoint.
    params: the settings of the picture.
    quality: how the viewport is drawn.
    up: the axis of the world that points up.
    is_moved: whether the viewpoint is another one than the seed's.
    """

    camera: Camera
    params: FieldParams
    quality: Quality = "adaptive"
    up: str = "z"
    is_moved: bool = False

    def moved(self, camera: Camera) -> "FieldScene":
        """The same scene seen from another place."""
        return replace(self, camera=camera, is_moved=True)

    def with_params(self, **changes: Any) -> "FieldScene":
        """The same scene with other settings of the picture."""
        return replace(self, params=replace(self.params, **changes))


def scene_to_json(scene: FieldScene) -> dict[str, Any]:
    """The scene as plain JSON values."""
    return {
        "camera": {name: value.tolist() for name, value in scene.camera.position().items()},
        "params": params_to_json(scene.params),
        "quality": scene.quality,
        "up": scene.up,
        "is_moved": scene.is_moved,
    }


def scene_from_json(values: Any) -> FieldScene:
    """Read what `scene_to_json` gave; raises UserError where it is unsound."""
    wrong = UserError(N_("This saved view does not fit the scene."))
    if not isinstance(values, Mapping) or set(values) != _NAMES:
        raise wrong
    params, camera = values["params"], values["camera"]
    if not isinstance(params, Mapping) or not isinstance(camera, Mapping) or values["up"] not in UPS:
        raise wrong
    if values["quality"] not in QUALITIES or not isinstance(values["is_moved"], bool):
        raise wrong
    return FieldScene(
        camera_from_position(camera),
        saved_params(FieldParams, params),
        values["quality"],
        values["up"],
        values["is_moved"],
    )
