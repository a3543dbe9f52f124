"""What is missing of a picture is filled in, what is known stays to the bit; by hand, and on a disc made by hand."""

import numpy as np
import pytest
from PIL import Image as Pictures
from PySide6.QtWidgets import QPushButton

from plugins.vae.shared.engine import VaeEngine
from plugins.vae.shared.ink import paper
from plugins.vae.shared.params import PictureParams
from plugins.vae.shared.repair import N_STEPS
from plugins.vae.shared.scene import CODEC
from studio.api.panel import HistoryStrip, MaskPainter
from studio.core.error import UserError
from tests.plugins.diffusion.panel_hand import drag
from tests.plugins.vae.model_made import DEVICE, pixels_of
from tests.plugins.vae.shared.test_shipped_panel import source
from tests.widgets.hand import part

PLACE = np.array([1.5, 2.0], np.float32)  # a large disc at the right


def holed(engine, z=PLACE):
    """The picture (28, 28, 3) of a place, and a mask over its right half, where nothing of the picture is left."""
    picture = np.repeat(paper(engine.decode(z[None])[0])[..., None], 3, axis=2)
    mask = np.zeros((28, 28), np.uint8)
    mask[:, 16:] = 255
    lost = picture.copy()
    lost[mask > 0] = 255
    return picture, {"picture": lost, "mask": mask}


def repaired(engine, start, seed=3):
    return list(engine.generate(PictureParams(seed=seed), start))


def test_what_is_missing_comes_back_and_what_is_known_stays_to_the_bit(digit_engine):
    picture, start = holed(digit_engine)
    frames = repaired(digit_engine, start)
    assert len(frames) == N_STEPS
    for frame in frames:
        for view in frame.views.values():
            assert np.array_equal(pixels_of(view)[start["mask"] == 0], picture[start["mask"] == 0])
    last = pixels_of(frames[-1].main_view)
    assert np.abs(last.astype(int) - picture).mean() < np.abs(start["picture"].astype(int) - picture).mean() / 5
    assert frames[-1].scalars["error"] < 0.02


def test_a_branch_repeats_its_run_to_the_bit(digit_engine):
    _, start = holed(digit_engine)
    frames = repaired(digit_engine, start)
    for index in (0, 5, 8, 20, N_STEPS - 1):
        again = repaired(digit_engine, frames[index].state)
        assert len(again) == N_STEPS - index
        for one, other in zip(again, frames[index:], strict=True):
            assert np.array_equal(one.state["answers"], other.state["answers"])
            assert np.array_equal(pixels_of(one.main_view), pixels_of(other.main_view))


def test_other_seeds_begin_elsewhere(digit_engine):
    _, start = holed(digit_engine)
    one, other = (next(iter(digit_engine.generate(PictureParams(seed=seed), start))) for seed in (1, 2))
    assert not np.array_equal(one.state["answers"], other.state["answers"])


@pytest.mark.parametrize("change", [{"picture": np.zeros((9, 9, 3), np.uint8)}, {"mask": np.zeros((28, 9), np.uint8)}])
def test_a_picture_of_another_size_is_refused(digit_engine, change):
    _, start = holed(digit_engine)
    with pytest.raises(UserError, match="another model"):
        repaired(digit_engine, {**start, **change})


def painter_of(panel):
    return part(panel, MaskPainter)


def stroke(panel, *points):
    """Paint along shares of the picture."""
    painter = painter_of(panel)
    drag(painter, [painter.place_of(x, y) for x, y in points])


def press(panel, name):
    part(panel, QPushButton, name).click()


def test_a_stroke_over_the_shown_picture_is_a_run_and_one_step(digit_panel):
    panel, before = digit_panel, digit_panel.editor.scene
    assert not painter_of(panel).isVisible()
    press(panel, "repair_shown")
    assert painter_of(panel).isVisible()
    whole = panel.snapshot().frame.main_view.pixels
    stroke(panel, (0.6, 0.3), (0.6, 0.7))
    scene = panel.editor.scene
    missing = scene.repair.mask > 0
    assert missing.any()
    assert len(panel.timeline.track.recording) == N_STEPS
    assert panel.host.undo.undo_title == "Paint the mask"
    shown = panel.snapshot().frame.main_view.pixels
    assert np.array_equal(shown[~missing], np.broadcast_to(whole.reshape(28, 28, -1), (28, 28, 3))[~missing])
    assert part(panel, HistoryStrip, "repair_answers").isVisible()
    panel.host.undo.undo()
    assert not panel.editor.scene.repair.mask.any()
    panel.host.undo.redo()
    assert np.array_equal(panel.editor.scene.z, scene.z)
    panel.host.undo.go_to(0)
    assert panel.editor.scene is before
    assert not painter_of(panel).isVisible()


@pytest.mark.long("opens a panel and draws with its model")
def test_an_answer_is_chosen_and_the_frame_at_the_playhead_branches(digit_panel):
    panel = digit_panel
    press(panel, "repair_shown")
    stroke(panel, (0.5, 0.4), (0.5, 0.6))
    answers = panel.timeline.track.recording[-1].state["answers"]
    part(panel, HistoryStrip, "repair_answers").place_requested.emit(2)
    assert np.array_equal(panel.editor.scene.z, answers[2])
    panel.timeline.show_present()
    panel.timeline.playback.seek(10)
    panel.timeline.branch()
    assert len(panel.timeline.track.recording) == N_STEPS - 10
    assert np.array_equal(panel.timeline.track.recording[-1].state["answers"], answers)


@pytest.mark.long("opens a panel and draws with its model")
def test_over_a_sheet_of_odd_ones_there_is_no_brush(digit_panel):
    panel = digit_panel
    press(panel, "repair_shown")
    assert painter_of(panel).isVisible()
    panel.odd.try_example()
    assert not painter_of(panel).isVisible()
    panel.renew()
    assert painter_of(panel).isVisible()


def test_sliders_move_what_is_filled_in_alone(digit_panel):
    panel = digit_panel
    press(panel, "repair_shown")
    stroke(panel, (0.7, 0.4), (0.7, 0.6))
    before = panel.snapshot().frame.main_view.pixels
    panel.editor.set_direction(0, 4.0)
    after, missing = panel.snapshot().frame.main_view.pixels, panel.editor.scene.repair.mask > 0
    assert np.array_equal(after[~missing], before[~missing])
    assert not np.array_equal(after, before)
    press(panel, "repair_done")
    assert panel.editor.scene.repair is None
    assert not painter_of(panel).isVisible()


@pytest.mark.long("opens a panel and draws with its model")
def test_a_dropped_picture_with_a_hole_is_repaired(digit_panel, digit_engine, tmp_path):
    picture, start = holed(digit_engine)
    clear = np.where(start["mask"] > 0, 0, 255).astype(np.uint8)
    path = tmp_path / "mit Loch.png"
    Pictures.fromarray(np.dstack([start["picture"], clear])).save(path)
    assert digit_panel.open_path(path)
    scene = digit_panel.editor.scene
    assert np.array_equal(scene.repair.mask, start["mask"])
    assert np.array_equal(scene.repair.picture[start["mask"] == 0], picture[start["mask"] == 0])
    assert np.linalg.norm(scene.z - PLACE) < 0.3


@pytest.mark.long("opens a panel and draws with its model")
def test_a_scene_with_a_hole_is_saved_and_taken_back(digit_panel, monkeypatch):
    panel = digit_panel
    press(panel, "repair_shown")
    stroke(panel, (0.5, 0.4), (0.5, 0.6))
    scene, state = panel.editor.scene, panel.state()
    panel.editor.surprise()
    assert panel.editor.scene.repair is None
    monkeypatch.setitem(panel.handle.source.card, "config", {"size_px": 64})
    with pytest.raises(UserError, match="another model"):
        panel.set_state(state)
    monkeypatch.setitem(panel.handle.source.card, "config", {"size_px": 28})
    panel.set_state(state)
    assert CODEC.write(panel.editor.scene) == CODEC.write(scene)
    assert panel.snapshot().state["scene"]["repair"]


@pytest.mark.long("computes for long")
def test_faces_get_their_missing_part_back_better_than_by_the_average():
    engine = VaeEngine.open(source("avatars"), DEVICE)
    z = engine.atlas.places[5]
    picture, mask = engine.pixels(engine.decode(z[None]))[0], np.zeros((64, 64), np.uint8)
    mask[20:44, 16:40] = 255
    last = repaired(engine, {"picture": picture, "mask": mask})[-1]
    average = engine.pixels(engine.decode(np.zeros((1, engine.n_latent), np.float32)))[0]
    errors = [
        np.abs(one[mask > 0].astype(int) - picture[mask > 0]).mean() for one in (pixels_of(last.main_view), average)
    ]
    assert errors[0] < 0.8 * errors[1]
