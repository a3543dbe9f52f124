"""The panel under a real mouse and keyboard, on letters made by hand; its work is done at once."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QPushButton, QWidget

from plugins.vae.shared.caption import PREVIEW_TEXT
from plugins.vae.shared.engine import VaeEngine
from plugins.vae.shared.panel import panel as panel_module
from plugins.vae.shared.panel.latent_map import LatentMap
from plugins.vae.shared.params import LetterParams, drawable
from studio.api.panel import ChipFlow, NumberField, SliderRow
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.recording.recording import Recording, RunInfo, RunKind
from studio.core.view import Image
from studio.render.still import still_pixels
from studio.widgets.caption import Caption
from studio.widgets.controls.model_picker import ModelPicker
from studio.widgets.controls.slider_track import SliderTrack
from studio.widgets.timeline.timeline import Timeline
from tests.contract.test_panel import controls_of, name_of, plain
from tests.plugins.vae.model_made import DEVICE, HandLetters, letter_source, make_handle, use_by_hand
from tests.plugins.vae.shared.test_latent_map import drag as drag_on_map
from tests.plugins.vae.shared.test_latent_map import move, pixel
from tests.widgets.hand import part, turn_wheel

LEFT = Qt.MouseButton.LeftButton


def n_steps(panel):
    return len(panel.host.undo)


def z_of(panel):
    return panel.editor.scene.z


def shown(panel):
    """The values on show, which are always those of the present scene."""
    snapshot = panel.snapshot()
    assert np.array_equal(snapshot.frame.state["z"], z_of(panel))
    return snapshot.frame.main_view.values


def drag(widget, way, n_moves=8):
    """Drag from the middle of a widget with the left button."""
    start = widget.rect().center()
    QTest.mousePress(widget, LEFT, pos=start)
    for i in range(1, n_moves + 1):
        at = QPointF(start) + QPointF(way) * (i / n_moves)
        held = (LEFT, Qt.KeyboardModifier.NoModifier)
        move_to = QMouseEvent(QMouseEvent.Type.MouseMove, at, widget.mapToGlobal(at), Qt.MouseButton.NoButton, *held)
        QApplication.sendEvent(widget, move_to)
    QTest.mouseRelease(widget, LEFT, pos=start + way)


def key_into(widget, text):
    widget.setFocus()
    widget.selectAll()
    for sign in text:  # QTest.keyClicks knows Latin-1 only
        QApplication.sendEvent(widget, QKeyEvent(QEvent.Type.KeyPress, 0, Qt.KeyboardModifier.NoModifier, sign))
    QTest.keyClick(widget, Qt.Key.Key_Return)


def run(panel, command_id):
    """Run a command of the panel, as its key does."""
    next(command for command in panel.all_commands() if command.id == command_id).run()


def test_a_drag_on_the_picture_changes_it_and_is_one_step(panel):
    before, scene = shown(panel), panel.editor.scene
    drag(panel.canvas, QPoint(80, -40))
    assert not np.array_equal(shown(panel), before)
    assert panel.editor.atlas.values(z_of(panel) - scene.z)[:2] == pytest.approx([0.96, 0.48], abs=0.05)
    assert n_steps(panel) == 1
    panel.host.undo.undo()
    assert panel.editor.scene is scene
    assert np.array_equal(shown(panel), before)
    panel.host.undo.redo()
    assert not np.array_equal(shown(panel), before)


def test_the_number_under_the_hand_is_shown(qtbot, panel):
    drag(panel.canvas, QPoint(80, 0))
    value = panel.editor.atlas.values(z_of(panel))[0]
    words = f"Weight {value:+.1f}".replace("-", "\N{MINUS SIGN}")
    qtbot.waitUntil(lambda: words in panel.frame.hint.text())


def test_wheel_and_arrows_on_the_picture_move_too(panel):
    before = panel.editor.atlas.values(z_of(panel))
    turn_wheel(panel.canvas, 2)
    panel.canvas.setFocus()
    QTest.keyClick(panel.canvas, Qt.Key.Key_Right)
    QTest.keyClick(panel.canvas, Qt.Key.Key_Up)
    moved = panel.editor.atlas.values(z_of(panel)) - before
    assert (moved[:3] > 0.1).all()
    assert n_steps(panel) == 1


def test_a_double_click_on_the_picture_returns_to_the_seed(panel):
    before = z_of(panel)
    drag(panel.canvas, QPoint(50, 50))
    QTest.mouseDClick(panel.canvas, LEFT, pos=panel.canvas.rect().center())
    QTest.mouseRelease(panel.canvas, LEFT, pos=panel.canvas.rect().center())
    assert np.array_equal(z_of(panel), before)
    assert not panel.editor.scene.is_moved


def test_a_slider_moves_its_direction_and_all_controls_follow(qtbot, panel):
    row = part(panel, SliderRow, "direction_0")
    track = part(row, SliderTrack)
    before = panel.editor.atlas.values(z_of(panel))
    drag(track, QPoint(30, 0))
    after = panel.editor.atlas.values(z_of(panel))
    assert after[0] != before[0]
    assert after[1:] == pytest.approx(before[1:], abs=1e-5)
    assert n_steps(panel) == 1
    marker = pytest.approx(tuple(panel.editor.atlas.on_map(z_of(panel))), abs=1e-5)
    qtbot.waitUntil(lambda: row.value() == pytest.approx(after[0], abs=1e-5))
    qtbot.waitUntil(lambda: panel.controls.map._marker == marker)
    panel.host.undo.undo()
    qtbot.waitUntil(lambda: row.value() == pytest.approx(before[0], abs=1e-5))


def test_while_a_hand_drags_the_controls_follow_once_the_picture_is_painted(qtbot, panel):
    marker = panel.controls.map._marker
    panel.show()
    panel.editor.begin_gesture()
    panel.editor.drag(30, 10)
    shown(panel)
    assert panel.controls.map._marker == marker
    panel.canvas.repaint()
    assert panel.controls.map._marker == marker
    after = pytest.approx(tuple(panel.editor.atlas.on_map(z_of(panel))), abs=1e-5)
    qtbot.waitUntil(lambda: panel.controls.map._marker == after)
    panel.editor.end_gesture()


def test_where_no_picture_comes_the_controls_follow_all_the_same(qtbot, panel):
    panel.editor.begin_gesture()
    panel.editor.adopt(panel.editor.scene.moved_to(z_of(panel) + 1))
    panel.show_scene()
    after = pytest.approx(tuple(panel.editor.atlas.on_map(z_of(panel))), abs=1e-5)
    qtbot.waitUntil(lambda: panel.controls.map._marker == after)


def test_a_typed_value_and_a_double_click_on_a_slider(panel):
    row = part(panel, SliderRow, "direction_1")
    key_into(part(row, NumberField), "1.5")
    assert panel.editor.atlas.values(z_of(panel))[1] == pytest.approx(1.5, abs=1e-5)
    track = part(row, SliderTrack)
    QTest.mouseDClick(track, LEFT, pos=track.rect().center())
    assert panel.editor.atlas.values(z_of(panel))[1] == pytest.approx(0, abs=1e-5)
    assert n_steps(panel) == 2


def test_directions_without_effect_are_folded_away_and_can_be_shown(panel):
    fold = part(panel, QPushButton, "more_directions")
    assert fold.text() == "1 more, 1 with no visible effect"
    assert panel.findChild(SliderRow, "direction_3") is None
    QTest.mouseClick(fold, LEFT)
    row = part(panel, SliderRow, "direction_3")
    assert row.isVisible()
    assert row.value() == pytest.approx(panel.editor.atlas.values(z_of(panel))[3], abs=1e-5)
    QTest.mouseClick(fold, LEFT)
    assert not row.isVisible()


def test_a_typed_word_is_set_and_all_letters_follow_the_sliders(panel):
    key_into(part(panel, QLineEdit, "word"), "Hamburg")
    assert shown(panel).shape == (7, 64, 64)
    assert n_steps(panel) == 1
    before = shown(panel)
    drag(panel.canvas, QPoint(60, 0))
    assert all(not np.array_equal(a, b) for a, b in zip(before, shown(panel), strict=True))
    panel.host.undo.undo()
    panel.host.undo.undo()
    assert shown(panel).shape == (1, 64, 64)
    assert part(panel, QLineEdit, "word").text() == "g"


def test_a_word_has_at_most_24_letters_and_only_known_ones_are_drawn(panel):
    word = part(panel, QLineEdit, "word")
    key_into(word, "ä€Ab-c!" + "x" * 40)
    assert word.text() == "ä€Ab-c!" + "x" * 17
    assert len(shown(panel)) == len(drawable(word.text()))
    key_into(word, " ")
    assert word.text().strip()


def test_an_emptied_word_comes_back(panel):
    word = part(panel, QLineEdit, "word")
    word.setFocus()
    word.clear()
    QTest.keyClick(word, Qt.Key.Key_Return)
    assert word.text() == "g"
    assert panel.messages.keys() == []


def test_the_word_keeps_the_keys_of_the_panel(panel):
    word = part(panel, QLineEdit, "word")
    before = z_of(panel)
    key_into(word, "RAB X")
    assert word.text() == "RAB X"
    assert np.array_equal(z_of(panel), before)


def test_a_chip_picks_one_letter(panel):
    chips = part(panel, ChipFlow, "letters")
    chip = next(chip for chip in chips.findChildren(QAbstractButton) if chip.text() == "R")
    QTest.mouseClick(chip, LEFT)
    assert panel.editor.scene.text == "R"
    assert chips.current() == "R"
    key_into(part(panel, QLineEdit, "word"), "Ro")
    assert chips.current() == ""


def test_surprise_goes_elsewhere_and_the_seed_brings_it_back(panel):
    surprise = part(panel, QPushButton, "surprise")
    QTest.mouseClick(surprise, LEFT)
    there, seed = z_of(panel), panel.editor.scene.seed
    run(panel, "vae.surprise")
    assert not np.array_equal(z_of(panel), there)
    field = part(panel, NumberField, "seed")
    key_into(field, str(seed))
    assert np.array_equal(z_of(panel), there)
    assert n_steps(panel) == 3


def test_boldness_scales_the_place_of_the_seed(panel):
    before = z_of(panel)
    key_into(part(part(panel, SliderRow, "spread"), NumberField), "0.5")
    assert z_of(panel) == pytest.approx(before / 2, abs=1e-6)
    key_into(part(part(panel, SliderRow, "spread"), NumberField), "0")
    assert (z_of(panel) == 0).all()


def test_the_map_previews_goes_and_comes_back(panel):
    latent_map = panel.controls.map
    there = panel.editor.scene
    caption = panel.frame.caption.text()
    at = latent_map.rect().center() + QPoint(30, 20)
    move(latent_map, at)
    assert panel.editor.scene is there
    assert panel.frame.caption.text() != caption
    assert n_steps(panel) == 0
    assert np.array_equal(panel.snapshot().frame.state["z"], there.z)
    previewed = panel.canvas._fields[0]
    QApplication.sendEvent(latent_map, QEvent(QEvent.Type.Leave))
    assert panel.frame.caption.text() == caption
    assert not np.array_equal(panel.canvas._fields[0], previewed)
    QTest.mouseClick(latent_map, LEFT, pos=at)
    assert np.array_equal(panel.canvas._fields[0], previewed)
    assert n_steps(panel) == 1
    drag_on_map(latent_map, at, at + QPoint(20, 10), LEFT)
    assert n_steps(panel) == 2


def test_a_typeface_on_the_map_is_previewed_and_met_exactly(panel):
    latent_map = panel.controls.map
    at = pixel(latent_map, *panel.editor.atlas.on_map(panel.editor.atlas.places[1]))
    move(latent_map, at)
    previewed = panel.canvas._fields[0]
    QTest.mouseClick(latent_map, LEFT, pos=at)
    assert np.array_equal(z_of(panel), panel.editor.atlas.places[1])
    assert np.array_equal(panel.canvas._fields[0], previewed)
    assert "very close to Plain Bold" in panel.frame.caption.text()


def test_arrows_on_the_map_are_one_step(panel):
    latent_map = part(panel, LatentMap)
    latent_map.setFocus()
    for _ in range(4):
        QTest.keyClick(latent_map, Qt.Key.Key_Right)
    assert n_steps(panel) == 1


def settle(panel, qtbot):
    if panel._settle.isActive():
        qtbot.waitSignal(panel._settle.timeout).wait()


def test_places_where_one_stays_can_be_returned_to(panel, qtbot):
    settle(panel, qtbot)
    first = z_of(panel)
    run(panel, "vae.surprise")
    settle(panel, qtbot)
    run(panel, "vae.surprise")
    settle(panel, qtbot)
    strip = panel.history.strip
    assert len(panel.history._places) == 3
    QTest.mouseClick(strip._row, LEFT, pos=strip._row._rect_of(0).center().toPoint())
    assert np.array_equal(z_of(panel), first)
    settle(panel, qtbot)
    assert len(panel.history._places) == 3
    panel.host.undo.undo()
    assert not np.array_equal(z_of(panel), first)


def test_frames_that_show_no_place_of_the_model_are_told_as_what_they_are(panel, qtbot):
    pixels = np.zeros((64, 64, 3), np.uint8)
    stops = []
    told: dict[RunKind, str] = {"training": "after 3 of 9 training steps", "run": "Another model drew this"}
    for kind, said in told.items():
        recording = Recording(RunInfo("vae/other", {}, 0, kind=kind))
        recording.append(Frame(2, 9, views={"picture": Image(pixels)}))
        track = panel.timeline.recorder.follow(recording, "", lambda: stops.append(1))
        panel.timeline.show_track(track)
        panel.timeline.show_present()
        assert said in panel.frame.caption.text()
        qtbot.waitUntil(lambda: not panel.frame.hint.text())
        recording.finish()
        panel.timeline.recorder.end(track.id)
    drag(panel.canvas, QPoint(20, 0))
    qtbot.waitUntil(lambda: bool(panel.frame.hint.text()))
    assert "Another model" not in panel.frame.caption.text()


def test_the_history_keeps_thirty_places(panel):
    for seed in range(80):
        panel.editor.set_seed(seed)
        panel._on_settled()
    assert len(panel.history._places) == len(panel.history._scenes) == 30
    panel.history.strip.place_requested.emit(0)
    assert panel.editor.scene.seed == 50


def test_the_picture_of_a_seed_is_the_one_of_the_command_line_byte_for_byte(panel):
    engine = VaeEngine.open(letter_source(), DEVICE)
    for params in (LetterParams(seed=7), LetterParams(seed=8, text="Ro 5", spread=1.7)):
        panel.set_params(params)
        snapshot = panel.snapshot()
        frame = list(engine.generate(params))[-1]
        assert np.array_equal(still_pixels(snapshot.frame), still_pixels(frame))
        assert (snapshot.model_id, snapshot.seed, dict(snapshot.state)) == ("vae/hand", params.seed, {})


def test_a_moved_place_is_saved_and_comes_back(panel, make_panel):
    drag(panel.canvas, QPoint(33, 21))
    snapshot = panel.snapshot()
    other = make_panel(make_handle(letter_source()))
    other.set_params(LetterParams(**snapshot.params))
    other.set_state(json.loads(json.dumps(dict(snapshot.state), allow_nan=False)))
    assert np.array_equal(z_of(other), z_of(panel))
    assert np.array_equal(shown(other), shown(panel))


def test_what_is_saved_never_mixes_two_places(monkeypatch, make_panel, stepped_worker):
    use_by_hand(monkeypatch, HandLetters())
    panel = make_panel(make_handle(letter_source()), stepped_worker)
    stepped_worker.run_all()
    before = panel.snapshot()
    panel.editor.set_seed(99)
    panel.editor.set_text("Ab")
    during = panel.snapshot()
    assert (during.seed, dict(during.params)) == (before.seed, dict(before.params))
    assert during.frame is before.frame
    stepped_worker.run_all()
    after = panel.snapshot()
    assert (after.seed, after.params["text"]) == (99, "Ab")
    assert after.frame.main_view.values.shape[0] == 2


def test_a_state_with_other_keys_or_words_changes_nothing(panel):
    before = panel.state()
    for wrong in (
        {**before, "nonsense": 1},
        {"scene": before["scene"]},
        {**before, "scene": {**before["scene"], "text": "漢"}},
        {**before, "scene": []},
        {},
    ):
        with pytest.raises(UserError):
            panel.set_state(wrong)
        assert panel.state() == before
    with pytest.raises(UserError):
        panel.set_params(LetterParams(text="漢"))
    assert panel.state() == before


def test_digits_stand_with_their_map_and_move(digit_panel):
    assert digit_panel.controls.word is None
    assert digit_panel.controls.map._background is not None
    before = digit_panel.editor.scene.z
    drag(digit_panel.canvas, QPoint(40, 40))
    turn_wheel(digit_panel.canvas, 1)
    assert not np.array_equal(digit_panel.editor.scene.z, before)
    assert digit_panel.snapshot().frame.main_view.pixels.shape == (28, 28)
    with pytest.raises(UserError):
        digit_panel.set_params(LetterParams(text="g"))


def test_the_newest_move_wins_on_the_real_worker(monkeypatch, make_panel, real_worker, qtbot):
    use_by_hand(monkeypatch, HandLetters())
    panel = make_panel(make_handle(letter_source()), real_worker)
    qtbot.waitUntil(lambda: panel.editor.atlas is not None)
    for _ in range(40):
        drag(panel.canvas, QPoint(8, -3), n_moves=2)
    latent_map = panel.controls.map
    for x in range(40, 140):
        move(latent_map, QPoint(x, 60))
    QApplication.sendEvent(latent_map, QEvent(QEvent.Type.Leave))
    final = panel.editor.scene.z
    qtbot.waitUntil(lambda: not real_worker.jobs())
    qtbot.waitUntil(lambda: panel.snapshot() is not None)  # the last delivery may be on its way
    qtbot.waitUntil(lambda: np.array_equal(panel.snapshot().frame.state["z"], final))
    drawn = VaeEngine.open(letter_source(), DEVICE).letters(final, "g")
    # Another count of threads sums in another order; a preview that is drawn already may still be delivered.
    qtbot.waitUntil(lambda: np.allclose(panel.canvas._fields[0], drawn[0], atol=1e-4))
    assert panel.frame.caption.text() != PREVIEW_TEXT


@pytest.mark.long("starts processes of its own")
def test_importing_the_panel_loads_no_torch():
    code = "import sys, plugins.vae.shared.panel.pictures_panel; print('torch' in sys.modules, 'PIL' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_the_guide_names_every_control_and_every_control_has_a_name(panel, digit_panel):
    guide = plain((Path(panel_module.__file__).parents[4] / "docs/vae.md").read_text("utf-8"))
    for some in (panel, digit_panel):
        parts = [one for kind in (Caption, ModelPicker, Timeline) for one in some.findChildren(kind)]
        shared = {widget for one in parts for widget in one.findChildren(QWidget)}
        names = {name_of(control) for control in controls_of(some) if control not in shared}
        assert "" not in names
        assert sorted(name for name in names if len(name) > 1 and plain(name) not in guide) == []


def test_no_command_takes_a_key_that_a_slider_the_map_or_the_history_needs(panel):
    taken = {key for command in panel.all_commands() for key in command.keys}
    assert taken.isdisjoint({"Home", "End", "PgUp", "PgDown", "Left", "Right", "Up", "Down", "Return", "F2", "+", "-"})
    row = part(panel, SliderRow, "direction_0")
    part(row, SliderTrack).setFocus()
    QTest.keyClick(part(row, SliderTrack), Qt.Key.Key_Home)
    assert row.value() == row.value_range.low
