"""The panel of texts in any order, worked by mouse and keys on a small random network."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton

from plugins.autoregressive.family import FAMILY
from plugins.autoregressive.infill.engine import InfillEngine
from plugins.autoregressive.infill.panel.mask_matrices import masks, sorted_places
from plugins.autoregressive.infill.panel.panel import InfillPanel
from plugins.autoregressive.infill.panel.sections import read_words
from plugins.autoregressive.infill.passage import MAX_BLANKS
from plugins.autoregressive.infill.scene import InfillParams
from plugins.autoregressive.infill.state import started
from studio.api.engine import EngineHandle, ModelSource
from studio.core.error import UserError
from studio.core.pausing import result_of
from studio.core.text.gaps import MAX_CHARS, UNKNOWN_ID
from tests.panel_host import PanelHost
from tests.plugins.autoregressive.branched import branch_at
from tests.plugins.autoregressive.infill.infill_made import EXAMPLES, made_network
from tests.plugins.autoregressive.text.xl_made import made_cutter

LEFT = Qt.MouseButton.LeftButton
ALT, SHIFT = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ShiftModifier
CARD = {"id": "autoregressive/made", "kind": "order", "examples": list(EXAMPLES), "defaults": {"top_p": 0.9}}
ENGINE = InfillEngine(made_network(n_context=64), made_cutter(), EXAMPLES)


class MadeEngine(InfillEngine):
    """A small network whose passages are made by hand."""

    def passage(self, number):
        return "Whether ’tis nobler to suffer"

    def close(self):
        pass


@pytest.fixture
def panel(qtbot, dispatcher, sync_worker):
    host = PanelHost(FAMILY, sync_worker, dispatcher)
    source = ModelSource("autoregressive/made", Path(__file__), CARD)
    engine = MadeEngine(ENGINE.network, ENGINE.cutter, EXAMPLES)
    panel = InfillPanel(EngineHandle(source, lambda _: engine), host)
    qtbot.addWidget(panel)
    panel.resize(1200, 900)
    panel.show()
    assert panel.timeline.playback.is_playing
    settle(qtbot, panel)
    yield panel
    panel.timeline.close()
    assert not host.errors


def settle(qtbot, panel):
    """Let what plays come to its end, and wait for all else."""

    def is_at_rest():
        if panel.timeline.playback.is_playing:
            panel.timeline.playback.to_end()
            panel.timeline.pause()
        return panel.is_settled and panel.presenter.seen is not None and panel.presenter.tokens != ()

    qtbot.waitUntil(is_at_rest)


def seen(panel):
    return panel.presenter.seen


def told(panel):
    return panel.timeline.recording[-1].state["told"].tolist()


def expected(params, start=None) -> Any:
    """The frame that a run of the engine ends with."""
    return list(ENGINE.generate(params, start))[-1]


def order(panel):
    return seen(panel).passage.order


def page(panel):
    return panel.stage.page


def pieces(panel):
    return [token.piece for token in page(panel).sheet.tokens]


def at_word(panel, place):
    return page(panel).rect_of_token(place).center().toPoint()


def word_of(panel, word):
    """The places of a word's tokens."""
    pieces = ENGINE.vocabulary.texts(seen(panel).passage.ids)
    found = seen(panel).words(ENGINE.vocabulary)
    return next(places for places in found if "".join(pieces[place] for place in places).strip() == word)


def at_chip(panel, turn):
    return panel.stage.strip.chip_rect(turn).center().toPoint()


def drag_chip(panel, turn, to):
    strip = panel.stage.strip
    QTest.mousePress(strip, LEFT, pos=at_chip(panel, turn))
    QTest.mouseMove(strip, at_chip(panel, turn) + QPoint(6, 0))
    for step in range(min(turn, to), max(turn, to) + 1):
        QTest.mouseMove(strip, at_chip(panel, step if to > turn else turn + to - step))
    QTest.mouseRelease(strip, LEFT, pos=at_chip(panel, to))


def test_it_opens_with_an_example_as_the_engine_fills_it(panel):
    last = expected(panel.params())
    assert told(panel) == last.state["told"].tolist()
    assert len(panel.timeline.recording) == last.n_steps == len(order(panel)) + 1
    assert seen(panel).n_told == len(order(panel))
    assert panel.text.field.text() == EXAMPLES[0]
    assert panel.bars.bars.sizeHint().height() > 0
    assert "".join(pieces(panel)) == "".join(last.views["text"].pieces)


def test_scrubbing_shows_blanks_being_filled(panel, qtbot):
    panel.timeline.playback.seek(2)
    settle(qtbot, panel)
    qtbot.waitUntil(lambda: page(panel).sheet.current == order(panel)[1])
    shown = pieces(panel)
    assert [place for place, piece in enumerate(shown) if "▁" in piece] == sorted(order(panel)[2:])
    assert shown[order(panel)[2]] == " ▁3▁"
    assert page(panel).told(order(panel)[2]).startswith("Blank 3")
    assert "bits" in page(panel).told(order(panel)[0])
    assert "is part of the text" in page(panel).told(0)
    panel.timeline.playback.seek(0)
    settle(qtbot, panel)
    qtbot.waitUntil(lambda: panel.bars.title.text() == "Blank 1")
    assert panel.stage.strip._chips[0].word == ""


@pytest.mark.long("opens a panel and draws with its model")
def test_a_click_leaves_a_word_out_and_another_gives_it_back(panel, qtbot):
    places, before = word_of(panel, "question"), order(panel)
    QTest.mouseClick(page(panel), LEFT, pos=at_word(panel, places[0]))
    settle(qtbot, panel)
    assert order(panel) == (*before, *places)
    assert panel.timeline.playback.index == 0
    assert told(panel) == expected(panel.params(), started(seen(panel).passage)).state["told"].tolist()
    QTest.mouseClick(page(panel), LEFT, pos=at_word(panel, places[-1]))
    settle(qtbot, panel)
    assert order(panel) == before
    panel.host.undo.undo()
    settle(qtbot, panel)
    assert order(panel) == (*before, *places)
    panel.host.undo.undo()
    settle(qtbot, panel)
    assert order(panel) == before


@pytest.mark.long("opens a panel and draws with its model")
def test_a_drag_leaves_several_out_and_shift_goes_on(panel, qtbot):
    panel.editor.set_passage("none", seen(panel).passage.in_order(()))
    settle(qtbot, panel)
    first, last = word_of(panel, "be")[0], word_of(panel, "that")[-1]
    QTest.mousePress(page(panel), LEFT, pos=at_word(panel, first))
    QTest.mouseMove(page(panel), at_word(panel, last))
    assert page(panel).cursor_at.has_selection
    QTest.mouseRelease(page(panel), LEFT, pos=at_word(panel, last))
    settle(qtbot, panel)
    assert order(panel) == tuple(range(first, last + 1))
    panel.editor.set_passage("none", seen(panel).passage.in_order(()))
    settle(qtbot, panel)
    QTest.mouseClick(page(panel), LEFT, pos=at_word(panel, first))
    settle(qtbot, panel)
    QTest.mouseClick(page(panel), LEFT, SHIFT, at_word(panel, last))
    settle(qtbot, panel)
    assert set(order(panel)) == set(range(first, last + 1))


def test_keys_choose_words_in_the_text(panel, qtbot):
    panel.editor.set_passage("none", seen(panel).passage.in_order(()))
    settle(qtbot, panel)
    page(panel).setFocus()
    QTest.keyClick(page(panel), Qt.Key.Key_Return)
    settle(qtbot, panel)
    words = seen(panel).words(ENGINE.vocabulary)
    assert order(panel) == words[0]
    QTest.keyClick(page(panel), Qt.Key.Key_Right)
    QTest.keyClick(page(panel), Qt.Key.Key_Right)
    QTest.keyClick(page(panel), Qt.Key.Key_Right, SHIFT)
    QTest.keyClick(page(panel), Qt.Key.Key_Right, SHIFT)
    QTest.keyClick(page(panel), Qt.Key.Key_Return)
    settle(qtbot, panel)
    assert set(order(panel)) == {*words[0], *words[2], *words[3], *words[4]}
    QTest.keyClicks(page(panel), "abc")
    assert panel.text.field.text() == EXAMPLES[0]


@pytest.mark.long("opens a panel and draws with its model")
def test_a_dragged_chip_changes_the_order_in_one_step(panel, qtbot):
    before = order(panel)
    drag_chip(panel, 0, 3)
    settle(qtbot, panel)
    assert order(panel) == (*before[1:4], before[0], *before[4:])
    assert told(panel) == expected(panel.params(), started(seen(panel).passage)).state["told"].tolist()
    assert panel.host.undo.undo_title == "Order of the blanks"
    panel.host.undo.undo()
    settle(qtbot, panel)
    assert order(panel) == before
    drag_chip(panel, 2, 0)
    settle(qtbot, panel)
    assert order(panel) == (before[2], *before[:2], *before[3:])


def test_keys_move_a_chip(panel, qtbot):
    before, strip = order(panel), panel.stage.strip
    QTest.mouseClick(strip, LEFT, pos=at_chip(panel, 1))
    settle(qtbot, panel)
    assert seen(panel).n_told == 2
    strip.setFocus()
    QTest.keyClick(strip, Qt.Key.Key_Right, ALT)
    QTest.keyClick(strip, Qt.Key.Key_Right, ALT)
    settle(qtbot, panel)
    assert order(panel) == (before[0], before[2], before[3], before[1], *before[4:])
    QTest.keyClick(strip, Qt.Key.Key_Left, ALT)
    settle(qtbot, panel)
    assert order(panel) == (before[0], before[2], before[1], *before[3:])
    QTest.keyClick(strip, Qt.Key.Key_Right)
    settle(qtbot, panel)
    assert seen(panel).n_told == 4


def test_the_same_place_has_the_same_die_in_any_order(panel, qtbot):
    rolls = dict(zip(order(panel), panel.timeline.recording[-1].state["facts"][:, 3].tolist(), strict=True))
    QTest.mouseClick(panel.order.buttons["left"], LEFT)
    settle(qtbot, panel)
    again = dict(zip(order(panel), panel.timeline.recording[-1].state["facts"][:, 3].tolist(), strict=True))
    assert order(panel) == tuple(sorted(order(panel), reverse=True))
    assert again == rolls


@pytest.mark.long("opens a panel and draws with its model")
def test_orders_with_a_name(panel, qtbot):
    places = tuple(sorted(order(panel)))
    QTest.mouseClick(panel.order.buttons["shuffle"], LEFT)
    settle(qtbot, panel)
    assert order(panel) != places
    assert tuple(sorted(order(panel))) == places
    QTest.mouseClick(panel.order.buttons["surest"], LEFT)
    settle(qtbot, panel)
    assert order(panel) == result_of(ENGINE.surest(seen(panel).passage))
    QTest.mouseClick(panel.order.buttons["right"], LEFT)
    settle(qtbot, panel)
    assert order(panel) == places


@pytest.mark.parametrize("way", ["shuffle", "left", "surest"])
def test_an_order_is_seen_as_the_blanks_fill_in_it(panel, qtbot, way):
    before = order(panel)
    for _ in range(2):  # the second time it may be the order that there is
        QTest.mouseClick(panel.order.buttons[way], LEFT)
        qtbot.waitUntil(lambda: panel.timeline.playback.is_playing)
        settle(qtbot, panel)
    assert order(panel) != before


def test_fill_plays_from_the_first_blank_and_again_rolls_other_dice(panel, qtbot):
    QTest.mouseClick(panel.fill_section.fill, LEFT)
    assert panel.timeline.playback.is_playing
    assert panel.timeline.playback.index == 0
    settle(qtbot, panel)
    before, seed = told(panel), panel.params().seed
    QTest.mouseClick(panel.fill_section.again, LEFT)
    qtbot.waitUntil(lambda: panel.timeline.playback.is_playing)
    settle(qtbot, panel)
    assert panel.params().seed != seed
    assert told(panel) != before
    assert len(panel.timeline.tracks) == 2


def test_a_candidate_makes_a_branch_with_the_same_beginning(panel, qtbot):
    panel.runs.go_to(1)
    settle(qtbot, panel)
    before, bars = told(panel), panel.bars.bars
    qtbot.waitUntil(lambda: any(row.is_chosen and row.token == before[1] for row in bars._rows))
    row = next(at for at, one in enumerate(bars._rows) if not one.is_chosen)
    token = bars._rows[row].token
    QTest.mouseClick(bars, LEFT, pos=bars.row_rect(row).center().toPoint())
    settle(qtbot, panel)
    assert told(panel)[:2] == [before[0], token]
    assert len(panel.timeline.tracks) == 2
    assert page(panel).sheet.tokens[order(panel)[1]].is_forced
    panel.runs.go_to(0)
    settle(qtbot, panel)
    assert told(panel) == before
    panel.runs.go_to(1)
    settle(qtbot, panel)
    panel.bars.forced.emit(before[1])
    assert len(panel.timeline.tracks) == 2


def test_masks_are_those_of_the_order_with_the_present_row(panel, qtbot):
    panel.runs.go_to(2)
    settle(qtbot, panel)
    matrices, passage = panel.masking.matrices, seen(panel).passage
    both = masks(len(passage), passage.order)
    qtbot.waitUntil(lambda: matrices._row == passage.order[2])
    assert np.array_equal(matrices._masks[0], both.content)
    assert np.array_equal(matrices._masks[1], both.query)
    assert matrices.seen(1) == len(passage) - len(passage.order) + 2
    assert "Blank 3" in panel.masking.words.text()
    turn = next(one for one in panel.masking.axes.findChildren(QAbstractButton) if one.text() == "By turn")
    QTest.mouseClick(turn, LEFT)
    settle(qtbot, panel)
    at = np.ix_(*[sorted_places(passage, "turn")] * 2)
    qtbot.waitUntil(lambda: np.array_equal(matrices._masks[1], both.query[at]))
    n_given = len(passage) - len(passage.order)
    assert np.array_equal(matrices._masks[0][n_given:, n_given:], np.tri(len(passage.order), dtype=bool))


@pytest.mark.long("opens a panel and draws with its model")
def test_orders_are_compared_for_the_words_on_screen_alone(panel, qtbot):
    panel.editor.set_passage("few", seen(panel).passage.in_order(order(panel)[:3]))
    settle(qtbot, panel)
    QTest.mouseClick(panel.comparing.compare, LEFT)
    settle(qtbot, panel)
    qtbot.waitUntil(panel.comparing.table.isVisible)
    found: Any = result_of(ENGINE.compare(seen(panel).passage, told(panel)))
    cells = [[cell.text() for cell in row] for row in panel.comparing.cells]
    assert cells[0] == ["", "as it was", "as filled in"]
    assert [row[1] for row in cells[1:]] == [f"{bits:.1f}" for bits in found.true.bits.values()]
    assert [row[2] for row in cells[1:]] == [f"{bits:.1f}" for bits in found.filled.bits.values()]
    assert "all 6 orders" in panel.comparing.words.text()
    QTest.mouseClick(panel.order.buttons["shuffle"], LEFT)
    settle(qtbot, panel)
    qtbot.waitUntil(lambda: not panel.comparing.table.isVisible())


@pytest.mark.long("opens a panel and draws with its model")
def test_typing_keeps_the_blanks_where_nothing_changes(panel, qtbot):
    before, field = order(panel), panel.text.field
    field.setFocus()
    field.moveCursor(field.textCursor().MoveOperation.End)
    QTest.keyClicks(field, " be")
    settle(qtbot, panel)
    assert order(panel) == before
    assert panel.params().prompt == EXAMPLES[0] + " be"
    qtbot.waitUntil(lambda: panel.text.words.text() == f"{len(seen(panel).passage)} tokens.")
    panel.host.undo.undo()
    settle(qtbot, panel)
    assert panel.params().prompt == EXAMPLES[0]
    qtbot.waitUntil(lambda: field.text() == EXAMPLES[0])
    QTest.keyClicks(field, " __")
    settle(qtbot, panel)
    assert seen(panel).passage.ids[order(panel)[-1]] == UNKNOWN_ID
    assert told(panel)[-1] >= 0
    QTest.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(field, Qt.Key.Key_Delete)
    settle(qtbot, panel)
    assert seen(panel).passage.ids[order(panel)[-1]] == UNKNOWN_ID  # an empty text is none


def test_a_text_that_is_too_long_is_cut_and_says_so(panel, qtbot):
    field = panel.text.field
    pasted = QMimeData()
    pasted.setText("that is the question " * 20_000)
    field.selectAll()
    field.insertFromMimeData(pasted)
    assert len(field.text()) == MAX_CHARS
    settle(qtbot, panel)
    assert len(seen(panel).passage) == 64
    qtbot.waitUntil(lambda: "can read 64 tokens at once" in panel.text.words.text())


@pytest.mark.long("opens a panel and draws with its model")
def test_a_text_with_too_many_blanks_is_cut_and_says_why(panel, qtbot):
    field, pasted = panel.text.field, QMimeData()
    pasted.setText(" ".join(["___"] * (MAX_BLANKS + 2)))
    field.selectAll()
    field.insertFromMimeData(pasted)
    settle(qtbot, panel)
    qtbot.waitUntil(lambda: f"At most {MAX_BLANKS} blanks can be filled" in panel.text.words.text())
    assert "at once" not in panel.text.words.text()


def test_how_much_of_a_text_is_read_is_said():
    assert read_words(1, 1, 64) == "1 token."
    assert "can read 64 tokens at once: of these 90" in read_words(90, 64, 64)
    assert "of these 90 tokens, the first 60 are used" in read_words(90, 60, 64)


def test_there_are_only_so_many_blanks(panel, qtbot):
    panel.queries.example("that is the question " * 9)
    settle(qtbot, panel)
    before = order(panel)
    panel.gestures.toggle(tuple(range(MAX_BLANKS + 1)))
    assert panel.gestures.passage.order == before


@pytest.mark.long("opens a panel and draws with its model")
def test_examples_passages_and_dropped_texts(panel, qtbot, tmp_path):
    QTest.mouseClick(panel.fill_section.example, LEFT)
    settle(qtbot, panel)
    assert panel.params().prompt == EXAMPLES[1]
    QTest.mouseClick(panel.fill_section.passage, LEFT)
    settle(qtbot, panel)
    assert panel.params().prompt == "Whether ’tis nobler to suffer"
    path = tmp_path / "own.txt"
    path.write_text("to be that is the question", "utf-8")
    assert panel.open_path(path)
    settle(qtbot, panel)
    assert panel.params().prompt == "to be that is the question"
    assert not panel.open_path(tmp_path / "none.txt")
    assert not panel.open_path(tmp_path)
    path.write_bytes(b"\0\0")
    assert panel.open_path(path)
    settle(qtbot, panel)
    assert panel.params().prompt == "to be that is the question"


def test_without_blanks_there_is_nothing_to_fill(panel, qtbot):
    panel.editor.set_passage("none", seen(panel).passage.in_order(()))
    settle(qtbot, panel)
    qtbot.waitUntil(lambda: not panel.fill_section.fill.isEnabled())
    assert not panel.comparing.compare.isEnabled()
    assert "".join(pieces(panel)) == EXAMPLES[0]
    panel.gestures.compare()
    panel.fill()
    settle(qtbot, panel)


def test_settings_make_it_anew_and_the_look_does_not(panel, qtbot):
    track = panel.timeline.track.recording
    QTest.mouseClick(panel.stage.looks.boxes["is_underlined"], LEFT)
    settle(qtbot, panel)
    assert page(panel).sheet.look.is_underlined
    assert panel.timeline.track.recording is track
    panel.editor.set_params("Settings", temperature=0.3)
    settle(qtbot, panel)
    assert panel.timeline.track.recording is not track
    assert told(panel) == expected(panel.params(), started(seen(panel).passage)).state["told"].tolist()


@pytest.mark.long("opens a panel and draws with its model")
def test_the_state_brings_order_and_branch_back(panel, qtbot):
    drag_chip(panel, 0, 2)
    settle(qtbot, panel)
    plain = json.loads(json.dumps(panel.state(), allow_nan=False))
    assert plain["filling"] is None
    panel.runs.go_to(1)
    settle(qtbot, panel)
    forced = (told(panel)[1] + 1) % 200
    panel.bars.forced.emit(forced)
    settle(qtbot, panel)
    state, found = json.loads(json.dumps(panel.state(), allow_nan=False)), told(panel)
    rolls = panel.timeline.recording[-1].state["facts"][:, 3]
    panel.set_state(plain)
    settle(qtbot, panel)
    assert told(panel) != found
    panel.set_state(state)
    settle(qtbot, panel)
    assert told(panel) == found
    assert np.array_equal(panel.timeline.recording[-1].state["facts"][:, 3], rolls)
    assert panel.state() == state


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("scene", {}),
        ("scene", None),
        ("filling", {"passage": [[1], []]}),
        ("is_caption_hidden", 1),
        ("other", 1),
        ("filling", {"passage": [[1, 2], [0]], "told": [3], "rolls": [2.0]}),
        ("filling", {"passage": [[1, 2], [0, 0]], "told": [], "rolls": []}),
        ("filling", {"passage": [[1, 2], [5]], "told": [], "rolls": []}),
        ("filling", {"passage": [[1, "2"], [1]], "told": [], "rolls": []}),
        ("filling", {"passage": [[], []], "told": [], "rolls": []}),
        ("filling", {"passage": [[1], [0]], "told": [1, 2], "rolls": [0.5, 0.5]}),
    ],
)
def test_unsound_states_are_refused(panel, part, value):
    before = panel.state()
    with pytest.raises(UserError):
        panel.set_state({**before, part: value})
    for change in ({"axes": "none"}, {"is_underlined": 1}, {"passage": 3}, {"params": 1}):
        with pytest.raises(UserError):
            panel.set_state({**before, "scene": {**before["scene"], **change}})
    assert panel.state() == before


def test_params_snapshot_and_commands(panel, qtbot):
    params = InfillParams(seed=9, temperature=0.5)
    panel.set_params(params)
    settle(qtbot, panel)
    snapshot = panel.snapshot()
    assert (snapshot.seed, panel.params()) == (9, params)
    assert np.array_equal(snapshot.frame.state["told"], expected(params).state["told"])
    assert panel.text.field.text() == EXAMPLES[0]
    assert panel.commands()[0].id == "autoregressive.order_fill"
    assert panel.tabs.tabs.value() == "Text"
    panel.grab()


def test_going_on_from_a_blank_leaves_the_run_and_the_passage_as_they_are(panel, qtbot):
    branch_at(panel, 1)
    settle(qtbot, panel)
