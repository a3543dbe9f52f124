"""A tour in the window: begun on Home or in the guide, left, gone on with, looked for in other tabs; experiments."""

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from studio.commands.palette import rank
from studio.core.option import TOURS
from studio.registry.guide import parse_guide
from studio.shell.window.choice import command_choices
from studio.widgets.theme import theme
from tests.shell.conftest import MODEL
from tests.shell.tour.acting import use

LEFT = Qt.MouseButton.LeftButton
TEXT = """# Waves

## Tour

<!-- tour: good/waves -->

1. Pull **Strength**. <!-- use good.strength, grand -->
2. Press play. <!-- use timeline_play -->
3. Pull **Strength** again. <!-- use good.strength -->

## Experiments

### Two waves <!-- try: good/waves seed=3 strength=0.5 -->

Look at them.

### No waves <!-- try: good/waves colour=red -->

There are none.
"""


@pytest.fixture(autouse=True)
def guide(monkeypatch):
    """The family's guide has a tour."""
    for name in ("studio.shell.tour.desk.read_guide", "studio.shell.window.guide.read_guide"):
        monkeypatch.setattr(name, lambda path: parse_guide(TEXT))


def button(parent, name):
    found = parent.findChild(QPushButton, name)
    assert found is not None, name
    return found


@pytest.fixture
def tour(window, qtbot):
    """The tour that the card on Home begins."""
    assert button(window.home, "take_tour").isVisible()
    assert not window.home.grand_tour.isVisible()  # of one family there is no grand tour
    QTest.mouseClick(button(window.home, "take_tour"), LEFT)
    qtbot.waitUntil(lambda: window.tours.tour.control is not None)
    return window.tours.tour


def test_the_card_on_home_begins_the_tour_in_its_model(window, tour):
    assert window.tabs.front_tab.source.id == MODEL
    assert tour.ring.isVisible()
    assert not tour.ring.geometry().intersects(tour.card.geometry())
    assert tour.card.accessibleDescription() == "Step 1 of 3 · Waves. Pull “Strength”."


def test_a_step_that_was_done_leads_to_the_next_one(window, tour, qtbot):
    assert not tour.is_done
    use(tour.control)
    assert tour.is_done
    qtbot.waitUntil(lambda: tour.index == 1)
    assert not tour.is_done


def test_a_tour_is_left_and_gone_on_with(window, tour, services):
    QTest.mouseClick(button(tour.card, "tour_next"), LEFT)
    assert tour.index == 1
    QTest.keyClick(button(tour.card, "tour_leave"), Qt.Key.Key_Escape)
    assert not services.commands.get("tour.leave").is_enabled
    assert services.settings.get(TOURS) == ["good 1"]
    assert button(window.home, "take_tour").text() == "Continue the tour"
    window.tabs.show_home()
    assert services.commands.run("tour.go_on")
    again = window.tours.tour
    assert again is not None
    assert again.index == 1
    assert window.tabs.front_tab.source.id == MODEL
    QTest.mouseClick(button(again.card, "tour_back"), LEFT)
    assert again.index == 0


def test_the_end_of_a_tour_is_no_place_to_go_on_from(window, tour, services):
    for _ in range(3):
        assert services.commands.run("tour.skip")
    assert window.tours.tour is None
    assert services.settings.get(TOURS) == []
    assert button(window.home, "take_tour").text() == "Take the tour"
    assert not services.commands.run("tour.go_on")
    assert not services.commands.run("tour.skip")


def test_a_tour_leads_back_from_another_tab(window, tour, qtbot):
    window.tabs.show_home()
    qtbot.waitUntil(lambda: button(tour.card, "tour_next").text() == "Go back there")
    assert not tour.ring.isVisible()
    QTest.mouseClick(button(tour.card, "tour_next"), LEFT)
    assert window.tabs.front_tab.source.id == MODEL
    assert tour.index == 0
    qtbot.waitUntil(tour.ring.isVisible)


def test_a_tour_opens_its_model_again_where_its_tab_was_closed(window, tour, qtbot):
    window.tabs.close_page(window.tabs.front_tab)
    qtbot.waitUntil(lambda: button(tour.card, "tour_next").text() == "Go back there")
    QTest.mouseClick(button(tour.card, "tour_next"), LEFT)
    qtbot.waitUntil(tour.ring.isVisible)
    assert window.tabs.front_tab.source.id == MODEL


def test_a_tour_stands_in_a_small_window_with_large_text_in_both_looks(window, tour, qtbot):
    window.scale_text(1.0)
    window.switch_theme()
    assert (theme().text_scale, theme().name) == (2.0, "light")
    qtbot.waitUntil(lambda: tour.card.width() > 500)
    tour.look()
    assert tour.card.parentWidget().rect().contains(tour.card.geometry())
    window.reset_text()
    window.switch_theme()


def test_the_guide_has_a_button_and_begins_the_tour(window, tab, qtbot):
    QTest.mouseClick(button(window, "studio.guide"), LEFT)
    assert window.guide.isVisible()
    assert "Pull" not in window.guide.browser.toPlainText()
    QTest.mouseClick(window.guide.take_tour, LEFT)
    assert window.tours.tour.route.id == "good"
    window.tours.tour.leave()
    window.tabs.show_home()
    assert not button(window, "studio.guide").isVisible()


def test_an_experiment_is_one_click_away(window, tab, qtbot):
    window.show_guide()
    window.guide.browser.anchorClicked.emit(QUrl("experiment:0"))
    assert len(window.tabs.model_tabs()) == 2
    params = window.tabs.front_tab.panel.params()
    assert (params.seed, params.strength) == (3, 0.5)


def test_an_experiment_that_cannot_be_is_a_sentence(window, tab):
    window.show_guide()
    window.guide.browser.anchorClicked.emit(QUrl("experiment:1"))
    assert window.tabs.model_tabs() == [tab]
    assert tab.panel.messages.keys() == ["error"]


@pytest.mark.parametrize("query", ["tour", "learn", "how do I"])
def test_the_palette_finds_the_tour(window, services, query):
    entries = [one.entry for one in command_choices(services.commands, window.keymap, services.settings)]
    assert "tour.good" in [match.entry.id for match in rank(query, entries)][:3]
