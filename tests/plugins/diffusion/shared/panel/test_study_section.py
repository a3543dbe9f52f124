"""Studies, words and morphs in the whole panel."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from plugins.diffusion.pictures.panel.morph_section import morph_path
from plugins.diffusion.shared.panel.study_section import around, changes_between
from plugins.diffusion.shared.params import DiffusionParams
from plugins.diffusion.shared.state import ATTENTION
from studio.core.error import UserError
from studio.core.masked_picture import StartPicture
from studio.core.path.keyframe import KeyframePath
from studio.core.pausing import result_of
from studio.widgets.controls.slider import SliderRow
from studio.widgets.controls.slider_track import SliderTrack
from tests.plugins.diffusion.panel_hand import LEFT, click, drag, press
from tests.plugins.diffusion.tiny_model import TinyModel
from tests.widgets.hand import part


@pytest.fixture(autouse=True)
def short_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reference of a race in few steps."""
    monkeypatch.setattr("plugins.diffusion.shared.studies.REFERENCE_STEPS", 12)


def settled(qtbot: Any, panel: Any) -> None:
    qtbot.waitUntil(lambda: panel.is_settled)


def ask(panel: Any, name: str) -> Any:
    """Press a button of the section; returns the sheet."""
    QTest.mouseClick(part(panel.controls.study, QWidget, name), LEFT)
    return panel.studies.strip


def captions(strip: Any) -> list[str]:
    return [strip.grid.tile(index).caption for index in range(len(strip.grid))]


def test_guidance_is_a_strip_instead_of_the_canvas(panel: Any) -> None:
    strip = ask(panel, "study_guidance")
    assert strip.isVisible()
    assert not panel.canvas.isVisible()
    assert captions(strip) == ["Guidance 0", "Guidance 1", "Guidance 4", "Guidance 9"]
    assert all(not strip.grid.tile(index).image.isNull() for index in range(4))
    assert strip.stop.isHidden()
    press(strip.grid, Qt.Key.Key_Escape)
    assert panel.canvas.isVisible()
    assert not strip.isVisible()


def test_a_picked_guidance_is_taken_over_and_run(panel: Any, qtbot: Any) -> None:
    strip = ask(panel, "study_guidance")
    click(strip.grid, strip.grid.picture_rect(3).center())
    QTest.mouseClick(strip.take, LEFT)
    assert panel.params().guidance == 9.0
    assert panel.canvas.isVisible()
    settled(qtbot, panel)
    assert panel.timeline.recording.info.params["guidance"] == 9.0
    panel.host.undo.undo()
    assert panel.params().guidance == 2.0


def test_a_race_says_time_and_distance(panel: Any) -> None:
    strip = ask(panel, "study_race")
    assert captions(strip) == ["DDIM", "Euler a", "Heun", "DPM++", "DDIM, 1,000 steps"]
    details = [strip.grid.tile(index).detail for index in range(5)]
    assert all(" s, 0." in detail and detail.endswith(" off") for detail in details[:4])
    assert details[4].endswith(" s")


def test_a_picked_variation_is_a_run_on_its_own_noise(panel: Any, qtbot: Any) -> None:
    panel.controls.study.amount.set_value(50)
    strip = ask(panel, "study_variations")
    assert [strip.grid.tile(index).is_origin for index in range(9)] == [False] * 4 + [True] + [False] * 4
    picture = around(panel.studies._pictures)[0]
    assert picture is not None
    n_tracks = len(panel.timeline.tracks)
    QTest.mouseDClick(strip.grid, LEFT, pos=strip.grid.picture_rect(0).center().toPoint())
    settled(qtbot, panel)
    assert len(panel.timeline.tracks) == n_tracks + 1
    shown = panel.snapshot().frame.main_view.pixels
    assert np.array_equal(shown, (picture.shown * 255 + 0.5).astype(np.uint8))


def test_the_picture_itself_changes_nothing(panel: Any) -> None:
    strip = ask(panel, "study_variations")
    n_tracks = len(panel.timeline.tracks)
    QTest.mouseDClick(strip.grid, LEFT, pos=strip.grid.picture_rect(4).center().toPoint())
    assert len(panel.timeline.tracks) == n_tracks
    assert panel.canvas.isVisible()


def test_a_live_scene_makes_its_study_anew(panel: Any, qtbot: Any) -> None:
    ask(panel, "study_guidance")
    before = panel.studies._pictures[2].shown
    panel.editor.set_params("Prompt", prompt="a blue owl")
    qtbot.waitUntil(lambda: not np.array_equal(panel.studies._pictures[2].shown, before))
    assert panel.studies.is_on


def test_generate_and_scrubbing_bring_the_canvas_back(panel: Any, qtbot: Any) -> None:
    settled(qtbot, panel)
    ask(panel, "study_guidance")
    panel.timeline.playback.seek(1)
    assert panel.canvas.isVisible()
    ask(panel, "study_guidance")
    QTest.mouseClick(panel.controls.prompt.run.generate, LEFT)
    assert panel.canvas.isVisible()


def test_a_study_on_its_way_can_be_stopped(make_panel: Any, stepped_worker: Any) -> None:
    panel = make_panel(stepped_worker)
    stepped_worker.run_all()
    strip = ask(panel, "study_guidance")
    assert strip.grid.tile(0).image.isNull()
    for _ in range(7):
        stepped_worker.step()
    assert not strip.grid.tile(0).image.isNull()
    assert strip.grid.tile(3).image.isNull()
    QTest.mouseClick(strip.stop, LEFT)
    assert strip.stop.isHidden()
    assert not panel.tasks.is_running("study")
    assert strip.isVisible()


def test_a_run_goes_before_a_study(make_panel: Any, stepped_worker: Any) -> None:
    panel = make_panel(stepped_worker)
    stepped_worker.run_all()
    ask(panel, "study_race")
    stepped_worker.step()
    before = panel.studies._pictures
    panel.runs.generate()
    while panel.runs.is_running:
        assert stepped_worker.step()
    assert panel.studies._pictures == before
    stepped_worker.step()
    assert panel.studies._pictures != before


def test_a_study_that_fails_says_why_and_goes(make_panel: Any, sync_worker: Any) -> None:
    class Broken(TinyModel):
        """Refuses what a person asks for later."""

        def embed(self, prompt: str, negative: str = "") -> Any:
            if prompt == "x":
                raise UserError("The model cannot take this.")
            return super().embed(prompt, negative)

    panel = make_panel(sync_worker, None, Broken())
    panel.editor.adopt(panel.editor.scene.with_params(prompt="x"))
    ask(panel, "study_guidance")
    assert panel.canvas.isVisible()
    assert not panel.studies.is_on


# Words


def test_a_chosen_word_is_a_view_and_a_view_chooses_a_word(panel: Any) -> None:
    attention, show = panel.controls.attention, panel.controls.show
    panel.timeline.playback.seek(2)
    assert attention.n_words == 3
    click(attention.chips, attention.chips.chip_rect(1).center())
    assert ATTENTION in show.views()
    assert panel.heat.isVisible()
    click(attention.chips, attention.chips.chip_rect(1).center())
    attention.chips.leaveEvent(None)
    assert ATTENTION not in show.views()
    assert panel.heat.isHidden()
    show._on_toggled(ATTENTION, True)
    assert panel.heat.isVisible()
    panel.timeline.playback.seek(4)  # the finished picture has the maps of the last step
    assert panel.heat.isVisible()
    last, before = (panel.timeline.recording[index].views[ATTENTION].values for index in (4, 3))
    assert np.array_equal(last, before)


def test_each_word_is_left_out_and_another_prompt_forgets_it(panel: Any) -> None:
    attention = panel.controls.attention
    QTest.mouseClick(attention.check, LEFT)
    rows = attention.bars._rows
    assert [row.word for row in rows] == ["a", "red", "fox"]
    assert all(row.changed > 0 for row in rows)
    assert attention.check.text() == "Check by leaving out each word"
    panel.editor.set_params("Prompt", prompt="a blue fox")
    assert all(row.changed is None for row in attention.bars._rows)


# Morphs


def test_a_morph_is_a_path_of_so_many_pictures_and_one_step_of_undo(panel: Any, qtbot: Any) -> None:
    morph = panel.controls.morph
    assert morph.prompts()[0] == "a red fox"
    QTest.keyClicks(morph.edits["B"], "a blue owl")
    morph.n_pictures.set_value(5)
    QTest.mouseClick(morph.go, LEFT)
    path = panel.timeline.paths.path
    assert len(path) == 2
    assert panel.timeline.n_frames == 5
    assert panel.timeline.track is None
    words = [keyframe.position["words"] for keyframe in path.keyframes]
    assert not np.array_equal(*words)
    assert np.array_equal(path.keyframes[0].position["noise"], path.keyframes[1].position["noise"])
    assert morph.status.text() == ""
    qtbot.waitUntil(lambda: panel.timeline.path_run.is_complete)
    shown, drawn = panel.snapshot().frame, panel.timeline.path_run.recording[0]
    assert np.array_equal(shown.main_view.pixels, drawn.main_view.pixels)  # no draft any more, once it is drawn
    panel.timeline.playback.seek(3)
    assert "Picture 4 of 5 on the path" in panel.frame.caption.text()
    assert [shown.label for shown in panel.canvas._pictures] == ["Finished picture"]
    ends = [panel.timeline.path_run.recording[index].main_view.pixels for index in (0, 4)]
    for prompt, end in zip(("a red fox", "a blue owl"), ends, strict=True):
        run = list(result_of(panel.handle._opened()).generate(replace(panel.params(), prompt=prompt)))
        assert np.abs(run[-1].main_view.pixels.astype(int) - end).max() <= 1
    panel.host.undo.undo()
    assert len(panel.timeline.paths.path) == 0


@pytest.fixture
def morph(panel: Any, qtbot: Any) -> Any:
    """A panel with a morph on its timeline, which draws what is changed at once."""
    settled(qtbot, panel)
    panel.editor.change("Live", is_live=True)
    settled(qtbot, panel)
    QTest.keyClicks(panel.controls.morph.edits["B"], "a blue owl")
    panel.controls.morph.n_pictures.set_value(5)
    QTest.mouseClick(panel.controls.morph.go, LEFT)
    qtbot.waitUntil(lambda: panel.timeline.path_run.is_complete)
    return panel


@pytest.mark.long("opens a panel and draws with its model")
def test_a_slider_pulled_beside_a_morph_draws_the_morph_with_it(morph: Any, qtbot: Any) -> None:
    timeline = morph.timeline
    path, n_runs, before = timeline.paths.path, len(timeline.tracks), timeline.path_run.recording[2].main_view.pixels
    track = part(part(morph.controls.sampler, SliderRow, "guidance"), SliderTrack)
    middle = QPointF(track.rect().center())
    drag(track, [middle, middle + QPointF(40, 0), middle + QPointF(50, 0)])
    assert morph.params().guidance > 2.0
    qtbot.waitUntil(lambda: timeline.path_run.is_complete)
    assert timeline.path_run.plan.params.guidance == morph.params().guidance
    assert not np.array_equal(timeline.path_run.recording[2].main_view.pixels, before)
    settled(qtbot, morph)
    assert (timeline.track, len(timeline.tracks)) == (None, n_runs)
    shown = morph.snapshot().frame.main_view.pixels
    assert np.array_equal(shown, timeline.path_run.recording[0].main_view.pixels)
    morph.host.undo.undo()
    assert morph.params().guidance == 2.0
    qtbot.waitUntil(lambda: timeline.path_run.is_complete)
    assert np.array_equal(timeline.path_run.recording[2].main_view.pixels, before)
    assert (timeline.track, timeline.paths.path) == (None, path)


def test_a_run_that_takes_the_place_of_a_morph_is_taken_back(morph: Any, qtbot: Any) -> None:
    timeline, path = morph.timeline, morph.timeline.paths.path
    morph.editor.surprise()
    qtbot.waitUntil(lambda: timeline.track is not None)
    settled(qtbot, morph)
    morph.host.undo.undo()
    settled(qtbot, morph)
    assert (timeline.track, timeline.paths.path) == (None, path)
    qtbot.waitUntil(lambda: timeline.path_run.is_complete)
    assert np.array_equal(morph.snapshot().frame.main_view.pixels, timeline.path_run.recording[0].main_view.pixels)
    morph.host.undo.redo()
    qtbot.waitUntil(lambda: timeline.track is not None)


@pytest.mark.parametrize(("n", "fps"), [(2, 30.0), (12, 30.0), (60, 1.0), (7, 24.0)])
def test_a_morph_has_as_many_frames_as_were_asked_for(n: int, fps: float) -> None:
    places = [{"words": np.full(3, value, np.float32)} for value in (0.0, 1.0)]
    path = morph_path(places, KeyframePath((), {"words": "linear"}), n, fps)
    assert path.n_frames(fps) == n
    halves = [path.position_at(path.frame_time_s(index, fps))["words"][0] for index in range(n)]
    assert halves == pytest.approx(np.linspace(0, 1, n).tolist(), abs=1e-6)


# Outpainting


def test_a_laid_picture_is_kept_where_it_lies(panel: Any, qtbot: Any) -> None:
    own = np.random.default_rng(0).integers(0, 256, (8, 12, 3), np.uint8)
    panel.editor.change("Own", origin="masked", source=StartPicture(own))
    qtbot.waitUntil(lambda: panel.controls.mask.outpaint.height() > 10)
    QTest.mouseClick(panel.controls.mask.outpaint, LEFT)
    assert panel.outpaint_frame.isVisible()
    press(panel.outpaint_frame, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Return)
    assert not panel.outpaint_frame.isVisible()
    panel.editor.change("Sharp", feather_px=0.0)
    settled(qtbot, panel)
    shown = panel.snapshot().frame.main_view.pixels
    assert np.array_equal(shown[:, 3:], own[:, :9])
    assert not np.array_equal(shown[:, :3], own[:, :3])


# Plain parts


def test_around_puts_the_first_into_the_middle() -> None:
    assert around([0, 1, 2, 3, 4]) == [1, 2, 0, 3, 4]
    assert around([7]) == [7]


def test_a_batch_is_no_change() -> None:
    before = DiffusionParams(batch=4)
    assert changes_between(before, replace(before, batch=1, guidance=9.0)) == {"guidance": 9.0}
