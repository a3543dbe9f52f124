"""The panel under real hands: it opens with a run, follows the controls, keeps what was made, branches, compares."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from plugins.diffusion.shared.few_steps import DRAFT_STEPS
from plugins.diffusion.shared.panel.step_presenter import last_x0_frame
from plugins.diffusion.shared.params import DiffusionParams
from plugins.diffusion.shared.state import NOISE_LEFT, NOISY, PREDICTED
from studio.core.error import UserError
from studio.core.masked_picture import StartPicture
from studio.core.param import params_to_json
from studio.core.picture import encode_png
from studio.widgets.controls.button import Button
from studio.widgets.controls.segmented import Segment
from tests.plugins.diffusion.tiny_model import TinyModel
from tests.widgets.hand import part

PICTURE = np.random.default_rng(0).integers(0, 256, (8, 12, 3), np.uint8)


def settled(qtbot: Any, panel: Any) -> None:
    qtbot.waitUntil(lambda: panel.is_settled)


def test_it_opens_with_an_example_that_has_run(panel: Any) -> None:
    params = panel.params()
    assert (params.prompt, params.steps, params.guidance) == ("a red fox", 4, 2.0)
    assert len(panel.timeline.recording) == 5
    assert panel.snapshot().frame.step == 4
    assert panel.controls.prompt.edit.text() == "a red fox"
    assert "4 steps" in panel.frame.caption.text()


def test_a_typed_prompt_is_drafted_at_once_and_run_in_full_at_rest(panel: Any, qtbot: Any) -> None:
    edit = panel.controls.prompt.edit
    edit.setFocus()
    QTest.keyClick(edit, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(edit, "a blue owl")
    assert panel.params().prompt == "a blue owl"
    assert panel.runs.is_running
    assert panel.canvas._pictures  # a draft stands there
    settled(qtbot, panel)
    assert len(panel.timeline.tracks) == 1  # in place of the first run
    assert panel.timeline.recording.info.params["prompt"] == "a blue owl"
    assert panel.snapshot().frame.step == 4


def test_typing_is_one_step_of_undo_which_runs_again(panel: Any, qtbot: Any) -> None:
    QTest.keyClicks(panel.controls.prompt.edit, "xyz")
    settled(qtbot, panel)
    assert panel.params().prompt != "a red fox"
    panel.host.undo.undo()
    assert panel.params().prompt == "a red fox"
    settled(qtbot, panel)
    assert panel.timeline.recording.info.params["prompt"] == "a red fox"


def test_generate_keeps_what_was_made_before(panel: Any, qtbot: Any) -> None:
    QTest.mouseClick(panel.controls.prompt.run.generate, Qt.MouseButton.LeftButton)
    settled(qtbot, panel)
    assert len(panel.timeline.tracks) == 2


def test_the_bars_of_the_tracks_grow_with_their_runs(make_panel: Any, stepped_worker: Any, qtbot: Any) -> None:
    panel = make_panel(stepped_worker)
    stepped_worker.run_all()
    QTest.mouseClick(panel.controls.prompt.run.generate, Qt.MouseButton.LeftButton)
    lines = panel.timeline.bar.tracks.lines
    qtbot.waitUntil(lambda: len(lines) == 2)
    qtbot.waitUntil(lambda: stepped_worker.step() and lines[1].row.n_frames == 2)
    assert lines[1].row.is_growing
    stepped_worker.run_all()
    qtbot.waitUntil(lambda: lines[1].row.n_frames == 5 and not lines[1].row.is_growing)


def test_without_live_nothing_runs_until_it_is_asked_for(panel: Any, qtbot: Any) -> None:
    QTest.mouseClick(panel.controls.prompt.run.live, Qt.MouseButton.LeftButton)
    settled(qtbot, panel)
    QTest.mouseClick(panel.controls.prompt.run.new_seed, Qt.MouseButton.LeftButton)
    assert not panel.runs.is_running
    assert panel.runs.is_due
    assert "press Generate" in panel.frame.hint.text()
    assert panel.timeline.recording.info.seed == 1
    QTest.mouseClick(panel.controls.prompt.run.generate, Qt.MouseButton.LeftButton)
    settled(qtbot, panel)
    assert panel.timeline.recording.info.seed == panel.params().seed != 1


def test_a_branch_follows_the_prompt_from_its_step_on(panel: Any, qtbot: Any) -> None:
    before = panel.timeline.recording[2]
    panel.timeline.playback.seek(2)
    panel.timeline.branch()
    assert panel.params().prompt == "a red fox"
    panel.editor.set_params("Prompt", prompt="a blue owl")
    qtbot.waitUntil(lambda: panel.timeline.recording.info.params["prompt"] == "a blue owl")
    qtbot.waitUntil(lambda: len(panel.timeline.recording) == 3)
    assert panel.timeline.track.recording.info.branch.step == 2
    assert np.array_equal(panel.timeline.recording[0].state["x"], before.state["x"])
    assert [frame.step for frame in panel.timeline.recording] == [2, 3, 4]


def test_a_prompt_typed_at_an_earlier_step_makes_a_branch_and_one_undo_brings_the_run_back(
    panel: Any, qtbot: Any
) -> None:
    settled(qtbot, panel)
    timeline, first = panel.timeline, panel.timeline.track
    before = [frame.main_view.pixels.tobytes() for frame in first.recording]
    timeline.playback.seek(2)
    edit = panel.controls.prompt.edit
    edit.setFocus()
    QTest.keyClick(edit, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(edit, "a blue owl")
    settled(qtbot, panel)
    branch = timeline.track
    assert (branch.recording.info.branch.parent_id, branch.recording.info.branch.step) == (first.id, 2)
    assert branch.recording.info.params["prompt"] == "a blue owl"
    assert [frame.main_view.pixels.tobytes() for frame in timeline.tracks.find(first.id).recording] == before
    panel.host.undo.undo()
    settled(qtbot, panel)
    qtbot.waitUntil(lambda: not panel.runs.is_running)
    assert panel.params().prompt == "a red fox"
    assert [track.id for track in timeline.tracks] == [first.id]
    assert (timeline.track.id, timeline.playback.index) == (first.id, 2)
    panel.host.undo.redo()
    settled(qtbot, panel)
    qtbot.waitUntil(lambda: not panel.runs.is_running)
    assert panel.params().prompt == "a blue owl"
    assert [track.id for track in timeline.tracks] == [first.id, branch.id]
    assert timeline.track.id == branch.id


def test_a_new_seed_at_an_earlier_step_is_a_run_of_its_own(panel: Any, qtbot: Any) -> None:
    settled(qtbot, panel)
    first = panel.timeline.track
    panel.timeline.playback.seek(2)
    panel.editor.surprise()
    settled(qtbot, panel)
    assert len(panel.timeline.tracks) == 2
    assert panel.timeline.track.recording.info.branch is None
    assert panel.timeline.tracks.find(first.id).recording.info.seed == first.recording.info.seed


def test_a_comparison_stays_at_the_step_of_a_branch(panel: Any, qtbot: Any) -> None:
    own = panel.timeline.track
    panel.timeline.playback.seek(2)
    panel.timeline.branch()
    qtbot.waitUntil(lambda: len(panel.timeline.recording) == 3 and not panel.timeline.is_growing)
    panel.timeline.playback.seek(1)
    panel.timeline.tracks.compare(own, panel.timeline.track)
    qtbot.waitUntil(lambda: bool(panel.timeline.comparison.pair))
    assert panel.timeline.playback.index == 3
    clip = panel.clip()
    assert (clip.n_frames, clip.frame(3).label) == (5, "Step 3 of 4 · Step 3 of 4")


def test_scrubbing_shows_the_step_and_its_figures(panel: Any) -> None:
    panel.timeline.playback.seek(1)
    assert panel.snapshot().frame.step == 1
    assert "Step 1 of 4" in panel.frame.caption.accessibleName()
    shown = {picture.name for picture in panel.canvas._pictures}
    assert shown == {NOISY, PREDICTED}


def test_another_setting_is_compared_side_by_side(panel: Any, qtbot: Any) -> None:
    panel.controls.compare.compare_requested.emit({"guidance": 1.0})
    qtbot.waitUntil(lambda: bool(panel.timeline.comparison.pair))
    a, b = panel.timeline.tracks.pinned
    assert a.recording.info.params["guidance"] == 2.0
    assert b.recording.info.params["guidance"] == 1.0
    assert panel.timeline.playback.index == 4  # where they differ, and not at the noise from which both come


def test_a_model_that_does_not_open_says_so_where_its_picture_would_be(make_panel: Any, sync_worker: Any) -> None:
    class Broken(TinyModel):
        """Cannot be asked for anything."""

        def embed(self, prompt: str, negative: str = "") -> Any:
            raise UserError("The model’s file is damaged.")

    panel = make_panel(sync_worker, None, Broken())
    assert "could not be opened" in panel.frame.caption.text()
    assert panel.snapshot() is None


def test_a_picture_dissolves_and_is_let_go(panel: Any, qtbot: Any) -> None:
    panel.pictures.take(PICTURE)
    settled(qtbot, panel)
    assert panel.editor.scene.origin == "picture"
    QTest.mouseClick(panel.controls.start.dissolve, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(panel.timeline.recording) == 5 and not panel.timeline.is_growing)
    qtbot.waitUntil(lambda: panel.timeline.playback.index == 4)  # it plays, from the picture to the noise
    assert panel.snapshot().frame.label == panel.timeline.recording[4].label == "Dissolving"
    assert panel.snapshot().frame.step == 4
    panel.timeline.playback.seek(2)
    assert panel.release.isVisible()
    QTest.mouseClick(panel.release.release, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.timeline.track.recording.info.branch is not None)
    assert [frame.step for frame in panel.timeline.recording] == [2, 3, 4]
    assert not panel.release.isVisible()


def test_a_picked_item_of_a_batch_is_its_own_run(panel: Any, qtbot: Any) -> None:
    panel.set_params(replace(panel.params(), batch=4))
    x = panel.timeline.recording[4].state["x"]
    panel.canvas.item_picked.emit(2)
    settled(qtbot, panel)
    assert (panel.params().seed, panel.params().batch) == (3, 1)
    assert np.array_equal(panel.timeline.recording[4].state["x"][0], x[2])


@pytest.mark.long("opens a panel and draws with its model")
def test_the_state_brings_picture_and_mask_back(panel: Any, make_panel: Any, sync_worker: Any) -> None:
    mask = np.zeros((8, 12), np.uint8)
    mask[2:5, 3:9] = 255
    scene = replace(panel.editor.scene, origin="masked", source=StartPicture(PICTURE, mask))
    panel.editor.show(scene)
    panel.renew()
    other = make_panel(sync_worker)
    other.set_state(panel.state())
    assert other.state() == panel.state()
    ours, theirs = (one.snapshot().frame.views[NOISY].pixels for one in (panel, other))
    assert np.array_equal(ours, theirs)
    assert np.array_equal(ours[7], PICTURE[7])


def test_the_views_of_a_state_are_those_on_the_canvas(panel: Any) -> None:
    panel.set_state({**panel.state(), "views": [PREDICTED]})
    panel.timeline.playback.seek(1)
    assert [picture.name for picture in panel.canvas._pictures] == [PREDICTED]


def test_a_draft_says_so(panel: Any) -> None:
    panel.editor.surprise()
    assert str(min(DRAFT_STEPS, 4)) in panel.frame.hint.text()


def test_a_file_that_names_settings_is_what_is_made(panel: Any) -> None:
    params = DiffusionParams(prompt="a blue owl", seed=9, steps=3)
    panel.set_params(params)
    assert panel.timeline.recording.info.params == params_to_json(params)
    assert len(panel.timeline.tracks) == 1


def test_a_step_at_rest_is_decoded_in_full(make_panel: Any, sync_worker: Any, qtbot: Any) -> None:
    panel = make_panel(sync_worker, model=BlindModel())
    panel.timeline.playback.seek(2)
    assert (shown_pixels(panel, PREDICTED) == 0).all()  # the quick look is black
    qtbot.waitUntil(lambda: shown_pixels(panel, PREDICTED).any())
    assert (shown_pixels(panel, NOISY) == 0).all()


class BlindModel(TinyModel):
    """Its quick look sees nothing; only its decoder does."""

    def preview(self, x: Any) -> Any:
        return 0 * super().preview(x)


def shown_pixels(panel: Any, name: str) -> Any:
    return next(picture.pixels for picture in panel.canvas._pictures if picture.name == name)


def test_a_run_says_how_long_a_step_took(panel: Any, qtbot: Any) -> None:
    with qtbot.waitSignal(panel.timed) as heard:
        panel.set_params(replace(panel.params(), seed=77))
    assert heard.args[0].text.endswith("ms per step")
    assert heard.args[0].picture_ms > 0


def test_beliefs_are_held_against_the_last_belief_and_not_against_what_the_decoder_draws(panel: Any) -> None:
    recording = panel.timeline.recording
    x0_prediction = last_x0_frame(recording)
    assert x0_prediction is not None
    assert x0_prediction.step == 3
    assert x0_prediction.scalars[NOISE_LEFT] > 0


def test_a_caption_speaks_of_the_run_and_not_of_the_controls(panel: Any) -> None:
    """What is shown was made from noise, whatever a person has set since."""
    mask = np.zeros((8, 12), np.uint8)
    mask[2:5, 3:9] = 255
    panel.editor.show(replace(panel.editor.scene, is_live=False))
    said = []
    for changes in ({}, {"origin": "masked", "source": StartPicture(PICTURE, mask)}, {"origin": "picture"}):
        panel.editor.show(replace(panel.editor.scene, **changes))
        panel.editor.show(panel.editor.scene.with_params(sampler="heun", steps=9))
        for index in (0, 2, len(panel.timeline.recording) - 1):
            panel.timeline.playback.seek(index)
            said.append((index, panel.frame.caption.text()))
    assert len(set(said)) == 3
    panel.editor.show(replace(panel.editor.scene, origin="masked"))
    panel.renew()
    panel.timeline.playback.seek(len(panel.timeline.recording) - 1)
    assert "is redrawn" in panel.frame.caption.text()


def choose_origin(panel: Any, text: str) -> None:
    start = panel.controls.start
    QTest.mouseClick(next(one for one in start.findChildren(Segment) if one.text() == text), Qt.MouseButton.LeftButton)


def test_a_masked_picture_is_at_first_the_one_on_screen_with_the_brush_over_it(panel: Any, qtbot: Any) -> None:
    settled(qtbot, panel)
    on_screen = panel.picture_on_screen()
    choose_origin(panel, "Masked picture")
    settled(qtbot, panel)
    scene = panel.editor.scene
    assert (scene.origin, scene.source.picture.shape) == ("masked", on_screen.shape)
    assert np.array_equal(scene.source.picture, on_screen)
    assert panel.painter.isVisible()
    assert panel.controls.start.name.text() == "The picture on screen"
    assert panel.controls.mask.isVisible()


def test_a_photo_that_is_dropped_on_a_race_leaves_it_and_says_so(panel: Any, qtbot: Any, tmp_path: Any) -> None:
    settled(qtbot, panel)
    QTest.mouseClick(part(panel.controls.study, QWidget, "study_guidance"), Qt.MouseButton.LeftButton)
    assert panel.studies.strip.isVisible()
    path = tmp_path / "mine.png"
    path.write_bytes(encode_png(PICTURE))
    assert panel.open_path(path)
    assert np.array_equal(panel.editor.scene.source.picture, PICTURE)
    assert panel.studies.strip.isVisible()
    assert panel.messages.keys() == ["study"]
    QTest.mouseClick(part(panel.messages, Button), Qt.MouseButton.LeftButton)
    assert not panel.studies.strip.isVisible()
    assert panel.canvas.isVisible()
    assert panel.messages.keys() == []
