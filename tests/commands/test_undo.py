"""The undo stack against hand-made cases and against a model that is too simple to be wrong."""

import gc
import weakref

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.commands.undo import Step, UndoStack


def nothing() -> None:
    pass


def test_every_move_of_a_drag_is_told_from_the_press_on():
    stack, told = UndoStack(), list[int]()
    stack.on_touch(lambda: told.append(len(stack)))
    dial = Dial(stack)
    stack.begin_gesture()
    dial.turn(1, "dial")
    dial.turn(2, "dial")
    stack.end_gesture()
    assert told == [0, 0, 1]


class Dial:
    """A model with one value; `turn` changes it and pushes the step."""

    def __init__(self, stack: UndoStack) -> None:
        self.value = 0
        self.stack = stack

    def set(self, value: int) -> None:
        self.value = value

    def turn(self, value: int, merge_key: str | None = None) -> None:
        old, self.value = self.value, value
        self.stack.push(Step(f"Turn to {value}", lambda: self.set(old), lambda: self.set(value), merge_key))


@pytest.fixture
def dial():
    return Dial(UndoStack())


def test_steps_go_back_and_forth(dial):
    dial.turn(1)
    dial.turn(2)
    assert (dial.stack.undo_title, dial.stack.redo_title) == ("Turn to 2", None)
    assert dial.stack.undo()
    assert dial.value == 1
    assert (dial.stack.undo_title, dial.stack.redo_title) == ("Turn to 1", "Turn to 2")
    assert dial.stack.redo()
    assert not dial.stack.redo()
    assert dial.value == 2


def test_an_empty_stack_undoes_nothing(dial):
    assert not dial.stack.undo()
    assert not dial.stack.redo()
    assert dial.stack.undo_title is None


def test_a_new_step_forgets_what_was_taken_back(dial):
    dial.turn(1)
    dial.stack.undo()
    dial.turn(5)
    assert dial.stack.redo_title is None
    assert len(dial.stack) == 1


def test_a_drag_is_one_step(dial):
    dial.turn(1, "dial")
    dial.stack.begin_gesture()
    for value in (2, 3, 4):
        dial.turn(value, "dial")
    dial.stack.end_gesture()
    dial.turn(5, "dial")
    assert len(dial.stack) == 3
    dial.stack.undo()
    assert (dial.value, dial.stack.undo_title) == (4, "Turn to 4")
    dial.stack.undo()
    assert dial.value == 1
    dial.stack.redo()
    assert dial.value == 4


def test_only_steps_of_the_same_key_merge(dial):
    dial.stack.begin_gesture()
    for value, key in [(1, "a"), (2, "b"), (3, "b"), (4, None), (5, None)]:
        dial.turn(value, key)
    assert len(dial.stack) == 4


def test_two_drags_are_two_steps(dial):
    for value in (1, 2):
        dial.stack.begin_gesture()
        dial.turn(value, "dial")
    assert len(dial.stack) == 2


def test_undo_in_the_middle_of_a_drag_begins_a_new_step(dial):
    dial.turn(1, "dial")
    dial.stack.begin_gesture()
    dial.turn(2, "dial")
    dial.stack.undo()
    dial.turn(3, "dial")
    dial.turn(4, "dial")
    assert len(dial.stack) == 2
    dial.stack.undo()
    assert dial.value == 1


def test_the_oldest_steps_go_when_the_stack_is_full():
    dial = Dial(UndoStack(capacity=3))
    for value in range(1, 6):
        dial.turn(value)
    while dial.stack.undo():
        pass
    assert dial.value == 2
    with pytest.raises(ValueError, match="capacity"):
        UndoStack(capacity=0)


def test_clear_forgets_all(dial):
    dial.turn(1)
    dial.stack.clear()
    assert (len(dial.stack), dial.stack.undo_title) == (0, None)


@pytest.mark.parametrize("inner", ["push", "undo", "redo", "clear"])
def test_a_step_may_not_use_the_stack(dial, inner):
    def call() -> None:
        arguments = (Step("Inner", nothing, nothing),) if inner == "push" else ()
        getattr(dial.stack, inner)(*arguments)

    dial.stack.push(Step("Outer", call, call))
    with pytest.raises(RuntimeError, match="inside"):
        dial.stack.undo()
    assert not dial.stack.is_replaying
    assert dial.stack.undo_title == "Outer"


def test_a_listener_of_the_model_can_tell_a_replay(dial):
    seen = []
    dial.stack.push(Step("Look", lambda: seen.append(dial.stack.is_replaying), nothing))
    seen.append(dial.stack.is_replaying)
    dial.stack.undo()
    assert seen == [False, True]


def test_listeners_hear_every_change_until_the_stack_closes(dial):
    titles = []
    stop = dial.stack.on_change(lambda: titles.append(dial.stack.undo_title))
    dial.turn(1)
    dial.stack.undo()
    dial.stack.redo()
    assert titles == ["Turn to 1", None, "Turn to 1"]
    stop()
    dial.turn(2)
    assert len(titles) == 3


def test_a_drag_is_heard_of_once(dial):
    heard = []
    dial.stack.on_change(lambda: heard.append((dial.stack.undo_title, dial.stack.redo_title)))
    dial.stack.begin_gesture()
    for _ in range(3):
        dial.stack.push(Step("Turn", nothing, nothing, "dial"))
    dial.stack.undo()
    dial.stack.push(Step("Turn", nothing, nothing))
    assert heard == [("Turn", None), (None, "Turn"), ("Turn", None)]


def test_a_closed_stack_keeps_nothing_alive():
    stack = UndoStack()
    gone = _used_dial(stack)
    gc.collect()
    assert gone() is not None
    stack.close()
    gc.collect()
    assert gone() is None


def _used_dial(stack: UndoStack) -> weakref.ref[Dial]:
    dial = Dial(stack)
    stack.on_change(lambda: dial.set(dial.value))
    dial.turn(1)
    return weakref.ref(dial)


ACTIONS = st.lists(st.one_of(st.integers(1, 9), st.sampled_from(["undo", "redo", "begin", "end"])), max_size=60)


@given(ACTIONS, st.integers(1, 8))
def test_any_sequence_agrees_with_a_list_of_values(actions, capacity):
    dial = Dial(UndoStack(capacity))
    values, place, gesture, merges = [0], 0, False, False
    for action in actions:
        if action == "undo":
            assert dial.stack.undo() == (place > 0)
            merges = merges and place == 0
            place = max(place - 1, 0)
        elif action == "redo":
            assert dial.stack.redo() == (place < len(values) - 1)
            merges = merges and place == len(values) - 1
            place = min(place + 1, len(values) - 1)
        elif action in ("begin", "end"):
            getattr(dial.stack, f"{action}_gesture")()
            gesture, merges = action == "begin", False
        else:
            dial.turn(action, "dial")
            values = values[:place] if merges else values[: place + 1]
            values.append(action)
            if len(values) > capacity + 1:
                values.pop(0)
            place, merges = len(values) - 1, gesture
        assert dial.value == values[place]
        assert len(dial.stack) == len(values) - 1


def test_a_step_hears_once_that_it_left_the_stack():
    stack, gone = UndoStack(capacity=3), []

    def push(name):
        stack.push(Step(name, nothing, nothing, forget=lambda: gone.append(name)))

    for name in "abcd":
        push(name)
    assert gone == ["a"]
    stack.undo()
    stack.undo()
    push("e")
    assert gone == ["a", "c", "d"]
    stack.clear()
    assert gone == ["a", "c", "d", "b", "e"]


def test_what_came_of_a_step_goes_and_comes_with_it():
    done: list[str] = []

    def step(name, key=None, forget=None):
        return Step(name, lambda: done.append(f"-{name}"), lambda: done.append(f"+{name}"), key, forget)

    gone: list[str] = []
    undo = UndoStack()
    undo.begin_gesture()
    undo.push(step("slider", "key"))
    with undo.joining():
        undo.push(step("branch", forget=lambda: gone.append("branch")))
    undo.push(step("slider", "key"))  # the drag goes on
    undo.end_gesture()
    assert len(undo) == 1
    undo.undo()
    assert done == ["-branch", "-slider"]
    undo.redo()
    assert done[2:] == ["+slider", "+branch"]
    assert not undo.brings_more
    undo.clear()
    assert gone == ["branch"]


def test_all_that_came_of_a_step_is_taken_back_in_the_opposite_order():
    done: list[str] = []

    def step(name: str) -> Step:
        return Step(name, lambda: done.append(f"-{name}"), lambda: done.append(f"+{name}"))

    undo = UndoStack()
    undo.push(step("slider"))
    with undo.joining():
        undo.push(step("branch"))
        undo.push(step("run"))
    undo.undo()
    assert done == ["-run", "-branch", "-slider"]
    undo.redo()
    assert done[3:] == ["+slider", "+branch", "+run"]
