"""What a panel shows: a viewpoint, the settings of the picture and how it is drawn; plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from studio.core.error import UserError
from studio.core.param import params_to_json, saved_params
from studio.core.text import N_

from .camera import Camera, camera_from_position
from .params import SampleParams
from .view_request import QUALITIES, Quality

UPS: Final = ("z", "y")
_NAMES: Final = {"camera", "params", "quality", "up", "is_moved"}


@dataclass(frozen=True, eq=False)
class Scene:
    """Attributes:
    camera: the viewpoint.
    params: the settings of the picture.
    quality: how the viewport is drawn.
    up: the axis of the world that points up.
    is_moved: whether the viewpoint is another one than the seed's.
    """

    camera: Camera
    params: SampleParams
    quality: Quality = "adaptive"
    up: str = "z"
    is_moved: bool = False

    def moved(self, camera: Camera) -> "Scene":
        """The same scene seen from another place."""
        return replace(self, camera=camera, is_moved=True)

    def with_params(self, **changes: Any) -> "Scene":
        """The same scene with other settings of the picture."""
        return replace(self, params=replace(self.params, **changes))


def scene_to_json(scene: Scene) -> dict[str, Any]:
    """The scene as plain JSON values."""
    return {
        "camera": {name: value.tolist() for name, value in scene.camera.position().items()},
        "params": params_to_json(scene.params),
        "quality": scene.quality,
        "up": scene.up,
        "is_moved": scene.is_moved,
    }


def scene_from_json(values: Any) -> Scene:
    """Read what `scene_to_json` gave; raises UserError where it is unsound."""
    wrong = UserError(N_("This saved view does not fit the scene."))
    if not isinstance(values, Mapping) or set(values) != _NAMES:
        raise wrong
    params, camera = values["params"], values["camera"]
    if not isinstance(params, Mapping) or not isinstance(camera, Mapping) or values["up"] not in UPS:
        raise wrong
    if values["quality"] not in QUALITIES or not isinstance(values["is_moved"], bool):
        raise wrong
    return Scene(
        camera_from_position(camera),
        saved_params(SampleParams, params),
        values["quality"],
        values["up"],
        values["is_moved"],
    )
