"""The panel of texts with a memory, worked by mouse and keys on a small random network."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from plugins.autoregressive.family import FAMILY
from plugins.autoregressive.shared.next_token import Choosing
from plugins.autoregressive.shared.params import MAX_TOKENS
from plugins.autoregressive.text.engine import XLTextEngine
from plugins.autoregressive.text.panel.panel import XLTextPanel
from plugins.autoregressive.text.params import TextParams
from plugins.autoregressive.text.state import XLTextTrace, choice_at
from studio.api.engine import EngineHandle, ModelSource
from studio.core.error import UserError
from studio.core.frame import whole_frames
from studio.core.pausing import result_of
from tests.panel_host import PanelHost
from tests.plugins.autoregressive.branched import branch_at
from tests.plugins.autoregressive.text.xl_made import TEXT, made_cutter, made_network

LEFT = Qt.MouseButton.LeftButton
CARD = {
    "id": "autoregressive/made",
    "kind": "text",
    "examples": ["To be, or not"],
    "defaults": {"length": 12, "memory": 8, "top_p": 0.9},
    "memory_curve": {"memory": [0, 8], "bits": [2.5, 2.25]},
}


class MadeEngine(XLTextEngine):
    """A small network whose passages are made by hand."""

    def passage(self, number):
        return TEXT[:40]


@pytest.fixture
def panel(qtbot, dispatcher, sync_worker):
    host = PanelHost(FAMILY, sync_worker, dispatcher)
    source = ModelSource("autoregressive/made", Path(__file__), CARD)
    panel = XLTextPanel(EngineHandle(source, lambda _: MadeEngine(made_network(), made_cutter())), host)
    qtbot.addWidget(panel)
    panel.resize(1200, 800)
    panel.show()
    settle(qtbot, panel)
    yield panel
    panel.timeline.close()
    assert not host.errors


def settle(qtbot, panel):
    qtbot.waitUntil(lambda: panel.is_settled and panel.presenter.trace is not None and shown(panel) != ())


def shown(panel):
    return panel.stage.canvas.page.sheet.tokens


def ids(panel):
    return panel.timeline.recording[-1].state["ids"].tolist()


def costs(panel):
    return [token.surprise_bits for token in shown(panel)][1:]


def strip(panel):
    return panel.stage.strip


def press_worker(panel, block):
    """Drag the handle of the memory to the beginning of a segment."""
    at = QPoint(round(strip(panel).x_of(block * 4)), round(strip(panel).handle_at().y()))
    QTest.mousePress(strip(panel), LEFT, pos=at)
    QTest.mouseRelease(strip(panel), LEFT, pos=at)


def test_it_opens_with_a_text_as_the_engine_writes_it(panel):
    engine = MadeEngine(made_network(), made_cutter())
    frames = list(whole_frames(engine.generate(panel.params())))
    last: Any = frames[-1].state
    assert ids(panel) == last["ids"].tolist()
    text = "".join(token.piece for token in shown(panel))
    assert text.startswith("To be, or not")
    assert panel.text.place == len(frames) - 1
    assert panel.bars.bars.sizeHint().height() > 0
    assert "8 tokens" in panel.remembering.known.text()


def test_the_strip_shows_where_the_run_looked_before_anything_is_read_again(panel):
    trace, place = XLTextTrace(panel.timeline.recording[-1].state), panel.text.place
    scene, own = strip(panel)._scene, place // 4
    assert panel.memory_presenter.reread_of(trace, panel.params()) is None
    for back in range(min(own + 1, 3)):
        assert scene.looked[own - back] == pytest.approx(float(trace.looked[place, back]), abs=1e-6)
    assert scene.looked.sum() == pytest.approx(1, abs=5e-3)
    assert scene.bits[own] == pytest.approx(float(trace.surprise[own * 4 :].mean()), rel=1e-5)


def test_another_memory_changes_what_words_cost_and_leaves_the_text(panel, qtbot):
    before, text = ids(panel), shown(panel)
    last = panel.text.place // 4
    press_worker(panel, last)
    settle(qtbot, panel)
    assert panel.params().memory == 0
    assert ids(panel) == before
    engine = MadeEngine(made_network(), made_cutter())
    expected = result_of(engine.surprises(before, 0, 0))
    qtbot.waitUntil(lambda: costs(panel) == pytest.approx(expected[1:].tolist(), abs=0.02))
    assert [token.piece for token in shown(panel)] == [token.piece for token in text]
    settle(qtbot, panel)
    chosen = next(row for row in panel.bars.bars._rows if row.is_chosen)
    assert chosen.raw == pytest.approx(2.0 ** -expected[panel.text.place], rel=1e-2)
    panel.host.undo.undo()
    settle(qtbot, panel)
    assert panel.params().memory == 8
    qtbot.waitUntil(lambda: shown(panel) == text)


def test_the_handle_reaches_all_there_is_and_keys_move_it(panel, qtbot):
    press_worker(panel, 0)
    assert panel.params().memory == 8
    QTest.keyClick(strip(panel), Qt.Key.Key_Right)
    assert panel.params().memory == 4
    QTest.keyClick(strip(panel), Qt.Key.Key_Left)
    QTest.keyClick(strip(panel), Qt.Key.Key_Left)
    assert panel.params().memory == 8
    settle(qtbot, panel)


def test_a_click_between_segments_cuts_and_heals(panel, qtbot):
    place = QPoint(round(strip(panel).x_of(8)) - 1, round(strip(panel).block_rect(0).center().y()))
    QTest.mouseClick(strip(panel), LEFT, pos=place)
    settle(qtbot, panel)
    assert panel.params().cut == 8
    assert panel.remembering.heal.isVisibleTo(panel)
    engine = MadeEngine(made_network(), made_cutter())
    expected = result_of(engine.surprises(ids(panel), 8, 8))
    qtbot.waitUntil(lambda: costs(panel) == pytest.approx(expected[1:].tolist(), abs=0.02))
    QTest.mouseClick(strip(panel), LEFT, pos=place)
    assert panel.params().cut == 0
    QTest.keyClick(strip(panel), Qt.Key.Key_Return)
    assert panel.params().cut == panel.text.place // 4 * 4
    QTest.keyClick(strip(panel), Qt.Key.Key_Delete)
    assert panel.params().cut == 0
    settle(qtbot, panel)


def test_a_click_on_a_segment_and_on_a_word_goes_there(panel, qtbot):
    QTest.mouseClick(strip(panel), LEFT, pos=strip(panel).block_rect(1).center().toPoint())
    settle(qtbot, panel)
    assert panel.text.place == 4
    page = panel.stage.canvas.page
    QTest.mouseClick(page, LEFT, pos=page.rect_of_token(6).center().toPoint())
    settle(qtbot, panel)
    assert panel.text.place == 6
    assert page.sheet.current == 6


@pytest.mark.long("opens a panel and draws with its model")
def test_a_candidate_makes_a_branch_that_can_be_left_and_deleted(panel, qtbot):
    before, place = ids(panel), panel.text.place
    bars = panel.bars.bars
    row = next(at for at, one in enumerate(bars._rows) if not one.is_chosen)
    token = bars._rows[row].token
    QTest.mouseClick(bars, LEFT, pos=bars.row_rect(row).center().toPoint())
    settle(qtbot, panel)
    assert ids(panel)[: place + 1] == [*before[:place], token]
    assert panel.stage.branches.isVisibleTo(panel)
    assert shown(panel)[place].is_forced
    panel.runs.go_to(3)
    settle(qtbot, panel)
    assert ids(panel) == before
    assert panel.text.place == 3
    branch = next(track for track in panel.timeline.tracks if track.recording.info.branch is not None)
    panel.stage.branches.delete_requested.emit(branch.id)
    assert len(panel.timeline.tracks) == 1


@pytest.mark.long("opens a panel and draws with its model")
def test_writing_on_goes_on_with_the_same_text(panel, qtbot):
    before = ids(panel)
    panel.write_on(5)
    settle(qtbot, panel)
    after = ids(panel)
    assert after[: len(before)] == before
    assert len(after) in range(len(before), len(before) + 6)
    panel.host.undo.undo()
    settle(qtbot, panel)
    assert ids(panel) == before


@pytest.mark.long("opens a panel and draws with its model")
def test_with_other_settings_what_stands_is_given(panel, qtbot):
    text = "".join(token.piece for token in shown(panel))
    panel.editor.set_params("Settings", memory=0)
    settle(qtbot, panel)
    panel.write_on(3)
    settle(qtbot, panel)
    assert panel.params().prompt == text
    assert "".join(token.piece for token in shown(panel)).startswith(text)


@pytest.mark.long("opens a panel and draws with its model")
def test_undo_brings_back_the_text_that_was_written_before_a_setting_changed(panel, qtbot):
    before, params = ids(panel), panel.params()
    panel.editor.set_params("Settings", temperature=2.5)
    panel.write.write.click()
    settle(qtbot, panel)
    other = ids(panel)
    assert other != before
    panel.host.undo.undo()
    settle(qtbot, panel)
    assert (ids(panel), panel.params().temperature) == (before, 2.5)
    panel.host.undo.undo()
    settle(qtbot, panel)
    assert (ids(panel), panel.params()) == (before, params)
    panel.host.undo.redo()
    panel.host.undo.redo()
    settle(qtbot, panel)
    assert (ids(panel), panel.params().temperature) == (other, 2.5)


def test_a_setting_that_is_changed_before_anything_is_written_is_heeded(panel, qtbot):
    panel.stage.canvas.page.edited.emit("that is")
    settle(qtbot, panel)
    panel.editor.set_params("Settings", temperature=2.5)
    panel.write_on(8)
    settle(qtbot, panel)
    asked = replace(panel.params(), prompt="that is", length=8, temperature=2.5)
    frames: Any = list(whole_frames(MadeEngine(made_network(), made_cutter()).generate(asked)))
    assert ids(panel) == frames[-1].state["ids"].tolist()


@pytest.mark.long("opens a panel and draws with its model")
def test_a_branch_with_other_settings_is_written_on_with_these(panel, qtbot):
    panel.editor.set_params("Settings", temperature=2.5)
    panel.runs.force(panel.params(), panel.text.place - 3, 7, "word")
    settle(qtbot, panel)
    before = ids(panel)
    panel.write_on(5)
    settle(qtbot, panel)
    assert ids(panel)[: len(before)] == before
    panel.host.undo.undo()
    settle(qtbot, panel)
    assert ids(panel) == before


@pytest.mark.long("opens a panel and draws with its model")
def test_a_state_brings_back_a_text_whose_settings_changed_since(panel, qtbot):
    panel.editor.set_params("Settings", temperature=2.5)
    settle(qtbot, panel)
    state, found, rolls = (
        json.loads(json.dumps(panel.state())),
        ids(panel),
        XLTextTrace(panel.timeline.recording[-1].state).roll,
    )
    panel.set_params(TextParams(prompt="or", length=2))
    settle(qtbot, panel)
    panel.set_state(state)
    settle(qtbot, panel)
    assert (ids(panel), panel.params().temperature) == (found, 2.5)
    assert np.array_equal(XLTextTrace(panel.timeline.recording[-1].state).roll, rolls)
    del state["scene"]["written"]  # as it was saved before
    panel.set_state(state)
    settle(qtbot, panel)
    assert panel.params().temperature == 2.5


def test_a_cut_at_the_end_of_the_longest_text_is_saved(panel, qtbot):
    panel.editor.set_params("Cut the memory", cut=2 * MAX_TOKENS)
    settle(qtbot, panel)
    panel.set_state(json.loads(json.dumps(panel.state())))
    settle(qtbot, panel)
    assert panel.params().cut == 2 * MAX_TOKENS


def test_what_is_typed_is_read_and_nothing_written_yet(panel, qtbot):
    panel.stage.canvas.page.edited.emit("that is")
    settle(qtbot, panel)
    qtbot.waitUntil(lambda: "".join(token.piece for token in shown(panel)) == "that is")
    assert panel.params().length == 0
    assert not any(token.is_written for token in shown(panel))


def test_what_is_typed_stays_until_it_is_read(panel):
    page, follow = panel.stage.canvas.page, panel.presenter._follow
    page.setFocus()
    follow._ended_s, follow._is_slow = float("-inf"), False  # it has rested, and shows at once what it is asked for
    QTest.keyClick(page, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    for letters in ("s", "su", "sum"):
        QTest.keyClicks(page, letters[-1])
        assert page.text == letters


@pytest.mark.long("opens a panel and draws with its model")
def test_a_passage_and_a_new_seed(panel, qtbot):
    panel.write.passage.click()
    settle(qtbot, panel)
    qtbot.waitUntil(lambda: "".join(token.piece for token in shown(panel)) == TEXT[:40])
    panel.host.undo.undo()
    settle(qtbot, panel)
    before = panel.params().seed
    panel.write.seed.click()
    assert panel.params().seed != before
    settle(qtbot, panel)


@pytest.mark.long("opens a panel and draws with its model")
def test_the_state_brings_a_branch_back(panel, qtbot):
    plain = json.loads(json.dumps(panel.state()))
    assert plain["text"] is None
    panel.runs.force(panel.params(), panel.text.place - 3, 7, "word")
    settle(qtbot, panel)
    state, found = json.loads(json.dumps(panel.state())), ids(panel)
    rolls = XLTextTrace(panel.timeline.recording[-1].state).roll
    panel.set_state(plain)
    settle(qtbot, panel)
    assert ids(panel) != found
    panel.set_state(state)
    settle(qtbot, panel)
    assert ids(panel) == found
    assert np.array_equal(XLTextTrace(panel.timeline.recording[-1].state).roll, rolls)
    no_rolls = {**state["text"], "rolls": []}
    for wrong in ({}, {**state, "text": {"ids": [1]}}, {**state, "scene": {}}, {**state, "text": no_rolls}):
        with pytest.raises(UserError):
            panel.set_state(wrong)


def test_params_and_snapshot(panel, qtbot):
    params = TextParams(prompt="or", seed=9, length=4, memory=4)
    panel.set_params(params)
    settle(qtbot, panel)
    snapshot = panel.snapshot()
    assert (snapshot.seed, snapshot.params["prompt"], panel.params()) == (9, "or", params)
    assert panel.commands()[0].id == "autoregressive.text_write"


def test_bars_are_those_of_the_place_with_the_die_on_what_stands_there(panel):
    trace, place = XLTextTrace(panel.timeline.recording[-1].state), panel.text.place
    rows = panel.bars.bars._rows
    assert [row.token for row in rows if row.is_chosen] == [trace.ids[place]]
    raw = trace.next_raw[place - 1].astype(np.float64)
    shares = Choosing(1.0, 0.9).chances(np.log(raw)).shares  # of the likeliest alone
    assert all((row.after > 0) == (shares[at] > 0) for at, row in enumerate(rows[:5]) if not row.is_chosen)
    choice: Any = choice_at(trace, place, panel.text.about.vocabulary)
    die = choice.die
    before = [end for text, end in die.shares if end <= die.roll]
    assert die.shares[len(before)][0] == panel.text.about.vocabulary.name(int(trace.ids[place]))


def test_going_on_from_a_token_leaves_the_text_as_it_is(panel, qtbot):
    branch_at(panel, 3)
    settle(qtbot, panel)
