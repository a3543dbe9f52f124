"""The panel of translations, worked by mouse and keys on a small random network."""

import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from plugins.transformer.translate.engine import TranslateEngine
from plugins.transformer.translate.model.weights import OpenTranslator
from plugins.transformer.translate.panel.panel import TranslatePanel
from plugins.transformer.translate.state import MAX_SOURCE
from studio.core.text.token import named
from tests.plugins.transformer.followed_panel_made import settle, shown_panel
from tests.plugins.transformer.translate.conftest import SENTENCES

LEFT, CONTROL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier
EXAMPLES = ("the king of the house", SENTENCES[0])
CARD = {"id": "transformer/made", "kind": "translate", "examples": list(EXAMPLES), "references": ["", SENTENCES[1]]}
WORDS = frozenset(["and", "god", "said", "let", "there", "be", "light", "the", "king", "of", "house"])


@pytest.fixture
def panel(qtbot, dispatcher, sync_worker, network, tokenizer):
    pairs = tuple(zip(EXAMPLES, CARD["references"], strict=True))
    engine = TranslateEngine(OpenTranslator(network, tokenizer, WORDS), pairs)
    with shown_panel(qtbot, dispatcher, sync_worker, TranslatePanel, engine, CARD) as panel:
        yield panel


def write(qtbot, panel, text):
    """Replace the English text by hand: some by keys, what is long from the clipboard."""
    page = panel.stage.source
    QTest.mouseClick(page, LEFT)
    QTest.keyClick(page, Qt.Key.Key_A, CONTROL)
    if text.isascii() and text.isprintable() and len(text) < 100:
        QTest.keyClicks(page, text)
    else:
        QGuiApplication.clipboard().setText(text)
        QTest.keyClick(page, Qt.Key.Key_V, CONTROL)
    settle(qtbot, panel)


def source_of(panel):
    return list(panel.presenter.trace.source)


def click_word(panel, token):
    page = panel.stage.target
    QTest.mouseClick(page, LEFT, pos=page.rect_of_token(token).center().toPoint())


def point_at(page, token):
    QTest.mouseMove(page, page.rect_of_token(token).center().toPoint())


def test_it_opens_with_an_example_translated(panel):
    assert panel.stage.source.text == EXAMPLES[0]
    assert panel.stage.target.text == "".join(token.piece for token in panel.presenter.view.tokens)
    assert [row.text for row in panel.stage.lanes._rows] == [
        panel.presenter.trace.text(lane, panel.presenter.info.vocabulary) for lane in range(4)
    ]


@pytest.mark.long("opens a panel and draws with its model")
def test_a_sentence_that_is_typed_is_translated_once_the_hand_rests(qtbot, panel, tokenizer):
    write(qtbot, panel, "the light")
    assert panel.editor.scene.params.prompt == "the light"
    assert source_of(panel) == panel.handle._engine.cut("the light")
    assert panel.stage.source.text == "the light"
    assert not panel.presenter.view.unseen
    panel.host.undo.undo()
    settle(qtbot, panel)
    assert source_of(panel) == panel.handle._engine.cut(EXAMPLES[0])


def test_words_glow_that_the_word_under_the_mouse_looked_at(qtbot, panel):
    stage, view = panel.stage, panel.presenter.view
    point_at(stage.target, 1)
    assert stage.source.glow == view.looks[view.word_at(1)].tolist()
    assert sum(stage.source.glow) > 0.5
    point_at(stage.source, 1)
    assert stage.target.glow == view.glow_of_target(1)
    assert len(stage.target.glow) == len(view.tokens)
    QTest.mouseMove(panel.stage.lanes)
    qtbot.waitUntil(lambda: stage.target.glow == [])


def test_the_board_is_the_same_as_the_glow_and_its_cells_choose_words(qtbot, panel):
    board, view = panel.board, panel.presenter.view
    word = len(view.words) - 1
    QTest.mouseMove(board, board.cell(word, 0).center().toPoint())
    assert panel.stage.source.glow == view.looks[word].tolist()
    assert board.hint_of(word * len(view.chips)).count("“") == 2
    QTest.mouseClick(board, LEFT, pos=board.cell(word, 0).center().toPoint())
    assert panel.presenter.place == view.words[word][0]
    settle(qtbot, panel)


def test_a_click_on_a_candidate_is_a_branch_and_undo_takes_it_away(qtbot, panel):
    first, track = panel.presenter.trace.ids, panel.timeline.track
    kept = track.recording[-1].state["lanes"].tolist()
    click_word(panel, 1)
    settle(qtbot, panel)
    rows = panel.presenter.trace.candidates(1, panel.presenter.info.vocabulary)
    assert (
        panel.candidates.title.text() == f"Instead of “{named(rows[[row.is_chosen for row in rows].index(True)].text)}”"
    )
    place = next(number for number, row in enumerate(rows) if not row.is_chosen)
    bars = panel.candidates.bars
    QTest.mouseClick(bars, LEFT, pos=bars.row_rect(place).center().toPoint())
    settle(qtbot, panel)
    assert len(panel.timeline.tracks) == 2
    wanted = [*first[:1], rows[place].token]
    assert all(list(lane[:2]) == wanted for lane in panel.presenter.trace.lanes)
    assert track.recording[-1].state["lanes"].tolist() == kept
    click_word(panel, 1)
    settle(qtbot, panel)
    again = next(row for row in panel.presenter.trace.candidates(1, panel.presenter.info.vocabulary) if row.is_chosen)
    assert again.token == rows[place].token
    panel.host.undo.undo()
    settle(qtbot, panel)
    assert len(panel.timeline.tracks) == 1
    assert list(panel.presenter.trace.ids) == list(first)[: len(panel.presenter.trace.ids)]


def test_a_branch_that_was_made_before_is_shown_again(qtbot, panel):
    first = panel.timeline.track
    click_word(panel, 0)
    token = next(row.token for row in panel.presenter.trace.candidates(0, panel.presenter.info.vocabulary)[1:])
    for _ in range(2):
        panel.timeline.show_track(first)
        settle(qtbot, panel)
        panel.presenter.choose(0)
        panel.presenter.force(token)
        settle(qtbot, panel)
    assert len(panel.timeline.tracks) == 2


def test_a_lane_is_kept_by_a_click_and_by_enter(qtbot, panel):
    lanes = panel.stage.lanes
    kept = panel.presenter.trace.lanes[2]
    QTest.mouseClick(lanes, LEFT, pos=lanes.row_rect(2).center().toPoint())
    settle(qtbot, panel)
    assert len(panel.timeline.tracks) == 2
    assert tuple(panel.presenter.trace.lanes[0][: len(kept)]) == tuple(kept)
    lanes.setFocus()
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Return):
        QTest.keyClick(lanes, key)
    settle(qtbot, panel)
    assert len(panel.timeline.tracks) in (2, 3)


def test_left_and_right_go_from_word_to_word_and_no_key_writes_in_the_translation(qtbot, panel):
    page, before = panel.stage.target, panel.stage.target.text
    click_word(panel, 2)
    settle(qtbot, panel)
    page.setFocus()
    QTest.keyClick(page, Qt.Key.Key_Left)
    settle(qtbot, panel)
    assert panel.presenter.place == 1
    QTest.keyClick(page, Qt.Key.Key_Right)
    QTest.keyClicks(page, "xyz")
    QTest.keyClick(page, Qt.Key.Key_Backspace)
    settle(qtbot, panel)
    assert panel.presenter.place == 2
    assert page.text == before


def test_the_buttons_take_the_next_example_and_show_the_search(qtbot, panel):
    QTest.mouseClick(panel.asking.example, LEFT)
    settle(qtbot, panel)
    assert panel.stage.source.text == EXAMPLES[1]
    assert SENTENCES[1] in panel.frame.caption.text()
    QTest.mouseClick(panel.asking.replay, LEFT)
    assert panel.timeline.playback.index == 0
    assert panel.timeline.playback.is_playing


@pytest.mark.long("opens a panel and draws with its model")
def test_fewer_lanes_are_one_step_of_undo(qtbot, panel):
    panel.editor.set_params("Settings", lanes=1)
    settle(qtbot, panel)
    assert len(panel.presenter.trace.lanes) == 1
    panel.host.undo.undo()
    settle(qtbot, panel)
    assert len(panel.presenter.trace.lanes) == 4


def test_an_emptied_text_leaves_the_last_translation(qtbot, panel):
    before = panel.presenter.trace.ids
    write(qtbot, panel, "   ")
    assert panel.presenter.trace.ids == before
    assert not panel.host.errors


@pytest.mark.parametrize(
    "text", ["太初有道，道與神同在。", "👩‍🚀🔥 the king 🐟🐟", "the king of the house " * 228, "\n\n\tthe\n\nking\n"]
)
def test_any_text_is_translated_as_far_as_the_network_reads(qtbot, panel, text):
    write(qtbot, panel, text)
    assert source_of(panel) == panel.handle._engine.cut(text)
    assert 1 < len(source_of(panel)) <= MAX_SOURCE
    assert panel.presenter.trace.ids
    view = panel.presenter.view
    assert view.looks.shape == (len(view.words), len(view.chips))
    assert panel.stage.source.text
    for token in range(0, len(view.tokens), 7):
        assert len(view.glow_of_source(token)) == len(view.chips)
    panel.grab()


@pytest.mark.long("opens a panel and draws with its model")
def test_words_that_were_never_read_are_underlined_and_counted(qtbot, panel):
    write(qtbot, panel, "the spaceship of Obadiah")
    assert panel.presenter.view.unseen == {1, 3}
    assert "2 words are underlined" in panel.frame.caption.text()
    assert "never read" in panel.stage.source.told(1)
    assert "never read" not in panel.stage.source.told(0)


@pytest.mark.long("opens a panel and draws with its model")
def test_what_is_kept_shows_the_same_branch_again(qtbot, panel, dispatcher, sync_worker):
    click_word(panel, 1)
    token = next(row.token for row in panel.presenter.trace.candidates(1, panel.presenter.info.vocabulary)[2:])
    panel.presenter.force(token)
    settle(qtbot, panel)
    lanes = panel.presenter.trace.lanes
    kept = json.loads(json.dumps(panel.state()))
    QTest.mouseClick(panel.asking.example, LEFT)
    settle(qtbot, panel)
    assert panel.presenter.trace.lanes != lanes
    panel.set_state(kept)
    settle(qtbot, panel)
    assert panel.presenter.trace.lanes == lanes


@pytest.mark.long("opens a panel and draws with its model")
def test_all_lanes_have_room_on_a_small_screen(qtbot, panel):
    panel.resize(1280, 620)  # what a window of 1280 x 720 has for a panel
    panel.editor.set_params("Settings", lanes=8)
    write(qtbot, panel, "the spaceship of Obadiah")
    lanes, stage = panel.stage.lanes, panel.stage
    qtbot.waitUntil(lambda: lanes.row_rect(7).bottom() <= lanes.height())
    qtbot.waitUntil(lambda: lanes.geometry().bottom() <= stage.height())
