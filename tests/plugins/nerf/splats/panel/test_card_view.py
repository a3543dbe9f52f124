"""A graphics card draws splats as the paper writes them down, as many as there are, and only what it can."""

import dataclasses
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QObject

from plugins.nerf.shared.camera.camera import look_at
from plugins.nerf.shared.shading import PictureLook
from plugins.nerf.splats.model.splats import Splats
from plugins.nerf.splats.panel.card_view import SplatCard, view_of
from plugins.nerf.splats.render.prepared import PreparedSplats, prepare
from plugins.nerf.splats.state import SplatMake, SplatRequest
from studio.render.splat_scene import PER_ROW, SplatScene, far_to_near
from tests.plugins.nerf.field.panel.test_card_view import _Canvas
from tests.plugins.nerf.splats.made_splats import random_splats, reference

LOOK = PictureLook("colour", 0.0, (0.0, 0.0, 0.0), 0.0, 1.0, np.zeros((256, 3), np.uint8))
REQUEST = SplatRequest(look_at((2.5, 1.0, 1.2), (0.0, 0.0, 0.0), 0.8), 52, 44, LOOK)


@pytest.fixture
def scene(gl_context):
    made = SplatScene(gl_context)
    yield made
    made.release()


def drawn(context, scene: SplatScene, splats: Splats, request: SplatRequest = REQUEST) -> np.ndarray:
    """Colour and opacity (H, W, 4)."""
    prepared = prepare(splats)
    scene.set_splats(prepared.arrays)
    while not scene.is_complete:
        scene.send()
    target = context.framebuffer([context.texture((request.width, request.height), 4, dtype="f4")])
    scene.render(target, dataclasses.replace(view_of(request, prepared.near), background=(0.0, 0.0, 0.0, 0.0)))
    pixels = np.frombuffer(target.read(components=4, dtype="f4"), np.float32)
    context.detect_framebuffer(0).use()
    target.color_attachments[0].release()
    target.release()
    return pixels.reshape(request.height, request.width, 4)[::-1]


def assert_as_written(pixels: np.ndarray, splats: Splats, request: SplatRequest = REQUEST) -> None:
    wanted = reference(splats, request.camera.ray_grid(request.width, request.height), prepare(splats).near)
    np.testing.assert_allclose(pixels[..., 3], wanted.opacity, atol=5e-3)
    np.testing.assert_allclose(pixels[..., :3], wanted.colour, atol=8e-3)  # colours of 16 bits, order of 16 bits
    assert wanted.opacity.max() > 0.5


@pytest.mark.parametrize("degree", [0, 1, 2, 3])
def test_random_scenes(gl_context, scene, degree) -> None:
    splats = random_splats(PER_ROW + 40, degree, seed=degree)  # more than a row of the textures
    assert_as_written(drawn(gl_context, scene, splats), splats)


def test_needles(gl_context, scene) -> None:
    splats = random_splats(60, seed=2, log_scales=np.tile(np.array([0.5, -7, -8], np.float32), (60, 1)))
    assert_as_written(drawn(gl_context, scene, splats), splats)


def test_a_camera_amid_the_scene_sees_what_is_before_it(gl_context, scene) -> None:
    splats = random_splats(400, 1, seed=5, log_scales=np.tile([-2.5, -2.4, -2.7], (400, 1)))
    request = dataclasses.replace(REQUEST, camera=look_at((0.3, 0.1, 0.05), (0.0, 0.0, 0.0), 0.8))
    assert_as_written(drawn(gl_context, scene, splats, request), splats, request)


def test_what_is_farther_is_laid_first() -> None:
    splats = random_splats(5000, seed=4)
    view = view_of(REQUEST, 0.01)
    depths = splats.centres[far_to_near(splats.centres, view)] @ view.to_picture[2]
    assert (np.diff(depths) <= np.ptp(depths) / 65_000).all()


def test_no_splats_leave_the_background(gl_context, scene) -> None:
    assert not drawn(gl_context, scene, random_splats(8, opacity_logits=np.full(8, -20.0))).any()


def _card(canvas: _Canvas, prepared: PreparedSplats) -> tuple[SplatCard, QObject, list[SplatMake]]:
    """A card view whose engine answers at once, and what it is asked for."""
    asked: list[SplatMake] = []

    def answer(make: SplatMake) -> PreparedSplats:
        asked.append(make)
        return prepared

    engine = SimpleNamespace(drawing=SimpleNamespace(prepared=answer))
    tasks: Any = SimpleNamespace(ask=lambda key, method, done: done(method(engine)))
    view: Any = canvas
    owner = QObject()
    return SplatCard(view, tasks, owner), owner, asked


def test_what_changes_under_a_hand_is_sent_when_it_stays(qapp) -> None:
    canvas = _Canvas(draws_scenes=True)
    card, _owner, asked = _card(canvas, prepare(random_splats(30)))
    makes = [SplatMake(size) for size in (1.0, 1.1, 1.2)]
    for make in makes:
        assert not card.show(dataclasses.replace(REQUEST, make=make))
    assert card.show(dataclasses.replace(REQUEST, make=makes[-1]))
    assert asked == makes[-1:]
    assert [what for what, _ in canvas.calls] == ["set", "show"]
    assert not card.show(REQUEST)  # what lies on the card is of another size
    assert card.show(REQUEST)
    assert [what for what, _ in canvas.calls] == ["set", "show", "change", "show"]


@pytest.mark.parametrize(
    "changes",
    [
        {"is_slow": True},
        {"look": dataclasses.replace(LOOK, view="depth")},
        {"look": dataclasses.replace(LOOK, exposure_ev=1.0)},
    ],
)
def test_what_the_card_cannot_draw_is_left_to_the_worker(qapp, changes) -> None:
    canvas = _Canvas(draws_scenes=True)
    card, _owner, _asked = _card(canvas, prepare(random_splats(30)))
    for _ in range(2):
        card.show(REQUEST)
    assert card.show(REQUEST)
    for _ in range(2):
        assert not card.show(dataclasses.replace(REQUEST, **changes))


def test_nothing_is_fetched_where_no_card_draws(qapp) -> None:
    canvas = _Canvas(draws_scenes=False)
    card, _owner, asked = _card(canvas, prepare(random_splats(30)))
    for _ in range(3):
        assert not card.show(REQUEST)
    assert not asked
