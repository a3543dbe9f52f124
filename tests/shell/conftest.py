"""A whole window over the tests' own families; its work is done at once and needs no torch."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from studio.commands.command import CommandRegistry
from studio.compute.device import Device
from studio.core.setting import Settings
from studio.registry.catalog import Catalog
from studio.registry.family import find_families
from studio.registry.place import folder_places
from studio.shell.session.device_start import DeviceStart
from studio.shell.session.service import Services
from studio.shell.tabs.model_tab import ModelTab
from studio.shell.window.action import add_window_commands
from studio.shell.window.look import Look
from studio.shell.window.window import MainWindow
from studio.widgets.dispatcher import Dispatcher
from tests.bench.display import screen
from tests.sync_worker import SyncWorker

FAMILIES = Path(__file__).parents[1] / "fixtures" / "families"
MODEL = "good/waves"


class ReadyDevice(DeviceStart):
    """Knows its device without torch."""

    def choose(self) -> Device:
        return Device("cpu", "float32", 1)


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    """One family that works and one that is broken."""
    places = [place for place in folder_places(FAMILIES, "tests") if place.name == "good"]
    catalog = Catalog(FAMILIES, tmp_path / "models")
    catalog.families = find_families(places)
    return catalog


@pytest.fixture
def reports() -> list[BaseException]:
    """The unexpected failures that were shown to the person."""
    return []


@pytest.fixture
def services(
    qapp: QApplication, catalog: Catalog, sync_worker: SyncWorker, dispatcher: Dispatcher, reports: list[BaseException]
) -> Services:
    settings = Settings()
    return Services(
        settings, catalog, sync_worker, dispatcher, CommandRegistry(), ReadyDevice(settings), reports.append
    )


@pytest.fixture
def look(qapp: QApplication, services: Services) -> Look:
    return Look(qapp, services.settings)


def shown_window(qtbot, services: Services, look: Look, width: int, height: int) -> MainWindow:
    """A main window with its commands, shown and active, with Home in front."""
    window = MainWindow(services, look)
    add_window_commands(window, services.commands)
    qtbot.addWidget(window)
    window.resize(width, height)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    return window


@pytest.fixture
def window(qtbot, services: Services, look: Look, reports: list[BaseException]) -> Iterator[MainWindow]:
    """The main window, shown and active, with Home in front. Unexpected failures fail the test."""
    window = shown_window(qtbot, services, look, 1280, 720)
    yield window
    for tab in window.tabs.model_tabs():
        window.tabs.close_page(tab)
    assert reports == []


@pytest.fixture
def tab(window: MainWindow) -> ModelTab:
    """The fixture family's model, open in a tab."""
    window.opener.open_model(MODEL)
    front = window.tabs.front_tab
    assert front is not None
    return front


@pytest.fixture
def own_screen(x_display: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Visits of the benchmarks' person show their window on a real X server."""
    for name, value in x_display.items():
        monkeypatch.setenv(name, value)
    screen.cache_clear()
    yield
    screen.cache_clear()
