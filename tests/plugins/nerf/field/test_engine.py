"""A scene of our own, opened and drawn in all the ways that the panel and the command line ask for."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from plugins.nerf.field.engine import FieldEngine
from plugins.nerf.field.model.weights import FieldParts, save_field, state_of
from plugins.nerf.field.params import FieldParams
from plugins.nerf.field.state import FieldRequest
from plugins.nerf.field.training_registry import TRAININGS
from plugins.nerf.shared.shading import picture_look_of
from plugins.nerf.shared.state import TRAINING
from studio.api.engine import AMOUNT_COLOURS, ModelSource
from studio.compute.device import Device
from studio.core.error import UserError
from tests.plugins.nerf.field.analytic import ball_occupancy
from tests.plugins.nerf.field.made_field import make_config, make_weights

CONFIG = make_config()
WEIGHTS = make_weights(CONFIG, 1)
OCCUPANCY = ball_occupancy(0.7, np.zeros(3, np.float32), 16)
SMALL: dict[str, Any] = {"width": 96, "height": 64}


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> ModelSource:
    path = tmp_path_factory.mktemp("scene") / "ball.safetensors"
    save_field(path, CONFIG, WEIGHTS, OCCUPANCY)
    return ModelSource("nerf/ball", path, {})


@pytest.fixture
def engine(source):
    engine = FieldEngine.open(source, Device("cpu", "float32", 1))
    yield engine
    engine.close()


def request(engine, size=(48, 32), **changes):
    params = FieldParams(**SMALL)
    camera = engine.facts.home
    low, high = engine.facts.extent.depths(camera)
    return FieldRequest(camera, size[0], size[1], picture_look_of(params, low, high, AMOUNT_COLOURS), **changes)


def test_a_run_is_coarse_first_and_ends_in_the_picture(engine):
    frames = list(engine.generate(FieldParams(**SMALL)))
    assert [frame.step for frame in frames] == list(range(frames[0].n_steps))
    shapes = {frame.main_view.pixels.shape for frame in frames}
    assert shapes == {(64, 96, 3)}
    assert (frames[-1].main_view.pixels < 250).any()


def test_a_position_is_a_camera_and_gives_its_own_picture(engine):
    position = engine.facts.home.position()
    by_seed = list(engine.generate(FieldParams(**SMALL)))[-1]
    by_place = list(engine.generate(FieldParams(seed=4, **SMALL), position))[-1]
    assert np.array_equal(by_seed.main_view.pixels, by_place.main_view.pixels)


@pytest.mark.long("computes for long")
@pytest.mark.parametrize("quality", ["network", "baked"])
def test_a_place_of_a_path_is_the_last_frame_of_its_run(engine, quality):
    params, position = FieldParams(width=400, height=330, quality=quality, view="normals"), engine.facts.home.position()
    *_, last = engine.generate(params, position)
    *pauses, drawn = engine.run_to_end(params, position)
    assert pauses == [None] * (drawn.n_steps - (quality == "network"))
    assert len(pauses) > 1
    assert np.array_equal(drawn.main_view.pixels, last.main_view.pixels)
    assert (drawn.step, drawn.label, drawn.scalars) == (last.step, last.label, last.scalars)
    assert {name: value.tolist() for name, value in drawn.state.items()} == {
        name: value.tolist() for name, value in last.state.items()
    }


@pytest.mark.parametrize("state", [{}, {"rotation": np.zeros(4)}, {"pass": np.array(99)}])
def test_a_state_that_is_none_is_refused(engine, state):
    with pytest.raises(UserError):
        list(engine.generate(FieldParams(**SMALL), {**engine.facts.home.position(), **state} if state else state))


def test_what_learns_is_seen_as_it_is_by_now_where_it_is_to_stand_still(engine):
    """Between the last step of a training and its rest, a picture is asked for that shows no field that learns."""
    learner: Any = SimpleNamespace(parts=lambda: FieldParts(CONFIG, WEIGHTS, OCCUPANCY))
    lesson: Any = None
    tab = FieldEngine.open(ModelSource("nerf/tab", Path("none"), {TRAINING: "ball"}), Device("cpu", "float32", 1))
    empty = tab.draft(request(engine))
    with TRAININGS.learning("ball", lesson, learner, engine.facts):
        drawn = tab.draft(request(engine))
        *_, rested = (view for view in tab.refined(request(engine)) if view is not None)
    assert empty.n_samples == 0
    assert np.array_equal(drawn.pixels, engine.draft(request(engine)).pixels)
    assert rested.n_samples > 0
    assert TRAININGS.take_rested("ball") is not None


@pytest.mark.long("computes for long")
def test_before_baking_a_draft_is_the_network_and_afterwards_the_bricks(engine):
    first = engine.draft(request(engine))
    assert (first.stage, first.pixels.shape) == ("draft", (32, 48, 3))
    for _ in engine.bake():
        pass
    assert engine.drawing.is_baked
    assert engine.drawing.news.n_bytes > 0
    baked = engine.draft(request(engine))
    difference = np.abs(first.pixels.astype(int) - baked.pixels.astype(int)).mean()
    assert 0 < difference < 12
    exact = engine.draft(request(engine, quality="network"))
    assert np.array_equal(exact.pixels, first.pixels)


@pytest.mark.long("computes for long")
def test_at_rest_pictures_become_finer_until_they_are_averaged(engine):
    views = [view for view in engine.refined(request(engine, (96, 64))) if view is not None]
    assert [view.fraction for view in views][-1] == 1
    assert {view.stage for view in views} == {"coarse", "network"}
    whole = [view for view in views if view.stage == "network" and view.fraction == 1]
    assert len(whole) > 2
    assert not np.array_equal(whole[0].pixels, whole[-1].pixels)  # other places of the pixels


def test_in_a_hurry_one_coarse_picture_is_enough(engine):
    views = [view for view in engine.refined(request(engine, (96, 64), is_hurried=True)) if view is not None]
    assert {view.stage for view in views} == {"coarse"}


def test_a_kept_step_of_a_training_is_drawn_instead(engine):
    other = FieldParts(CONFIG, make_weights(CONFIG, 7), OCCUPANCY)
    learnt = state_of(other)
    views = [engine.draft(request(engine, learnt=learnt)) for _ in range(12)]
    assert {view.stage for view in views} == {"learning"}
    assert not np.array_equal(views[-1].pixels, engine.draft(request(engine)).pixels)


def test_a_training_that_is_over_shows_the_model_itself(engine):
    view = engine.draft(request(engine, training_id="0123456789ab"))
    assert view.stage == "learning"


def test_a_ray_ends_where_the_depth_says(engine):
    asked = request(engine, quality="network")
    view = engine.draft(asked)
    samples = engine.inspect(asked, 0.5, 0.5)
    depth = float(samples.weight @ samples.t) / float(samples.weight.sum())
    assert view.distance_at(0.5, 0.5) == pytest.approx(depth, abs=0.05)
    assert view.distance_at(0.0, 0.0) is None


def test_a_scene_without_photos_says_so(engine):
    reading = engine.read_views()
    with pytest.raises(StopIteration) as end:
        next(reading)
    assert end.value.value is None
    with pytest.raises(UserError):
        engine.photo_pair(0)
