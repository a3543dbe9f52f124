"""Engines and panels on networks made by hand: quick, and every picture is known."""

import pytest

from plugins.vae.family import FAMILY
from plugins.vae.shared.engine import VaeEngine
from plugins.vae.shared.panel.pictures_panel import VaePicturesPanel
from tests.panel_host import PanelHost
from tests.plugins.vae.model_made import (
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
def make_panel(qtbot, dispatcher, sync_worker):
    """Makes a panel for a handle; unexpected errors fail the test."""
    hosts = []

    def make(handle, worker=sync_worker):
        host = PanelHost(FAMILY, worker, dispatcher, cards())
        hosts.append(host)
        panel = VaePicturesPanel(handle, host)
        qtbot.addWidget(panel)
        panel.resize(*SIZE_PX)
        panel.show()
        qtbot.waitExposed(panel)
        return panel

    yield make
    for host in hosts:
        host.close()


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
