"""Panels of people on a tiny forger."""

import pytest

from plugins.gan.family import FAMILY
from plugins.gan.people.engine import PeopleEngine
from plugins.gan.people.panel.panel import PeoplePanel
from studio.api.engine import Device, EngineHandle
from tests.panel_host import PanelHost
from tests.plugins.gan.people.people_made import style_source


@pytest.fixture
def make_people(qtbot, dispatcher, tmp_path):
    """Makes a panel on a worker, for a source or the tiny StyleGAN; unexpected errors fail the test."""
    hosts = []

    def made(worker, source=None, host=None):
        host = host or PanelHost(FAMILY, worker, dispatcher)
        hosts.append(host)
        cpu = Device("cpu", "float32", 1)
        handle = EngineHandle(source or style_source(tmp_path), lambda wanted: PeopleEngine.open(wanted, cpu))
        panel = PeoplePanel(handle, host)
        qtbot.addWidget(panel)
        panel.resize(1200, 900)
        panel.show()
        qtbot.waitExposed(panel)
        return panel

    yield made
    for host in hosts:
        host.close()


@pytest.fixture
def people(make_people, sync_worker):
    """A panel whose work is done at once."""
    return make_people(sync_worker)
