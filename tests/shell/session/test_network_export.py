"""Opened models are exported one after the other, while no hand moves, and opened anew once they were."""

import sys
from types import SimpleNamespace

import pytest
from PySide6.QtWidgets import QWidget

from studio.shell.session import network_export
from studio.shell.session.network_export import NetworkExport


class Tabs(QWidget):
    """Tabs of models, by name; `opened` lists those that were opened anew."""

    def __init__(self, *names: str) -> None:
        super().__init__()
        self.opened: list[str] = []
        self.tabs = [self._tab(name) for name in names]

    def _tab(self, name: str) -> SimpleNamespace:
        tab = SimpleNamespace(source=SimpleNamespace(id=name), is_to_export=True)
        tab.open_anew = lambda: self._on_opened(tab)
        return tab

    def _on_opened(self, tab: SimpleNamespace) -> None:
        tab.is_to_export = False
        self.opened.append(tab.source.id)

    def model_tabs(self) -> list[SimpleNamespace]:
        return self.tabs


@pytest.fixture
def begun(qtbot, monkeypatch):
    """Begins to export tabs; a child is well unless its model is called "broken"."""
    monkeypatch.setattr(network_export, "available_bytes", lambda: network_export.ROOM_BYTES)
    commands: list[str] = []

    def command(source: SimpleNamespace) -> list[str]:
        commands.append(source.id)
        return [sys.executable, "-c", f"raise SystemExit({int(source.id == 'broken')})"]

    monkeypatch.setattr(network_export, "export_command", command)

    def begin(*names: str, is_moving: bool = False):
        tabs, hand = Tabs(*names), SimpleNamespace(is_moving=is_moving)
        qtbot.addWidget(tabs)
        return NetworkExport(tabs, hand), tabs, hand, commands  # type: ignore[arg-type]  # all that it asks

    return begin


def test_one_after_the_other_is_exported_and_opened_anew(begun, qtbot) -> None:
    export, tabs, _, commands = begun("a", "b")
    export.check()
    assert commands == ["a"]
    qtbot.waitUntil(lambda: tabs.opened == ["a", "b"])
    export.check()
    assert commands == ["a", "b"]


def test_what_fails_is_not_tried_again(begun, qtbot, caplog) -> None:
    export, tabs, _, commands = begun("broken", "b")
    export.check()
    qtbot.waitUntil(lambda: tabs.opened == ["b"])
    export.check()
    assert commands == ["broken", "b"]
    assert "broken could not be exported" in caplog.text


def test_a_moving_hand_and_little_memory_wait(begun, qtbot, monkeypatch) -> None:
    export, tabs, hand, commands = begun("a", is_moving=True)
    export.check()
    assert commands == []
    hand.is_moving = False
    monkeypatch.setattr(network_export, "available_bytes", lambda: network_export.ROOM_BYTES - 1)
    export.check()
    assert commands == []
    monkeypatch.setattr(network_export, "available_bytes", lambda: network_export.ROOM_BYTES)
    export.check()
    hand.is_moving = True
    qtbot.waitUntil(lambda: export._child is None)
    assert tabs.opened == []
    hand.is_moving = False
    export.check()
    assert tabs.opened == ["a"]
