"""The dialog of servers says where everything goes before anything is sent, and Enter connects."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from studio.api.server_address import contact_of
from studio.core.setting import Settings
from studio.registry.catalog import Catalog
from studio.registry.consent import Consent
from studio.shell.window.connect import ConnectDialog


@pytest.fixture
def consent() -> Consent:
    return Consent(Settings())


@pytest.fixture
def catalog(tmp_path: Path, consent: Consent) -> Catalog:
    """The families that come along: one of them knows servers."""
    return Catalog(models_folder=tmp_path, consent=consent)


@pytest.fixture
def dialog(qtbot: Any, services: Any, window: Any) -> ConnectDialog:
    dialog = ConnectDialog(services, "transformer", window)
    dialog.open()
    return dialog


def test_without_an_address_nothing_can_be_connected(dialog: ConnectDialog) -> None:
    assert not dialog.connect_button.isEnabled()
    assert not dialog.open_button.isVisible()


def test_what_is_no_address_is_a_sentence_and_nothing_is_agreed(qtbot: Any, dialog: ConnectDialog) -> None:
    qtbot.keyClicks(dialog.address, "ftp:/x y")
    said = dialog.said.text()
    assert said.endswith(".")
    assert "is sent to" not in said
    qtbot.keyClick(dialog.address, Qt.Key.Key_Return)
    assert dialog.said.text() == said


@pytest.mark.long("walks through a whole window")
def test_enter_connects_once_it_was_said_where_everything_goes(
    qtbot: Any, consent: Consent, dialog: ConnectDialog
) -> None:
    contact = contact_of({"address": "127.0.0.1:9"})
    assert contact is not None
    qtbot.keyClicks(dialog.address, "127.0.0.1:9")
    assert "is sent to “127.0.0.1:9”" in dialog.said.text()
    assert not consent.may_reach(contact)
    qtbot.keyClick(dialog.address, Qt.Key.Key_Return)
    assert consent.may_reach(contact)
    qtbot.waitUntil(lambda: "No server answers" in dialog.said.text(), timeout=60_000)
    assert dialog.connect_button.isEnabled()
