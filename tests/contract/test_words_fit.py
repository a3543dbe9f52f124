"""No word of a panel, a dialog, Home or the menus is cut off at 1280x720, in any language that the program speaks."""

from collections.abc import Iterator

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from studio.commands.command import CommandRegistry
from studio.core.setting import Settings
from studio.core.translation import SYSTEM, choose_language, languages
from studio.registry.catalog import Catalog
from studio.shell.session.service import Services
from studio.shell.window.look import Look
from studio.shell.window.window import MainWindow
from studio.widgets.controls.section import Section
from tests.contract.words_fit import cut_words
from tests.shell.conftest import ReadyDevice, shown_window
from tests.sync_worker import SteppedWorker

SIZE_PX = (1280, 720)
DIALOGS = ("studio.train", "present.prepare", "studio.keys", "studio.about", "studio.live")


@pytest.fixture(params=languages())
def spoken(request) -> Iterator[str]:
    choose_language(request.param)
    yield request.param
    choose_language(SYSTEM)


@pytest.fixture
def window(spoken, qtbot, qapp, stepped_worker, dispatcher, monkeypatch) -> Iterator[MainWindow]:
    """The window as a person sees it, with the program's own fonts, and with all models that come along."""
    monkeypatch.setattr("studio.widgets.kernel_compiler.are_kernels_ready", lambda module: True)
    settings, reports = Settings(), list[BaseException]()
    ready, commands = ReadyDevice(settings), CommandRegistry()
    services = Services(settings, Catalog(), stepped_worker, dispatcher, commands, ready, reports.append)
    window = shown_window(qtbot, services, Look(qapp, settings), *SIZE_PX)
    window.menu_bar.switch()
    yield window
    window.tabs.close_all()
    assert reports == []


def settle(window: QWidget) -> None:
    """Unfold what is folded, and let everything find its place: a layout in a layout takes a turn each."""
    for section in window.findChildren(Section):
        section.set_folded(False)
    for _ in range(6):
        QApplication.processEvents()
        window.grab()


def still_cut(window: QWidget) -> set[str]:
    """The words that are cut when all has found its place; what is laid out late, on a busy machine, is given time."""
    settle(window)
    cut = set(cut_words(window))
    for _ in range(3 if cut else 0):
        QTest.qWait(100)
        settle(window)
        cut &= set(cut_words(window))
    return cut


def open_model(worker: SteppedWorker) -> None:
    """Do the first work that a panel asks for: the model is open then, and what is known of it is shown."""
    first = worker.jobs()[0]
    while first in worker.jobs():
        worker.step()
    QApplication.processEvents()


def cut_in_panels(window: MainWindow, worker: SteppedWorker) -> Iterator[tuple[str, str]]:
    catalog = window._services.catalog
    models = {catalog.panel_class(model.source): model.id for model in reversed(catalog.list_models())}
    for name in models.values():
        window.opener.open_model(name)
        open_model(worker)
        yield from ((name, words) for words in still_cut(window))
        window.close_front()


def cut_in_dialogs(window: MainWindow) -> Iterator[tuple[str, str]]:
    for command in DIALOGS:
        window._services.commands.run(command)
        dialogs = [one for one in QApplication.topLevelWidgets() if one.isVisible() and one is not window]
        assert dialogs, command
        for dialog in dialogs:
            yield from ((command, words) for words in still_cut(dialog))
            dialog.close()


@pytest.mark.long("every panel and dialog in both languages")
def test_all_words_have_room(window, stepped_worker):
    cut = {("home", words) for words in still_cut(window)}
    window.show_preferences()
    cut |= {("preferences", words) for words in still_cut(window)}
    window.tabs.close_all()
    cut |= set(cut_in_panels(window, stepped_worker))
    cut |= set(cut_in_dialogs(window))
    assert not cut, "\n".join(f"{where}: {words}" for where, words in sorted(cut))


def test_a_word_that_is_too_long_is_found(window):
    window.top_bar.findChild(QPushButton, "studio.export").setText("w" * 200)
    window.top_bar.show_export(True)
    window.top_bar.setFixedWidth(SIZE_PX[0])
    settle(window)
    assert "w" * 200 in cut_words(window)
