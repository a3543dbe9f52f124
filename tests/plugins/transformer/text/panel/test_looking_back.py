"""A person who looks at an earlier token while the text still grows."""

import pytest

from plugins.transformer.text.panel.panel import TransformerPanel
from tests.plugins.transformer.text.text_made import Host, MadeWriter, handle_of

from .text_panel_made import click_token, ids_of, shown


@pytest.fixture
def host(dispatcher, stepped_worker):
    return Host(stepped_worker, dispatcher)


@pytest.fixture
def panel(qtbot, host, monkeypatch):
    """A panel whose work goes on only when the worker is stepped."""
    monkeypatch.setattr("studio.widgets.kernel_compiler.are_kernels_ready", lambda module: True)
    panel = TransformerPanel(handle_of(MadeWriter()), host)
    qtbot.addWidget(panel)
    panel.resize(1200, 800)
    panel.show()
    yield panel
    panel.timeline.close()
    assert not host.errors


def step_until(qtbot, panel, worker, n_tokens):
    def has_grown():
        recording = panel.timeline.recording
        if not recording or len(ids_of(panel)) < n_tokens:  # what is written may be shown a while later
            worker.step()
        return len(shown(panel)) >= n_tokens

    qtbot.waitUntil(has_grown)
    assert panel.writing.is_writing


def test_the_playhead_stays_where_it_was_put_though_more_is_written(qtbot, panel, stepped_worker):
    step_until(qtbot, panel, stepped_worker, 6)
    panel.timeline.playback.seek(1)
    stepped_worker.run_all()
    qtbot.waitUntil(lambda: len(ids_of(panel)) == 10 and panel.is_settled)
    assert panel.timeline.playback.index == 1
    assert panel.timeline.playback.n_frames == len(panel.timeline.recording)


def test_a_click_on_a_token_stops_the_writing_and_stays_there(qtbot, panel, stepped_worker):
    step_until(qtbot, panel, stepped_worker, 6)
    panel.writing._on_written(None)
    panel.writing._on_written(None)  # news that waits for its turn
    click_token(panel, 4)
    stepped_worker.run_all()
    qtbot.waitUntil(lambda: panel.is_settled and not panel.writing._growing._timer.isActive())
    assert panel.stage.canvas.page.sheet.current == 4
    assert len(ids_of(panel)) < 10


def test_a_playhead_at_the_end_goes_with_the_text(qtbot, panel, stepped_worker):
    stepped_worker.run_all()
    qtbot.waitUntil(lambda: len(shown(panel)) == 10 and panel.is_settled)
    assert panel.stage.canvas.page.sheet.current == 9
