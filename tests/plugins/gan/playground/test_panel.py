"""The playground's panel under real hands: it opens learning, pauses, steps, goes back, branches, is painted on."""

import gc
import json
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSlider, QApplication, QScrollArea, QWidget

from plugins.gan import family as gan_family
from plugins.gan.family import FAMILY
from plugins.gan.playground.engine import PlaygroundEngine
from plugins.gan.playground.model.target import EXTENT
from plugins.gan.playground.panel.panel import SHARP_PX, PlaygroundPanel
from plugins.gan.playground.params import PlaygroundParams
from plugins.gan.playground.scene import CODEC, COLLAPSE
from studio.api.kind_tabs import KindTabs
from studio.api.panel import NumberField
from studio.compute.device import Device
from studio.core.error import UserError
from studio.registry.catalog import Catalog
from studio.widgets.caption import Caption
from studio.widgets.controls.model_picker import ModelPicker
from studio.widgets.message_bar import MessageBar
from studio.widgets.timeline.timeline import Timeline
from tests.contract import test_panel as contract
from tests.panel_host import PanelHost

SIZE_PX = (1000, 700)
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def make_panel(qtbot, sync_worker, dispatcher):
    hosts = []
    catalog = Catalog()

    def make(worker=sync_worker):
        host = PanelHost(FAMILY, worker, dispatcher, [model.card for model in catalog.list_models("gan")])
        hosts.append(host)
        handle = catalog.make_handle(catalog.find_model("gan/playground").source, lambda: Device("cpu", "float32", 1))
        panel = PlaygroundPanel(handle, host)
        qtbot.addWidget(panel)
        panel.resize(*SIZE_PX)
        panel.show()
        qtbot.waitExposed(panel)
        return panel

    yield make
    for host in hosts:
        host.close()
        assert host.memory == {}


@pytest.fixture
def panel(make_panel):
    return make_panel()


def learnt(qtbot, panel, n_frames):
    """Wait until the run on the timeline has so many frames, then pause."""
    qtbot.waitUntil(lambda: panel.timeline.n_frames >= n_frames)
    panel.timeline.pause()


def click(widget):
    QTest.mouseClick(widget, LEFT)


def drag(canvas, places, button=LEFT, modifiers=NONE):
    points = [canvas.point_of(place).toPoint() for place in places]
    QTest.mousePress(canvas, button, modifiers, points[0])
    for point in points[1:]:
        QTest.mouseMove(canvas, point)
    QTest.mouseRelease(canvas, button, modifiers, points[-1])


def test_it_opens_with_a_run_that_learns(panel, qtbot):
    assert panel.snapshot() is not None
    assert panel.runs.is_playing
    learnt(qtbot, panel, 4)
    assert panel.snapshot().frame.scalars["steps"] == 25 * panel.timeline.playback.index
    assert panel.frame.caption.accessibleName().startswith(panel.shown.label)
    assert "The detective is right" in panel.frame.caption.text()


def test_a_pause_ends_the_learning_and_play_goes_on_from_the_head(panel, qtbot):
    learnt(qtbot, panel, 3)
    n = panel.timeline.n_frames
    assert not panel.runs.is_playing
    assert panel.is_settled
    panel.timeline.playback.seek(0)
    assert panel.presenter.moment.n_steps == 0
    panel.timeline.playback.play()
    qtbot.waitUntil(lambda: panel.timeline.n_frames > n + 1)
    assert panel.timeline.playback.index == panel.timeline.n_frames - 1


def test_a_single_step_is_one_and_stays(panel, qtbot):
    learnt(qtbot, panel, 2)
    before = panel.presenter.moment
    click(panel.run.step)
    assert panel.presenter.moment.n_steps == before.n_steps + 1
    assert not panel.runs.is_playing
    panel.learning.choice("learner").value_chosen.emit("forger")
    click(panel.run.step)
    assert np.array_equal(
        panel.presenter.moment.pair.discriminator.weights, panel.timeline.recording[-2].state["detective"]
    )
    assert not np.array_equal(
        panel.presenter.moment.pair.generator.weights, panel.timeline.recording[-2].state["forger"]
    )


def test_a_setting_counts_from_the_next_step_and_can_be_taken_back(panel, qtbot):
    learnt(qtbot, panel, 2)
    slider = panel.learning.slider("forger_rate")
    QTest.keyClick(slider._track, Qt.Key.Key_Right)
    rate = panel.editor.scene.settings.forger_rate
    assert rate == pytest.approx(0.0025)
    click(panel.run.step)
    assert panel.presenter.moment.settings.forger_rate == rate
    panel.host.undo.undo()
    assert panel.editor.scene.settings.forger_rate == 2e-3
    field = slider.findChild(NumberField)
    assert field.text() == "0.002"


def test_a_typed_rate_is_read_as_a_rate(panel, qtbot):
    field = panel.learning.slider("detective_rate").findChild(NumberField)
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "0.01")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert panel.editor.scene.settings.detective_rate == 0.01


@pytest.mark.long("opens a panel and draws with its model")
def test_an_earlier_frame_shows_its_settings_and_a_change_there_branches(panel, qtbot):
    learnt(qtbot, panel, 3)
    panel.editor.change_settings("Loss", loss="wasserstein")
    panel.timeline.playback.play()
    learnt(qtbot, panel, 5)
    panel.timeline.playback.seek(1)
    panel.timeline.pause()
    assert panel.editor.scene.settings.loss == "non_saturating"
    parent = panel.timeline.track
    panel.learning.settings_changed.emit("Points", {"batch": 64})
    branch = panel.timeline.track.recording.info.branch
    assert (branch.parent_id, branch.step) == (parent.id, 1)
    learnt(qtbot, panel, 3)
    recording = panel.timeline.recording
    assert np.array_equal(recording[0].state["forger"], parent.recording[1].state["forger"])
    assert recording[1].state["settings"][5] == 64
    assert recording[1].step == 2


@pytest.mark.long("opens a panel and draws with its model")
def test_a_branch_without_a_change_repeats_its_parent(panel, qtbot):
    learnt(qtbot, panel, 5)
    parent = panel.timeline.track
    panel.timeline.playback.seek(2)
    panel.timeline.pause()
    panel.timeline.branch()
    learnt(qtbot, panel, 3)
    for mine, theirs in zip(panel.timeline.recording, list(parent.recording)[2:], strict=False):
        assert all(np.array_equal(mine.state[name], theirs.state[name]) for name in theirs.state)
        assert mine.scalars == theirs.scalars


def test_painting_on_a_shape_makes_it_ones_own_while_they_learn_on(panel, qtbot):
    learnt(qtbot, panel, 2)
    recording = panel.timeline.recording
    drag(panel.canvas, [(0.0, 0.0), (0.4, 0.0), (0.8, 0.0)])
    scene = panel.editor.scene
    assert scene.name == "own"
    middle = scene.painted[np.linalg.norm(scene.painted - (0.4, 0.0), axis=1) < 0.9]
    assert len(middle) >= 5
    assert panel.target.shapes.current() == "My own"
    assert panel.timeline.recording is recording
    assert len(panel.timeline.tracks) == 1
    click(panel.run.step)
    assert np.array_equal(panel.presenter.moment.target.painted, scene.painted)
    panel.host.undo.undo()  # one stroke is one step
    assert panel.editor.scene.name == "ring"


def test_the_right_button_and_the_eraser_take_points_away(panel, qtbot):
    learnt(qtbot, panel, 2)
    panel.target.target_chosen.emit("own")
    qtbot.waitUntil(lambda: not panel.runs.is_busy)
    drag(panel.canvas, [(1.0, 1.0), (-1.0, 1.0)])
    n = len(panel.editor.scene.painted)
    assert n >= 10
    drag(panel.canvas, [(1.0, 1.0)], RIGHT)
    fewer = len(panel.editor.scene.painted)
    assert fewer < n
    click(panel.target.tool._segments["eraser"])
    drag(panel.canvas, [(1.5, 1.0), (-1.5, 1.0)])
    assert len(panel.editor.scene.painted) < fewer
    click(panel.target.clear)
    assert len(panel.editor.scene.painted) == 0
    assert panel.editor.scene.target.is_empty


@pytest.mark.long("opens a panel and draws with its model")
def test_painting_while_they_learn_makes_no_branch(panel, qtbot):
    qtbot.waitUntil(lambda: panel.timeline.n_frames >= 2)
    canvas = panel.canvas
    QTest.mousePress(canvas, LEFT, NONE, canvas.point_of((0.0, 0.0)).toPoint())
    panel.runs._on_tick()  # a frame is made that the playhead has not come to
    for x in (0.5, 1.0, 1.5):
        n = panel.timeline.n_frames
        QTest.mouseMove(canvas, canvas.point_of((x, 0.0)).toPoint())
        qtbot.waitUntil(lambda n=n: panel.timeline.n_frames > n)
    QTest.mouseRelease(canvas, LEFT, NONE, canvas.point_of((1.5, 0.0)).toPoint())
    assert len(panel.timeline.tracks) == 1


def test_keys_paint_as_well(panel, qtbot):
    learnt(qtbot, panel, 2)
    canvas = panel.canvas
    canvas.setFocus()
    n = len(panel.editor._own_points())
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    assert len(panel.editor.scene.painted) == n + 5
    QTest.keyClick(canvas, Qt.Key.Key_BracketRight)
    assert panel.target.radius.value() > 0.25
    QTest.keyClick(canvas, Qt.Key.Key_Delete)
    assert len(panel.editor.scene.painted) == 0


def test_another_shape_begins_anew_in_place_of_the_run(panel, qtbot):
    learnt(qtbot, panel, 3)
    panel.target.shapes.value_chosen.emit("spiral")
    qtbot.waitUntil(lambda: panel.presenter.moment.target.name == "spiral")
    assert len(panel.timeline.tracks) == 1
    assert panel.runs.is_playing
    panel.host.undo.undo()
    qtbot.waitUntil(lambda: panel.presenter.moment.target.name == "ring")
    while panel.host.undo.undo():
        pass


@pytest.mark.long("opens a panel and draws with its model")
def test_the_collapse_is_seen_and_said(panel, qtbot):
    click(panel.run.collapse)
    qtbot.waitUntil(lambda: panel.presenter.moment.settings == COLLAPSE)
    learnt(qtbot, panel, 9)
    assert "mode collapse" in panel.frame.caption.text()
    assert panel.figures.meter.n_found <= 2
    assert panel.figures.found.text().endswith("mode collapse")


def test_the_learnt_pair_is_shown_at_rest(panel, qtbot):
    click(panel.run.learnt)
    qtbot.waitUntil(lambda: panel.presenter.moment is not None and panel.presenter.moment.n_steps == 8000)
    assert not panel.runs.is_playing
    assert panel.figures.meter.n_found == 8
    assert panel.figures.found.text() == "The forger makes 8 of 8 clusters"


@pytest.mark.long("opens a panel and draws with its model")
def test_the_state_brings_the_pair_back_bit_for_bit(panel, make_panel, qtbot):
    learnt(qtbot, panel, 3)
    drag(panel.canvas, [(0.0, 0.0), (1.0, 0.0)])
    click(panel.run.step)
    state = json.loads(json.dumps(panel.state(), allow_nan=False))
    other = make_panel()
    other.set_state(state)
    assert other.state() == panel.state()
    assert np.array_equal(other.presenter.moment.pair.generator.weights, panel.presenter.moment.pair.generator.weights)
    ours, theirs = (one.snapshot().frame.main_view.pixels for one in (panel, other))
    assert ours.shape == (SHARP_PX, SHARP_PX, 3)
    assert np.array_equal(ours, theirs)
    wrongs: list[dict[str, Any]] = [{"layers": ["x"]}, {"moment": {}}, {"scene": None}, {"more": 1}]
    for wrong in wrongs:
        before = other.state()
        with pytest.raises(UserError):
            other.set_state({**state, **wrong})
        assert other.state() == before


def test_params_are_the_seed(panel, qtbot):
    panel.set_params(PlaygroundParams(seed=11))
    assert panel.params() == PlaygroundParams(seed=11)
    assert panel.timeline.track.recording.info.seed == 11
    panel.editor.surprise()
    qtbot.waitUntil(lambda: panel.timeline.track.recording.info.seed == panel.params().seed)


def test_what_is_exported_is_large(panel, qtbot):
    learnt(qtbot, panel, 2)
    clip = panel.clip()
    assert [frame.main_view.pixels.shape[0] for frame in clip.frames(0, 2)] == [SHARP_PX, SHARP_PX]


def test_layers_are_drawn_and_not(panel, qtbot):
    learnt(qtbot, panel, 3)
    qtbot.waitUntil(lambda: not panel.canvas._glide.isActive())
    canvas = panel.canvas
    seen = {}
    for names in ((), ("real",), ("fake",), ("map",), ("grid",), ("arrows",)):
        panel.layers.layers_changed.emit(names)
        image = canvas.grab().toImage()
        seen[names] = bytes(image.constBits())
    assert len(set(seen.values())) == 6
    click(panel.layers.chip("grid"))
    assert "grid" in panel.layers.chip("grid").objectName()


def test_a_place_and_its_point_are_one(panel):
    canvas = panel.canvas
    for place in ((0.0, 0.0), (-2.5, 1.25), (EXTENT, -EXTENT)):
        assert canvas.place_at(canvas.point_of(place)) == pytest.approx(place)
    above, below = canvas.point_of((0.0, 2.0)), canvas.point_of((0.0, -2.0))
    assert above.y() < below.y()


@pytest.mark.long("opens a panel and draws with its model")
def test_a_click_on_a_plot_goes_to_the_step(panel, qtbot):
    learnt(qtbot, panel, 6)
    plot = panel.figures.distance
    panel.figures.show_curves(panel.timeline.recording)
    QTest.mouseClick(plot, LEFT, NONE, QPoint(plot.width() // 2, plot.height() // 2))
    assert 0 < panel.timeline.playback.index < panel.timeline.n_frames - 1


def test_it_stands_before_its_model_is_open(make_panel, stepped_worker):
    panel = make_panel(stepped_worker)
    assert panel.snapshot() is None
    panel.grab()
    panel.timeline.pause()
    stepped_worker.run_all()
    assert panel.snapshot() is not None


def test_a_hidden_panel_does_not_learn(panel, qtbot):
    qtbot.waitUntil(lambda: panel.timeline.n_frames >= 2)
    panel.hide()
    assert not panel.runs.is_playing


def test_an_empty_square_waits_for_the_brush(panel, qtbot):
    learnt(qtbot, panel, 2)
    panel.target.target_chosen.emit("own")
    qtbot.waitUntil(lambda: panel.presenter.moment.target.is_empty)
    assert "paint on the square" in panel.frame.caption.text()
    panel.runs._on_tick()
    click(panel.run.step)
    assert panel.timeline.n_frames == 1
    panel.timeline.playback.play()
    drag(panel.canvas, [(0.0, 0.0), (1.0, 0.0)])
    qtbot.waitUntil(lambda: panel.timeline.n_frames > 2)
    assert len(panel.timeline.tracks) == 1


def test_controls_have_names_fit_and_stand_in_the_guide(panel, qtbot):
    learnt(qtbot, panel, 2)
    guide = contract.plain((Path(gan_family.__file__).parents[2] / "docs/gan.md").read_text("utf-8"))
    panel.learning.more.click()
    shared = {
        child
        for kind in (Caption, MessageBar, ModelPicker, Timeline, KindTabs)
        for part in panel.findChildren(kind)
        for child in part.findChildren(QWidget)
    }
    for control in contract.controls_of(panel):
        name = contract.name_of(control)
        assert name, control
        if control.isVisibleTo(panel):
            assert control.focusPolicy() != Qt.FocusPolicy.NoFocus, name
        if control not in shared:
            assert contract.plain(name) in guide, name
    for widget in panel.findChildren(QWidget):
        if widget.isVisible() and widget.parentWidget() is not None:
            left = widget.mapTo(panel, QPoint(0, 0)).x()
            assert 0 <= left <= panel.width() - widget.width(), widget
    for area in panel.findChildren(QScrollArea):
        assert area.widget().width() <= area.viewport().width()


def test_all_steps_of_undo_have_titles_and_go_back(panel, qtbot):
    learnt(qtbot, panel, 2)
    before = CODEC.write(panel.editor.scene)
    for name in ("forger_rate", "detective_rate", "n_detective"):
        qtbot.keyClick(panel.learning.slider(name).findChild(QAbstractSlider), Qt.Key.Key_Right)
    for choice, value in (("loss", "minimax"), ("learner", "forger"), ("optimiser", "sgd"), ("noise", "uniform")):
        panel.learning.choice(choice).value_chosen.emit(value)
    panel.editor.set_speed("slow")
    drag(panel.canvas, [(0.0, 0.0), (1.0, 0.0)])
    undo = panel.host.undo
    assert undo.undo_title == "Paint"
    n = 0
    while undo.undo():
        assert undo.redo_title
        n += 1
    assert n >= 8
    assert CODEC.write(panel.editor.scene) == before


def test_a_repaint_computes_nothing(panel, qtbot):
    learnt(qtbot, panel, 3)
    qtbot.waitUntil(lambda: not panel.canvas._glide.isActive())
    before = panel.snapshot()
    image = panel.grab().toImage()
    assert np.array_equal(panel.grab().toImage().constBits(), image.constBits())
    assert panel.snapshot().frame is before.frame


def test_it_leaves_nothing_behind(make_panel, stepped_worker):
    panel = make_panel(stepped_worker)
    stepped_worker.run_all()
    gone, undo = weakref.ref(panel), panel.host.undo
    panel.tasks.close()
    panel.close()
    panel.deleteLater()
    undo.close()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    stepped_worker.run_all()
    assert stepped_worker.jobs() == []
    del panel
    gc.collect()
    assert gone() is None


def test_a_model_that_does_not_open_says_so(make_panel, monkeypatch):
    def broken(source, device):
        raise UserError("The model’s file is damaged.")

    monkeypatch.setattr(PlaygroundEngine, "open", broken)
    panel = make_panel()
    assert "could not be opened" in panel.frame.caption.text()
    assert panel.snapshot() is None
    assert not panel.runs.is_playing


def test_how_long_a_step_takes_is_said(panel, qtbot):
    with qtbot.waitSignal(panel.timed) as told:
        pass
    assert 0 < told.args[0].picture_ms < 1000
