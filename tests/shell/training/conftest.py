"""A window for trainings: each is one start of the program over the same home."""

import math
from collections.abc import Callable, Iterator

import pytest

from studio.commands.command import CommandRegistry
from studio.core import pausing
from studio.core.setting import Settings
from studio.registry.catalog import Catalog
from studio.registry.family import find_families
from studio.registry.place import folder_places
from studio.shell.session.service import Services
from studio.shell.window.look import Look
from studio.shell.window.window import MainWindow
from tests.shell.conftest import FAMILIES, ReadyDevice, shown_window
from tests.sync_worker import SteppedWorker


@pytest.fixture(autouse=True)
def _whole_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow machine makes no pauses, which a test would count as steps."""
    monkeypatch.setattr(pausing, "LONGEST_S", math.inf)


@pytest.fixture
def make_window(qtbot, qapp, tmp_path, dispatcher, reports) -> Iterator[Callable[[SteppedWorker], MainWindow]]:
    """Makes the window of one start of the program: a new catalogue and desk over the same home."""
    windows: list[MainWindow] = []

    def make(worker: SteppedWorker) -> MainWindow:
        catalog = Catalog(FAMILIES, tmp_path / "models")
        catalog.families = find_families([p for p in folder_places(FAMILIES, "tests") if p.name == "good"])
        settings = Settings()
        device = ReadyDevice(settings)
        services = Services(settings, catalog, worker, dispatcher, CommandRegistry(), device, reports.append)
        window = shown_window(qtbot, services, Look(qapp, settings), 1280, 800)
        windows.append(window)
        window.trainings.begin()
        worker.run_all()
        return window

    yield make
    for window in windows:
        for tab in window.tabs.model_tabs():
            window.tabs.close_page(tab)
    assert reports == []
