"""The march through bricks in GLSL against the one in numba."""

import numpy as np
import pytest

from plugins.nerf.field.bake.brick_march import draw_baked
from plugins.nerf.field.bake.bricks import BrickVolume
from studio.render.brick_scene import BrickScene, BrickView
from tests.plugins.nerf.field.baked_ball import SoftBall, baked, rays_from

from .test_brick_march import random_volume

SIZE = 64
VIEWS = ((1.6, -1.9, 1.3), (-0.3, 2.4, -0.8), (0.0, 0.0, 2.2))


def ball(seed: int) -> BrickVolume:
    return baked(SoftBall(), 40)


@pytest.mark.long("starts processes of its own")
@pytest.mark.parametrize("step", [1.0, 2.0])
@pytest.mark.parametrize("make", [ball, random_volume])
def test_both_marches_draw_the_same_picture(gl_context, make, step: float) -> None:
    volume = make(3)
    scene = BrickScene(gl_context)
    scene.set_volume(volume)
    target = gl_context.framebuffer([gl_context.texture((SIZE, SIZE), 4, dtype="f4")])
    for eye in VIEWS:
        up_is_seen = abs(eye[0]) + abs(eye[1]) > 0
        rays = rays_from(eye if up_is_seen else (0.01, 0.0, eye[2]), SIZE)
        view = BrickView(rays.origin, rays.to_direction, SIZE, SIZE, step=step)
        while not scene.is_complete:
            scene.send()
        scene.render(target, view)
        pixels = np.frombuffer(target.read(components=4, dtype="f4"), np.float32).reshape(SIZE, SIZE, 4)[::-1]
        found = draw_baked(volume, rays, step=step)
        assert found.opacity.max() > 0.3
        assert np.abs(pixels[..., :3] - found.colour).mean() < 1 / 255
        assert np.abs(pixels[..., 3] - found.opacity).mean() < 1 / 255
    target.color_attachments[0].release()
    target.release()
    scene.release()
