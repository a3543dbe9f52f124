"""Home with no family, one, several, and a broken one."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtWidgets import QLabel, QPushButton

from studio.api.family import Family, Kind
from studio.commands.palette import Entry
from studio.core.card import Card
from studio.shell.home.family_card import BrokenCard, FamilyCard, FamilyItem, FeatureCard
from studio.shell.home.home import N_RECENT, Home, heading_text
from studio.shell.home.thumbnail import Thumbnail
from studio.widgets.gallery.choice import Choice
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


def choice(name: str, ran: list[str], words: str = "") -> Choice:
    return Choice(Entry(name.lower(), name, words), "Model", lambda: ran.append(name), sentence="Does a thing.")


def test_recent_things_show_up_as_pictures(make_home, qtbot):
    home, ran = make_home(1), list[str]()
    assert not home.recent.isVisible()
    home.show_recent([choice(f"Model {n}", ran) for n in range(9)])
    assert home.recent.isVisible()
    assert [button.choice.short_name for button in home.recent.buttons] == [f"Model {n}" for n in range(N_RECENT)]
    qtbot.mouseClick(home.recent.buttons[1], LEFT)
    qtbot.keyClick(home.recent.buttons[2], Qt.Key.Key_Return)
    assert ran == ["Model 1", "Model 2"]


@pytest.mark.parametrize(("width_px", "n_columns"), [(1440, 4), (1000, 3), (600, 1)])
def test_examples_are_large_pictures_side_by_side(make_home, qtbot, width_px, n_columns):
    home = make_home(2, width_px=width_px)
    home.examples.show_choices([choice(f"Example {n}", []) for n in range(5)])
    buttons = home.examples.buttons
    qtbot.waitUntil(lambda: len({button.x() for button in buttons}) == n_columns)
    assert buttons[0].width() >= 250
    assert buttons[0].height() > buttons[0].width() / 2
    assert buttons[0].accessibleDescription() == "Does a thing."


def test_a_wish_shows_what_there_is_for_it_in_place_of_the_page(make_home, qtbot):
    home, ran = make_home(2), list[str]()
    home.search_in(lambda: [choice("Faces", ran, "portrait"), choice("Notes", ran, "music sound")])
    with qtbot.waitSignal(home.chosen) as chosen:
        qtbot.keyClicks(home.wish, "a sound")
        view = home.found.view
        assert [view.choice_at(row).short_name for row in range(view.count())] == ["Notes"]
        assert view.isVisible()
        assert not home.cards[0].isVisible()
        qtbot.keyClick(home.wish, Qt.Key.Key_Return)
    assert (ran, chosen.args) == (["Notes"], ["notes"])
    assert home.wish.text() == ""
    assert home.cards[0].isVisible()


def test_escape_gives_a_wish_up(make_home, qtbot):
    home, ran = make_home(1), list[str]()
    home.search_in(lambda: [choice("Faces", ran)])
    qtbot.keyClicks(home.wish, "face")
    qtbot.keyClick(home.wish, Qt.Key.Key_Escape)
    assert home.cards[0].isVisible()
    assert ran == []


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


def test_where_less_is_to_move_only_a_hand_moves_it(qtbot, look, still):
    thumbnail = Thumbnail(PICTURE, QSize(300, 150))
    qtbot.addWidget(thumbnail)
    thumbnail.show()
    movie = thumbnail._movie
    assert (movie.state(), thumbnail.index) == (movie.MovieState.Paused, 0)
    qtbot.keyClick(thumbnail, Qt.Key.Key_Right)
    assert thumbnail.index == 1
    qtbot.waitUntil(lambda: not thumbnail.is_held)
    assert (movie.state(), thumbnail.index) == (movie.MovieState.Paused, 1)


def test_a_family_without_a_thumbnail_shows_its_colour(qtbot, look):
    thumbnail = Thumbnail(None, QSize(300, 150))
    qtbot.addWidget(thumbnail)
    thumbnail.resize(300, 150)
    assert not thumbnail.is_readable
    assert thumbnail.grab().toImage().pixelColor(150, 75).name() == "#2dd4bf"


@pytest.fixture
def thumbnail(qtbot, look) -> Thumbnail:
    thumbnail = Thumbnail(PICTURE, QSize(300, 150), title="Waves")
    qtbot.addWidget(thumbnail)
    thumbnail.resize(300, 150)
    with qtbot.waitExposed(thumbnail):
        thumbnail.show()
    return thumbnail


def drag(qtbot, thumbnail: Thumbnail, way_px: int) -> None:
    start = QPoint(150, 70)
    qtbot.mousePress(thumbnail, LEFT, pos=start)
    for share in (0.5, 1.0):
        qtbot.mouseMove(thumbnail, start + QPoint(round(way_px * share), 0))


def test_a_drag_goes_through_the_recording_and_back(qtbot, thumbnail):
    n = thumbnail._movie.frameCount()
    clicks = []
    thumbnail.clicked.connect(lambda: clicks.append(1))
    start = thumbnail.index
    drag(qtbot, thumbnail, 150)
    assert thumbnail.is_held
    assert thumbnail.cursor().shape() is Qt.CursorShape.ClosedHandCursor
    assert thumbnail.index == (start + round(n / 2)) % n
    qtbot.mouseMove(thumbnail, QPoint(150, 70))
    assert thumbnail.index == start
    qtbot.mouseRelease(thumbnail, LEFT, pos=QPoint(150, 70))
    assert clicks == []
    assert thumbnail.is_held  # for a moment


def test_it_plays_on_from_where_it_was_left(qtbot, thumbnail):
    drag(qtbot, thumbnail, 100)
    held = thumbnail.index
    qtbot.mouseRelease(thumbnail, LEFT, pos=QPoint(250, 70))
    thumbnail._going_on.setInterval(0)
    thumbnail._going_on.start()
    qtbot.waitUntil(lambda: not thumbnail.is_held)
    assert (thumbnail.index - held) % thumbnail._movie.frameCount() <= 1
    assert thumbnail._movie.state() is thumbnail._movie.MovieState.Running


def test_the_dragged_picture_is_another_one(qtbot, thumbnail):
    thumbnail._get_ready()
    qtbot.waitUntil(lambda: thumbnail._frames.n_read == thumbnail._movie.frameCount())
    pictures = []
    for index in (0, thumbnail._movie.frameCount() // 2):
        thumbnail._hold(index)
        pictures.append(thumbnail.grab().toImage())
    assert pictures[0] != pictures[1]


def test_arrows_go_back_and_forth_and_enter_opens(qtbot, thumbnail):
    start, n = thumbnail.index, thumbnail._movie.frameCount()
    qtbot.keyClick(thumbnail, Qt.Key.Key_Left)
    assert thumbnail.index == (start - 1) % n
    with qtbot.waitSignal(thumbnail.clicked):
        qtbot.keyClick(thumbnail, Qt.Key.Key_Return)


def test_a_click_on_the_picture_opens_the_family(make_home, qtbot):
    home = make_home(2)
    with qtbot.waitSignal(home.open_requested) as opened:
        qtbot.mouseClick(home.cards[1].thumbnail, LEFT)
    assert opened.args == ["f1/m0"]
