"""Draws what is baked on a graphics card, where there is one."""

from typing import Any

from studio.api.panel import BrickScene, BrickView

from ...shared.panel.card_view import CardView, is_plain
from ...shared.state import ViewRequest
from ..state import BakeProgress, FieldRequest


class FieldCard(CardView[Any]):
    """Keeps the baked volume on the card; it is held by the stage of the bake and the light."""

    scene_type = BrickScene
    put = staticmethod(lambda scene, volume: scene.set_volume(volume))

    def follow(self, news: BakeProgress) -> None:
        """Take what is baked whenever it has become finer."""
        if news.stage:
            self.hold((news.stage, news.light), lambda engine: engine.volume(news.light))

    def show(self, request: ViewRequest) -> bool:
        """Draw what is asked for; False where the card cannot."""
        if not isinstance(request, FieldRequest) or request.quality == "network" or self.held is None:
            return False
        return is_plain(request) and request.light == self.held[1] and self.draw(view_of(request))


def view_of(request: ViewRequest) -> BrickView:
    """What the card is to draw."""
    rays = request.camera.ray_grid(request.width, request.height, request.near)
    light = 2.0**request.look.exposure_ev
    background = (*request.look.background, 1.0)
    return BrickView(
        rays.origin, rays.to_direction, rays.width, rays.height, rays.near, exposure=light, background=background
    )
