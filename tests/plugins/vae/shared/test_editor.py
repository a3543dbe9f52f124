"""Every change is a step that goes back exactly; drags and bursts are one step."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plugins.vae.shared.panel.editor import VaeSceneEditor
from plugins.vae.shared.params import LetterParams
from plugins.vae.shared.scene import CODEC, MAX_ABS_Z
from studio.api.gesture import BURST_MS
from studio.commands.undo import UndoStack
from studio.core.seed import standard_normal
from tests.plugins.vae.atlas_made import digit_atlas, letter_atlas

N_LATENT = 4
EDITS = {
    "drag": lambda e: e.drag(10, -20),
    "nudge": lambda e: e.nudge(1, 0),
    "turn": lambda e: e.turn(2),
    "direction": lambda e: e.set_direction(1, 0.7),
    "map": lambda e: e.go_on_map(0.5, -0.5, -1),
    "typeface": lambda e: e.go_on_map(0.5, -0.5, 2),
    "reading": lambda e: e.go_to("My picture", np.ones(N_LATENT, np.float32), "R"),
    "surprise": lambda e: e.surprise(),
    "seed": lambda e: e.set_seed(12),
    "spread": lambda e: e.set_spread(0.4),
    "reset": lambda e: e.reset(),
    "text": lambda e: e.set_text("Word"),
}


@pytest.fixture
def editor(qapp):
    return make_editor(qapp)


def make_editor(parent):
    editor = VaeSceneEditor(N_LATENT, "g", UndoStack(), parent)
    editor.atlas = letter_atlas(N_LATENT)
    return editor


def n_steps(editor):
    return len(editor._undo)


def undo(editor):
    return editor._undo.undo()


def redo(editor):
    return editor._undo.redo()


@pytest.mark.parametrize("name", EDITS)
def test_every_edit_goes_back_and_forth_exactly(editor, name):
    editor.drag(3, 4)
    editor.end_gesture()
    before, n_before = editor.scene, n_steps(editor)
    EDITS[name](editor)
    after = editor.scene
    assert n_steps(editor) == n_before + (name != "complete")
    if name == "complete":
        return
    assert editor._undo.undo_title
    assert undo(editor)
    assert editor.scene is before
    assert redo(editor)
    assert editor.scene is after


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(actions=st.lists(st.sampled_from([*EDITS, "undo", "redo", "end"]), max_size=25))
def test_any_sequence_agrees_with_a_list_of_scenes(qapp, actions):
    editor = make_editor(qapp)
    first = editor.scene
    scenes, at = [first], 0
    for action in actions:
        if action == "undo":
            undo(editor)
            at = max(0, at - 1)
        elif action == "redo":
            redo(editor)
            at = min(len(scenes) - 1, at + 1)
        elif action == "end":
            editor.end_gesture()
        else:
            editor.end_gesture()
            before = editor.scene
            EDITS[action](editor)
            if editor.scene is not before:  # a swap without A and B changes nothing
                n_new = n_steps(editor) - at
                scenes, at = [*scenes[: at + 1], *[None] * (n_new - 1), editor.scene], at + n_new
        if scenes[at] is not None:
            assert editor.scene is scenes[at]
    while undo(editor):
        pass
    assert editor.scene is first
    editor.deleteLater()


def test_a_drag_is_one_step(editor):
    before = editor.scene
    editor.begin_gesture()
    for _ in range(50):
        editor.drag(2, 1)
    editor.end_gesture()
    assert n_steps(editor) == 1
    undo(editor)
    assert editor.scene is before
    editor.begin_gesture()
    editor.drag(2, 1)
    editor.end_gesture()
    editor.begin_gesture()
    editor.drag(2, 1)
    editor.end_gesture()
    assert n_steps(editor) == 2


@pytest.mark.parametrize("name", ["nudge", "turn", "map", "direction", "spread", "text"])
def test_a_quick_series_is_one_step_and_a_pause_ends_it(editor, qtbot, name):
    n_before = n_steps(editor)
    for _ in range(5):
        EDITS[name](editor)
    assert n_steps(editor) == n_before + 1
    qtbot.waitSignal(editor._burst.timeout, timeout=4 * BURST_MS).wait()
    EDITS[name](editor)
    assert n_steps(editor) == n_before + 2


def test_a_wheel_turned_during_a_drag_does_not_end_its_step(editor, qtbot):
    editor.begin_gesture()
    editor.drag(5, 0)
    editor.turn(1)
    assert not editor._burst.isActive()
    editor.drag(5, 0)
    editor.end_gesture()
    assert n_steps(editor) == 1


def test_moves_that_lost_their_gesture_are_still_few_steps(editor):
    editor.begin_gesture()
    editor.drag(5, 0)
    editor.end_gesture()
    for _ in range(20):
        editor.drag(5, 0)
    assert n_steps(editor) == 2


def test_the_place_of_a_seed_is_that_of_the_engine(editor):
    scene = editor.seed_scene(LetterParams(seed=7, spread=1.3))
    expected = np.float32(1.3) * standard_normal((N_LATENT,), 7, 0)
    assert scene.z.dtype == np.float32
    assert scene.z.tobytes() == expected.tobytes()


def test_right_and_up_are_more(editor):
    values = editor.atlas.values(editor.scene.z)
    editor.drag(100, -50)
    moved = editor.atlas.values(editor.scene.z) - values
    assert moved[:2] == pytest.approx([1.2, 0.6], abs=1e-4)
    assert moved[2:] == pytest.approx(0, abs=1e-4)


def test_the_wheel_turns_the_third_direction_or_scales_a_plane(editor, qapp):
    values = editor.atlas.values(editor.scene.z)
    editor.turn(2)
    assert editor.atlas.values(editor.scene.z) - values == pytest.approx([0, 0, 0.3, 0], abs=1e-5)
    flat = VaeSceneEditor(2, "", UndoStack(), qapp)
    flat.atlas = digit_atlas()
    z = flat.scene.z
    flat.turn(1)
    flat.turn(-1)
    assert flat.scene.z == pytest.approx(z, abs=1e-6)
    for _ in range(100):
        flat.turn(100)
    assert np.abs(flat.scene.z).max() == MAX_ABS_Z


def test_without_an_atlas_nothing_moves(qapp):
    editor = VaeSceneEditor(N_LATENT, "g", UndoStack(), qapp)
    before = editor.scene
    editor.drag(10, 10)
    editor.nudge(1, 1)
    editor.turn(1)
    editor.set_direction(0, 1)
    editor.go_on_map(1, 1, 0)
    assert editor.scene is before
    assert n_steps(editor) == 0


def test_a_typeface_on_the_map_is_met_exactly(editor):
    editor.go_on_map(9, 9, 3)
    assert np.array_equal(editor.scene.z, editor.atlas.places[3])


def test_reset_returns_to_the_seed(editor):
    editor.set_seed(5)
    there = editor.scene.z
    editor.drag(40, 40)
    assert editor.scene.is_moved
    editor.reset()
    assert np.array_equal(editor.scene.z, there)
    assert not editor.scene.is_moved
    n_before = n_steps(editor)
    editor.reset()
    assert n_steps(editor) == n_before


def test_seeds_keep_the_word(editor):
    editor.set_text("Ab")
    editor.set_seed(3)
    assert editor.scene.text == "Ab"


def test_a_hand_is_told_before_the_scene_changes(editor):
    steered = []
    editor.steered.connect(lambda: steered.append(editor.scene))
    for name in ("drag", "reset", "surprise", "text", "map"):
        steered.clear()
        before = editor.scene
        EDITS[name](editor)
        assert steered == [before]


class Timeline:
    """One whose path plays or not, and remembers how it was moved."""

    def __init__(self, is_playing):
        self.is_playing_path, self.ways, self.paths, self.playback = is_playing, [], self, self

    def pause(self):
        self.is_playing_path = False

    def shift(self, title, offset, merge_key):
        self.ways.append((title, offset["z"], merge_key))


@pytest.mark.parametrize("name", ["drag", "nudge", "turn", "direction"])
def test_while_a_path_plays_a_hand_moves_all_of_it(editor, name):
    before, steered = editor.scene, []
    editor.steered.connect(lambda: steered.append(True))
    EDITS[name](editor)
    way = editor.scene.z - before.z
    undo(editor)
    steered.clear()
    editor.timeline = Timeline(is_playing=True)
    EDITS[name](editor)
    assert editor.scene is before
    assert steered == []
    ((_, ridden, merge_key),) = editor.timeline.ways
    assert np.array_equal(ridden, way)
    assert merge_key


def test_while_a_path_plays_a_hand_on_the_map_stops_it_and_goes_there(editor):
    before = editor.scene
    editor.timeline = Timeline(is_playing=True)
    EDITS["map"](editor)
    assert not editor.timeline.is_playing_path
    assert editor.timeline.ways == []
    assert editor.scene is not before


@pytest.mark.parametrize("name", ["seed", "reading", "text"])
def test_a_leap_and_a_word_move_no_path(editor, name):
    editor.timeline = Timeline(is_playing=True)
    before = editor.scene
    EDITS[name](editor)
    assert editor.timeline.ways == []
    assert editor.scene is not before


def test_a_path_that_stands_is_left_alone(editor):
    editor.timeline = Timeline(is_playing=False)
    EDITS["drag"](editor)
    assert editor.timeline.ways == []
    assert n_steps(editor) == 1


def test_a_scene_of_any_edit_can_be_stored(editor):
    for edit in EDITS.values():
        edit(editor)
        assert CODEC.write(editor.scene)["z"] == [float(value) for value in editor.scene.z]
