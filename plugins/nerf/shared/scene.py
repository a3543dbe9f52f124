"""What a panel shows of any scene: a viewpoint and the settings of the picture; plain data."""

from dataclasses import dataclass, fields
from typing import Final, Self, TypeVar

from studio.core.scene_codec import SettingsScene, Stored, flag, one_of, part, settings, stored

from .camera.camera import Camera, camera_from_position
from .marks import Marks
from .params import ViewParams

UPS: Final = ("z", "y")
SceneT = TypeVar("SceneT", bound="ViewScene")
_CAMERA: Final = Stored(
    lambda camera: {name: value.tolist() for name, value in camera.position().items()}, camera_from_position
)


@dataclass(frozen=True, eq=False)
class ViewScene(SettingsScene):
    """Attributes:
    camera: the viewpoint.
    params: the settings of the picture.
    up: the axis of the world that points up.
    is_moved: whether the viewpoint is another one than the seed's.
    marks: notes and a ruler in it.
    """

    camera: Camera = stored(_CAMERA)
    params: ViewParams = stored(settings(ViewParams))
    up: str = stored(one_of(UPS), default="z")
    is_moved: bool = stored(flag(), default=False)
    marks: Marks = stored(part(Marks), is_later=True, default=Marks())

    @property
    def is_own(self) -> bool:
        """Whether its settings alone would not bring it back."""
        return self.is_moved or self.marks != Marks()

    def moved(self, camera: Camera) -> Self:
        """The same scene seen from another place."""
        return self._with(camera=camera, is_moved=True)


def is_marked_only(before: ViewScene, after: ViewScene) -> bool:
    """Whether two scenes differ in their marks alone, which lie over the picture."""
    others = (field.name for field in fields(after) if field.name != "marks")
    return before.marks != after.marks and all(getattr(before, name) is getattr(after, name) for name in others)
