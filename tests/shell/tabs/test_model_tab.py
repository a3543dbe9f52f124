"""A tab survives whatever its family does."""

import dataclasses

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton

from studio.core.error import UserError
from studio.core.option import CAPTIONS_SHOWN
from studio.registry.consent import Consent
from studio.registry.family import find_families
from studio.registry.place import folder_places
from studio.registry.target import Opening
from studio.shell.session.keeper import SessionKeeper
from studio.shell.session.memory import LOW_BYTES, MemoryWatch
from studio.shell.session.session import read_session
from studio.shell.tabs.model_tab import FAILURE_KEY
from studio.widgets.caption import Caption
from tests.registry.conftest import copy_family
from tests.shell.conftest import MODEL

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def break_panel(catalog, monkeypatch):
    """Lets the family's panel fail in its constructor."""
    real = catalog.panel_class

    def broken(*_):
        raise RuntimeError("this panel is broken on purpose")

    monkeypatch.setattr(catalog, "panel_class", lambda source: broken)
    return lambda: monkeypatch.setattr(catalog, "panel_class", real)


def panel_of(tab):
    return tab.panel


def test_a_panel_that_fails_shows_it_in_its_own_tab(window, break_panel, qtbot, caplog):
    window.opener.open_model(MODEL)
    tab = window.tabs.front_tab
    assert panel_of(tab) is None
    assert "broken on purpose" in tab.findChild(QPlainTextEdit).toPlainText()
    assert any("Everything else" in label.text() for label in tab.findChildren(QLabel))
    assert not window.exporter.can_export()
    window.tabs.show_home()
    assert window.home.isVisible()
    break_panel()
    window.tabs.show_page(tab)
    qtbot.mouseClick(tab.findChild(QPushButton, "try_again"), LEFT)
    assert panel_of(tab) is not None
    assert window.exporter.can_export()


def test_trying_again_reads_the_files_of_the_family_anew(window, services, tmp_path, qtbot, caplog):
    family = copy_family(tmp_path / "plugins", "mended")
    whole = (family / "panel.py").read_text()
    (family / "panel.py").write_text("def (")
    services.catalog.families = find_families(folder_places(tmp_path / "plugins", "here"))
    services.catalog.refresh()
    window.opener.open_model("mended/waves")
    tab = window.tabs.front_tab
    assert "line 1" in tab.findChild(QPlainTextEdit).toPlainText()
    (family / "family.py").rename(family / "manifest.py")
    qtbot.mouseClick(tab.findChild(QPushButton, "try_again"), LEFT)
    assert panel_of(tab) is None
    (family / "manifest.py").rename(family / "family.py")
    (family / "panel.py").write_text(whole)
    qtbot.mouseClick(tab.findChild(QPushButton, "try_again"), LEFT)
    assert panel_of(tab) is not None


def test_home_shows_a_mended_family(window, services, tmp_path, qtbot, caplog):
    family = copy_family(tmp_path / "plugins", "mended")
    whole = (family / "family.py").read_text()
    (family / "family.py").write_text("def (")
    services.catalog.families = find_families(folder_places(tmp_path / "plugins", "here"))
    window.home.show_families([], {"mended": services.catalog.families[0].error})
    (family / "family.py").write_text(whole)
    qtbot.mouseClick(window.home.findChild(QPushButton, "reload_family"), LEFT)
    qtbot.waitUntil(lambda: window.home.findChild(QPushButton, "mended/waves") is not None)


def test_a_family_of_somebody_else_runs_once_it_was_allowed(window, services, tmp_path, qtbot, monkeypatch):
    family = copy_family(tmp_path / "plugins", "strange")
    mark = tmp_path / "it ran"
    (family / "family.py").write_text(f"open({str(mark)!r}, 'w').close()\n" + (family / "family.py").read_text())
    consent = Consent(services.settings)
    monkeypatch.setattr(services.catalog, "_consent", consent)
    places = folder_places(tmp_path / "plugins", "a folder of mine")
    services.catalog.families = find_families(places, consent.is_given)
    window.home.show_families([], {}, {"strange": "a folder of mine"})
    card = window.home.cards[0]
    assert any("all your rights" in label.text() for label in card.findChildren(QLabel))
    with pytest.raises(UserError, match="is waiting for your permission"):
        services.catalog.family("strange")
    assert not mark.exists()
    qtbot.mouseClick(card.findChild(QPushButton, "allow_family"), LEFT)
    qtbot.waitUntil(lambda: window.home.findChild(QPushButton, "strange/waves") is not None)
    assert mark.exists()
    (other,) = folder_places(tmp_path / "plugins", "another folder")
    assert Consent(services.settings).is_given(places[0])
    assert not Consent(services.settings).is_given(other)


def test_a_failure_during_work_is_a_message_with_details(window, tab, reports, qtbot, caplog):
    error = ValueError("a kernel failed")
    tab.panel.host.report(error)
    assert tab.panel.messages.keys() == [FAILURE_KEY]
    details = next(b for b in tab.panel.messages.findChildren(QPushButton) if b.text() == "Details")
    qtbot.mouseClick(details, LEFT)
    assert reports == [error]
    reports.clear()


def test_commands_that_cannot_be_made_cost_the_family_its_commands_only(window, catalog, services, caplog):
    panel_class = catalog.panel_class(catalog.find_model(MODEL).source)
    before = {command.id for command in services.commands.all()}
    original = panel_class.commands
    panel_class.commands = lambda self: 1 / 0
    try:
        window.opener.open_model(MODEL)
    finally:
        panel_class.commands = original
    assert window.tabs.front_tab.panel.messages.keys() == [FAILURE_KEY]
    assert {command.id for command in services.commands.all()} == before


def test_a_host_remembers_for_its_family(tab, services):
    host = tab.panel.host
    assert host.recall("zoom", 1.0) == 1.0
    host.remember("zoom", 2.5)
    assert services.settings.section("good").get("zoom", 1.0) == 2.5
    assert [card.id for card in host.cards()] == [MODEL]


@pytest.mark.parametrize(("free_bytes", "stays_open"), [(LOW_BYTES, True), (LOW_BYTES - 1, False), (600 << 20, False)])
def test_hidden_models_are_freed_when_memory_is_short(window, tab, free_bytes, stays_open):
    watch = MemoryWatch(window.tabs, lambda: free_bytes)
    watch.check()
    assert tab.panel.handle.is_open
    window.tabs.show_home()
    watch.check()
    assert tab.panel.handle.is_open is stays_open
    window.tabs.show_page(tab)
    tab.panel.set_params(type(tab.panel.params())(seed=3))
    assert tab.panel.handle.is_open
    assert tab.panel.snapshot().seed == 3


def test_captions_are_hidden_everywhere_at_once(window, tab, services):
    caption = tab.panel.findChild(Caption)
    services.settings.set(CAPTIONS_SHOWN, False)
    assert caption.is_hidden
    caption.findChildren(QPushButton)[1].click()
    assert not caption.is_hidden
    assert services.settings.get(CAPTIONS_SHOWN)


def test_a_panel_that_cannot_say_where_it_is_costs_nobody_the_session(window, tab, monkeypatch, caplog):
    def broken(*_):
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr(tab.panel, "state", broken)
    monkeypatch.setattr(tab.panel, "snapshot", broken)
    assert tab.memory().model_id == MODEL
    assert not window.exporter.can_export()
    assert "broken on purpose" in caplog.text


def test_a_file_with_the_id_of_another_model_is_another_tab(window, tab, services, tmp_path):
    shipped = tab.source
    copy = dataclasses.replace(shipped, path=tmp_path / "copy.npz")
    copy.path.write_bytes(shipped.path.read_bytes())
    window.opener.open_opening(Opening(copy, "Copy"))
    window.tabs.close_page(tab)
    window.opener.open_model(MODEL)
    assert [tab.source.path for tab in window.tabs.model_tabs()] == [copy.path, shipped.path]
    keeper = SessionKeeper(services, window.tabs, tmp_path)
    keeper.close()
    kept = read_session(tmp_path / "session.json").tabs
    assert [(memory.model_id, memory.is_listed) for memory in kept] == [(MODEL, False), (MODEL, True)]
