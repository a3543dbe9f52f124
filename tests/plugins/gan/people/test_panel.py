"""The people's panel under a real mouse and keyboard, on a tiny generator; its work is done at once."""

from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from plugins.gan.people.panel.panel import PeoplePanel
from plugins.gan.people.params import PeopleParams
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.widgets.controls.slider_track import SliderTrack
from tests.plugins.gan.people.people_made import pixels_of, plain_source


@pytest.fixture
def make(make_people, sync_worker):
    def made(source=None, host=None):
        panel = make_people(sync_worker, source, host)
        assert isinstance(panel, PeoplePanel)
        return panel

    return made


@pytest.fixture
def panel(make):
    return make()


def pixels(panel):
    return pixels_of(panel.snapshot().frame)


def drag(widget, way):
    start = widget.rect().center()
    QTest.mousePress(widget, Qt.MouseButton.LeftButton, pos=start)
    for share in (0.3, 0.6, 1.0):
        QTest.mouseMove(widget, start + QPoint(round(way[0] * share), round(way[1] * share)))
    QTest.mouseRelease(widget, Qt.MouseButton.LeftButton, pos=start + QPoint(*way))


def test_a_drag_walks_over_the_carpet_and_is_one_step_of_undo(panel):
    before = pixels(panel)
    drag(panel.picture, (-130, 0))
    scene = panel.editor.scene
    assert scene.x == pytest.approx(0.5, abs=0.02)
    assert scene.y == 0
    assert not np.array_equal(pixels(panel), before)
    assert "1" in panel.frame.hint.text()
    panel.host.undo.undo()
    assert panel.editor.scene.x == 0
    assert np.array_equal(pixels(panel), before)
    assert not panel.host.undo.undo()


def test_arrow_keys_walk_and_the_wheel_pulls_to_the_mean(panel):
    panel.picture.setFocus()
    QTest.keyClick(panel.picture, Qt.Key.Key_Right)
    assert panel.editor.scene.x == pytest.approx(0.1)
    panel.editor.turn(-40)
    assert panel.params().truncation == 0
    engine_mean = panel.position()["w"]
    assert np.allclose(engine_mean, engine_mean[:1])


def test_a_double_click_returns_to_the_seed(panel):
    before = pixels(panel)
    drag(panel.picture, (60, 60))
    QTest.mouseDClick(panel.picture, Qt.MouseButton.LeftButton)
    assert not panel.editor.scene.is_moved
    assert np.array_equal(pixels(panel), before)


def test_a_slider_moves_along_its_direction_and_is_shown(panel, qtbot):
    slider = panel.controls.directions.sliders["beard"]
    track = slider.findChild(SliderTrack)
    place = panel.position()["w"]
    track.setFocus()
    QTest.keyClick(track, Qt.Key.Key_Right)
    value = panel.editor.scene.values["beard"]
    assert value > 0
    assert np.allclose(panel.position()["w"] - place, np.isin(np.arange(8), [3, 4])[:, None] * 0.5 * value, atol=1e-5)
    assert slider.value() == pytest.approx(value)
    panel.editor.set_group("beard", "Beard", "colours")
    assert np.allclose((panel.position()["w"] - place)[5:], 0.5 * value, atol=1e-5)


def test_named_directions_come_first_and_a_person_renames_them_for_good(panel, make):
    section = panel.controls.directions
    assert list(section.sliders) == ["beard", "component_1"]
    section.rename("component_1", "Left and right")
    again = make(host=panel.host)
    assert again.controls.directions.sliders["component_1"].findChild(SliderTrack).accessibleName() == "Left and right"


def test_chips_mix_two_faces_and_the_strip_shows_them(panel):
    a = panel.position()["w"]
    panel.controls.mix.choices["colours"].setFocus()
    chip = next(chip for chip in panel.controls.mix.choices["colours"]._chips if chip.text() == "B")
    QTest.mouseClick(chip, Qt.MouseButton.LeftButton)
    assert panel.editor.scene.from_b == (False, False, True)
    mixed = panel.position()["w"]
    assert np.array_equal(mixed[:5], a[:5])
    assert not np.allclose(mixed[5:], a[5:])
    assert panel.stage.strip.isVisible()
    assert "colours" in panel.stage.strip.accessibleDescription()
    panel.controls.mix.crossfade.value_changed.emit(0.0)
    assert np.allclose(panel.position()["w"], a, atol=1e-6)


def test_words_ask_for_a_face(panel, qtbot):
    words = panel.findChild(QLineEdit, "words")
    before = panel.position()["w"]
    words.setFocus()
    QTest.keyClicks(words, "a full beard and a bun")
    QTest.keyClick(words, Qt.Key.Key_Return)
    assert panel.params().words == "a full beard and a bun"
    assert not np.array_equal(panel.position()["w"], before)
    panel.host.undo.undo()
    assert words.text() == ""


def test_words_that_the_model_does_not_know_are_named(panel):
    words, said = panel.findChild(QLineEdit, "words"), panel.controls.face.unknown
    words.setFocus()
    QTest.keyClicks(words, "a bun, purple win")
    assert not said.isVisible()
    QTest.keyClicks(words, "gs ")
    assert said.text() == "The model does not know: “wings”."
    QTest.keyClick(words, Qt.Key.Key_Return)
    assert said.isVisible()
    panel.host.undo.undo()
    assert not said.isVisible()


def test_surprise_and_reset_have_keys(panel):
    commands = {command.id: command for command in panel.commands()}
    before = panel.params().seed
    commands["gan.surprise"].run()
    assert panel.params().seed != before
    assert commands["gan.surprise"].keys == ("R",)
    drag(panel.picture, (50, 0))
    commands["gan.reset"].run()
    assert not panel.editor.scene.is_moved


def test_the_discriminator_says_a_share_and_shows_its_map(panel):
    card = panel.stage.verdict
    assert card.isVisible()
    assert card.text().endswith("% real")
    shown = panel.picture._pixels.copy()
    QTest.mouseClick(card, Qt.MouseButton.LeftButton)
    assert not np.array_equal(panel.picture._pixels, shown)
    QTest.mouseClick(card, Qt.MouseButton.LeftButton)
    assert np.array_equal(panel.picture._pixels, shown)


def test_a_moving_hand_waits_for_pictures_only_and_the_discriminator_follows(panel, qtbot):
    drawn: list[Frame] = []
    panel.hand_over(SimpleNamespace(show_frame=lambda frame, scene: drawn.append(frame)))
    canvas, middle = panel.picture, panel.picture.rect().center()
    said = panel.stage.verdict.text()
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=middle)
    QTest.mouseMove(canvas, middle + QPoint(-60, 0))
    QTest.mouseMove(canvas, middle + QPoint(-90, 0))
    assert drawn
    assert not any("score" in frame.scalars for frame in drawn)
    assert panel.stage.verdict.text() == said  # the last verdict stays until there is a new one
    qtbot.waitUntil(lambda: "score" in panel.shown.scalars)
    assert np.array_equal((drawn[-1].state or {})["w"], panel.position()["w"])
    assert np.array_equal(pixels_of(drawn[-2]), pixels_of(drawn[-1]))
    assert panel.stage.verdict.text() == f"{100 * drawn[-1].scalars['real_share']:.0f} % real"
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=middle + QPoint(-90, 0))


def test_a_frame_that_comes_again_with_its_verdict_is_not_drawn_again(panel, monkeypatch):
    shown: list[np.ndarray] = []
    monkeypatch.setattr(panel.picture, "show_array", shown.append)
    panel.editor.set_seed(5)
    assert len(shown) == 1
    assert "score" in panel.snapshot().frame.scalars


def test_a_walk_is_a_loop_from_the_present_face_that_plays(panel):
    here = panel.position()["w"]
    QTest.mouseClick(panel.controls.walk.walk, Qt.MouseButton.LeftButton)
    path = panel.timeline.paths.path
    assert len(path.keyframes) == 5
    assert path.is_loop
    assert np.array_equal(path.keyframes[0].position["w"], here)
    assert panel.timeline.playback.is_playing
    panel.timeline.pause()
    QTest.mouseClick(panel.controls.walk.clear, Qt.MouseButton.LeftButton)
    assert not panel.timeline.paths.path.keyframes


def test_a_keyframe_comes_back_as_it_was(panel):
    panel.editor.set_from_b("figure", True)
    panel.editor.set_value("beard", "Beard", 1.5)
    drawn, place = pixels(panel), panel.position()["w"]
    panel.timeline.add_keyframe()
    panel.editor.surprise()
    panel.go_to({"w": place})
    assert np.array_equal(pixels(panel), drawn)
    assert panel.editor.scene.own_w is not None


def test_a_plain_generator_has_no_layers_to_mix(make, tmp_path):
    panel = make(plain_source(tmp_path))
    assert not panel.controls.boxes["section_mix"].isVisible()
    assert not panel.controls.realism.noise.isVisible()
    assert not panel.controls.boxes["section_directions"].isVisible()
    drag(panel.picture, (-50, 20))
    assert panel.editor.scene.is_moved


def test_a_place_of_another_model_is_refused_in_a_sentence(panel):
    state = panel.state()
    state["scene"]["own_w"] = [[0.0, 1.0]]
    panel.set_state(state)
    assert panel.messages.isVisible()
    with pytest.raises(UserError):
        panel.set_state({**state, "scene": 5})


def test_the_picture_of_a_seed_is_that_of_the_command_line(panel):
    panel.set_params(PeopleParams(seed=9, words="a bun", truncation=0.5))
    (frame,) = panel.handle._engine.generate(PeopleParams(seed=9, words="a bun", truncation=0.5))
    assert np.array_equal(pixels(panel), pixels_of(frame))


def test_untouched_it_begins_to_walk_by_itself_and_a_hand_stops_it(panel, qtbot):
    qtbot.waitUntil(lambda: panel.timeline.playback.is_playing)
    assert len(panel.timeline.paths.path.keyframes) == 5
    assert not panel.host.undo.undo()
    drag(panel.picture, (40, 0))
    assert not panel.timeline.playback.is_playing


def test_a_hand_that_comes_first_keeps_it_still(panel, qtbot):
    drag(panel.picture, (40, 0))
    panel.controls.walk._begin.timeout.emit()
    assert not panel.timeline.playback.is_playing
    assert not panel.timeline.paths.path.keyframes
