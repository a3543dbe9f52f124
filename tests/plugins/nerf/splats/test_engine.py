"""A scene of splats, opened and drawn in all the ways that the panel and the command line ask for."""

import numpy as np
import pytest

from plugins.nerf.shared.shading import picture_look_of
from plugins.nerf.splats.engine import CHANGES, SplatsEngine
from plugins.nerf.splats.model.edits import Edit, Region
from plugins.nerf.splats.model.files import save_splats
from plugins.nerf.splats.params import SplatParams
from plugins.nerf.splats.scene import packed
from plugins.nerf.splats.state import SplatRequest, make_of
from studio.api.engine import AMOUNT_COLOURS, ModelSource
from studio.compute.device import Device
from studio.core.error import UserError
from tests.plugins.nerf.splats.made_splats import random_splats

PARAMS = SplatParams(width=96, height=64)
HALF = (Edit("keep", Region("box", (-9.0, -9.0, -9.0, 9.0, 9.0, 0.0))),)


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    path = tmp_path_factory.mktemp("scene") / "cloud.safetensors"
    save_splats(path, random_splats(400, 1))
    engine = SplatsEngine.open(ModelSource("nerf/cloud", path, {}), Device("cpu", "float32", 1))
    yield engine
    engine.close()


def request(engine, edits=(), selection=None, **changes):
    params, camera = SplatParams(**changes), engine.facts.home
    low, high = engine.facts.extent.depths(camera)
    look = picture_look_of(params, low, high, AMOUNT_COLOURS)
    return SplatRequest(camera, 48, 32, look=look, make=make_of(params, edits=edits, selection=selection), budget_s=9.0)


def at_rest(engine, **changes):
    return [view for view in engine.refined(request(engine, **changes)) if view is not None][-1].pixels


def test_a_run_is_coarse_first_and_ends_in_the_picture(engine) -> None:
    frames = list(engine.generate(PARAMS))
    assert [frame.step for frame in frames] == list(range(frames[0].n_steps))
    (last,) = [frame for frame in engine.run_to_end(PARAMS) if frame is not None]
    assert np.array_equal(last.main_view.pixels, frames[-1].main_view.pixels)


def test_the_state_of_a_frame_draws_it_again_with_what_was_changed(engine) -> None:
    whole = list(engine.generate(PARAMS))[-1]
    start = {**engine.facts.home.position(), CHANGES: packed(HALF, ())}
    half = list(engine.generate(PARAMS, start))[-1]
    assert (half.main_view.pixels != whole.main_view.pixels).any()
    for frame in (whole, half):
        again = list(engine.generate(PARAMS, frame.state))
        assert [one.step for one in again] == [frame.step]
        assert np.array_equal(again[-1].main_view.pixels, frame.main_view.pixels)


def test_a_draft_with_time_for_all_is_the_picture_at_rest(engine) -> None:
    draft = engine.draft(request(engine))
    assert (draft.stage, draft.share) == ("draft", 1.0)
    assert np.abs(draft.pixels.astype(int) - at_rest(engine)).max() <= 1


def test_a_draft_without_time_says_how_little_it_shows(engine) -> None:
    hurried = request(engine)
    for _ in range(30):
        share = engine.draft(type(hurried)(**{**vars(hurried), "budget_s": 1e-6})).share
    assert 0 < share < 0.5


def test_every_setting_changes_the_picture(engine) -> None:
    plain = at_rest(engine)
    for changes in ({"size": 0.3}, {"degree": 0}, {"faintest": 0.6}, {"exposure": 1.0}, {"view": "cost"}):
        assert (at_rest(engine, **changes) != plain).any(), changes
    assert (at_rest(engine, edits=HALF) != plain).any()
    assert np.array_equal(at_rest(engine), plain)


def test_what_is_selected_is_orange_and_nothing_else_changes(engine) -> None:
    plain, marked = at_rest(engine), at_rest(engine, selection=Region("all"))
    is_splat = (plain < 200).any(-1) & (marked != plain).any(-1)
    assert (marked[is_splat, 0] >= marked[is_splat, 2]).all()
    assert np.array_equal(at_rest(engine, selection=Region("ball", (50.0, 0.0, 0.0, 1.0))), plain)


def test_a_scene_in_which_nothing_is_left_is_empty(engine) -> None:
    nothing = (Edit("remove", Region("all")),)
    assert (at_rest(engine, edits=nothing) == 255).all()


def test_a_file_without_splats_says_so(tmp_path) -> None:
    save_splats(tmp_path / "no.safetensors", random_splats(0))
    with pytest.raises(UserError, match="nothing in this scene"):
        SplatsEngine.open(ModelSource("nerf/no", tmp_path / "no.safetensors", {}), Device("cpu", "float32", 1))


def test_the_far_background_does_not_move_the_camera_away() -> None:
    from plugins.nerf.splats.engine import extent_of_splats

    centres = np.random.default_rng(0).normal(0, 0.5, (1000, 3))
    near = extent_of_splats(random_splats(1000, centres=centres))
    centres[:20] *= 1000
    far = extent_of_splats(random_splats(1000, centres=centres))
    assert far.radius < 1.3 * near.radius
