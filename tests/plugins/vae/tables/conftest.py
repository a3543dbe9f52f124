"""Panels of tables on a worker."""

import pytest

from plugins.vae.family import FAMILY
from plugins.vae.tables.engine import TableEngine
from plugins.vae.tables.panel.panel import TablePanel
from tests.panel_host import PanelHost
from tests.plugins.vae.tables.tables_made import CARD, finish, made_bytes, made_handle


@pytest.fixture
def make(qtbot, dispatcher, tmp_path, monkeypatch):
    """Makes a panel on a worker, with the made table as its example; unexpected errors fail the test."""
    hosts = []
    monkeypatch.setattr(TableEngine, "example", lambda self: made_bytes(n_rows=60))

    def make_panel(worker):
        hosts.append(PanelHost(FAMILY, worker, dispatcher, [CARD]))
        panel = TablePanel(made_handle(tmp_path), hosts[-1])
        qtbot.addWidget(panel)
        panel.resize(1100, 900)
        with qtbot.waitExposed(panel):
            panel.show()
        return panel

    yield make_panel
    for host in hosts:
        host.close()


@pytest.fixture
def panel(make, sync_worker, qtbot):
    """A panel whose work is done at once, at the end of its run."""
    panel = make(sync_worker)
    finish(panel)
    return panel
