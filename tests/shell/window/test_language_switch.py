"""Another language is spoken at once: the window closes and comes back in it with everything that is open."""

import sys
from collections.abc import Callable
from functools import partial

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QMessageBox

from studio import app
from studio.core.option import LANGUAGE
from studio.core.setting import Settings
from studio.core.translation import SYSTEM, choose_language, language
from studio.shell.session.crash import CrashReporter
from studio.shell.window.language_switch import LanguageSwitch
from studio.shell.window.preference import PreferencePage
from studio.widgets.controls.slider import SliderRow
from tests.shell.answering import answer
from tests.shell.conftest import MODEL, ReadyDevice


@pytest.fixture(autouse=True)
def _english():
    yield
    choose_language(SYSTEM)


@pytest.fixture
def jobs():
    """The titles of what runs."""
    return []


@pytest.fixture
def switch(window, services, jobs):
    return LanguageSwitch(services.settings, window, lambda: (jobs, ""))


def test_where_nothing_runs_the_window_closes_at_once(window, services, switch, qtbot):
    services.settings.set(LANGUAGE, "de")
    qtbot.waitUntil(lambda: not window.isVisible())
    assert switch.is_agreed
    assert language() == "de"


def test_what_runs_is_named_first(window, services, switch, jobs, qtbot):
    jobs.append("Exporting film.mp4")
    services.settings.set(LANGUAGE, "de")
    asked = window.findChild(QMessageBox, "ask_language").informativeText()
    assert asked == "Exporting film.mp4. Trainings can be continued afterwards; everything else is lost."
    answer(window, "ask_language", "Later")
    assert (window.isVisible(), switch.is_agreed, language()) == (True, False, "en")
    services.settings.set(LANGUAGE, SYSTEM)
    services.settings.set(LANGUAGE, "de")
    answer(window, "ask_language", "Change now")
    qtbot.waitUntil(lambda: not window.isVisible())
    assert switch.is_agreed


def test_other_settings_and_the_same_language_by_another_name_change_nothing(window, services, switch, jobs):
    jobs.append("Exporting film.mp4")
    services.settings.set(LANGUAGE, "en")
    window.switch_theme()
    assert window.findChild(QMessageBox, "ask_language") is None
    window.switch_theme()


class Watched(app.Studio):
    """A program in which each window is handed to the next of `acts` once it was painted."""

    acts: tuple[Callable[[app.Studio], None], ...] = ()
    begun: list[app.Studio] = []  # noqa: RUF012 - of all

    def begin(self, *opened) -> None:
        super().begin(*opened)
        act = self.acts[len(self.begun)]
        self.begun.append(self)
        self.window.first_painted.connect(lambda: QTimer.singleShot(0, partial(self._do, act)))

    def _do(self, act) -> None:
        try:
            act(self)
        except BaseException:
            QApplication.exit(1)
            raise


@pytest.mark.long("starts processes of its own")
def test_every_open_tab_comes_back_in_it_and_so_do_the_preferences(qapp, catalog, monkeypatch, tmp_path):
    moved: list[float] = []

    def act_in_english(studio):
        studio.window.opener.open_model(MODEL)
        tab = studio.window.tabs.front_tab
        slider = tab.panel.findChildren(SliderRow)[0]
        slider._track.setFocus()
        QTest.keyClick(slider._track, Qt.Key.Key_Right)
        moved.append(slider.value())
        studio.window.show_preferences()
        box = studio.window.findChild(QComboBox, LANGUAGE.key)
        box.setFocus()
        QTest.keyClick(box, Qt.Key.Key_End)

    def act_in_german(studio):
        window = studio.window
        front = window.tabs.front
        (tab,) = window.tabs.model_tabs()
        window.tabs.show_page(tab)
        assert tab.panel.findChildren(SliderRow)[0].value() == moved[0]
        window.show_preferences(LANGUAGE)
        assert isinstance(front, PreferencePage)
        assert front.search.placeholderText() == "Einstellungen durchsuchen"
        assert QApplication.translate("QPlatformTheme", "Cancel") == "Abbrechen"
        box = window.findChild(QComboBox, LANGUAGE.key)
        assert (box.currentText(), box.hasFocus()) == ("Deutsch", True)
        QTest.keyClick(box, Qt.Key.Key_Home)

    def act_in_english_again(studio):
        assert studio.window.tabs.front.search.placeholderText() == "Search the preferences"
        assert QApplication.translate("QPlatformTheme", "Cancel") == "Cancel"
        assert len([one for one in qapp.topLevelWidgets() if isinstance(one, type(studio.window))]) == 1
        studio.window.close()

    monkeypatch.setattr(app, "DeviceStart", ReadyDevice)
    monkeypatch.setattr(app, "Studio", Watched)
    monkeypatch.setattr(Watched, "acts", (act_in_english, act_in_german, act_in_english_again))
    monkeypatch.setattr(Watched, "begun", [])
    settings = Settings(tmp_path / "settings.json")
    assert app.stay(qapp, Watched(qapp, settings, catalog, CrashReporter(tmp_path / "log"))) == 0
    assert len(Watched.begun) == 3
    for left in (Watched.begun[-1].window, Watched.begun[-1].look):
        left.deleteLater()


def test_where_a_kernel_holds_the_worker_it_becomes_the_same_program_with_the_same_words(monkeypatch):
    called: list[list[str]] = []
    monkeypatch.setattr("os.execv", lambda program, words: called.append(words))
    monkeypatch.setattr("sys.orig_argv", ["python3", "-W", "error", "main.py", "vae/digits"])
    start_again: Callable[[], None] = app.start_again  # it returns here
    start_again()
    assert called == [[sys.executable, "-W", "error", "main.py", "vae/digits"]]
