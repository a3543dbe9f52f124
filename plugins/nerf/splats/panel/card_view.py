"""Draws all splats of a scene on a graphics card, where there is one, however fast the camera moves."""

import numpy as np

from studio.api.panel import SplatScene, SplatView

from ...shared.panel.card_view import CardView, is_plain
from ...shared.state import ViewRequest
from ..render.prepared import PreparedSplats
from ..render.projection import BLUR, sight_of
from ..state import SplatMake, SplatRequest


class SplatCard(CardView[PreparedSplats]):
    """Keeps the splats on the card as they are to be drawn, which is also the name by which they are held."""

    scene_type = SplatScene
    put = staticmethod(lambda scene, prepared: scene.set_splats(prepared.arrays))

    _last: SplatMake | None = None

    def show(self, request: ViewRequest) -> bool:
        """Draw what is asked for; False where the card cannot, or does not hold it yet.

        What changes with every request, as under a brush, is not sent to the card each time.
        """
        if not isinstance(request, SplatRequest) or not is_plain(request) or request.look.exposure_ev:
            return False
        is_steady, self._last, make = request.make == self._last, request.make, request.make
        if is_steady:
            self.hold(make, lambda engine: engine.drawing.prepared(make))
        return bool(self.held == make) and self._thing is not None and self.draw(view_of(request, self._thing.near))


def view_of(request: SplatRequest, near: float) -> SplatView:
    """What the card is to draw of a scene in which nothing nearer than `near` is drawn."""
    rays = request.camera.ray_grid(request.width, request.height, request.near)
    sight, background = sight_of(rays, near), (*request.look.background, 1.0)
    return SplatView(
        sight.origin, np.asarray(sight.to_picture), rays.width, rays.height, float(sight.size[2]), BLUR, background
    )
