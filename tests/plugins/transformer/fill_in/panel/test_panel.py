"""The panel of texts with gaps, worked by mouse and keys on a small random network."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox

from plugins.transformer.family import FAMILY
from plugins.transformer.fill_in.engine import FillInEngine
from plugins.transformer.fill_in.model.cutter import MaskCutter
from plugins.transformer.fill_in.model.encoder import Encoder
from plugins.transformer.fill_in.panel.attention import arcs_of, role_sentences
from plugins.transformer.fill_in.panel.panel import FillInPanel
from plugins.transformer.fill_in.params import BY_CHANCE, LEFTMOST
from plugins.transformer.fill_in.state import GIVEN, OPEN
from studio.api.engine import EngineHandle, ModelSource
from studio.core.text.gaps import MAX_CHARS, UNKNOWN_ID
from tests.panel_host import PanelHost
from tests.plugins.transformer.fill_in.conftest import EXAMPLES

LEFT, SHIFT, CONTROL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
CARD = {"id": "transformer/made", "kind": "fill_in", "examples": list(EXAMPLES)}


class MadeEngine(FillInEngine):
    """A small network whose passages are made by hand."""

    def passage(self, number: int) -> str:
        return "the queen of the tower is here"

    def close(self) -> None:
        """Others go on with its weights."""


@pytest.fixture
def panel(qtbot: Any, dispatcher: Any, sync_worker: Any, made: Encoder, cutter: MaskCutter) -> Iterator[FillInPanel]:
    host = PanelHost(FAMILY, sync_worker, dispatcher)
    engine = MadeEngine(made, cutter, EXAMPLES)
    panel = FillInPanel(EngineHandle(ModelSource("transformer/made", Path(__file__), CARD), lambda _: engine), host)
    qtbot.addWidget(panel)
    panel.resize(1200, 900)
    panel.show()
    settle(qtbot, panel)
    yield panel
    panel.timeline.close()
    assert not host.errors


def settle(qtbot: Any, panel: FillInPanel) -> None:
    """Let what plays come to its end, and wait for all else."""

    def is_at_rest() -> bool:
        if panel.timeline.playback.is_playing:
            panel.timeline.playback.to_end()
            panel.timeline.pause()
        return panel.is_settled and panel.presenter.filling is not None

    qtbot.waitUntil(is_at_rest)


def filling(panel: FillInPanel) -> Any:
    panel.presenter.look()
    return panel.presenter.filling


def gaps(panel: FillInPanel) -> list[int]:
    return [place for place, turn in enumerate(filling(panel).turn) if turn != GIVEN]


def word(panel: FillInPanel, text: str) -> tuple[int, ...]:
    """The places of a word of the text as it was written."""
    assert panel.presenter.about is not None
    pieces = panel.presenter.about.vocabulary.texts(filling(panel).written.tolist())
    return next(places for places in panel.presenter.words if "".join(pieces[at] for at in places).strip() == text)


def at(panel: FillInPanel, place: int) -> QPoint:
    return panel.page.rect_of_token(place).center().toPoint()


def click(qtbot: Any, panel: FillInPanel, place: int) -> None:
    QTest.mouseClick(panel.page, LEFT, pos=at(panel, place))
    settle(qtbot, panel)


def press(qtbot: Any, panel: FillInPanel, button: QAbstractButton) -> None:
    QTest.mouseClick(button, LEFT)
    settle(qtbot, panel)


def restored(qtbot: Any, panel: FillInPanel) -> None:
    press(qtbot, panel, panel.fill_section.restore)
    assert gaps(panel) == []


def undo(qtbot: Any, panel: FillInPanel) -> None:
    panel.host.undo.undo()
    settle(qtbot, panel)


def test_it_opens_with_an_example_whose_gaps_are_open(panel: FillInPanel) -> None:
    assert panel.params().prompt == EXAMPLES[0]
    assert panel.text.field.text() == EXAMPLES[0]
    assert filling(panel).open_places == gaps(panel) != []
    assert panel.timeline.playback.index == 0
    assert panel.gap.title.text() == "Likeliest first"
    assert [button.isEnabled() for button in panel.fill_section.findChildren(QAbstractButton)] == [True] * 6


@pytest.mark.long("opens a panel and draws with its model")
def test_a_click_makes_a_gap_another_looks_into_it_and_a_third_puts_the_word_back(
    panel: FillInPanel, qtbot: Any
) -> None:
    restored(qtbot, panel)
    king, dead = word(panel, "king"), word(panel, "dead")
    click(qtbot, panel, king[0])
    assert gaps(panel) == list(king)
    assert panel.presenter.marked == king
    click(qtbot, panel, dead[-1])
    assert gaps(panel) == sorted([*king, *dead])
    assert panel.presenter.marked == dead
    click(qtbot, panel, king[-1])
    assert gaps(panel) == sorted([*king, *dead])
    assert panel.presenter.marked == king
    click(qtbot, panel, king[0])
    assert gaps(panel) == list(dead)
    for expected in (sorted([*king, *dead]), list(king), []):
        undo(qtbot, panel)
        assert gaps(panel) == expected


def test_a_drag_makes_gaps_of_several_words_and_puts_them_back(panel: FillInPanel, qtbot: Any) -> None:
    restored(qtbot, panel)
    first, last = word(panel, "king")[0], word(panel, "of")[-1]
    for expected in (list(range(first, last + 1)), []):
        QTest.mousePress(panel.page, LEFT, pos=at(panel, first))
        QTest.mouseMove(panel.page, at(panel, last))
        QTest.mouseRelease(panel.page, LEFT, pos=at(panel, last))
        settle(qtbot, panel)
        assert gaps(panel) == expected


def test_keys_choose_words_and_other_clicks_do_nothing(panel: FillInPanel, qtbot: Any) -> None:
    restored(qtbot, panel)
    page, words = panel.page, panel.presenter.words
    page.setFocus()
    QTest.keyClick(page, Qt.Key.Key_Right)
    QTest.keyClick(page, Qt.Key.Key_Return)
    settle(qtbot, panel)
    assert gaps(panel) == list(words[1])
    QTest.keyClick(page, Qt.Key.Key_Left)
    QTest.keyClick(page, Qt.Key.Key_Left)
    QTest.keyClick(page, Qt.Key.Key_Right, SHIFT)
    QTest.keyClick(page, Qt.Key.Key_Return)
    settle(qtbot, panel)
    assert gaps(panel) == sorted({*words[0], *words[1]})
    before = panel.editor.scene
    QTest.keyClicks(page, "abc")
    QTest.mouseClick(page, Qt.MouseButton.RightButton, pos=at(panel, 0))
    QTest.mouseClick(page, LEFT, pos=page.rect().bottomRight() - QPoint(2, 2))
    settle(qtbot, panel)
    assert panel.editor.scene == before


@pytest.mark.long("opens a panel and draws with its model")
def test_a_candidate_stands_in_its_gap_and_the_model_fills_the_others_anew(panel: FillInPanel, qtbot: Any) -> None:
    restored(qtbot, panel)
    dead, king = word(panel, "dead"), word(panel, "king")
    click(qtbot, panel, dead[0])
    click(qtbot, panel, king[0])
    press(qtbot, panel, panel.fill_section.fill)
    assert filling(panel).open_places == []
    kept = panel.timeline.track
    click(qtbot, panel, king[0])
    found = panel.presenter.found
    assert found is not None
    assert found.places == king
    bars = panel.gap.bars
    QTest.mouseMove(bars, QPoint(bars.width() // 2, bars.height() // 3))
    QTest.mouseClick(bars, LEFT, pos=QPoint(bars.width() // 2, bars.height() // 3))
    settle(qtbot, panel)
    now = filling(panel)
    chosen = tuple(int(now.now[place]) for place in king)
    assert chosen in found.tokens
    assert [now.turn[place] for place in king] == [0] * len(king)
    assert all(now.turn[place] > 0 and now.now[place] != OPEN for place in dead)
    text: Any = panel.editor.scene.text
    assert dict(text.put) == dict(zip(king, chosen, strict=True))
    assert kept in list(panel.timeline.tracks)  # the text before stays beside it
    assert panel.timeline.track is not kept
    undo(qtbot, panel)
    text = panel.editor.scene.text
    assert text.put == {}


@pytest.mark.long("opens a panel and draws with its model")
def test_filling_plays_step_by_step_in_the_chosen_order(panel: FillInPanel, qtbot: Any) -> None:
    press(qtbot, panel, panel.fill_section.empty)
    assert gaps(panel) == list(range(len(filling(panel).turn)))
    row: Any = panel.choosing.findChild(QComboBox)
    assert [row.itemText(number) for number in range(row.count())] == [
        "surest first",
        "in random order",
        "left to right",
    ]
    row.setFocus()
    QTest.keyClick(row, Qt.Key.Key_Down)
    QTest.keyClick(row, Qt.Key.Key_Down)
    settle(qtbot, panel)
    assert panel.params().order in (LEFTMOST, BY_CHANCE)
    panel.editor.set_params("order", order=LEFTMOST)
    settle(qtbot, panel)
    QTest.mouseClick(panel.fill_section.fill, LEFT)
    assert panel.timeline.playback.is_playing
    settle(qtbot, panel)
    n_tokens = len(filling(panel).turn)
    assert filling(panel).turn.tolist() == list(range(1, n_tokens + 1))
    recording: Any = panel.timeline.recording
    assert len(recording) == n_tokens + 1
    panel.timeline.playback.seek(2)
    settle(qtbot, panel)
    assert filling(panel).open_places == list(range(2, n_tokens))


def test_again_keeps_the_first_ending(panel: FillInPanel, qtbot: Any) -> None:
    press(qtbot, panel, panel.fill_section.empty)
    first = panel.timeline.track
    before = panel.params().seed
    press(qtbot, panel, panel.fill_section.again)
    assert panel.params().seed != before
    assert panel.timeline.track is not first
    assert len(panel.timeline.tracks) == 2
    assert filling(panel).open_places == []


def test_words_that_are_typed_become_the_text(panel: FillInPanel, qtbot: Any) -> None:
    field = panel.text.field
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_A, CONTROL)
    QTest.keyClicks(field, "good __ lord")
    settle(qtbot, panel)
    assert panel.params().prompt == "good __ lord"
    assert [int(filling(panel).written[place]) for place in gaps(panel)] == [UNKNOWN_ID]
    click(qtbot, panel, gaps(panel)[0])
    click(qtbot, panel, gaps(panel)[0])
    assert len(gaps(panel)) == 1  # nobody knows what stood there
    QTest.keyClick(field, Qt.Key.Key_A, CONTROL)
    QTest.keyClick(field, Qt.Key.Key_Delete)
    settle(qtbot, panel)
    assert panel.params().prompt == "good __ lord"  # an empty text is none
    undo(qtbot, panel)
    assert panel.text.field.text() == EXAMPLES[0]


def test_a_text_that_is_too_long_is_cut_and_says_so(panel: FillInPanel, qtbot: Any) -> None:
    field, pasted = panel.text.field, QMimeData()
    pasted.setText("the king of the house " * 20_000)
    field.selectAll()
    field.insertFromMimeData(pasted)
    assert len(field.text()) == MAX_CHARS
    settle(qtbot, panel)
    assert len(filling(panel).turn) == 48
    qtbot.waitUntil(lambda: "can read 48 tokens at once" in panel.text.words.text())


@pytest.mark.long("opens a panel and draws with its model")
def test_examples_passages_and_dropped_texts(panel: FillInPanel, qtbot: Any, tmp_path: Path) -> None:
    press(qtbot, panel, panel.fill_section.example)
    assert panel.params().prompt == EXAMPLES[1]
    press(qtbot, panel, panel.fill_section.passage)
    assert panel.params().prompt == "the queen of the tower is here"
    path = tmp_path / "own.txt"
    path.write_text("my lord is here", "utf-8")
    assert panel.open_path(path)
    settle(qtbot, panel)
    assert panel.params().prompt == "my lord is here"
    assert not panel.open_path(tmp_path / "none.txt")
    path.write_bytes(b"\0\0")
    assert panel.open_path(path)
    settle(qtbot, panel)
    assert panel.params().prompt == "my lord is here"


def test_each_word_says_how_well_it_fits_and_what_a_click_does(panel: FillInPanel, qtbot: Any) -> None:
    restored(qtbot, panel)
    qtbot.waitUntil(lambda: "bits" in panel.page.told(0))
    assert panel.page.told(0).endswith("Click to make a gap here.")
    click(qtbot, panel, word(panel, "king")[0])
    assert panel.page.told(word(panel, "king")[0]).startswith("Click to see what could go here")
    assert panel.page.told(-1) == panel.page.told(999) == ""


def test_attention_goes_both_ways_and_follows_the_marked_word(panel: FillInPanel, qtbot: Any) -> None:
    restored(qtbot, panel)
    click(qtbot, panel, word(panel, "of")[0])
    qtbot.waitUntil(lambda: bool(panel.page.sheet.arcs))
    arcs, place = panel.page.sheet.arcs, word(panel, "of")[0]
    assert {arc.token for arc in arcs} == {place}
    assert min(arc.to for arc in arcs) < place < max(arc.to for arc in arcs)


def test_heads_are_told_by_where_they_look() -> None:
    n_tokens = 6
    heads = np.zeros((4, n_tokens, n_tokens), np.float32)
    for token in range(n_tokens):
        heads[0, token, max(token - 1, 0)] = heads[1, token, min(token + 1, n_tokens - 1)] = 1
        heads[2, token, token] = heads[3, token, 2] = 1
    said = role_sentences(heads, (4, 5, -1, 7, 8, 9))
    for sentence, words in zip(said, ("just before", "just after", "itself", "gaps"), strict=True):
        assert words in sentence
    assert role_sentences(np.full((1, 6, 6), 1 / 6), (4, 5, 6, 7, 8, 9))[0].startswith("It spreads")
    assert [arc.to for arc in arcs_of(heads[3], 5)] == [2]
    assert arcs_of(heads[3], 6) == ()


def test_it_comes_back_as_it_was_left(panel: FillInPanel, qtbot: Any) -> None:
    click(qtbot, panel, word(panel, "the")[0])
    press(qtbot, panel, panel.fill_section.fill)
    state, now = panel.state(), filling(panel).now.tolist()
    restored(qtbot, panel)
    panel.set_state(state)
    settle(qtbot, panel)
    assert panel.state() == state
    assert filling(panel).now.tolist() == now
