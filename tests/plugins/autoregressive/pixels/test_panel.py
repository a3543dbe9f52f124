"""The panel of pictures, worked by mouse and keys on a small random network."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Picture
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from plugins.autoregressive.family import FAMILY
from plugins.autoregressive.pixels.engine import PixelEngine
from plugins.autoregressive.pixels.panel.panel import PixelPanel, first_scene
from plugins.autoregressive.pixels.params import PixelParams
from studio.api.engine import EngineHandle, ModelSource
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.view import Image
from studio.widgets.controls.slider_track import SliderTrack
from tests.panel_host import PanelHost
from tests.plugins.autoregressive.branched import branch_at
from tests.plugins.autoregressive.pixels.pixel_made import made_network

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
CARD = {
    "id": "autoregressive/made",
    "labels": ["a", "b", "c"],
    "defaults": {"n_endings": 4, "stride": 8},
    "usual_bits": {"low": 1.0, "high": 2.0},
}


class MadeEngine(PixelEngine):
    """A small network whose examples are made by hand."""

    def example(self, number):
        return np.random.default_rng(number).integers(0, 6, (8, 8)).astype(np.uint8)


@pytest.fixture
def panel(qtbot, dispatcher, sync_worker, monkeypatch):
    monkeypatch.setattr("studio.widgets.kernel_compiler.are_kernels_ready", lambda module: True)
    host = PanelHost(FAMILY, sync_worker, dispatcher)
    source = ModelSource("autoregressive/made", Path(__file__), CARD)
    panel = PixelPanel(EngineHandle(source, lambda _: MadeEngine(made_network(width=12), CARD)), host)
    qtbot.addWidget(panel)
    panel.resize(1200, 800)
    panel.show()
    qtbot.waitUntil(lambda: panel.is_settled and panel.presenter.seen is not None and panel.presenter.seen.is_whole)
    yield panel
    panel.timeline.close()
    assert not host.errors


def settle(qtbot, panel):
    qtbot.waitUntil(lambda: panel.is_settled and panel.presenter.seen.is_whole)


def at(panel, row, column):
    return panel.stage.canvas.rect_of(row, column).center().toPoint()


def drag(panel, button, *places):
    canvas = panel.stage.canvas
    QTest.mousePress(canvas, button, pos=at(panel, *places[0]))
    for place in places[1:]:
        QTest.mouseMove(canvas, at(panel, *place))
    QTest.mouseRelease(canvas, button, pos=at(panel, *places[-1]))


def values(panel, ending=0):
    return panel.presenter.seen.values[ending].copy()


def test_it_opens_with_half_an_example_that_is_finished_in_four_ways(panel):
    example = panel.handle._engine.example(0)
    assert panel.presenter.seen.values.shape == (4, 8, 8)
    for ending in range(4):
        np.testing.assert_array_equal(values(panel, ending)[:4], example[:4])
    assert len({values(panel, ending).tobytes() for ending in range(4)}) > 1
    assert panel.presenter.seen.kept[:4].all()
    assert not panel.presenter.seen.kept[4:].any()


def test_its_frames_lead_from_the_half_to_the_whole(panel):
    places = [int(frame.state["place"][0]) for frame in panel.timeline.recording]
    assert places == [32, 40, 48, 56, 64]
    panel.timeline.playback.seek(2)
    assert panel.presenter.seen.place == 48
    assert panel.presenter.seen.is_known.sum() == 48
    assert panel.frame.caption.text().startswith("The model has seen only what comes before")


@pytest.mark.long("opens a panel and draws with its model")
def test_keeping_to_the_kind_is_a_slider_whose_runs_are_recorded_and_undone(qtbot, panel):
    row = panel.choosing.guidance
    track, before = row.findChild(SliderTrack), values(panel)
    assert row.isVisible()
    assert row.value() == 0
    panel.choosing.kinds.chosen.emit("b")
    settle(qtbot, panel)
    unguided = values(panel)
    y = track.height() // 2
    QTest.mousePress(track, LEFT, pos=QPoint(track.width() // 4, y))
    QTest.mouseMove(track, QPoint(track.width() // 2, y))
    QTest.mouseRelease(track, LEFT, pos=QPoint(track.width() // 2, y))
    settle(qtbot, panel)
    guidance = panel.params().guidance
    assert guidance == row.value() == pytest.approx(2, abs=0.1)
    assert panel.timeline.recorder.source_of(panel.timeline.track).params.guidance == guidance
    assert panel.state()["scene"]["params"]["guidance"] == guidance
    assert panel.snapshot().params["guidance"] == guidance
    np.testing.assert_array_equal(values(panel)[:4], before[:4])
    assert (values(panel) != unguided).any()
    panel.host.undo.undo()
    settle(qtbot, panel)
    assert panel.params().guidance == row.value() == 0
    np.testing.assert_array_equal(values(panel), unguided)


def test_a_state_from_before_there_was_guidance_has_none(panel):
    state = json.loads(json.dumps(panel.state()))
    del state["scene"]["params"]["guidance"]
    panel.set_params(dataclasses.replace(panel.params(), guidance=1.5))
    panel.set_state(state)
    assert panel.params().guidance == panel.choosing.guidance.value() == 0


def test_a_click_looks_into_a_pixel(qtbot, panel):
    QTest.mouseClick(panel.stage.canvas, LEFT, pos=at(panel, 5, 3))
    settle(qtbot, panel)
    look = panel.looks.look
    assert look.place == 43
    engine, label = panel.handle._engine, int(panel.presenter.seen.labels[0])
    np.testing.assert_allclose(look.chances, engine.distribution(values(panel), label, 43), atol=1e-6)
    assert not (look.amount.ravel()[43:] > 0).any()
    assert "Depends on" in panel.look.words.text()
    assert f"It is {values(panel)[5, 3]}:" in panel.next.words.text()


def test_a_click_into_the_picture_moves_no_tool(qtbot, panel):
    tools = [panel.brush.tool, panel.brush.wide, panel.choosing.again, panel.look.maps]
    before = [tool.mapToGlobal(QPoint()) for tool in tools]
    for row, column in ((5, 3), (0, 0), (7, 7)):
        QTest.mouseClick(panel.stage.canvas, LEFT, pos=at(panel, row, column))
        settle(qtbot, panel)
        assert panel.look.words.text()
        assert [tool.mapToGlobal(QPoint()) for tool in tools] == before


@pytest.mark.long("opens a panel and draws with its model")
def test_another_brightness_is_kept_and_what_follows_is_drawn_anew(qtbot, panel):
    QTest.mouseClick(panel.stage.canvas, LEFT, pos=at(panel, 5, 3))
    settle(qtbot, panel)
    before = values(panel)
    wanted = (int(before[5, 3]) + 3) % 6
    panel.next.level_chosen.emit(wanted)
    settle(qtbot, panel)
    assert values(panel)[5, 3] == wanted
    np.testing.assert_array_equal(values(panel).ravel()[:43], before.ravel()[:43])
    assert panel.presenter.seen.kept.ravel()[:44].all()
    panel.host.undo.undo()
    settle(qtbot, panel)
    np.testing.assert_array_equal(values(panel), before)


@pytest.mark.long("opens a panel and draws with its model")
def test_the_right_button_erases_what_is_drawn_anew_and_undo_brings_it_back(qtbot, panel):
    before = values(panel)
    drag(panel, RIGHT, (1, 1), (1, 6))
    settle(qtbot, panel)
    kept = panel.presenter.seen.kept
    assert not kept[1, 1:7].any()
    np.testing.assert_array_equal(values(panel)[kept], before[kept])
    assert kept[4:].all()  # what was finished before stays as it was seen
    assert panel.host.undo.undo_title == "Erase"
    panel.host.undo.undo()
    settle(qtbot, panel)
    np.testing.assert_array_equal(values(panel), before)


def test_drawn_pixels_stay_and_a_pixel_that_is_drawn_costs_surprise(qtbot, panel):
    panel.gestures.take("draw")
    panel.editor.set_field("Brush", "brush_px", 1)
    drag(panel, LEFT, (0, 0), (0, 7))
    settle(qtbot, panel)
    assert (values(panel)[0] == 5).all()
    assert panel.presenter.seen.kept.all()
    assert len(panel.timeline.recording) == 9  # it is read from its first pixel on


def test_kept_pixels_stay_when_the_rest_is_drawn_again(qtbot, panel):
    panel.gestures.take("keep")
    panel.editor.set_view(shape="box")
    before = values(panel)
    drag(panel, LEFT, (4, 0), (6, 3))
    settle(qtbot, panel)
    assert panel.presenter.seen.kept[4:7, :4].all()
    panel.again()
    settle(qtbot, panel)
    np.testing.assert_array_equal(values(panel)[4:7, :4], before[4:7, :4])
    assert len(panel.timeline.tracks) == 2


def test_from_here_on_erases_to_the_end(qtbot, panel):
    panel.gestures.take("erase")
    panel.editor.set_view(shape="below")
    QTest.mouseClick(panel.stage.canvas, LEFT, pos=at(panel, 2, 5))
    settle(qtbot, panel)
    assert (panel.presenter.seen.kept.ravel() == (np.arange(64) < 21)).all()


def test_escape_takes_a_stroke_back(qtbot, panel):
    before, canvas = values(panel), panel.stage.canvas
    canvas.setFocus()
    QTest.mousePress(canvas, RIGHT, pos=at(panel, 2, 2))
    QTest.mouseMove(canvas, at(panel, 2, 6))
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    QTest.mouseRelease(canvas, RIGHT, pos=at(panel, 2, 6))
    settle(qtbot, panel)
    np.testing.assert_array_equal(values(panel), before)
    assert not panel.host.undo.undo_title


def test_keys_go_from_pixel_to_pixel(qtbot, panel):
    canvas = panel.stage.canvas
    QTest.mouseClick(canvas, LEFT, pos=at(panel, 5, 3))
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    QTest.keyClick(canvas, Qt.Key.Key_Up)
    settle(qtbot, panel)
    assert panel.editor.scene.place == 36
    assert panel.looks.look.place == 36


def test_a_kind_is_asked_for_by_its_chip(qtbot, panel):
    QTest.mouseClick(panel.choosing.kinds._chips[2], LEFT)
    settle(qtbot, panel)
    assert panel.params().kind == "b"
    assert (panel.presenter.seen.labels == 1).all()
    assert panel.frame.caption.text().startswith("You asked for “b”.")


def test_another_ending_becomes_the_large_one(qtbot, panel):
    grid = panel.stage.endings
    QTest.mouseClick(grid, LEFT, pos=grid.rect_of(3).center().toPoint())
    assert panel.presenter.ending == 3
    grid.setFocus()
    QTest.keyClick(grid, Qt.Key.Key_Up)
    assert panel.presenter.ending == 1


def test_the_likelihood_stands_beside_the_usual_range(panel):
    assert f"{panel.shown.scalars['bits']:.2f} bits per pixel" in panel.whole.words.text()
    assert "1.00 to 2.00" in panel.whole.words.text()


def test_surprise_me_begins_with_another_example(qtbot, panel):
    panel.surprise()
    settle(qtbot, panel)
    np.testing.assert_array_equal(values(panel)[:4], panel.handle._engine.example(1)[:4])
    panel.host.undo.undo()
    settle(qtbot, panel)
    np.testing.assert_array_equal(values(panel)[:4], panel.handle._engine.example(0)[:4])


def test_a_picture_of_ones_own_is_cut_out_centred_and_finished(qtbot, panel, tmp_path):
    sheet = np.full((90, 120, 3), 250, np.uint8)
    sheet[20:60, 70:80] = 10
    Picture.fromarray(sheet).save(tmp_path / "one.png")
    assert panel.open_path(tmp_path / "one.png")
    settle(qtbot, panel)
    upper = values(panel)[:4]
    assert upper[1:, 3:5].max() == 5  # the stroke stands in the middle, and is bright
    assert upper[:, [0, 1, 6, 7]].max() == 0
    assert not panel.open_path(tmp_path / "one.txt")


def test_an_empty_picture_is_refused_in_a_sentence(qtbot, panel, tmp_path):
    Picture.new("RGB", (30, 30), "white").save(tmp_path / "none.png")
    before = values(panel)
    panel.open_path(tmp_path / "none.png")
    assert panel.messages.keys() == ["error"]
    np.testing.assert_array_equal(values(panel), before)


def test_the_state_brings_everything_back(qtbot, panel):
    drag(panel, RIGHT, (1, 1), (1, 6))
    settle(qtbot, panel)
    state, before = json.loads(json.dumps(panel.state())), values(panel, 2)
    panel.surprise()
    settle(qtbot, panel)
    panel.set_state(state)
    settle(qtbot, panel)
    np.testing.assert_array_equal(values(panel, 2), before)
    assert panel.state() == state


@pytest.mark.parametrize(
    "change",
    [
        {"tool": "saw"},
        {"shape": 3},
        {"brush_px": 0},
        {"level": 2.0},
        {"shown": "x"},
        {"place": -1},
        {"speed": 1e9},
        {"values": [[1, 2], [3]]},
        {"values": [[300]], "erased": [[0]]},
        {"erased": [[0]]},
        {"params": {"seed": "x"}},
        {"values": [[1]], "erased": [[0]]},
        {"values": [[200] * 8] * 8},
        {"params": {"kind": "z"}},
    ],
)
def test_unsound_states_are_refused(panel, change):
    state = panel.state()
    with pytest.raises(UserError):
        panel.set_state({**state, "scene": {**state["scene"], **change}})
    assert panel.state() == state


def test_settings_alone_draw_a_whole_picture(qtbot, panel):
    params = dataclasses.replace(PixelParams(seed=7), stride=16)
    panel.set_params(params)
    frames = list(panel.handle._engine.generate(params))
    np.testing.assert_array_equal(panel.presenter.seen.values, frames[-1].state["values"])


def test_a_click_in_the_plot_chooses_a_brightness(qtbot, panel):
    QTest.mouseClick(panel.stage.canvas, LEFT, pos=at(panel, 5, 3))
    settle(qtbot, panel)
    plot = panel.next.plot
    chosen: list[int] = []
    panel.next.level_chosen.connect(chosen.append)
    QTest.mouseClick(plot, LEFT, pos=QPoint(plot.width() - 12, plot.height() // 2))
    assert chosen
    assert chosen[-1] >= 4


def test_the_caption_tells_what_a_clicked_pixel_cost(qtbot, panel):
    QTest.mouseClick(panel.stage.canvas, LEFT, pos=at(panel, 5, 3))
    settle(qtbot, panel)
    text = panel.frame.caption.text()
    assert text.startswith("Row 6, column 4.")
    assert f"{panel.presenter.seen.surprise[0, 5, 3]:.1f} bits" in text


def test_at_a_low_speed_every_pixel_is_a_moment(qtbot, panel):
    panel.editor.set_field("Speed", "speed", 60)
    assert len(panel.timeline.recording) == 33
    panel.editor.set_field("Speed", "speed", 2000)
    settle(qtbot, panel)
    assert len(panel.timeline.recording) == 5


def test_the_playhead_goes_its_own_pace_however_fast_a_picture_is_made(qtbot, panel):
    panel.again()
    assert not panel.runs.is_running  # the worker of tests has made all of it already
    assert panel.timeline.playback.index < 4
    assert panel.timeline.playback.is_playing
    settle(qtbot, panel)
    assert panel.timeline.playback.index == 4


def test_a_branch_leaves_its_run_and_the_picture_as_they_are(panel, qtbot):
    branch_at(panel, 2)
    panel.timeline.playback.to_end()
    settle(qtbot, panel)
    assert panel.presenter.seen.kept[:4].all()
    assert panel.editor.scene.sheet is not None


def test_a_box_that_is_pulled_back_erases_what_it_covers_at_last(panel):
    panel.brush.changed.emit("shape", "box")
    drag(panel, RIGHT, (0, 0), (3, 3), (1, 1))
    assert panel.editor.scene.sheet.is_erased.sum() == 4


def test_from_here_on_may_be_pulled_back(panel):
    panel.brush.changed.emit("shape", "below")
    drag(panel, RIGHT, (6, 0), (1, 0), (6, 0))
    assert panel.editor.scene.sheet.is_erased.sum() == 16


def test_a_stroke_that_changes_nothing_leaves_the_picture_as_it_is(panel):
    panel.gestures.take("keep")
    shown = panel.stage.canvas._shown
    drag(panel, LEFT, (1, 1), (1, 2))
    assert panel.stage.canvas._shown.is_known.sum() == shown.is_known.sum() == 64
    assert panel.stage.canvas._shown.place == shown.place


def test_undo_within_a_stroke_gives_the_stroke_up(panel):
    panel.editor.set_params("Settings", temperature=0.5)
    canvas = panel.stage.canvas
    QTest.mousePress(canvas, RIGHT, pos=at(panel, 1, 1))
    panel.host.undo.undo()
    QTest.mouseMove(canvas, at(panel, 2, 2))
    QTest.mouseRelease(canvas, RIGHT, pos=at(panel, 2, 2))
    assert panel.editor.scene.params.temperature == 1.0
    assert panel.editor.scene.sheet.is_erased.sum() == 32
    panel.host.undo.redo()
    assert panel.editor.scene.params.temperature == 0.5


def test_what_was_shown_is_exported_with_its_own_settings(panel, qtbot):
    first = panel.timeline.track
    seed = panel.editor.scene.params.seed
    panel.again()
    settle(qtbot, panel)
    assert panel.snapshot().seed == panel.editor.scene.params.seed != seed
    assert panel.snapshot().state
    panel.timeline.show_track(first)
    assert (panel.snapshot().seed, panel.snapshot().state) == (seed, {})


def test_a_picture_of_a_training_has_no_pixels_to_look_into(panel):
    picture = Image(np.zeros((40, 160, 3), np.uint8))
    panel.show_frame(Frame(0, 1, views={"picture": picture}))
    QTest.mouseClick(panel.stage.canvas, LEFT, pos=panel.stage.canvas.rect().center())
    assert panel.editor.scene.place is None
    panel.set_state(panel.state())


def test_where_there_is_no_example_another_picture_has_another_seed(panel, qtbot, monkeypatch):
    monkeypatch.setattr(MadeEngine, "example", lambda self, number: None)
    before, seed = values(panel), panel.editor.scene.params.seed
    panel.surprise()
    settle(qtbot, panel)
    assert panel.editor.scene.params.seed != seed
    assert (values(panel) != before).any()
    assert not panel.presenter.seen.kept.any()
    assert "was there" not in panel.frame.caption.text()


def test_a_pause_within_a_drag_of_a_slider_is_no_second_step(panel):
    n = len(panel.host.undo)
    for slider in (panel.choosing.speed, panel.brush.wide):
        slider.edit_started.emit()
        slider.value_changed.emit(7)
        if panel.editor._burst.isActive():  # it is over after a while
            panel.editor.end_gesture()
        slider.value_changed.emit(9)
        slider.edit_finished.emit()
    assert len(panel.host.undo) == n + 2


def test_undo_leaves_the_tool_and_the_map_as_they_are(panel):
    panel.editor.set_params("Settings", temperature=0.5)
    panel.gestures.take("draw")
    panel.look.chosen.emit("surprise")
    panel.host.undo.undo()
    scene = panel.editor.scene
    assert (scene.params.temperature, scene.tool, scene.shown) == (1.0, "draw", "surprise")


@pytest.mark.parametrize(("named", "example"), [({}, 0), ({"first_example": 4}, 4), ({"first_example": "many"}, 0)])
def test_a_model_opens_with_the_example_that_its_card_names(named, example):
    scene = first_scene({"defaults": {"seed": 3}, **named})
    assert (scene.example, scene.params.seed) == (example, 3)
