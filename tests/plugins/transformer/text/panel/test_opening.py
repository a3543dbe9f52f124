"""The first start on a machine: the panel says what it waits for, and writes as soon as the kernels are there."""

import pytest

from plugins.transformer.text.panel.panel import TransformerPanel
from studio.api.engine import CompileProgress
from studio.api.panel import KernelCompiler
from tests.plugins.transformer.text.text_made import MadeWriter, handle_of

from .text_panel_made import shown


@pytest.fixture
def unready(qtbot, host, monkeypatch):
    """A panel whose kernels are not compiled; nothing compiles them here."""
    monkeypatch.setattr("studio.widgets.kernel_compiler.are_kernels_ready", lambda module: False)
    monkeypatch.setattr(KernelCompiler, "begin", lambda self: None)
    panel = TransformerPanel(handle_of(MadeWriter()), host)
    qtbot.addWidget(panel)
    panel.show()
    yield panel
    panel.timeline.close()
    assert not host.errors


def compiler_of(panel):
    return panel.findChild(KernelCompiler)


def test_nothing_is_written_before_the_kernels_are_there(qtbot, unready):
    compiler_of(unready).progressed.emit(CompileProgress(1, 2, ""))
    assert "1 of 2" in unready.frame.caption.text()
    unready.editor.set_params("Settings", seed=5)
    assert len(unready.timeline.tracks) == 0
    assert shown(unready) == ()
    compiler_of(unready).finished.emit()
    qtbot.waitUntil(lambda: len(shown(unready)) == 10)
    assert unready.timeline.recording.info.seed == 5
    assert len(unready.timeline.tracks) == 1


@pytest.mark.parametrize(("command", "n_more"), [("transformer.write", 6), ("transformer.step", 1)])
def test_what_is_asked_for_by_key_waits_for_them_as_well(qtbot, unready, command, n_more):
    next(one for one in unready.commands() if one.id == command).run()
    assert len(unready.timeline.tracks) == 0
    compiler_of(unready).finished.emit()
    qtbot.waitUntil(lambda: len(shown(unready)) == 10 + n_more)
    assert len(unready.timeline.tracks) == 1


def test_a_saved_text_waits_for_them_too(qtbot, unready, panel):
    unready.set_state(panel.state())
    assert len(unready.timeline.tracks) == 0
    compiler_of(unready).finished.emit()
    qtbot.waitUntil(lambda: len(shown(unready)) == len(shown(panel)))
    assert unready.state()["text"]["ids"] == panel.state()["text"]["ids"]


def test_where_they_cannot_be_compiled_apart_the_text_begins_all_the_same(qtbot, unready, caplog):
    compiler_of(unready).failed.emit("no room")
    qtbot.waitUntil(lambda: len(shown(unready)) == 10)
    assert "no room" in caplog.text
