"""A graphics card draws the moving scene where there is one, and only what it can."""

import dataclasses
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QObject, Signal

from plugins.nerf.field.panel.card_view import FieldCard, view_of
from plugins.nerf.field.state import BakeProgress, FieldRequest
from plugins.nerf.shared.camera.camera import look_at
from plugins.nerf.shared.shading import PictureLook
from tests.widgets.views.gl_child import said

LOOK = PictureLook("colour", 1.0, (0.1, 0.2, 0.3), 0.0, 1.0, np.zeros((256, 3), np.uint8))
REQUEST = FieldRequest(look_at((3.0, 0.0, 1.0), (0.0, 0.0, 0.0), 0.7), 64, 48, LOOK, near=0.5)
NEWS = BakeProgress(0.5, 64, 1000)


class _Canvas(QObject):
    """What CardView needs of a view."""

    drawing_changed = Signal()

    def __init__(self, draws_scenes: bool) -> None:
        super().__init__()
        self.draws_scenes = draws_scenes
        self.calls: list[tuple[str, Any]] = []

    def set_scene(self, make: Any) -> None:
        self.calls.append(("set", make))

    def change_scene(self, change: Any) -> None:
        self.calls.append(("change", change))

    def show_scene(self, camera: Any) -> None:
        self.calls.append(("show", camera))


def _card(canvas: _Canvas, volume: Any) -> tuple[FieldCard, QObject]:
    """A card view whose engine answers at once."""
    engine = SimpleNamespace(volume=lambda light: volume)
    tasks: Any = SimpleNamespace(ask=lambda key, method, done: done(method(engine)))
    view: Any = canvas
    owner = QObject()
    return FieldCard(view, tasks, owner), owner


def test_nothing_is_fetched_where_no_card_draws(qapp) -> None:
    canvas = _Canvas(draws_scenes=False)
    card, _owner = _card(canvas, "bricks")
    card.follow(NEWS)
    assert not card.show(REQUEST)
    assert canvas.calls == []


def test_a_card_that_is_found_later_gets_what_is_baked(qapp) -> None:
    canvas = _Canvas(draws_scenes=False)
    card, _owner = _card(canvas, "bricks")
    card.follow(NEWS)
    canvas.draws_scenes = True
    canvas.drawing_changed.emit()
    assert card.show(REQUEST)
    assert [what for what, _ in canvas.calls] == ["set", "show"]


def test_only_a_finer_bake_is_fetched_and_changes_the_scene(qapp) -> None:
    canvas = _Canvas(draws_scenes=True)
    card, _owner = _card(canvas, "bricks")
    for news in (BakeProgress(0.1, 0, 0), NEWS, dataclasses.replace(NEWS, fraction=0.7), BakeProgress(0.9, 128, 9000)):
        card.follow(news)
    assert [what for what, _ in canvas.calls] == ["set", "change"]
    taken: list[Any] = []
    canvas.calls[1][1](SimpleNamespace(set_volume=taken.append))
    assert taken == ["bricks"]


@pytest.mark.parametrize(
    "changes",
    [
        {"quality": "network"},
        {"training_id": "a"},
        {"is_slow": True},
        {"light": 2.0},
        {"look": dataclasses.replace(LOOK, view="depth")},
    ],
)
def test_what_the_card_cannot_draw_is_left_to_the_worker(qapp, changes) -> None:
    canvas = _Canvas(draws_scenes=True)
    card, _owner = _card(canvas, "bricks")
    card.follow(NEWS)
    assert card.show(REQUEST)
    assert not card.show(dataclasses.replace(REQUEST, **changes))


def test_the_view_says_the_same_as_the_request() -> None:
    view = view_of(REQUEST)
    rays = REQUEST.camera.ray_grid(64, 48)
    assert np.array_equal(view.origin, rays.origin)
    assert np.array_equal(view.to_direction, rays.to_direction)
    assert (view.width, view.height, view.near, view.exposure) == (64, 48, 0.5, 2.0)
    assert view.background == (0.1, 0.2, 0.3, 1.0)


@pytest.mark.long("starts processes of its own")
@pytest.mark.xvfb
def test_a_baked_ball_is_drawn_like_the_compiled_march_draws_it(x_display) -> None:
    code = """
import dataclasses
from types import SimpleNamespace
from plugins.nerf.field.bake.bake import BakeSettings, bake
from plugins.nerf.field.bake.brick_march import draw_baked
from plugins.nerf.shared.shading import shaded
from tests.plugins.nerf.field.analytic import Ball
from tests.plugins.nerf.field.panel.test_card_view import NEWS, REQUEST, _card
trust()
for baked in bake(Ball(), BakeSettings(stages=(32,))):
    pass
view = SceneView()
window = window_of(view)
window.show()
wait_for(view.painted)
settle()
card, owner = _card(view, baked.volume)
card.follow(NEWS)
request = dataclasses.replace(REQUEST, width=view.width(), height=view.height(), near=0.0)
for turn in range(20):
    assert card.show(request)
    wait_for(view.painted)
    settle()
rays = request.camera.ray_grid(request.width, request.height)
wanted = shaded(draw_baked(baked.volume, rays, with_normals=False), request.look)
print(np.abs(pixels_of(window).astype(int) - wanted).mean(), wanted.std())
"""
    difference, spread = map(float, said(code, x_display).split())
    assert spread > 20
    assert difference < 1.0
