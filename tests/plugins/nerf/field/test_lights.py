"""A scene in several lights: its file, its pictures, its panel, and what was left out of its photos."""

import json
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from plugins.nerf.field.bake.bake import BakeSettings
from plugins.nerf.field.engine import MAX_LIT, FieldEngine
from plugins.nerf.field.model.lights import Lights
from plugins.nerf.field.model.weights import FieldParts, load_field, save_field
from plugins.nerf.field.panel.controls import light_words
from plugins.nerf.field.panel.photo_presenter import LEFT_OUT, marked
from plugins.nerf.field.params import FieldParams, lights_of
from plugins.nerf.field.photos.pack import pack_photos, unpack_photos
from plugins.nerf.field.state import LIGHT, FieldRequest
from plugins.nerf.field.training.our_scenes import SHARE, with_passers_by
from plugins.nerf.shared.shading import picture_look_of
from studio.api.engine import ModelSource
from studio.compute.device import Device
from studio.core.error import UserError
from studio.core.pausing import result_of
from studio.render.colour_map import AMOUNT_COLOURS
from tests.plugins.nerf.field.analytic import ball_occupancy
from tests.plugins.nerf.field.made_field import make_config, make_weights
from tests.plugins.nerf.field.made_scene import photos_of_ball

CONFIG = make_config(n_code=4)
RANDOM = np.random.default_rng(5)
NAMES = ("day", "night", "dawn")
LIGHTS = Lights(
    NAMES, RANDOM.normal(size=(3, 4)).astype(np.float32), RANDOM.normal(size=(CONFIG.colour_width, 4)).astype("f4")
)
PHOTOS = replace(photos_of_ball(6, 24), lighting=("day", "night", "dawn") * 2)
LEFT = np.zeros((4, 3, 3), np.uint8)
LEFT[1, 0, 0] = 255
SIZE: dict[str, Any] = {"width": 64, "height": 48}


@pytest.fixture(scope="module")
def lit_source(tmp_path_factory) -> ModelSource:
    folder = tmp_path_factory.mktemp("lit")
    path, weights = folder / "lit.safetensors", make_weights(CONFIG, 1)
    weights.density[-1][0] = 6 * np.abs(weights.density[-1][0])
    occupancy = ball_occupancy(0.7, np.zeros(3, np.float32), 16)
    save_field(path, CONFIG, weights, occupancy, lights=LIGHTS, left_out=LEFT)
    (folder / "views.npz").write_bytes(pack_photos(PHOTOS))
    return ModelSource("nerf/lit", path, {"lights": list(NAMES), "photos": "views.npz"})


@pytest.fixture
def engine(lit_source):
    engine = FieldEngine.open(lit_source, Device("cpu", "float32", 1))
    yield engine
    engine.close()


def request(engine: FieldEngine, light: float) -> FieldRequest:
    camera = engine.facts.home
    look = picture_look_of(FieldParams(**SIZE), *engine.facts.extent.depths(camera), AMOUNT_COLOURS)
    return FieldRequest(camera, 48, 32, look, light=light)


def test_lights_come_back_from_a_file(lit_source) -> None:
    parts = load_field(lit_source.path, {})
    assert parts.lights is not None
    assert parts.lights.names == NAMES
    np.testing.assert_allclose(parts.lights.codes, LIGHTS.codes, rtol=2e-3)
    np.testing.assert_allclose(parts.lit(2.0).colour_bias, LIGHTS.bias(2.0), rtol=2e-2, atol=1e-2)
    assert parts.left_out is not None
    assert np.array_equal(parts.left_out, LEFT)
    plain = FieldParts(CONFIG, parts.weights, parts.occupancy)
    assert plain.lit(2.0) is plain.weights


@pytest.mark.parametrize("names", ["[]", '["a"]', '["a", "b", 3]', "{}", "no list"])
def test_a_file_whose_lights_do_not_fit_is_refused(lit_source, tmp_path, names) -> None:
    metadata = {"architecture": "InstantNGP", "config": json.dumps(asdict(CONFIG)), "lights": names}
    save_file(load_file(lit_source.path), tmp_path / "bad.safetensors", metadata)
    with pytest.raises(UserError):
        load_field(tmp_path / "bad.safetensors", {})


def test_a_picture_is_in_its_light_and_its_state_says_in_which(engine) -> None:
    pictures = {}
    for light in (1.0, 2.0, 1.5):
        *_, frame = engine.generate(FieldParams(light=light, **SIZE))
        assert frame.state is not None
        assert frame.state[LIGHT].tolist() == [light]
        *_, again = engine.generate(FieldParams(**SIZE), {**frame.state, "pass": np.array(0)})
        assert np.array_equal(again.main_view.pixels, frame.main_view.pixels)
        pictures[light] = frame.main_view.pixels
    assert not np.array_equal(pictures[1.0], pictures[2.0])
    assert not np.array_equal(pictures[1.5], pictures[2.0])


@pytest.mark.long("computes for long")
def test_each_light_is_baked_by_itself_and_a_new_one_is_drawn_at_once(engine, monkeypatch) -> None:
    monkeypatch.setattr("plugins.nerf.field.render.renderer.BAKING", BakeSettings(stages=(32,)))
    news = list(engine.bake(1.0))
    assert {one.light for one in news} == {1.0}
    baked, other = engine.draft(request(engine, 1.0)), engine.draft(request(engine, 2.0))
    assert engine.drawing.volume is None
    assert engine.volume(1.0) is not None
    assert not np.array_equal(baked.pixels, other.pixels)
    for light in np.linspace(1, 3, 9):
        engine.draft(request(engine, float(light)))
    assert len(engine._in_lights) <= MAX_LIT
    assert engine.volume(1.0) is not None


def test_a_photo_is_held_against_the_scene_in_its_own_light(engine) -> None:
    result_of(engine.read_views())
    engine.light_up(3.0)
    day, dawn = engine.photo_pair(0), engine.photo_pair(2)
    engine.light_up(1.0)
    assert np.array_equal(engine.photo_pair(2).ours, dawn.ours)
    assert day.left_out is not None
    assert day.left_out.max() == 0
    assert engine.photo_pair(1).left_out.max() == 255
    assert engine.photo_pair(5).left_out is None  # nothing was learnt from it


def test_what_was_left_out_is_red_on_the_photo() -> None:
    photo = np.full((40, 40, 3), 200, np.uint8)
    picture = marked(photo, LEFT[1])
    assert picture[2, 2] == pytest.approx(0.25 * 200 + 0.75 * np.array(LEFT_OUT), abs=2)
    assert (picture[30:, 30:] == 200).all()


def test_names_of_lights_travel_in_a_pack(tmp_path) -> None:
    (tmp_path / "p.npz").write_bytes(pack_photos(PHOTOS))
    assert result_of(unpack_photos(tmp_path / "p.npz")).lighting == PHOTOS.lighting


def test_the_same_people_stand_in_small_and_in_large_photos() -> None:
    large, small = photos_of_ball(40, 64, 4), photos_of_ball(40, 32, 4)
    large.pixels[...] = small.pixels[...] = 255
    covers = [np.all(with_passers_by(one, 3).pixels[..., :3] < 128, axis=-1) for one in (large, small)]
    shares = [cover.mean(axis=(1, 2)) for cover in covers]
    assert shares[0] == pytest.approx(shares[1], abs=0.02)
    assert 0.5 * SHARE < (shares[0] > 0).mean() < 2 * SHARE
    assert not covers[0][36:].any()  # held out


def test_a_light_is_named_and_so_is_what_lies_between_two() -> None:
    assert light_words(NAMES, 2) == "night"
    assert light_words(NAMES, 2.5) == "between night and dawn"
    assert light_words(NAMES, 99) == "dawn"
    assert lights_of({"lights": ["a"]}) == ()
    assert lights_of({"lights": ["a", 3]}) == ()
    assert lights_of({"lights": ["a", "b"]}) == ("a", "b")


@pytest.mark.long("opens a panel and draws with its model")
def test_the_slider_lights_the_scene_and_undo_takes_it_back(make_panel, sync_worker, kernels_are_ready, lit_source):
    panel = make_panel(sync_worker, lit_source)
    section = panel.controls.light
    assert section.isVisibleTo(panel)
    before = panel._view.pixels.copy()
    section.light.edit_started.emit()
    section.light.value_changed.emit(2.0)
    section.light.edit_finished.emit()
    assert panel.params().light == 2.0
    assert panel._view.request.light == 2.0
    assert not np.array_equal(before, panel._view.pixels)
    assert section.words.text() == "night"
    assert panel.position()[LIGHT].tolist() == [2.0]
    panel.host.undo.undo()
    assert panel.params().light == 1.0
    assert section.light.value() == 1.0
    panel.go_to({**panel.position(), LIGHT: np.array([2.5], np.float32)})
    assert panel.params().light == 2.5
    assert set(panel.timeline.paths.path.rules) == set(panel.position())


@pytest.mark.long("opens a panel and draws with its model")
def test_a_scene_in_one_light_has_no_slider(panel) -> None:
    assert not panel.controls.light.isVisibleTo(panel)
    assert LIGHT not in panel.position()
