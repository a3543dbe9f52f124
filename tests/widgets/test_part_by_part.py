"""Several calls in turn: quick ones at once, slow ones in turns of their own, and one more round if asked for."""

import time

from PySide6.QtCore import QObject

from studio.widgets.part_by_part import TURN_MS, PartByPart


def slow(done, name):
    def call():
        done.append(name)
        end = time.monotonic() + 1.5 * TURN_MS / 1000
        while time.monotonic() < end:
            pass

    return call


def test_quick_parts_run_at_once_and_rest_between_rounds(qtbot):
    done: list[str] = []
    parent = QObject()
    runner = PartByPart(20, [lambda: done.append("a"), lambda: done.append("b")], parent)
    runner.request()
    assert done == ["a", "b"]
    runner.request()
    runner.request()
    assert done == ["a", "b"]
    qtbot.waitUntil(lambda: done == ["a", "b", "a", "b"])


def test_slow_parts_have_turns_of_their_own_and_a_wish_meanwhile_is_kept(qtbot):
    done: list[str] = []
    parent = QObject()
    runner = PartByPart(5, [slow(done, "a"), slow(done, "b"), slow(done, "c")], parent)
    runner.request()
    assert done == ["a"]
    runner.request()
    assert done == ["a"]
    qtbot.waitUntil(lambda: done == ["a", "b", "c", "a", "b", "c"])
