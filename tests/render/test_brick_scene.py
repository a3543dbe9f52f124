"""Bricks through OpenGL: the same picture as a march on the processor, piece by piece, and nothing left behind."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from studio.render.brick_scene import BrickScene, BrickView

SIZE = 48
FOUR_MB = 4 * 2**20


@dataclass(frozen=True, eq=False)
class Bricks:
    """What a scene draws, made here: bricks of one opacity and one colour."""

    low: np.ndarray
    voxel: float
    index: np.ndarray
    leap: np.ndarray
    opacity: np.ndarray
    colour: np.ndarray
    head: np.ndarray


def bricks_of(n_bricks: int, byte: int, colour: tuple[int, ...] = (255, 128, 0, 0, 0, 0, 0, 0)) -> Bricks:
    index = np.arange(n_bricks, dtype=np.int32).reshape((1, 1, n_bricks) if n_bricks < 10 else (-1, 10, 10))
    leap = np.zeros([4 * n + 1 for n in index.shape], np.uint8)
    leap[-1], leap[:, -1], leap[:, :, -1] = 1, 1, 1
    opacity = np.full((n_bricks, 9, 9, 9), byte, np.uint8)
    colours = np.broadcast_to(np.array(colour, np.uint8), (*opacity.shape, 8)).copy()
    return Bricks(np.zeros(3, np.float32), 1.0, index, leap, opacity, colours, np.zeros((5, 5, 6, 3), np.float32))


def along_x(**changes) -> BrickView:
    """Nearly parallel rays along x that all stay in the row."""
    to_direction = np.array([[0, 0, 1], [1e-5, 0, 0], [0, 1e-5, 0]], np.float32)
    return BrickView(np.array([-5.3, 0.5, 0.5], np.float32), to_direction, SIZE, SIZE, **changes)


@pytest.fixture
def scene(gl_context):
    made = BrickScene(gl_context)
    yield made
    made.release()


def drawn(context, scene: BrickScene, view: BrickView) -> np.ndarray:
    """Colour and opacity (H, W, 4) once the volume is complete."""
    target = context.framebuffer([context.texture((SIZE, SIZE), 4, dtype="f4")])
    for _ in range(50):
        scene.send()
        if scene.is_complete:
            break
    assert scene.is_ready
    scene.render(target, view)
    pixels = np.frombuffer(target.read(components=4, dtype="f4"), np.float32).reshape(SIZE, SIZE, 4)[::-1]
    context.detect_framebuffer(0).use()
    target.color_attachments[0].release()
    target.release()
    return pixels


def test_constant_opacity_has_the_closed_form(gl_context, scene) -> None:
    scene.set_volume(bricks_of(4, 13))
    pixels = drawn(gl_context, scene, along_x())
    covered = 1 - (1 - 13 / 255) ** 32
    assert np.abs(pixels[..., 3] - covered).max() < 1e-3
    assert np.abs(pixels[..., :3] - covered * np.array([1, 128 / 255, 0])).max() < 1e-3


def test_longer_steps_see_the_same(gl_context, scene) -> None:
    scene.set_volume(bricks_of(4, 13))
    assert np.abs(drawn(gl_context, scene, along_x(step=2.0))[..., 3] - (1 - (1 - 13 / 255) ** 32)).max() < 0.001


def test_near_and_background(gl_context, scene) -> None:
    scene.set_volume(bricks_of(4, 13))
    behind = (0.0, 0.0, 1.0, 1.0)
    pixels = drawn(gl_context, scene, along_x(near=5.3 + 16.0, background=behind))
    clear = (1 - 13 / 255) ** 16
    assert np.abs(pixels[..., 2] - clear).max() < 0.03
    assert np.abs(pixels[..., 3] - 1).max() < 1e-3


def test_more_light_is_added_up_in_linear_values(gl_context, scene) -> None:
    scene.set_volume(bricks_of(8, 255, (100, 100, 100, 0, 0, 0, 0, 0)))
    light = ((100 / 255 + 0.055) / 1.055) ** 2.4 * 2
    wanted = 1.055 * light ** (1 / 2.4) - 0.055
    assert np.abs(drawn(gl_context, scene, along_x(exposure=2.0))[..., :3] - wanted).max() < 1e-3


def test_features_act_by_the_direction(gl_context, scene) -> None:
    bricks = bricks_of(8, 255, (0, 0, 0, 0, 255, 0, 0, 0))
    bricks.head[2, 4, 2, 1] = 0.3  # along x: the last column of the middle row; for the second feature on green
    scene.set_volume(bricks)
    pixels = drawn(gl_context, scene, along_x())
    assert np.abs(pixels[..., :3] - [0, 0.3, 0]).max() < 1e-3


def test_before_the_first_volume_there_is_the_background(gl_context, scene) -> None:
    target = gl_context.simple_framebuffer((4, 4), 4)
    assert not scene.is_ready
    scene.render(target, along_x(background=(1.0, 0.0, 0.0, 1.0)))
    assert target.read(components=3)[:3] == b"\xff\x00\x00"
    gl_context.detect_framebuffer(0).use()
    target.release()


def test_a_large_volume_comes_in_pieces_while_the_old_one_stays(gl_context, scene) -> None:
    scene.set_volume(bricks_of(2, 255, (255, 255, 255, 0, 0, 0, 0, 0)))
    assert drawn(gl_context, scene, along_x())[0, 0, 0] > 0.99
    large = bricks_of(2000, 255, (0, 0, 0, 0, 0, 0, 0, 0))
    scene.set_volume(large)
    target = gl_context.simple_framebuffer((4, 4), 4)
    n_paints = 0
    while not scene.is_complete:
        scene.send()
        scene.render(target, along_x())
        n_paints += 1
        assert target.read(components=1)[0] == (0 if scene.is_complete else 255)
    assert n_paints >= (large.colour.nbytes + large.opacity.nbytes) // FOUR_MB
    gl_context.detect_framebuffer(0).use()
    target.release()


def test_of_two_volumes_the_last_one_is_shown(gl_context, scene) -> None:
    scene.set_volume(bricks_of(600, 255, (255, 0, 0, 0, 0, 0, 0, 0)))
    scene.set_volume(bricks_of(2, 255, (0, 255, 0, 0, 0, 0, 0, 0)))
    assert np.allclose(drawn(gl_context, scene, along_x())[0, 0, :3], [0, 1, 0], atol=1e-3)


def test_an_empty_volume_is_clear(gl_context, scene) -> None:
    bricks = bricks_of(1, 0)
    far = np.full_like(bricks.leap, 255)
    nothing = replace(bricks, index=bricks.index - 1, leap=far, opacity=bricks.opacity[:0], colour=bricks.colour[:0])
    scene.set_volume(nothing)
    assert not drawn(gl_context, scene, along_x()).any()
