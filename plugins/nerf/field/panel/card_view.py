"""Draws what is baked on a graphics card, where there is one."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject

from studio.api.panel import BrickScene, BrickView, EngineTasks, SceneView

from ...shared.state import ViewRequest
from ..state import BakeProgress, FieldRequest

if TYPE_CHECKING:
    from ..bake.bricks import BrickVolume

KEY: Final = "card"


class CardView(QObject):
    """Keeps what is baked on the card, and draws it from any camera at once, without the Worker."""

    def __init__(self, canvas: SceneView, tasks: EngineTasks, parent: QObject) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self._tasks = tasks
        self._volume: BrickVolume | None = None
        self._stage, self._light = 0, 1.0
        self._held_light = 1.0  # of the volume on the card
        canvas.drawing_changed.connect(self._fetch)

    def follow(self, news: BakeProgress) -> None:
        """Take what is baked whenever it has become finer."""
        if (news.stage, news.light) != (self._stage, self._light):
            self._stage, self._light = news.stage, news.light
            self._fetch()

    def show(self, request: ViewRequest) -> bool:
        """Draw what is asked for; False where the card cannot."""
        is_plain = request.look.view == "colour" and not (request.is_learning or request.is_slow)
        is_baked = isinstance(request, FieldRequest) and request.light == self._held_light
        is_asked = is_plain and isinstance(request, FieldRequest) and request.quality != "network"
        if self._volume is None or not (is_asked and is_baked) or not self._canvas.draws_scenes:
            return False
        self._canvas.show_scene(view_of(request))
        return True

    def _fetch(self) -> None:
        if self._stage and self._canvas.draws_scenes:
            light = self._light
            self._tasks.ask(KEY, lambda engine: engine.volume(light), done=lambda volume: self._take(volume, light))

    def _take(self, volume: "BrickVolume | None", light: float) -> None:
        if volume is None:
            return
        self._held_light = light
        is_first, self._volume = self._volume is None, volume
        if is_first:
            self._canvas.set_scene(self._make)
        else:
            self._canvas.change_scene(_taking(volume))

    def _make(self, ctx: Any) -> BrickScene:
        scene = BrickScene(ctx)
        if self._volume is not None:
            scene.set_volume(self._volume)
        return scene


def view_of(request: ViewRequest) -> BrickView:
    """What the card is to draw."""
    rays = request.camera.ray_grid(request.width, request.height, request.near)
    light = 2.0**request.look.exposure_ev
    background = (*request.look.background, 1.0)
    return BrickView(
        rays.origin, rays.to_direction, rays.width, rays.height, rays.near, exposure=light, background=background
    )


def _taking(volume: "BrickVolume") -> Callable[[BrickScene], None]:
    return lambda scene: scene.set_volume(volume)
