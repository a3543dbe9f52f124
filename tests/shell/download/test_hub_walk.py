"""A hub's folder from its name to its panel by hand: looked up, stopped, gone on with, discarded, opened."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton

from plugins.transformer.text.model.kernels.fused_step import FusedStep
from plugins.transformer.text.panel.panel import TransformerPanel
from studio.core.option import HOSTS_ALLOWED
from studio.registry.catalog import Catalog
from studio.registry.download.download import unfinished
from studio.shell.download.desk import DownloadDesk
from studio.shell.download.dialog import GetDialog, LiveRow
from tests.plugins.transformer.foreign.bare_folder import WEIGHTS, write_bare
from tests.registry.download.servers import REPO, SCHEME, Hub, running
from tests.shell.answering import answer

LEFT = Qt.MouseButton.LeftButton
LIMIT_MS = 60_000  # processes of their own start here
N_BEFORE = 1_000


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    """The families that ship."""
    return Catalog(tmp_path / "plugins", tmp_path / "models")


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub with a tiny model, for the processes that look up and download."""
    pytest.importorskip("huggingface_hub")
    folder = write_bare(tmp_path / "little")
    hub = Hub({path.name: path.read_bytes() for path in folder.iterdir()})
    hub.stalls_in, hub.stalls_after = WEIGHTS, N_BEFORE
    monkeypatch.setenv("HF_ENDPOINT", hub.address)
    with running(hub):
        yield hub


@pytest.fixture
def dialog(qtbot: Any, services: Any, window: Any) -> GetDialog:
    DownloadDesk(services, window)
    qtbot.mouseClick(window.home.get_button, LEFT)
    found = window.findChild(GetDialog)
    assert found is not None
    return found


def pressed(qtbot: Any, dialog: GetDialog, name: str) -> None:
    def button() -> Any:
        return next((one for one in dialog.findChildren(QPushButton, name) if one.isVisible()), None)

    qtbot.waitUntil(lambda: button() is not None and button().isEnabled(), timeout=LIMIT_MS)
    QTest.mouseClick(button(), LEFT)


def look_up_and_stop(qtbot: Any, dialog: GetDialog, window: Any, hub: Hub) -> None:
    """Type the name, agree to the host, and stop in the midst of the weights."""
    name = dialog.findChild(QLineEdit, "get_name")
    assert name is not None
    QTest.keyClicks(name, REPO)
    QTest.keyClick(name, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.findChild(object, "ask_host") is not None, timeout=LIMIT_MS)
    answer(window, "ask_host", "Connect")
    qtbot.waitUntil(lambda: "Licence: mit" in dialog._facts.text(), timeout=LIMIT_MS)
    pressed(qtbot, dialog, "get_download")
    # A request still under way when its process ends would be heard, and answered, after the next one.
    qtbot.waitUntil(lambda: WEIGHTS in hub.asked and bool(kept(window)), timeout=LIMIT_MS)
    assert dialog.findChild(LiveRow) is not None
    pressed(qtbot, dialog, "get_stop")


def kept(window: Any) -> list[Path]:
    """The beginnings of weights that are not whole."""
    return list(window._services.catalog.models_folder.rglob(f"*{WEIGHTS}*.part"))


@pytest.mark.long("walks through a whole window")
def test_a_hubs_folder_is_stopped_gone_on_with_and_opened(
    qtbot: Any, dialog: GetDialog, window: Any, services: Any, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.widgets.kernel_compiler.are_kernels_ready", lambda module: True)
    monkeypatch.setattr("plugins.transformer.text.model.reader.prepare_kernels", lambda module: None)
    monkeypatch.setattr(FusedStep, "of", lambda decoder: None)  # torch writes a few words sooner than it is compiled
    look_up_and_stop(qtbot, dialog, window, hub)
    assert services.settings.get(HOSTS_ALLOWED) == [hub.address.removeprefix(SCHEME)]
    hub.stalls_in = ""
    hub.asked.clear()
    pressed(qtbot, dialog, "get_go_on")
    pressed(qtbot, dialog, "get_open")
    assert hub.asked == [WEIGHTS]  # what was whole is not fetched again
    assert unfinished(services.catalog.models_folder) == []
    assert window.findChild(GetDialog) is None or not dialog.isVisible()

    def panel() -> Any:
        tab = window.tabs.front_tab
        return None if tab is None else tab.findChild(TransformerPanel)

    qtbot.waitUntil(lambda: panel() is not None and bool(panel().text.tokens), timeout=LIMIT_MS)
    assert [model.title for model in services.catalog.list_models("transformer") if model.id.endswith("little")]


@pytest.mark.long("walks through a whole window")
def test_a_stopped_download_is_discarded_once_a_person_agrees(
    qtbot: Any, dialog: GetDialog, window: Any, services: Any, hub: Hub
) -> None:
    look_up_and_stop(qtbot, dialog, window, hub)
    folder = services.catalog.models_folder
    pressed(qtbot, dialog, "get_discard")
    answer(window, "ask_discard", "Keep")
    assert len(unfinished(folder)) == 1
    pressed(qtbot, dialog, "get_discard")
    answer(window, "ask_discard", "Discard")
    qtbot.waitUntil(lambda: not unfinished(folder) and not kept(window))
    assert not any(one.isVisible() for one in dialog.findChildren(QPushButton, "get_go_on"))
