"""A picture that the generator drew itself is found again, and every step of the search is a frame."""

import numpy as np
import pytest

from plugins.gan.people import frames as project_run
from plugins.gan.people.engine import PeopleEngine
from plugins.gan.people.frames import ProjectionEffort, pace_at, squared
from plugins.gan.people.params import PeopleParams
from plugins.gan.people.scene import PeopleScene
from studio.api.engine import Device
from tests.plugins.gan.people.people_made import pixels_of, place_of, plain_source, style_source

CPU = Device("cpu", "float32", 1)
SHORT = ProjectionEffort(30, 70)


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """Look at a few random places only: how the search goes on is the matter here."""
    monkeypatch.setattr(project_run, "N_CANDIDATES", 48)


@pytest.fixture
def engine(tmp_path):
    return PeopleEngine.open(style_source(tmp_path), CPU)


def project(engine, target, effort):
    """The frames of a search, without its pauses."""
    return [frame for frame in project_run.project(engine, target, effort=effort) if frame is not None]


def target_of(engine, seed=900):
    return engine.frame(engine.place(PeopleScene(PeopleParams(seed=seed)))).main_view.pixels


@pytest.mark.long("computes for long")
def test_a_picture_of_a_known_place_is_found(engine):
    frames = project(engine, target_of(engine), effort=SHORT)
    errors = [frame.scalars["error"] for frame in frames]
    assert errors[-1] < 0.25 * errors[0]
    assert errors[-1] < 0.015
    thirds = np.array_split([frame.scalars["distance"] for frame in frames], 4)
    means = [float(part.mean()) for part in thirds]
    assert means == sorted(means, reverse=True)


@pytest.mark.long("computes for long")
def test_the_frames_are_numbered_and_show_their_own_place_bit_for_bit(engine):
    frames = project(engine, target_of(engine), effort=ProjectionEffort(2, 3))
    assert [frame.step for frame in frames] == list(range(frames[0].n_steps))
    for frame in (frames[0], frames[-1]):
        (again,) = engine.generate(PeopleParams(), frame.state)
        assert np.array_equal(pixels_of(again), pixels_of(frame))
        assert place_of(frame).shape == (8, 12)
    again = project(engine, target_of(engine), effort=ProjectionEffort(2, 3))
    assert np.array_equal(place_of(again[-1]), place_of(frames[-1]))


def test_one_w_serves_all_layers_until_each_has_its_own(engine):
    frames = project(engine, target_of(engine), effort=ProjectionEffort(3, 3))
    assert np.ptp(place_of(frames[-4]), axis=0).max() == 0
    assert np.ptp(place_of(frames[-1]), axis=0).max() > 0


def test_a_plain_generator_is_searched_as_well(tmp_path):
    engine = PeopleEngine.open(plain_source(tmp_path), CPU)
    *_, last = project(engine, target_of(engine), effort=ProjectionEffort(10, 2))
    assert place_of(last).shape == (1, 6)


def test_a_picture_is_cut_to_its_middle_square():
    wide = np.zeros((4, 8, 3), np.uint8)
    wide[:, 2:6] = 200
    assert np.array_equal(squared(wide, 4), np.full((4, 4, 3), 200))
    assert squared(wide.swapaxes(0, 1), 64).shape == (64, 64, 3)
    assert squared(np.zeros((1, 9, 3), np.uint8), 64).shape == (64, 64, 3)


def test_the_pace_falls_in_the_last_third_only():
    paces = [pace_at(k, 90) for k in range(90)]
    assert paces[:60] == [1.0] * 60
    assert paces == sorted(paces, reverse=True)
    assert paces[-1] == pytest.approx(0.1)
