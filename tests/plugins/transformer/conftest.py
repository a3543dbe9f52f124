"""The panel of texts with a writer that is made by hand."""

import pytest

from plugins.transformer.text.panel.panel import TransformerPanel
from tests.plugins.transformer.text.panel.text_panel_made import shown
from tests.plugins.transformer.text.text_made import Host, MadeWriter, handle_of


@pytest.fixture
def host(dispatcher, sync_worker):
    return Host(sync_worker, dispatcher)


@pytest.fixture
def panel(qtbot, host, monkeypatch):
    """A panel at 1200 x 800 whose work is done at once; unexpected errors fail the test."""
    monkeypatch.setattr("studio.widgets.kernel_compiler.are_kernels_ready", lambda module: True)
    panel = TransformerPanel(handle_of(MadeWriter()), host)
    qtbot.addWidget(panel)
    panel.resize(1200, 800)
    panel.show()
    qtbot.waitUntil(lambda: len(shown(panel)) == 10 and panel.is_settled)
    yield panel
    panel.timeline.close()
    assert not host.errors
