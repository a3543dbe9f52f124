"""Engines and panels on networks made by hand: quick, and every picture is known."""

import json

import pytest

from plugins.vae.engine import VaeEngine
from plugins.vae.family import FAMILY
from plugins.vae.panel import VaePanel
from studio.commands.undo import UndoStack
from tests.plugins.vae.hand_model import (
    DEVICE,
    HandDigits,
    HandLetters,
    cards,
    digit_source,
    letter_source,
    make_handle,
    use_by_hand,
)

SIZE_PX = (1000, 760)


class Host:
    """A host that remembers what it was asked for and keeps unexpected errors."""

    hue = "vae"

    def __init__(self, lane, courier):
        self.lane, self.courier, self.undo = lane, courier, UndoStack()
        self.positions = FAMILY.positions
        self.memory, self.errors, self.opened = {}, [], []

    def remember(self, key, value):
        self.memory[key] = json.loads(json.dumps(value))

    def recall(self, key, default):
        return self.memory.get(key, default)

    def cards(self):
        return cards()

    def open_model(self, model_id):
        self.opened.append(model_id)

    def show_guide(self):
        raise AssertionError("the panel opened its guide by itself")

    def run_command(self, command_id):
        raise AssertionError(f"the panel ran {command_id} by itself")

    def report(self, error):
        self.errors.append(error)


@pytest.fixture
def engine(monkeypatch):
    """The engine of the letters made by hand."""
    use_by_hand(monkeypatch, HandLetters())
    return VaeEngine.open(letter_source(), DEVICE)


@pytest.fixture
def digit_engine(monkeypatch):
    """The engine of the dots made by hand."""
    use_by_hand(monkeypatch, HandDigits())
    return VaeEngine.open(digit_source(), DEVICE)


@pytest.fixture
def make_panel(qtbot, courier, sync_lane):
    """Makes a panel for a handle; unexpected errors fail the test."""
    hosts = []

    def make(handle, lane=sync_lane):
        host = Host(lane, courier)
        hosts.append(host)
        panel = VaePanel(handle, host)
        qtbot.addWidget(panel)
        panel.resize(*SIZE_PX)
        panel.show()
        qtbot.waitExposed(panel)
        return panel

    yield make
    for host in hosts:
        host.undo.close()
        assert host.errors == []


@pytest.fixture
def panel(monkeypatch, make_panel):
    """A panel with the letters made by hand, whose work is done at once."""
    use_by_hand(monkeypatch, HandLetters())
    return make_panel(make_handle(letter_source()))


@pytest.fixture
def digit_panel(monkeypatch, make_panel):
    """A panel with the dots made by hand, whose work is done at once."""
    use_by_hand(monkeypatch, HandDigits())
    return make_panel(make_handle(digit_source()))
