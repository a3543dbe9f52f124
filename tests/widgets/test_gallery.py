"""The gallery by keyboard and mouse, and what a wish finds in it."""

from functools import partial

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from studio.commands.palette import Entry
from studio.widgets.gallery.choice import Choice
from studio.widgets.gallery.gallery import Gallery
from studio.widgets.gallery.view import said_plainly

LEFT = Qt.MouseButton.LeftButton
NAMES = ("Faces", "Digits", "Letters", "Notes", "Kitchen")


@pytest.fixture
def chosen() -> list[str]:
    return []


@pytest.fixture
def make(qtbot, chosen, tmp_path):
    picture = tmp_path / "red.webp"
    image = QImage(312, 208, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    assert image.save(str(picture))
    button = QPushButton("Choose")
    qtbot.addWidget(button)
    button.show()

    def make(present: str = "") -> Gallery:
        choices = [
            Choice(
                Entry(name, f"Open {name}", "draw a portrait" if name == "Faces" else ""),
                "Model",
                partial(chosen.append, name),
                name=name,
                sentence=f"Makes {name.lower()}.",
                picture=picture if name == "Faces" else None,
                hue="vae",
                is_present=name == present,
            )
            for name in NAMES
        ]
        gallery = Gallery("Choose a model", choices, button)
        gallery.open_at(button)
        return gallery

    return make


def shown(gallery: Gallery) -> list[str]:
    return [gallery.view.choice_at(row).short_name for row in range(gallery.view.count())]


def test_arrows_go_through_rows_and_columns_and_enter_chooses(make, chosen):
    gallery = make()
    assert gallery.view.n_columns == 3
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down):
        QTest.keyClick(gallery.field, key)
    assert gallery.view.currentRow() == 4
    QTest.keyClick(gallery.field, Qt.Key.Key_Down)
    assert gallery.view.currentRow() == 4
    QTest.keyClick(gallery.field, Qt.Key.Key_Up)
    QTest.keyClick(gallery.field, Qt.Key.Key_Return)
    assert chosen == ["Digits"]
    assert not gallery.isVisible()


def test_typing_searches_and_what_is_not_there_is_said(make, chosen):
    gallery = make()
    QTest.keyClicks(gallery.field, "make me a portrait")
    assert shown(gallery) == ["Faces"]
    QTest.keyClicks(gallery.field, "qq")
    assert shown(gallery) == []
    QTest.keyClick(gallery.field, Qt.Key.Key_Return)
    assert gallery.isVisible()
    assert chosen == []


def test_escape_closes_and_chooses_nothing(make, chosen):
    gallery = make()
    QTest.keyClick(gallery.field, Qt.Key.Key_Escape)
    assert not gallery.isVisible()
    assert chosen == []


def test_a_click_on_a_tile_chooses_it(make, chosen):
    gallery = make()
    view = gallery.view
    QTest.mouseClick(view.viewport(), LEFT, pos=view.visualItemRect(view.item(2)).center())
    assert chosen == ["Letters"]


def test_what_is_open_is_chosen_at_first_and_read_out_with_its_sentence(make):
    gallery = make(present="Notes")
    assert gallery.view.currentRow() == 3
    QTest.keyClick(gallery.field, Qt.Key.Key_Right)
    assert gallery.field.accessibleDescription() == "Open Kitchen. Makes kitchen"
    assert gallery.view.item(0).data(Qt.ItemDataRole.AccessibleTextRole) == "Open Faces. Makes faces"


def test_a_tile_shows_its_picture_or_its_letter_in_the_colour_of_its_family(make):
    gallery = make()
    view = gallery.view
    pixels = view.viewport().grab().toImage()
    red = pixels.pixelColor(view.visualItemRect(view.item(0)).center())
    assert red.red() > 200 > 30 > red.green()
    letter = view.visualItemRect(view.item(1))
    assert pixels.pixelColor(letter.left() + 20, letter.top() + 20).green() > 40


def test_it_stays_on_the_screen(make):
    gallery = make()
    assert gallery.screen().availableGeometry().contains(gallery.geometry())


@pytest.mark.parametrize(
    ("query", "plain"), [("finish my drawing", "finish drawing"), ("I want to", "I want to"), ("", ""), ("3d", "3d")]
)
def test_words_around_a_wish_are_passed_over(query, plain):
    assert said_plainly(query) == plain
