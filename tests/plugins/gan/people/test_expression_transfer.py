"""The swap: rows of the other face, a band that no export can lose, and controls that undo."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from plugins.gan.people.engine import PeopleEngine
from plugins.gan.people.model.watermark import BAND, INK, LETTERS, TEXT, WATERMARK, lettering, watermarked
from plugins.gan.people.params import PeopleParams
from plugins.gan.people.scene import CODEC, PeopleScene, is_same_scene
from studio.api.engine import Device
from studio.core.error import UserError
from studio.widgets.controls.slider_track import SliderTrack
from tests.plugins.gan.people.people_made import style_source

CPU = Device("cpu", "float32", 1)


@pytest.fixture
def engine(tmp_path):
    return PeopleEngine.open(style_source(tmp_path), CPU)


def scene(**changes):
    return replace(PeopleScene(PeopleParams(seed=3), seed_b=8), **changes)


def test_the_band_says_it_in_letters_that_can_be_told_apart():
    words = lettering()
    assert words.shape == (5, 59)
    assert {letter for letter in TEXT if letter != " "} <= set(LETTERS)
    assert len(set(LETTERS.values())) == len(LETTERS)
    first = words[:, :3]
    assert np.array_equal(first, [[dot == "#" for dot in row] for row in LETTERS["M"]])


@pytest.mark.parametrize("side", [64, 200, 256])
def test_the_band_covers_the_foot_of_the_picture_and_nothing_else(side):
    picture = np.full((side, side, 3), 128, np.uint8)
    drawn = watermarked(picture)
    scale = side // 61
    height = 7 * scale
    assert np.array_equal(drawn[:-height], picture[:-height])
    foot = drawn[-height:].reshape(-1, 3)
    assert {tuple(colour) for colour in foot.tolist()} == {BAND, INK}
    assert int((foot == INK).all(1).sum()) == int(lettering().sum()) * scale**2
    assert (picture == 128).all()


def test_a_picture_too_small_for_words_has_the_band_still():
    drawn = watermarked(np.zeros((16, 16, 3), np.uint8))
    assert (drawn[-7:] == BAND).all()


def test_the_expression_is_the_middle_rows_of_the_other_face(engine):
    a, b = engine.place(scene()), engine.place(scene(params=PeopleParams(seed=8)))
    driven = engine.place(scene(expression=0.25))
    assert np.array_equal(driven[[0, 1, 2, 5, 6, 7]], a[[0, 1, 2, 5, 6, 7]])
    assert np.allclose(driven[3:5], a[3:5] + 0.25 * (b[3:5] - a[3:5]), atol=1e-6)
    own = np.random.default_rng(0).standard_normal((8, 12)).astype(np.float32)
    assert np.allclose(engine.place(scene(expression=1.0, driver_w=own))[3:5], own[3:5], atol=1e-6)
    with pytest.raises(UserError):
        engine.place(scene(expression=1.0, driver_w=own[:7]))


def test_every_picture_with_another_expression_has_the_band(engine):
    plain, driven = engine.scene_frame(scene()), engine.scene_frame(scene(expression=0.5))
    assert WATERMARK not in plain.state
    assert {tuple(colour) for colour in driven.main_view.pixels[-7:].reshape(-1, 3).tolist()} == {BAND, INK}
    (again,) = engine.generate(PeopleParams(), driven.state)
    assert np.array_equal(again.main_view.pixels, driven.main_view.pixels)
    kept = scene(expression=0.5).at_w(driven.state["w"])
    assert np.array_equal(engine.scene_frame(kept).main_view.pixels, driven.main_view.pixels)
    assert not kept.at_seed(4).is_marked
    assert "real_share" in driven.scalars


def test_it_is_saved_and_old_files_open_without_it():
    full = scene(expression=0.5, driver_w=np.ones((2, 3), np.float32), is_swapped=True)
    values = CODEC.write(full)
    assert is_same_scene(CODEC.read(values), full)
    old = {key: value for key, value in CODEC.write(scene()).items() if key in CODEC.write(PeopleScene())}
    for key in ("expression", "driver_w", "is_swapped"):
        del old[key]
    assert is_same_scene(CODEC.read(old), scene())
    for key, wrong in (("expression", 3), ("driver_w", [1]), ("is_swapped", 1), ("expression", None)):
        with pytest.raises(UserError):
            CODEC.read({**values, key: wrong})


def test_the_slider_drives_the_face_and_undo_gives_it_back(people, qtbot):
    before = people.snapshot().frame.main_view.pixels
    assert "machine" not in people.frame.caption.text()
    track = people.controls.swap.expression.findChild(SliderTrack)
    track.setFocus()
    QTest.keyClick(track, Qt.Key.Key_End)
    assert people.editor.scene.expression == 1
    snapshot = people.snapshot()
    assert (snapshot.frame.main_view.pixels[-1] == BAND).all()
    assert snapshot.state["scene"]["expression"] == 1
    assert "machine" in people.frame.caption.text()
    qtbot.waitUntil(people.stage.strip.isVisible)  # controls follow once the picture is painted
    assert people.host.undo.undo_title == "Expression"
    people.host.undo.undo()
    assert np.array_equal(people.snapshot().frame.main_view.pixels, before)
    qtbot.waitUntil(lambda: not people.stage.strip.isVisible())


def test_ones_own_picture_can_drive_once_it_was_found(people):
    section = people.controls.swap
    (mine,) = [one for one in section.driver.children() if getattr(one, "text", str)() == "My picture"]
    assert not mine.isEnabled()
    w = np.full((8, 12), 0.5, np.float32)
    people.controls.project.found.emit(w)
    QTest.mouseClick(mine, Qt.MouseButton.LeftButton)
    assert np.array_equal(people.editor.scene.driver_w, w)
    assert people.host.undo.undo_title == "Driving face"
    people.host.undo.undo()
    assert people.editor.scene.driver_w is None
    assert section.driver.value() == "b"
