"""Garbage is collected by the clock, and nothing that was loaded before is walked through again."""

import gc
import weakref

import pytest

from studio.shell.session.memory import IdleCollection


@pytest.fixture
def collection(qapp):
    collection = IdleCollection(qapp)
    yield collection
    collection.end()
    collection.deleteLater()


class Knot:
    """Refers to itself, so that only the collector can free it."""

    def __init__(self) -> None:
        self.me = self


def test_it_takes_over_and_gives_back(collection):
    collection.begin()
    assert not gc.isenabled()
    assert gc.get_freeze_count() > 1000
    collection.end()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_the_clock_collects(collection, qtbot):
    collection.begin()
    gone = weakref.ref(Knot())
    assert gone() is not None
    collection._timer.timeout.emit()
    assert gone() is None
