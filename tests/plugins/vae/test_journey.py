"""The way from A to B: constant perceived speed, and a play that gives way to the hand."""

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QPushButton

from plugins.vae.engine import VaeEngine
from plugins.vae.scene import Scene
from studio.api.panel import NumberField, SliderRow
from studio.core.position import constant_speed, interpolate
from studio.widgets.slider_track import SliderTrack
from tests.plugins.vae.hand_model import (
    DEVICE,
    N_LATENT,
    UnevenLetters,
    finished,
    letter_source,
    make_handle,
    use_by_hand,
)
from tests.plugins.vae.test_panel import drag, key_into, run, z_of
from tests.widgets.hand import part

LEFT = Qt.MouseButton.LeftButton
N_FRAMES = 60


def unevenness(engine, a, b, rule, text, n_frames=N_FRAMES):
    """The largest step between two frames of a walk over its mean step, at constant speed and without."""
    changes, _ = finished(engine.measure_way(a, b, rule, text))
    return [
        largest_step(engine, a, b, rule, text, times)
        for times in (constant_speed(list(changes), n_frames), np.linspace(0, 1, n_frames))
    ]


def largest_step(engine, a, b, rule, text, times):
    places = [interpolate({"z": a}, {"z": b}, float(time), {"z": rule})["z"] for time in times]
    frames = [engine.ink(engine.letters(z, text) if text else engine.decode(z[None])) for z in places]
    steps = np.array([np.abs(after - before).mean() for before, after in pairwise(frames)])
    return float(steps.max() / steps.mean())


@pytest.mark.parametrize("rule", ["linear", "spherical"])
def test_an_uneven_decoder_is_walked_at_constant_speed(monkeypatch, rule):
    use_by_hand(monkeypatch, UnevenLetters())
    engine = VaeEngine.open(letter_source(), DEVICE)
    a, b = np.array([-2, 0.3, 0, 0], np.float32), np.array([2, 0.1, 0, 0], np.float32)
    even, plain = unevenness(engine, a, b, rule, "g")
    assert plain > 3
    assert even <= 1.5


def test_an_even_decoder_stays_even(engine):
    a, b = np.array([-2, 0, 0, 0], np.float32), np.array([2, 0, 0, 0], np.float32)
    even, plain = unevenness(engine, a, b, "linear", "Ab")
    assert even <= 1.5
    assert even == pytest.approx(plain, abs=0.2)


@pytest.fixture
def uneven_panel(monkeypatch, make_panel):
    """A panel on the uneven letters with A and B stored, at A."""
    use_by_hand(monkeypatch, UnevenLetters())
    panel = make_panel(make_handle(letter_source()))
    panel.editor.apply("Test", panel.editor.scene.moved_to(np.array([-2, 0.1, 0, 0], np.float32)))
    run(panel, "vae.store_a")
    panel.editor.apply("Test", panel.editor.scene.moved_to(np.array([2, 0.1, 0, 0], np.float32)))
    run(panel, "vae.store_b")
    return panel


def test_the_blend_slider_walks_at_constant_speed(uneven_panel):
    panel, frames = uneven_panel, []
    for blend in np.linspace(0, 1, 31):
        panel.editor.set_blend(float(blend))
        frames.append(np.clip(panel.snapshot().frame.main_view.values[0] + 0.5, 0, 1))
    steps = np.abs(np.diff(frames, axis=0)).mean(axis=(1, 2))
    assert steps.max() <= 1.5 * steps.mean()
    assert np.array_equal(z_of(panel), panel.editor.scene.b)


def test_a_and_b_are_stored_blended_and_swapped_by_hand(panel):
    first = z_of(panel)
    QTest.mouseClick(part(panel, QPushButton, "store_a"), LEFT)
    assert not part(panel, SliderRow, "blend_slider").isEnabled()
    QTest.mouseClick(part(panel, QPushButton, "surprise"), LEFT)
    second = z_of(panel)
    QTest.mouseClick(part(panel, QPushButton, "store_b"), LEFT)
    row = part(panel, SliderRow, "blend_slider")
    assert row.isEnabled()
    assert row.value() == 1.0
    key_into(part(row, NumberField), "0")
    assert np.array_equal(z_of(panel), first)
    n_before = len(panel.host.undo)
    drag(part(row, SliderTrack), QPoint(40, 0))
    assert len(panel.host.undo) == n_before + 1
    assert not np.array_equal(z_of(panel), first)
    QTest.mouseClick(part(panel, QPushButton, "blend_swap"), LEFT)
    assert np.array_equal(panel.editor.scene.a, second)
    key_into(part(row, NumberField), "1")
    assert np.array_equal(z_of(panel), first)
    assert not panel.controls.blend.thumbnails["a"].pixmap().isNull()


def test_swapping_without_b_does_nothing(panel):
    run(panel, "vae.store_a")
    before = panel.editor.scene
    run(panel, "vae.swap")
    assert panel.editor.scene is before
    assert not part(panel, QPushButton, "blend_swap").isEnabled()


def test_the_rule_can_be_chosen_and_taken_back(uneven_panel):
    panel = uneven_panel
    rule = part(panel, QComboBox, "blend_rule")
    rule.setFocus()
    QTest.keyClick(rule, Qt.Key.Key_Down)
    assert panel.editor.scene.rule == "linear"
    panel.host.undo.undo()
    assert panel.editor.scene.rule == "spherical"
    assert rule.currentIndex() == 0


def test_the_thumbnails_follow_the_word(panel):
    run(panel, "vae.store_a")
    before = panel.controls.blend.thumbnails["a"].pixmap().toImage()
    panel.editor.set_text("R")
    assert panel.controls.blend.thumbnails["a"].pixmap().toImage() != before
    while panel.host.undo.undo():
        pass
    assert panel.controls.blend.thumbnails["a"].pixmap().isNull()
    assert panel.controls.blend.thumbnails["a"].text() == "A"


def play(panel, qtbot, n_ticks=3):
    run(panel, "vae.play")
    assert panel.journey.is_playing
    wait(panel, qtbot, n_ticks)


def wait(panel, qtbot, n_ticks):
    for _ in range(n_ticks):
        with qtbot.waitSignal(panel.journey.moved, timeout=5000):
            pass


def test_space_plays_and_pauses_as_one_step(uneven_panel, qtbot):
    panel = uneven_panel
    n_before, before = len(panel.host.undo), panel.editor.scene
    play(panel, qtbot, 4)
    run(panel, "vae.play")
    assert not panel.journey.is_playing
    assert len(panel.host.undo) == n_before + 1
    assert 0 < panel.editor.scene.blend < 1
    panel.host.undo.undo()
    assert panel.editor.scene is before


def test_playing_without_a_and_b_goes_somewhere(panel, qtbot):
    play(panel, qtbot)
    assert panel.editor.scene.has_path
    run(panel, "vae.play")
    while panel.host.undo.undo():
        pass
    assert not panel.editor.scene.has_path


def test_playing_turns_round_at_the_ends(panel):
    journey = panel.journey
    blends: list[float] = []
    journey.moved.connect(blends.append)
    journey._blend = 0.99
    for _ in range(400):
        journey._on_tick()
    assert min(blends) >= 0
    assert max(blends) <= 1
    assert min(blends) < 0.02
    assert max(blends) > 0.98


@pytest.mark.parametrize(
    "hand",
    [
        lambda panel: drag(panel.canvas, QPoint(30, 0)),
        lambda panel: run(panel, "vae.surprise"),
        lambda panel: run(panel, "vae.reset"),
        lambda panel: run(panel, "vae.swap"),
        lambda panel: drag(part(panel.controls.blend.slider, SliderTrack), QPoint(-30, 0)),
        lambda panel: QTest.mouseClick(panel.controls.map, LEFT, pos=QPoint(60, 60)),
        lambda panel: key_into(part(part(panel, SliderRow, "direction_0"), NumberField), "1"),
        lambda panel: panel.host.undo.undo(),
        lambda panel: panel.hide(),
        lambda panel: panel.set_state(panel.state()),
    ],
)
def test_a_hand_stops_the_play(uneven_panel, qtbot, hand):
    panel = uneven_panel
    play(panel, qtbot)
    n_before = len(panel.host.undo)
    hand(panel)
    assert not panel.journey.is_playing
    after = panel.editor.scene
    QApplication.processEvents()
    assert panel.editor.scene is after
    assert len(panel.host.undo) <= n_before + 1


def test_undo_while_playing_returns_to_where_it_began(uneven_panel, qtbot):
    panel = uneven_panel
    before = panel.editor.scene
    play(panel, qtbot)
    panel.host.undo.undo()
    assert panel.editor.scene is before
    assert panel.host.undo.redo_title == "Blend"


def test_another_word_goes_on_playing_from_the_same_place(uneven_panel, qtbot):
    panel = uneven_panel
    play(panel, qtbot, 5)
    n_before, z = len(panel.host.undo), z_of(panel)
    panel.editor.set_text("Ab")
    assert panel.journey.is_playing
    wait(panel, qtbot, 1)
    assert np.linalg.norm(z_of(panel) - z) < 0.3
    wait(panel, qtbot, 25)  # longer than a burst of keys: no tick may become a step of its own
    assert len(panel.host.undo) == n_before + 2
    run(panel, "vae.play")


def test_what_plays_goes_on_from_its_place_when_the_way_is_known(monkeypatch, make_panel, stepped_lane, qtbot):
    use_by_hand(monkeypatch, UnevenLetters())
    panel = make_panel(make_handle(letter_source()), stepped_lane)
    stepped_lane.run_all()
    ends = [np.array([x, 0.1, 0, 0], np.float32) for x in (-2, 2)]
    panel.editor.show(Scene(ends[0], "g", 1, a=ends[0], b=ends[1], rule="linear"))
    panel.journey.play(0.3)
    panel.journey._on_tick()
    unmeasured = z_of(panel)
    stepped_lane.run_all()
    panel.editor.play_to(panel.journey._blend)
    assert z_of(panel) == pytest.approx(unmeasured, abs=0.02)
    assert panel.journey._blend < 0.1  # nearly nothing changes so far from the middle
    panel.journey.stop()


def test_hovering_does_not_disturb_what_plays(uneven_panel, qtbot):
    panel = uneven_panel
    play(panel, qtbot)
    panel._on_map_hovered(0.0, 0.0, -1)
    assert np.array_equal(panel.snapshot().frame.state["z"], z_of(panel))
    run(panel, "vae.play")


def test_the_same_way_is_measured_once(uneven_panel):
    n_measured: list[object] = []
    uneven_panel.journey._on_measured = n_measured.append
    uneven_panel.editor.set_blend(0.2)
    uneven_panel.editor.drag(5, 5)
    assert n_measured == []


def test_unknown_ways_are_forgotten(panel):
    panel.journey.follow(Scene(np.zeros(N_LATENT, np.float32), "g", 1))
    assert panel.journey.time(0.3) == 0.3


def test_digits_have_a_way(digit_panel, qtbot):
    play(digit_panel, qtbot)
    run(digit_panel, "vae.play")
    assert digit_panel.editor.scene.is_on_way
