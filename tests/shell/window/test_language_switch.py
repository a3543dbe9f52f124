"""Another language is spoken after a start that a person agrees to; everything that is open comes back with it."""

import sys
from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QMessageBox

from studio import app
from studio.core.option import LANGUAGE
from studio.core.translation import SYSTEM, choose_language
from studio.shell.window.language_switch import LanguageSwitch
from tests.shell.answering import answer


@pytest.fixture(autouse=True)
def _english():
    yield
    choose_language(SYSTEM)


@pytest.fixture
def switch(window, services):
    return LanguageSwitch(services.settings, window)


def test_a_person_is_asked_and_the_window_closes(window, services, switch, qtbot):
    services.settings.set(LANGUAGE, "en")
    answer(window, "ask_restart", "Restart")
    qtbot.waitUntil(lambda: not window.isVisible())
    assert switch.is_agreed


def test_later_is_an_answer_too(window, services, switch):
    services.settings.set(LANGUAGE, "en")
    answer(window, "ask_restart", "Later")
    assert window.isVisible()
    assert not switch.is_agreed


def test_other_settings_ask_nothing(window, services, switch):
    window.switch_theme()
    assert window.findChild(QMessageBox, "ask_restart") is None
    window.switch_theme()


def test_it_becomes_the_same_program_with_the_same_words(monkeypatch):
    called: list[list[str]] = []
    monkeypatch.setattr("os.execv", lambda program, words: called.append(words))
    monkeypatch.setattr("sys.orig_argv", ["python3", "-W", "error", "main.py", "vae/digits"])
    start_again: Callable[[], None] = app.start_again  # it returns here
    start_again()
    assert called == [[sys.executable, "-W", "error", "main.py", "vae/digits"]]
