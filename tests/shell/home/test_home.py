"""Home with no family, one, several, and a broken one."""

from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QLabel, QPushButton

from studio.api.family import Family, Kind
from studio.core.card import Card
from studio.shell.home.family_card import BrokenCard, FamilyCard, FamilyItem, FeatureCard
from studio.shell.home.home import Home, heading_text
from studio.shell.home.thumbnail import Thumbnail
from tests.shell.conftest import FAMILIES

LEFT = Qt.MouseButton.LeftButton
PICTURE = FAMILIES / "good" / "models" / "thumbnail.webp"


def item(name: str, n_models: int = 3, thumbnail: Path | None = PICTURE) -> FamilyItem:
    family = Family(
        id=name,
        title=name.title(),
        subtitle="Some kind of model",
        summary="Says what it does, in one sentence.",
        order=0,
        hue="vae",
        thumbnail="t.webp",
        default_model=f"{name}/m0",
        kinds={"plain": Kind("e:E", "p:P", "s:S")},
    )
    cards = [Card(f"{name}/m{n}", f"Model {n}", "A task", "MIT", "data", 10) for n in range(n_models)]
    return FamilyItem(family, thumbnail, cards)


@pytest.fixture
def make_home(qtbot, look):
    def make(n_families: int, broken=None, width_px: int = 1440) -> Home:
        home = Home([item(f"f{n}") for n in range(n_families)], broken or {})
        qtbot.addWidget(home)
        home.resize(width_px, 800)
        with qtbot.waitExposed(home):
            home.show()
        return home

    return make


def texts(widget):
    return [label.text() for label in widget.findChildren(QLabel)]


def test_without_a_family_it_says_where_to_put_one(make_home, studio_home):
    home = make_home(0)
    assert "No family of models is installed" in texts(home)
    assert any(str(studio_home / "data" / "plugins") in text for text in texts(home))


def test_the_heading_counts():
    assert [heading_text(n).split()[0] for n in (1, 2, 6, 9)] == ["A", "Two", "Six", "Many"]


def test_one_family_gets_the_wide_card_with_its_models(make_home, qtbot):
    home = make_home(1)
    card = home.cards[0]
    assert isinstance(card, FeatureCard)
    assert card.width() > 1200
    with qtbot.waitSignal(home.open_requested) as opened:
        qtbot.mouseClick(card.findChild(QPushButton, "f0/m2"), LEFT)
    assert opened.args == ["f0/m2"]


@pytest.mark.parametrize(("width_px", "n_columns"), [(1440, 3), (1000, 2), (600, 1), (3000, 3)])
def test_six_families_stand_in_a_grid_as_wide_as_the_window_allows(make_home, width_px, n_columns):
    home = make_home(6, width_px=width_px)
    assert all(isinstance(card, FamilyCard) for card in home.cards)
    lefts = {card.x() for card in home.cards}
    assert len(lefts) == n_columns
    tops = [card.y() for card in home.cards]
    assert tops == sorted(tops)
    assert len({card.width() for card in home.cards}) <= 2
    assert home.horizontalScrollBar().maximum() == 0


def test_open_and_the_list_of_models(make_home, qtbot):
    home = make_home(2)
    with qtbot.waitSignal(home.open_requested) as opened:
        qtbot.mouseClick(home.cards[1].findChild(QPushButton, "open_family"), LEFT)
    assert opened.args == ["f1/m0"]
    list_button = home.cards[1].findChild(QPushButton, "list_models")
    assert list_button.text() == "3 models"


def test_a_broken_family_is_grey_and_says_why(make_home):
    home = make_home(1, {"odd": "It could not be loaded: ImportError: no"})
    card = home.cards[1]
    assert isinstance(card, BrokenCard)
    assert "It could not be loaded: ImportError: no" in texts(card)


def test_a_broken_family_can_be_tried_again_and_stands_in_its_place_once_it_is_mended(make_home, qtbot):
    home = make_home(1, {"odd": "It could not be loaded: odd/family.py, line 3: ImportError: no"})
    with qtbot.waitSignal(home.reload_requested) as wanted:
        qtbot.mouseClick(home.cards[1].findChild(QPushButton, "reload_family"), LEFT)
    assert wanted.args == ["odd"]
    home.show_families([item("f0"), item("odd")], {})
    assert all(isinstance(card, FamilyCard) for card in home.cards)
    assert heading_text(2) in texts(home)
    qtbot.waitUntil(lambda: home.cards[0].x() < home.cards[1].x())


def test_recent_things_show_up(make_home, qtbot):
    home = make_home(1)
    recent = home.findChild(object, "recent")
    assert not recent.isVisible()
    home.show_recent([("f0/m1", "Model 1"), ("/tmp/a b.png", "a b.png")])
    assert recent.isVisible()
    links = {b.text(): b for b in recent.findChildren(QPushButton)}
    with qtbot.waitSignal(home.open_requested) as opened:
        qtbot.mouseClick(links["Model 1"], LEFT)
    assert opened.args == ["f0/m1"]
    with qtbot.waitSignal(home.path_requested) as wanted:
        qtbot.mouseClick(links["a b.png"], LEFT)
    assert wanted.args == ["/tmp/a b.png"]


def test_the_drop_zone_asks_for_a_file(make_home, qtbot):
    home = make_home(1)
    with qtbot.waitSignal(home.file_requested):
        qtbot.mouseClick(home.drop_zone, LEFT)
    with qtbot.waitSignal(home.file_requested):
        qtbot.keyClick(home.drop_zone, Qt.Key.Key_Return)


def test_the_thumbnail_moves_while_it_can_be_seen(qtbot, look):
    thumbnail = Thumbnail(PICTURE, QSize(300, 150))
    qtbot.addWidget(thumbnail)
    thumbnail.show()
    assert thumbnail.is_readable
    with qtbot.waitSignal(thumbnail._movie.frameChanged):
        pass
    thumbnail.hide()
    assert thumbnail._movie.state() is thumbnail._movie.MovieState.NotRunning


def test_a_family_without_a_thumbnail_shows_its_colour(qtbot, look):
    thumbnail = Thumbnail(None, QSize(300, 150))
    qtbot.addWidget(thumbnail)
    thumbnail.resize(300, 150)
    assert not thumbnail.is_readable
    assert thumbnail.grab().toImage().pixelColor(150, 75).name() == "#2dd4bf"
