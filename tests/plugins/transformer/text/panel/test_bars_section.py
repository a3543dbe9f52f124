"""The words about the bars of the next token, at rest and while a text grows."""

import pytest
from pytestqt.qtbot import QtBot

from plugins.transformer.text.model.sampler import STAGES
from plugins.transformer.text.panel import bars_section
from plugins.transformer.text.panel.bars_section import TokenBarsSection, others_words
from plugins.transformer.text.view_model import NextTokenChoice, OtherTokens


def choice(n_left: int) -> NextTokenChoice:
    return NextTokenChoice((), OtherTokens(n_left, 0.5, 0), (("top_k", n_left),), frozenset(("top_k",)), None)


def test_words_that_cannot_be_read_wait_until_the_text_rests(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bars_section, "WORDS_MS", 1_000_000)
    section = TokenBarsSection()
    qtbot.addWidget(section)
    for n_left in (7, 8, 9):
        section.show_choice(choice(n_left), f"Word {n_left}", "after", STAGES[-1], is_resting=False)
    assert (section.title.text(), section.others.text()) == ("Word 7", others_words(OtherTokens(7, 0.5, 0)))
    section.show_choice(choice(9), "Word 9", "after", STAGES[-1])
    assert (section.title.text(), section.others.text()) == ("Word 9", others_words(OtherTokens(9, 0.5, 0)))


def test_they_follow_a_slow_text(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bars_section, "WORDS_MS", 1)
    section = TokenBarsSection()
    qtbot.addWidget(section)
    for n_left in (7, 8):
        section.show_choice(choice(n_left), "", "after", STAGES[-1], is_resting=False)
    qtbot.waitUntil(lambda: section.others.text() == others_words(OtherTokens(8, 0.5, 0)))
