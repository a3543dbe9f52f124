"""Choosing a model, and the card that says what it is."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget

from studio.core.card import Card
from studio.widgets.controls.model_picker import CardPopup, ModelPicker, bytes_text, card_rows, trained_text
from studio.widgets.gallery.gallery import Gallery

TRAINED = {"date": "2026-11-25", "minutes": 40.0, "machine": "two cores", "n_steps": 3587, "seed": 1}


def make_card(name: str) -> Card:
    return Card(
        id=f"vae/{name}",
        title=name.title(),
        task="Draws.",
        licence="MIT",
        data="8,000 pictures",
        n_params=12_345,
        figures={"Negative ELBO, nats": 144.25},
        trained=TRAINED,
    )


@pytest.fixture
def picker(qtbot) -> ModelPicker:
    made = ModelPicker([make_card("digits"), make_card("letters")], "vae/digits")
    qtbot.addWidget(made)
    made.show()
    return made


def opened_gallery(picker: ModelPicker) -> Gallery:
    QTest.mouseClick(picker.button, Qt.MouseButton.LeftButton)
    return picker.findChildren(Gallery)[-1]


def test_it_names_the_model_and_marks_it_in_the_gallery(picker: ModelPicker) -> None:
    assert picker.button.text() == "Digits"
    view = opened_gallery(picker).view
    assert [view.choice_at(row).is_present for row in range(view.count())] == [True, False]
    assert view.currentRow() == 0


def test_another_model_is_chosen_and_the_present_one_is_not(qtbot, picker: ModelPicker) -> None:
    chosen: list[str] = []
    picker.chosen.connect(chosen.append)
    QTest.keyClick(opened_gallery(picker).field, Qt.Key.Key_Return)
    field = opened_gallery(picker).field
    QTest.keyClick(field, Qt.Key.Key_Right)
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert chosen == ["vae/letters"]


def test_the_card_opens_and_shows_every_fact(picker: ModelPicker) -> None:
    QTest.mouseClick(picker.card_button, Qt.MouseButton.LeftButton)
    popup = next(widget for widget in QApplication.topLevelWidgets() if isinstance(widget, CardPopup))
    texts = " ".join(label.text() for label in popup.findChildren(QLabel))
    popup.close()
    for fact in ("Draws.", "8,000 pictures", "MIT", "12,345", "144.2", "Negative ELBO, nats"):
        assert fact in texts


def test_how_it_was_trained_is_one_sentence_of_what_is_known() -> None:
    assert trained_text(TRAINED) == "2026-11-25, 40 minutes, two cores, 3,587 steps, seed 1"
    assert trained_text({"seed": 3}) == "seed 3"
    assert next(iter(card_rows(make_card("digits")))) == "Trained on"


def test_a_model_without_a_card_has_no_card_button(qtbot) -> None:
    picker = ModelPicker([], "vae/unknown")
    qtbot.addWidget(picker)
    assert picker.button.text() == "vae/unknown"
    assert picker.card_button.isHidden()


def test_a_folder_of_other_people_is_called_by_its_name(qtbot) -> None:
    picker = ModelPicker([make_card("digits")], "vae/my-model-v2.folder")
    qtbot.addWidget(picker)
    assert picker.button.text() == "my-model-v2"


def shown_popup() -> CardPopup:
    return next(widget for widget in QApplication.topLevelWidgets() if isinstance(widget, CardPopup))


def test_an_own_model_says_its_room_and_can_be_deleted(picker: ModelPicker) -> None:
    deleted: list[str] = []
    picker.delete_requested.connect(deleted.append)
    picker.set_own_models({"vae/digits": 12_400_000})
    gallery = opened_gallery(picker)
    assert [gallery.view.choice_at(row).group for row in range(2)] == ["yours, 12.4 MB", ""]
    gallery.close()
    QTest.mouseClick(picker.card_button, Qt.MouseButton.LeftButton)
    popup = shown_popup()
    assert "12.4 MB" in [label.text() for label in popup.findChildren(QLabel)]
    delete = popup.findChild(QPushButton, "delete_model")
    assert delete is not None
    QTest.mouseClick(delete, Qt.MouseButton.LeftButton)
    assert deleted == ["vae/digits"]


def test_a_model_of_the_program_cannot_be_deleted(picker: ModelPicker) -> None:
    QTest.mouseClick(picker.card_button, Qt.MouseButton.LeftButton)
    popup = shown_popup()
    assert popup.findChild(QPushButton, "delete_model") is None
    popup.close()


def test_training_is_offered_only_where_somebody_listens(picker: ModelPicker) -> None:
    wishes: list[None] = []
    picker.train_requested.connect(lambda: wishes.append(None))
    assert picker.train_button.isHidden()
    picker.offer_training()
    QTest.mouseClick(picker.train_button, Qt.MouseButton.LeftButton)
    assert len(wishes) == 1


def test_new_models_are_offered_at_once(picker: ModelPicker) -> None:
    picker.set_cards([make_card("digits"), make_card("letters"), make_card("mine")])
    assert opened_gallery(picker).view.count() == 3


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1234, "1.23 KB"),
        (820_000, "820 KB"),
        (12_400_000, "12.4 MB"),
        (1_300_000_000, "1.3 GB"),
        (2.5e12, "2,500 GB"),
    ],
)
def test_sizes_are_plain(size: float, text: str) -> None:
    assert bytes_text(size) == text


def test_a_long_name_of_ones_own_ends_in_an_ellipsis_and_the_buttons_beside_it_stay(qtbot) -> None:
    name = "My grandmother’s handwriting, all letters of 1954 to 1961"
    page = QWidget()
    picker = ModelPicker([replace(make_card("own"), title=name)], "vae/own", parent=page)
    qtbot.addWidget(page)
    picker.offer_training()
    picker.resize(290, picker.sizeHint().height())
    page.show()
    assert picker.button.words() == name
    assert picker.button.text().endswith("…")
    assert picker.rect().contains(picker.card_button.geometry())
    picker.resize(900, picker.height())
    assert picker.button.text() == name
