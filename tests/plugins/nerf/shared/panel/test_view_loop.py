"""The loop that keeps the viewport in step: one picture at a time, the newest camera, finer ones at rest."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtWidgets import QWidget

from plugins.nerf.field.params import FieldParams
from plugins.nerf.field.state import FieldRequest
from plugins.nerf.shared.camera.viewpoint import home_camera
from plugins.nerf.shared.panel.view_loop import LEARNING_FPS, ViewLoop
from plugins.nerf.shared.shading import picture_look_of
from plugins.nerf.shared.state import View, ViewRequest
from studio.api.engine import AMOUNT_COLOURS, EngineHandle, ModelSource
from studio.api.engine_tasks import EngineTasks
from tests.plugins.nerf.shared.camera.test_viewpoint import EXTENT

CAMERA = home_camera({}, EXTENT)
LOOK = picture_look_of(FieldParams(), 1.0, 5.0, AMOUNT_COLOURS)


class Engine:
    """Makes empty pictures and remembers what was asked of it."""

    pauses = False

    def __init__(self):
        self.asked = []

    def draft(self, request):
        self.asked.append(("draft", request))
        return view_of(request, "draft")

    def refined(self, request):
        self.asked.append(("rest", request))
        yield None
        yield view_of(request, "network", 0.5)
        yield view_of(request, "network")

    def close(self):
        pass


def view_of(request, stage, fraction=1.0):
    shape = request.height, request.width
    return View(request, np.zeros((*shape, 3), np.uint8), np.zeros(shape, np.float32), stage, 0.01, 4.0, fraction)


class Desk:
    """A loop on a worker that a test advances, with the number of the camera that is the newest."""

    def __init__(self, worker, dispatcher):
        self.owner = QWidget()
        self.engine = Engine()
        self.worker = worker
        self.number = 0
        engine: Any = self.engine
        handle = EngineHandle(ModelSource("nerf/x", Path("x")), lambda source: engine)
        tasks = EngineTasks(self.owner, worker, dispatcher, handle)
        self.loop = ViewLoop(tasks, self.ask, self.owner)
        self.views: list[View] = []
        self.loop.viewed.connect(self.views.append)

    def ask(self, size):
        return FieldRequest(CAMERA, size[0], size[1], LOOK, number=self.number)

    def move(self):
        self.number += 1
        self.loop.refresh()


@pytest.fixture
def desk(qtbot, stepped_worker, dispatcher):
    desk = Desk(stepped_worker, dispatcher)
    qtbot.addWidget(desk.owner)
    return desk


def numbers(desk, kind):
    return [request.number for asked, request in desk.engine.asked if asked == kind]


def test_nothing_is_drawn_before_the_viewport_has_a_size(desk):
    desk.move()
    assert desk.worker.jobs() == []


def test_moves_while_a_picture_is_made_lead_to_one_of_the_newest_camera(desk, qtbot):
    desk.loop.set_viewport(400, 300)
    for _ in range(5):
        desk.move()
    assert len(desk.worker.jobs()) == 1
    desk.worker.run_all()
    qtbot.waitUntil(lambda: len(desk.views) == 2)
    assert numbers(desk, "draft") == [0, 5]


def test_a_moving_picture_is_smaller_than_one_at_rest(desk, qtbot):
    desk.loop.set_viewport(1200, 900)
    desk.worker.run_all()
    qtbot.waitUntil(lambda: len(desk.worker.jobs()) == 1)  # 150 ms later
    desk.worker.run_all()
    qtbot.waitUntil(lambda: desk.views and desk.views[-1].fraction == 1 and desk.views[-1].stage == "network")
    sizes = {kind: (request.width, request.height) for kind, request in desk.engine.asked}
    assert sizes["rest"] == (1200, 900)
    assert sizes["draft"][0] < 600
    figures = desk.loop.figures()
    assert figures.full == (1200, 900)
    assert figures.full_seconds > 0.1
    assert figures.samples_per_ray == pytest.approx(4.0)


def test_a_move_ends_the_finer_pictures(desk, qtbot):
    desk.loop.set_viewport(400, 300)
    desk.worker.run_all()
    qtbot.waitUntil(lambda: len(desk.worker.jobs()) == 1)
    desk.worker.step()
    desk.move()
    desk.worker.run_all()
    qtbot.waitUntil(lambda: numbers(desk, "draft") == [0, 1])
    assert all(view.stage == "draft" for view in desk.views)


def test_what_learns_is_drawn_again_and_again_without_rest(desk, qtbot):
    desk.loop.set_viewport(400, 300)
    desk.loop.follow_learning(0.5)

    def has_drawn(n):
        desk.worker.run_all()
        return len(numbers(desk, "draft")) >= n

    qtbot.waitUntil(lambda: has_drawn(4))
    assert numbers(desk, "rest") == []
    assert desk.loop._resolution.target_fps == LEARNING_FPS
    desk.loop.follow_learning(None)
    assert desk.loop._resolution.target_fps > LEARNING_FPS


def test_a_failure_is_told_and_the_next_move_tries_again(desk, qtbot):
    failures: list[BaseException] = []
    desk.loop.failed.connect(failures.append)
    draft = desk.engine.draft
    desk.engine.draft = None
    desk.loop.set_viewport(400, 300)
    desk.worker.run_all()
    qtbot.waitUntil(lambda: len(failures) == 1)
    desk.engine.draft = draft
    desk.move()
    desk.worker.run_all()
    qtbot.waitUntil(lambda: len(desk.views) == 1)


def test_a_card_that_shows_it_at_once_leaves_the_worker_alone(desk):
    shown: list[ViewRequest] = []

    def show(request: ViewRequest) -> bool:
        shown.append(request)
        return True

    desk.loop.set_shortcut(show)
    desk.loop.set_viewport(400, 300)
    desk.move()
    assert [request.number for request in shown] == [0, 1]
    assert desk.worker.jobs() == []
    assert desk.loop.figures().draft == (400, 300)
