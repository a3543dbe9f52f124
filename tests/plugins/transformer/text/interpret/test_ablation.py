"""A word taken for another one: in the engine against the changed text, in the panel by keys and mouse."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from plugins.transformer.text.interpret.ablation import TokenSwap, word_range
from plugins.transformer.text.model.ablation_mask import AblationMask
from studio.core.error import UserError
from tests.plugins.transformer.text.decoder_made import SENTENCE, small_engine
from tests.plugins.transformer.text.panel.text_panel_made import LEFT, click_token, follow, ids_of, shown
from tests.plugins.transformer.text.text_made import WORDS, encode, log_probabilities


def test_what_comes_next_is_that_of_the_changed_text():
    engine = small_engine(64)
    encoded = engine.tokenizer.encode
    text, other = SENTENCE[:40], SENTENCE[:40].replace(" not", " question")
    ids, first = encoded(text), len(encoded(text[: text.index(" not")]))
    end = len(encoded(text[: text.index(" not") + 4]))
    found = engine.swapped(ids, TokenSwap(first, end, True, "question"), "")
    assert [*ids[:first], *found.ids, *ids[end:]] == encoded(other)
    assert np.array_equal(found.effect.whole, engine.effect(ids, "").whole)
    assert np.array_equal(found.effect.muted, engine.effect(encoded(other), "").whole)
    assert found.effect.distance > 1e-3
    shift = len(found.ids) - (end - first)
    muted = engine.swapped(ids, TokenSwap(first, end, True, "question"), f"word 1, word {end + 2}, word {first + 1}")
    assert np.array_equal(muted.effect.muted, engine.effect(encoded(other), f"word 1, word {end + 2 + shift}").muted)
    with pytest.raises(UserError, match="no tokens"):
        engine.swapped(ids, TokenSwap(first, end, False, ""), "")


def test_words_that_are_off_stay_the_same_words():
    swap = TokenSwap(3, 5, True, "x")
    off = AblationMask(frozenset({(1, 1)}), frozenset({2}), frozenset({0, 3, 4, 5, 9}))
    assert swap.ablation(off, 4) == AblationMask(off.heads, off.layers, frozenset({0, 7, 11}))
    assert swap.applied([10, 11, 12, 13, 14, 15], [7]) == [10, 11, 12, 7, 15]


def test_a_word_has_all_its_tokens():
    pieces = ["To", " sl", "eep", ",", " be", "\n", "That"]
    assert [word_range(pieces, place) for place in range(7)] == [(0, 1), (1, 3), (1, 3), (3, 4), (4, 5), (5, 6), (6, 7)]


def test_a_typed_word_shows_both_bars_there_and_at_later_words(qtbot, panel):
    section, ids = panel.controls.swap, ids_of(panel)
    panel.editor.set_tab("attention")
    click_token(panel, 7)
    follow(qtbot, panel, 7)
    assert not section.bars.isVisible()
    QTest.keyClicks(section.word, "king")
    QTest.keyClick(section.word, Qt.Key.Key_Return)
    king = WORDS.index(" king")
    before, after = np.exp(log_probabilities(ids[:8])), np.exp(log_probabilities([*ids[:7], king]))
    share = 50 * np.abs(before - after).sum()
    assert section.said.text().endswith(f"Right after it, {share:.1f} % of the probability has moved.")
    rows = section.bars._rows
    assert len(rows) == 8
    assert rows[0].left_text == f"{100 * before.max():.1f} %"
    click_token(panel, 9)
    follow(qtbot, panel, 9)
    before, after = log_probabilities(ids[:9]), log_probabilities([*ids[:7], king, ids[8]])
    share = 50 * np.abs(np.exp(before) - np.exp(after)).sum()
    said = "0 %" if share == 0 else f"{share:.1f} %"
    assert f"At “{shown(panel)[9].piece.strip()}”, {said}" in section.said.text()


def test_a_clicked_word_is_written_as_a_branch_or_taken_back(qtbot, panel):
    section, ids = panel.controls.swap, ids_of(panel)
    panel.editor.set_tab("attention")
    click_token(panel, 7)
    follow(qtbot, panel, 7)
    chip = section.others._chips[0]
    word = chip.text()
    QTest.mouseClick(chip, LEFT)
    assert section.bars.isVisible()
    QTest.mouseClick(section.drop, LEFT)
    assert not section.bars.isVisible()
    QTest.mouseClick(section.others._chips[0], LEFT)
    QTest.mouseClick(section.take, LEFT)
    assert ids_of(panel) == [*ids[:7], *encode(f" {word}"), *ids[8:]]
    assert [track.name for track in panel.timeline.tracks] == ["Run 1", word]
    assert not section.take.isVisible()


def test_a_word_without_tokens_is_refused_in_a_sentence(qtbot, panel):
    section = panel.controls.swap
    panel.editor.set_tab("attention")
    click_token(panel, 7)
    follow(qtbot, panel, 7)
    QTest.keyClicks(section.word, "zzz")
    QTest.keyClick(section.word, Qt.Key.Key_Return)
    assert section.said.text() == "No such word."
    assert not section.take.isVisible()
