"""The field of a word takes what is typed and says which letters the model draws otherwise, or not at all."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from plugins.vae.shared.panel.sections import VaeWordSection
from plugins.vae.shared.params import drawable, not_drawn_words


@pytest.fixture
def section(qtbot):
    section = VaeWordSection()
    qtbot.addWidget(section)
    section.show()
    section.show_text("Hamburg")
    section.field.selectAll()
    return section


@pytest.fixture
def drawn(section):
    """The texts that the model was asked to draw."""
    texts: list[str] = []
    section.text_changed.connect(texts.append)
    return texts


def type_into(field, text):
    """Press a key for each letter, accents too, which QTest has no keys for."""
    for sign in text:
        QApplication.sendEvent(field, QKeyEvent(QEvent.Type.KeyPress, 0, Qt.KeyboardModifier.NoModifier, sign))


def test_a_name_with_an_accent_stays_as_typed_and_says_what_is_drawn(section, drawn):
    type_into(section.field, "Paul & Zoé")
    assert section.field.text() == "Paul & Zoé"
    assert drawn[-1] == "Paul  Zoé"
    assert section.not_drawn.isVisible()
    assert section.not_drawn.text() == "Accents added to the model’s letters: é. The model does not know: &."
    section.show_text("Paul  Zoé")
    assert section.field.text() == "Paul & Zoé"


def test_a_word_that_is_known_needs_no_line(section, drawn):
    type_into(section.field, "&")
    assert section.not_drawn.isVisible()
    assert drawn == []
    section.show_text("Rest 9")
    assert section.field.text() == "Rest 9"
    assert not section.not_drawn.isVisible()


@pytest.mark.parametrize(
    ("text", "drawn", "words"),
    [
        ("Ab 9", "Ab 9", ""),
        ("Ünë", "Ünë", "Accents added to the model’s letters: Ü ë."),
        ("e\N{COMBINING ACUTE ACCENT}", "é", "Accents added to the model’s letters: é."),
        ("x\N{COMBINING FERMATA}ß", "x", "Drawn without accents: x\N{COMBINING FERMATA}. The model does not know: ß."),
        ("ß?ß", "", "The model does not know: ß ?."),
        ("", "", ""),
    ],
)
def test_letters_are_drawn_without_their_accents_and_signs_not_at_all(text, drawn, words):
    assert drawable(text) == drawn
    assert not_drawn_words(text) == words
