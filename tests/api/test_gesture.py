"""The scene that all editors hold, its steps of undo, and changes that join one step."""

from dataclasses import dataclass, replace

import pytest
from PySide6.QtCore import QObject

from studio.api.gesture import GestureEditor
from studio.commands.undo import UndoStack


@dataclass(frozen=True)
class Scene:
    value: int = 0
    zoom: int = 1


class Editor(GestureEditor[Scene]):
    views = ("zoom",)


@pytest.fixture
def owner(qapp):
    return QObject()


@pytest.fixture
def editor(owner):
    return Editor(Scene(), UndoStack(), owner)


@pytest.fixture
def heard(editor):
    heard = []
    editor.changed.connect(lambda before: heard.append((before, editor.scene)))
    return heard


def test_whoever_listens_is_told_what_was_there_before(editor, heard):
    editor.apply("Change", Scene(1))
    editor._undo.undo()
    editor._undo.redo()
    assert [(before.value, after.value) for before, after in heard] == [(0, 1), (1, 0), (0, 1)]


def test_a_slot_that_takes_nothing_is_called_too(editor):
    calls = []
    editor.changed.connect(lambda: calls.append(1))
    editor.show(Scene(1))
    assert calls == [1]


def test_what_is_shown_or_adopted_is_no_step_and_the_second_is_told_to_nobody(editor, heard):
    editor.show(Scene(1))
    editor.adopt(Scene(2))
    assert editor.scene == Scene(2)
    assert len(heard) == 1
    assert not editor._undo.undo()


def test_undo_leaves_what_is_only_a_view(editor):
    editor.apply("Change", Scene(1))
    editor.show(replace(editor.scene, zoom=7))
    editor._undo.undo()
    assert editor.scene == Scene(0, 7)
    editor._undo.redo()
    assert editor.scene == Scene(1, 7)


def test_without_views_the_very_scene_comes_back(owner):
    first = Scene()
    editor = GestureEditor(first, UndoStack(), owner)
    editor.apply("Change", Scene(1))
    editor._undo.undo()
    assert editor.scene is first


def test_a_drag_is_one_step(editor):
    editor.begin_gesture()
    assert editor.is_in_gesture
    for value in range(1, 5):
        editor.apply("Drag", Scene(value), "value")
    editor.end_gesture()
    assert not editor.is_in_gesture
    editor._undo.undo()
    assert editor.scene.value == 0
    editor._undo.redo()
    assert editor.scene.value == 4


def test_notches_that_follow_quickly_are_one_step_until_the_burst_ends(editor):
    editor.apply("Turn", Scene(1), "value")
    editor.apply("Turn", Scene(2), "value")
    editor._burst.timeout.emit()
    editor.apply("Turn", Scene(3), "value")
    editor._undo.undo()
    assert editor.scene.value == 2
    editor._undo.undo()
    assert editor.scene.value == 0


def test_changes_without_a_key_are_steps_of_their_own(editor):
    editor.apply("One", Scene(1))
    editor.apply("Two", Scene(2))
    editor._undo.undo()
    assert editor.scene.value == 1


def test_who_plays_hears_of_a_hand_before_the_scene_changes(editor):
    heard = []
    editor.steered.connect(lambda: heard.append(editor.scene.value))
    editor.apply("One", Scene(1))
    editor.show(Scene(2))
    editor.apply("Three", Scene(3))
    assert heard == [0, 2]
