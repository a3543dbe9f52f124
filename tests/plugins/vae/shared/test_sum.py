"""Sums of places by hand: plus, minus, two pictures, a start; each a step of undo, and the equation always holds."""

import numpy as np
import pytest
from PIL import Image as Pictures
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFrame, QMenu, QPushButton

from plugins.vae.shared.arithmetic import MAX_TERMS, direction_term, pair_term, picture_place, total
from plugins.vae.shared.ink import paper
from plugins.vae.shared.panel.picture_slot import PictureSlot
from plugins.vae.shared.panel.sum_section import SumSection
from plugins.vae.shared.scene import CODEC
from studio.api.panel import Chip, Section, SliderRow
from studio.core.error import UserError
from tests.plugins.vae.model_made import finished
from tests.widgets.hand import part


@pytest.fixture
def panel(digit_panel):
    """The panel with the sum unfolded."""
    part(digit_panel, Section, "section_sum").set_folded(False)
    return digit_panel


def click(panel, kind, name):
    widget = part(panel, kind, name)
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def choose(panel, text, sign="plus"):
    """Click a word of the sum, with a sign."""
    section = part(panel, SumSection)
    QTest.mouseClick(section.sign._segments[sign], Qt.MouseButton.LeftButton)
    chip = next(one for one in section.chips.findChildren(Chip) if one.text() == text)
    QTest.mouseClick(chip, Qt.MouseButton.LeftButton)


def terms(panel):
    return panel.editor.scene.terms


def test_terms_add_up():
    up, way = np.array([1.0, 0.0], np.float32), np.array([[0.0, 1.0], [2.0, 5.0]], np.float32)
    plus = direction_term(up, 0, is_minus=False)
    pair = pair_term(way[0], is_minus=True)
    np.testing.assert_allclose(pair.shift, 0)
    moved = type(pair)(way, amount=0.5, is_minus=True)
    np.testing.assert_allclose(total((plus, moved), 2), 1.5 * up - 0.5 * np.array([2.0, 4.0]))
    np.testing.assert_array_equal(total((), 2), [0, 0])


def test_a_plus_and_a_minus_move_the_place_and_are_undone(panel):
    start = panel.editor.scene.z
    choose(panel, "Shape 1")
    choose(panel, "Shape 2", "minus")
    assert [(term.direction, term.is_minus) for term in terms(panel)] == [(0, False), (1, True)]
    np.testing.assert_allclose(panel.editor.scene.z, start + np.array([1.5, -1.5]), atol=1e-6)
    np.testing.assert_allclose(panel.editor.scene.start, start, atol=1e-6)
    part(panel, SliderRow, "sum_1").move_to(0.5)
    np.testing.assert_allclose(panel.editor.scene.z, start + np.array([1.5, -0.5]), atol=1e-6)
    click(panel, QPushButton, "sum_raise_1")
    assert [term.direction for term in terms(panel)] == [1, 0]
    click(panel, QPushButton, "sum_remove_0")
    np.testing.assert_allclose(panel.editor.scene.z, start + np.array([1.5, 0]), atol=1e-6)
    panel.host.undo.go_to(0)
    assert terms(panel) == ()
    np.testing.assert_array_equal(panel.editor.scene.z, start)


def test_the_sum_stays_true_whatever_moves_the_place_and_surprise_is_a_new_start(panel):
    choose(panel, "Shape 1")
    panel.editor.set_direction(1, 2.0)
    np.testing.assert_allclose(panel.editor.scene.start + np.array([1.5, 0]), panel.editor.scene.z, atol=1e-6)
    panel.editor.set_seed(5)
    fresh = panel.editor.seed_scene(type(panel.params())(seed=5)).z
    np.testing.assert_allclose(panel.editor.scene.start, fresh, atol=1e-6)
    assert len(terms(panel)) == 1
    panel.editor.reset()
    assert terms(panel) == ()
    np.testing.assert_array_equal(panel.editor.scene.z, fresh)


def drop(slot, path):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    keys, buttons = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton
    slot.dropEvent(QDropEvent(QPointF(4, 4), Qt.DropAction.CopyAction, mime, buttons, keys))


def test_two_dropped_pictures_are_a_way_and_a_dropped_start_keeps_it(panel, digit_engine, tmp_path):
    paths = [tmp_path / f"{number} ö.png" for number in range(2)]
    for place, path in zip(([-1.0, -1.0], [1.0, 2.0]), paths, strict=True):
        Pictures.fromarray(paper(digit_engine.decode(np.array([place], np.float32))[0])).save(path)
    places = [finished(picture_place(digit_engine, path))[0] for path in paths]
    assert not np.allclose(places[0], places[1], atol=0.1)
    start = panel.editor.scene.z
    choose(panel, "Two pictures")
    np.testing.assert_allclose(panel.editor.scene.z, start, atol=1e-6)
    for name, path in zip(("sum_0_from", "sum_0_to"), paths, strict=True):
        drop(part(panel, PictureSlot, name), path)
    (term,) = terms(panel)
    np.testing.assert_allclose(term.ends, places)
    np.testing.assert_allclose(panel.editor.scene.z, start + term.shift, atol=1e-5)
    drop(part(panel, PictureSlot, "sum_start"), paths[0])
    np.testing.assert_allclose(panel.editor.scene.start, places[0], atol=1e-5)
    np.testing.assert_allclose(panel.editor.scene.z, panel.editor.scene.start + term.shift, atol=1e-5)


def test_a_picture_of_another_kind_is_said_to_be_so_and_the_next_one_ends_it(panel, digit_engine, tmp_path):
    panel.handle.source.card["known_within"] = 0.01
    choose(panel, "Two pictures")
    slot = part(panel, PictureSlot, "sum_0_to")
    (tmp_path / "none.png").touch()
    drop(slot, tmp_path / "none.png")
    assert said(panel) == ["This file is empty."]
    chess = np.kron(np.indices((28, 28)).sum(0) % 2, np.ones((4, 4)))
    Pictures.fromarray(np.uint8(255 * chess)).save(tmp_path / "chess.png")
    drop(slot, tmp_path / "chess.png")
    assert said(panel) == ["Your picture shows nothing that this model knows."]
    del panel.handle.source.card["known_within"]
    own = paper(digit_engine.decode(np.array([[1.0, 2.0]], np.float32))[0])
    Pictures.fromarray(own).save(tmp_path / "own.png")
    drop(slot, tmp_path / "own.png")
    assert said(panel) == []
    assert part(panel, SumSection).words.text().startswith("On show: this")


def said(panel):
    """The titles of the complaints on show."""
    shown = panel.messages.findChildren(QFrame, "message_error")
    return [message._title.text() for message in shown if not message.isHidden()]


def test_a_slot_takes_what_is_on_show_from_its_menu(panel):
    choose(panel, "Two pictures")
    panel.editor.set_direction(0, 1.0)
    click(panel, PictureSlot, "sum_0_to")
    menu = panel.findChild(QMenu, "sum_0_to_menu")
    shown = panel.editor.scene.z
    menu.actions()[0].trigger()
    menu.close()
    np.testing.assert_allclose(terms(panel)[0].ends[1], shown)


def test_a_saved_sum_comes_back_and_one_of_another_model_is_refused(panel):
    choose(panel, "Shape 1")
    choose(panel, "Two pictures", "minus")
    state, scene = panel.state(), panel.editor.scene
    panel.editor.reset()
    panel.set_state(state)
    assert CODEC.write(panel.editor.scene) == CODEC.write(scene)
    for wrong in ({"direction": 2}, {"amount": -1.0}, {"ends": [[0.0, 1.0]]}, {"ends": [[0.0], [1.0]]}):
        broken = {**state["scene"], "terms": [{**state["scene"]["terms"][0], **wrong}]}
        with pytest.raises(UserError, match="another model"):
            panel.set_state({**state, "scene": broken})


def test_there_is_an_end_of_terms(panel):
    for _ in range(MAX_TERMS + 2):
        choose(panel, "Shape 1")
    assert len(terms(panel)) == MAX_TERMS
    assert CODEC.read(CODEC.write(panel.editor.scene)).terms[-1].direction == 0
