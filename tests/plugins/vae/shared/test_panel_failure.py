"""A model that cannot be opened leaves a panel that says so, once, and lives on; nothing grows without end."""

import gc
import tracemalloc

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from plugins.vae.family import FAMILY
from plugins.vae.shared.engine import VaeEngine
from plugins.vae.shared.panel.pictures_panel import VaePicturesPanel
from studio.api.engine import EngineHandle, ModelSource
from studio.core.error import UserError
from studio.widgets.message_bar import Message
from tests.panel_host import PanelHost
from tests.plugins.vae.model_made import (
    DEVICE,
    HandLetters,
    cards,
    letter_card,
    letter_source,
    make_handle,
    use_by_hand,
)
from tests.plugins.vae.shared.test_latent_map import move
from tests.plugins.vae.shared.test_panel import drag, key_into, run
from tests.widgets.hand import part, turn_wheel

LEFT = Qt.MouseButton.LeftButton


def messages(panel):
    return [message.accessibleName() for message in panel.messages.findChildren(Message) if message.isVisible()]


@pytest.fixture
def broken_panel(make_panel, tmp_path):
    """A panel whose weights are no weights."""
    path = tmp_path / "broken.safetensors"
    path.write_bytes(b"\xff" * 1000)
    source = ModelSource("vae/broken", path, letter_card())
    return make_panel(EngineHandle(source, lambda source: VaeEngine.open(source, DEVICE)))


def test_broken_weights_are_one_message_and_the_panel_lives(monkeypatch, broken_panel):
    for ask in ("getOpenFileName", "getSaveFileName"):  # a person who thinks better of it
        monkeypatch.setattr(QFileDialog, ask, lambda *words: ("", ""))
    panel = broken_panel
    assert len(messages(panel)) == 1
    assert "could not be opened" in panel.frame.caption.text()
    assert panel.snapshot() is None
    drag(panel.canvas, QPoint(30, 30))
    turn_wheel(panel.canvas, 1)
    QTest.mouseClick(panel.controls.map, LEFT, pos=QPoint(50, 50))
    move(panel.controls.map, QPoint(60, 60))
    for command in panel.all_commands():
        if command.is_enabled:
            command.run()
    assert not panel.timeline.playback.is_playing
    key_into(part(panel, type(panel.controls.word.field), "word"), "Ab")
    assert panel.editor.scene.text == "Ab"
    assert panel.state()["scene"]["text"] == "Ab"
    while panel.host.undo.undo():
        pass
    assert panel.host.errors == []
    panel.grab()


def test_a_file_that_was_mended_opens_with_the_next_move(monkeypatch, make_panel):
    is_whole = False

    def open_engine(source):
        if not is_whole:
            raise UserError("Too little memory.", "Close something.")
        return VaeEngine.open(source, DEVICE)

    use_by_hand(monkeypatch, HandLetters())
    panel = make_panel(EngineHandle(letter_source(), open_engine))
    assert messages(panel) == ["Error: Too little memory. Close something."]
    is_whole = True
    run(panel, "vae.surprise")
    assert panel.snapshot() is not None
    assert messages(panel) == []
    assert "could not" not in panel.frame.caption.text()
    drag(panel.canvas, QPoint(30, 0))
    assert panel.editor.scene.is_moved


def test_an_unforeseen_failure_is_reported_to_the_host(monkeypatch, qtbot, dispatcher, sync_worker):
    use_by_hand(monkeypatch, HandLetters())

    def broken(source):
        raise RuntimeError("our mistake")

    host = PanelHost(FAMILY, sync_worker, dispatcher, cards())
    panel = VaePicturesPanel(EngineHandle(letter_source(), broken), host)
    qtbot.addWidget(panel)
    assert {str(error) for error in host.errors} == {"our mistake"}
    assert messages(panel) == []


@pytest.mark.parametrize("card", [{}, {"axes": []}, {"axes": 3}, {"axes": [{"title": "x"}]}])
def test_a_card_without_directions_is_refused_in_a_sentence(qtbot, dispatcher, sync_worker, card, tmp_path):
    source = ModelSource("vae/odd", tmp_path / "odd.safetensors", card)
    with pytest.raises(UserError):
        VaePicturesPanel(make_handle(source), PanelHost(FAMILY, sync_worker, dispatcher, cards()))


@pytest.mark.long("opens a panel and draws with its model")
def test_hundreds_of_actions_leave_nothing_behind(panel):
    def act(n):
        for i in range(n):
            panel.editor.set_seed(i)
            panel.editor.drag(3, 1)
            panel._on_settled()

    tracemalloc.start()
    act(110)
    gc.collect()
    before, _ = tracemalloc.get_traced_memory()
    act(100)
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert after - before < 60_000
    assert len(panel.host.undo) == 200
    assert len(panel.history._places) == 30
    assert panel.tasks._listeners == {}
    assert not any(panel.tasks._tickets.values())


def test_the_engine_comes_back_after_it_was_unloaded(panel):
    drag(panel.canvas, QPoint(20, 0))
    panel.tasks.run("unload", panel.handle.unload())
    assert not panel.handle.is_open
    before = panel.snapshot().frame
    panel.editor.set_text("g")
    assert panel.handle.is_open
    assert np.array_equal(panel.snapshot().frame.main_view.values, before.main_view.values)
