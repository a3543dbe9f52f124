"""A picture through OpenGL: where its pixels land, and that large ones come in pieces."""

import numpy as np
import pytest

from studio.render.picture_scene import MAX_UPLOAD_BYTES, PictureScene, Placement

WHOLE = Placement((0.0, 0.0, 1.0, 1.0), (0.0, 0.0, 0.0))


@pytest.fixture
def scene(gl_context):
    made = PictureScene(gl_context)
    yield made
    made.release()


def _drawn(context, scene, width, height, placement=WHOLE):
    target = context.simple_framebuffer((width, height), 3)
    scene.render(target, placement)
    pixels = np.frombuffer(target.read(alignment=1), np.uint8).reshape(height, width, 3)[::-1]
    context.detect_framebuffer(0).use()  # a framebuffer that is deleted may not be the one in use
    target.release()
    return pixels


@pytest.mark.parametrize("size", [(1, 1), (5, 3), (64, 33)])
@pytest.mark.parametrize("n_channels", [3, 4])
def test_at_its_own_size_every_pixel_is_itself(gl_context, scene, size, n_channels) -> None:
    width, height = size
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, n_channels)).astype(np.uint8)
    scene.set_picture(pixels)
    drawn = _drawn(gl_context, scene, width, height)
    assert np.abs(drawn.astype(int) - pixels[..., :3]).max() <= 1


def test_enlarging_is_bilinear(gl_context, scene) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (6, 8, 3)).astype(np.uint8)
    scene.set_picture(pixels)
    drawn = _drawn(gl_context, scene, 32, 24)
    at = [np.clip((np.arange(n * 4) + 0.5) / 4 - 0.5, 0, n - 1) for n in (6, 8)]
    low = [np.minimum(np.floor(a).astype(int), n - 2) for a, n in zip(at, (6, 8), strict=True)]
    v, u = at[0] - low[0], at[1] - low[1]
    rows = pixels[low[0]] * (1 - v)[:, None, None] + pixels[low[0] + 1] * v[:, None, None]
    wanted = rows[:, low[1]] * (1 - u)[:, None] + rows[:, low[1] + 1] * u[:, None]
    assert np.abs(drawn - wanted).max() < 2


def test_sharpness_steepens_an_edge_and_leaves_what_is_even(gl_context, scene) -> None:
    pixels = np.full((8, 8, 3), 100, np.uint8)
    pixels[:, 4:] = 180
    scene.set_picture(pixels)
    drawn = _drawn(gl_context, scene, 8, 8, Placement(WHOLE.rect, WHOLE.background, 0.5))
    assert drawn[4, :, 0].tolist() == [100, 100, 100, 90, 190, 180, 180, 180]


def test_beside_the_picture_is_the_background(gl_context, scene) -> None:
    scene.set_picture(np.full((4, 4, 3), 255, np.uint8))
    drawn = _drawn(gl_context, scene, 40, 20, Placement((0.25, 0.0, 0.5, 1.0), (1.0, 0.0, 0.0)))
    assert drawn[10, 5].tolist() == [255, 0, 0]
    assert drawn[10, 20].tolist() == [255, 255, 255]
    assert drawn[10, 35].tolist() == [255, 0, 0]


def test_before_the_first_picture_there_is_the_background(gl_context, scene) -> None:
    assert _drawn(gl_context, scene, 4, 4, Placement(WHOLE.rect, (0.0, 1.0, 0.0)))[0, 0].tolist() == [0, 255, 0]


def test_a_large_picture_comes_in_pieces_while_the_old_one_stays(gl_context, scene) -> None:
    scene.set_picture(np.full((4, 4, 3), 50, np.uint8))
    assert _drawn(gl_context, scene, 4, 4)[0, 0, 0] == 50
    large = np.full((2000, 2500, 3), 200, np.uint8)
    n_pieces = -(-large.nbytes // MAX_UPLOAD_BYTES)
    scene.set_picture(large)
    shades = [_drawn(gl_context, scene, 4, 4)[0, 0, 0]]
    for shade in (70, 90):  # of those that come in meanwhile, only the last one is shown
        scene.set_picture(np.full((4, 4, 3), shade, np.uint8))
    while not scene.is_complete and len(shades) < 20:
        shades.append(_drawn(gl_context, scene, 4, 4)[0, 0, 0])
    assert shades == [50] * (n_pieces - 1) + [200, 90]


def test_everything_is_released(gl_context) -> None:
    for _ in range(3):
        made = PictureScene(gl_context)
        made.set_picture(np.zeros((4, 4, 3), np.uint8))
        _drawn(gl_context, made, 4, 4)
        made.set_picture(np.zeros((5, 4, 3), np.uint8))
        _drawn(gl_context, made, 4, 4)
        made.release()
        made.release()
