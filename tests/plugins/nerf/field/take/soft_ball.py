"""A ball whose density rises within a little way at its surface, so that the surface lies where it is known to lie."""

import numpy as np

from plugins.nerf.shared.camera.camera import look_at
from plugins.nerf.shared.camera.viewpoint import Extent
from plugins.nerf.shared.state import SceneFacts
from tests.plugins.nerf.field.analytic import Ball

RADIUS, RISE = 0.6, 0.06
MIDDLE = (0.1, -0.05, 0.15)


class SoftBall(Ball):
    """Half the density at the radius."""

    def __init__(self, *specks: tuple[tuple[float, float, float], float]) -> None:
        super().__init__(RADIUS + RISE, 400.0, MIDDLE, 32)
        self.radius = RADIUS
        self.balls = ((MIDDLE, RADIUS), *specks)
        self.occupancy.cells[:] |= bool(specks)

    def density(self, positions):
        found = [
            (radius - np.linalg.norm(positions - np.array(middle, np.float32), axis=1)) for middle, radius in self.balls
        ]
        share = np.clip(np.max(found, axis=0) / RISE + 0.5, 0, 1)
        return (self.constant * share).astype(np.float32)


def facts(up="z") -> SceneFacts:
    home = look_at((3.0, -2.0, 1.5), MIDDLE, 0.6)
    return SceneFacts(Extent(np.array(MIDDLE, np.float32), 1.0), home, up)
