"""The panel of texts, worked by mouse and keys; its writer is made by hand."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from plugins.transformer.text.model.sampler import stages
from plugins.transformer.text.model.token_constraints import sampling_of
from plugins.transformer.text.params import TransformerParams
from studio.core.error import UserError
from studio.widgets.compare.text_pair import TextPair
from tests.plugins.transformer.text.panel.text_panel_made import LEFT, click_bar, click_token, follow, ids_of, shown
from tests.plugins.transformer.text.text_made import PIECES, VOCABULARY, WORDS, MadeWriter, encode, log_probabilities


def test_it_opens_with_a_prompt_running_and_tells_how_surprising_each_token_was(panel):
    tokens, ids = shown(panel), ids_of(panel)
    assert ids[:3] == encode("To be, or")[:3]
    assert "".join(token.piece for token in tokens) == "".join(VOCABULARY.texts(ids))
    assert [token.is_written for token in tokens] == [False] * 4 + [True] * (len(ids) - 4)
    expected = [-log_probabilities(ids[:at])[ids[at]] / np.log(2) for at in range(1, len(ids))]
    assert tokens[0].surprise_bits is None
    assert np.allclose([token.surprise_bits for token in tokens[1:]], expected, atol=1e-4)


def test_the_bars_are_those_of_the_sampler_for_the_marked_token(qtbot, panel):
    panel.editor.set_look(shows_tokens=True)
    click_token(panel, 6)
    follow(qtbot, panel, 6)
    choice, ids = panel.bars.choice, ids_of(panel)
    values = log_probabilities(ids[:6])
    assert choice.rows[0].token == int(values.argmax())
    assert choice.rows[0].raw == pytest.approx(float(np.exp(values.max())), rel=1e-5)
    final = stages(values, ids[:6], sampling_of(panel.params(), VOCABULARY))[-1].logits
    shares = np.exp(final - np.log(np.exp(final).sum()))
    assert choice.rows[0].after == pytest.approx(float(shares.max()), rel=1e-3)
    assert sum(row.after for row in choice.rows) + choice.others.share == pytest.approx(1)
    assert choice.die is not None
    assert choice.die.would == ids[6]


def test_a_slider_moves_the_bars_and_reads_nothing(panel):
    writer = panel.handle._engine
    n_passes, before = writer.n_passes, panel.bars.choice
    panel.editor.set_params("Settings", top_k=2)
    after = panel.bars.choice
    assert [row.after > 0 for row in after.rows].count(True) == 2
    assert after.others.n_left == 0
    assert after.others.n_removed == len(PIECES) - 2
    assert after.rows[0].after > before.rows[0].after
    assert writer.n_passes == n_passes
    assert panel.controls.bars.others.text() == f"{len(PIECES) - 2} are ruled out"


def test_a_click_on_a_candidate_makes_a_branch_and_both_stay(qtbot, panel):
    first = ids_of(panel)
    click_token(panel, 5)
    follow(qtbot, panel, 5)
    row = next(number for number, one in enumerate(panel.bars.choice.rows) if not one.is_chosen)
    wanted = panel.bars.choice.rows[row].token
    click_bar(panel, row)
    assert len(panel.timeline.tracks) == 2
    assert ids_of(panel)[:6] == [*first[:5], wanted]
    assert len(ids_of(panel)) == len(first)
    assert panel.timeline.tracks[0].recording[-1].state["ids"].tolist() == first
    qtbot.waitUntil(panel.stage.branches.isVisible)
    panel.host.undo.undo()
    assert len(panel.timeline.tracks) == 1
    panel.host.undo.redo()
    assert len(panel.timeline.tracks) == 2


def test_the_bars_offer_whole_words_and_a_click_forces_all_tokens_of_one(qtbot, panel, monkeypatch):
    monkeypatch.setattr("plugins.transformer.text.view_model.N_ROWS", 12)  # so that one of two tokens is among them
    panel.editor.type("Shall bid him")
    qtbot.waitUntil(
        lambda: len(ids_of(panel)) == panel.bars.place == 3 and any(row.more for row in panel.bars.choice.rows)
    )
    first = ids_of(panel)
    row, word = next((at, one) for at, one in enumerate(panel.bars.choice.rows) if one.more)
    tokens = [word.token, *word.more]
    assert [WORDS[token] for token in tokens] == [" sl", "eep"]
    assert word.text == " sleep"
    shares = [np.exp(log_probabilities(first + tokens[:at])[token]) for at, token in enumerate(tokens)]
    assert word.raw == pytest.approx(np.prod(shares), rel=1e-4)
    assert panel.controls.bars.others.text().startswith("All other words share ")
    assert "sleep" in panel.controls.bars.bars.accessibleDescription()
    click_bar(panel, row)
    follow(qtbot, panel, 4)
    assert ids_of(panel) == [*first, *tokens]
    assert len(panel.timeline.recording) == 5
    assert [one.text for one in panel.bars.choice.rows if one.is_chosen] == [" sleep"]
    assert panel.controls.bars.title.text() == "Instead of “sleep”"
    panel.editor.set_look(shows_tokens=True)
    assert [one.text for one in panel.bars.choice.rows if one.is_chosen] == ["eep"]


def test_a_word_in_the_midst_is_forced_as_a_branch_with_a_frame_for_each_token(panel):
    first = ids_of(panel)
    panel.branches.force(5, 24, 25)
    assert ids_of(panel)[:7] == [*first[:5], 24, 25]
    assert len(ids_of(panel)) == len(first)
    assert len(panel.timeline.recording) == len(first) - 5
    branch = panel.timeline.track.id
    panel.host.undo.undo()
    assert ids_of(panel) == first
    panel.host.undo.redo()
    assert panel.timeline.tracks.find(branch).recording[1].state["ids"].tolist() == [*first[:5], 24, 25]


def test_the_same_word_leads_to_the_same_branch_again(qtbot, panel):
    click_token(panel, 5)
    follow(qtbot, panel, 5)
    token = next(one.token for one in panel.bars.choice.rows if not one.is_chosen)
    panel.branches.force(5, token)
    branch = panel.timeline.track.id
    first = panel.timeline.tracks[0]
    panel.timeline.show_track(first)
    panel.timeline.show_present()
    panel.branches.force(5, token)
    assert panel.timeline.track.id == branch
    assert len(panel.timeline.tracks) == 2


def test_a_branch_is_deleted_by_key_and_comes_back_by_undo(qtbot, panel):
    panel.branches.force(6, WORDS.index(" king"))
    qtbot.waitUntil(panel.stage.branches.isVisible)
    QTest.keyClick(panel.stage.branches, Qt.Key.Key_Delete)
    assert [track.name for track in panel.timeline.tracks] == ["Run 1"]
    panel.host.undo.undo()
    assert [track.name for track in panel.timeline.tracks] == ["Run 1", "king"]


def test_typing_keeps_what_stands_before_and_waits_to_be_asked(qtbot, panel):
    page = panel.stage.canvas.page
    page.setFocus()
    page.cursor_at = page.cursor_at.moved_to(9)
    QTest.keyClicks(page, " king")
    assert page.text.startswith("To be, or king")
    qtbot.waitUntil(lambda: panel.is_settled and ids_of(panel)[:5] == encode("To be, or king"))
    assert panel.params().prompt.startswith("To be, or king")
    qtbot.waitUntil(lambda: not any(token.is_written for token in shown(panel)))
    n_tokens = len(ids_of(panel))
    QTest.mouseClick(panel.controls.write.step, LEFT)
    assert len(ids_of(panel)) == n_tokens + 1
    panel.host.undo.undo()
    qtbot.waitUntil(lambda: panel.params().prompt == "To be, or" and len(shown(panel)) == 10)


def _let_rest(follow):
    """What is on screen is shown at once when it is asked for next, as after a while without a change."""
    follow._ended_s, follow._is_slow = float("-inf"), False


def test_everything_can_be_erased(qtbot, panel):
    page = panel.stage.canvas.page
    page.setFocus()
    _let_rest(panel.presenter._follow)
    QTest.keyClick(page, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(page, Qt.Key.Key_Delete)
    assert page.text == ""  # what is on the timeline did not come over it
    assert panel.params().prompt == ""
    qtbot.waitUntil(lambda: panel.is_settled)


def test_writing_on_gives_what_one_run_would_have_given(panel):
    QTest.mouseClick(panel.controls.write.step, LEFT)
    QTest.mouseClick(panel.controls.write.write, LEFT)
    engine = MadeWriter()
    params = TransformerParams(prompt="To be, or", length=len(ids_of(panel)) - 4)
    *_, last = engine.generate(params)
    assert last.state is not None
    assert ids_of(panel) == last.state["ids"].tolist()


def test_a_word_is_forced_by_typing_it(qtbot, panel):
    click_token(panel, 5)
    follow(qtbot, panel, 5)
    line = panel.controls.bars.word
    QTest.keyClicks(line, "crown")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert ids_of(panel)[5] == WORDS.index(" crown")
    assert line.text() == ""


def test_attention_layers_and_tree_show_the_marked_token(qtbot, panel):
    click_token(panel, 5)
    follow(qtbot, panel, 5)
    panel.editor.set_tab("attention")
    arcs = panel.stage.canvas.page.sheet.arcs
    assert [(arc.token, arc.to, arc.weight) for arc in arcs] == [(5, 4, 1.0)]
    assert "just before" in panel.controls.attention.role.text()
    panel.editor.set_tab("layers")
    assert panel.stage.grid.isVisible()
    panel.controls.layers.picked.emit(3)
    assert "rises from choice" in panel.controls.layers.pinned.text()
    panel.editor.set_tab("tree")
    panel.controls.tree.grow.click()
    blocks = panel.stage.tree._blocks
    assert len(blocks) == 3 + 9 + 27 + 81
    view = panel.stage.tree
    first = next(one for one in view._placed if one.block.depth == 1)
    QTest.mouseClick(view, LEFT, pos=view.rect_of(first).center().toPoint())
    panel.controls.tree.take.click()
    assert ids_of(panel)[6:] == [first.block.token]
    assert len(panel.timeline.tracks) == 2


def test_the_layers_say_below_the_bars_what_they_expect_there(qtbot, panel):
    panel.editor.set_look(shows_tokens=True)
    click_token(panel, 6)
    follow(qtbot, panel, 6)
    ids, ladder = ids_of(panel), panel.controls.path
    likeliest = int(log_probabilities(ids[:6]).argmax())
    assert not ladder.accessibleDescription()  # out of sight
    panel.frame.inspector.reveal(ladder)
    qtbot.waitUntil(lambda: ladder._guess is not None and ladder._guess.tokens[0, 0] == ids[5])
    assert ladder._guess.tokens.tolist() == [[ids[5]], [ladder._guess.tokens[1, 0]], [likeliest]]
    panel.controls.bars.mode.click()
    qtbot.waitUntil(lambda: ladder._guess.tokens[0, 0] == ids[6])
    QTest.mouseClick(ladder, LEFT, pos=ladder.row_rect(0).center().toPoint())
    assert panel.editor.scene.tab == "layers"
    assert "rises from choice" in panel.controls.layers.pinned.text()


def test_attention_of_a_longer_text_is_cut_until_the_news_come(panel, monkeypatch):
    panel.editor.set_tab("attention")
    desk = panel.inside.attention
    monkeypatch.setattr(desk, "_ask", lambda: None)
    desk.show(ids_of(panel)[:4], [token.piece for token in shown(panel)[:4]], 3, "")
    arcs = panel.stage.canvas.page.sheet.arcs
    assert [(arc.token, arc.to, arc.weight) for arc in arcs] == [(3, 2, 1.0)]


def test_a_head_is_switched_off_and_old_and_new_stand_side_by_side(qtbot, panel):
    panel.editor.set_tab("attention")
    maps = panel.controls.attention.maps
    QTest.mouseClick(maps, Qt.MouseButton.RightButton, pos=maps.cell_rect(1).center().toPoint())
    assert panel.params().muted == "head 2.2"
    assert panel.controls.ablations.bars.isVisibleTo(panel)
    assert "of the probability has moved" in panel.controls.ablations.change.text()
    panel.host.undo.undo()
    assert panel.params().muted == ""
    assert not panel.controls.ablations.bars.isVisibleTo(panel)


def test_a_text_that_rests_has_nothing_to_stop(qtbot, panel):
    first, stop = panel.timeline.track, panel.timeline.bar.transport.stop
    panel.branches.force(5, WORDS.index(" king"))
    for shown_track in (panel.timeline.track, first):
        panel.timeline.select(shown_track.id)
        QApplication.processEvents()
        assert panel.timeline.is_growing  # it can be written on
        assert stop.isHidden()


def test_what_mattered_is_the_word_that_decides(panel):
    panel.editor.set_tab("attention")
    panel.controls.mattered.measure.click()
    rows = panel.controls.mattered.bars._rows
    assert rows[-1].left == rows[-1].right == 1.0
    assert rows[-1].left_text == "+3.0 bit"
    assert all(row.left == 0 for row in rows[:-1])


def test_a_saved_text_comes_back_with_its_branch(qtbot, panel):
    panel.branches.force(5, WORDS.index(" king"))
    state, ids = panel.state(), ids_of(panel)
    panel.editor.set_params("Seed", seed=7)
    qtbot.waitUntil(lambda: panel.is_settled)
    panel.set_state(state)
    assert ids_of(panel) == ids
    for name, value in (("ids", "x"), ("n_prompt", 99), ("scene", {})):
        with pytest.raises(UserError):
            panel.set_state({**state, name: value})


def test_the_look_changes_by_its_boxes_and_goes_back_by_undo(panel):
    boxes = panel.stage.looks.boxes
    QTest.mouseClick(boxes["is_underlined"], LEFT)
    assert panel.stage.canvas.page.sheet.look.is_underlined
    panel.host.undo.undo()
    assert not panel.stage.canvas.page.sheet.look.is_underlined
    assert not boxes["is_underlined"].isChecked()


@pytest.mark.long("opens a panel and draws with its model")
def test_a_word_is_explained_by_what_it_was_drawn_with(qtbot, panel):
    """Nothing that is set afterwards is the reason for a word that stands already."""
    said: dict[int, set[str]] = {}
    for temperature in (0.8, 2.5):
        panel.editor.apply("Temperature", panel.editor.scene.with_params(temperature=temperature), "temperature")
        for index in range(len(panel.timeline.recording)):
            panel.timeline.playback.seek(index)
            qtbot.waitUntil(lambda: panel.is_settled)
            said.setdefault(index, set()).add(panel.frame.caption.text())
    assert len(said) > 3
    assert all(len(texts) == 1 for texts in said.values())


def test_write_both_lets_two_texts_grow_at_once(qtbot, panel):
    button = panel.findChild(QPushButton, "write_both")
    panel.frame.inspector.reveal(button)
    QTest.mouseClick(button, LEFT)
    assert panel.timeline.comparison.pair
    assert panel.timeline.playback.is_playing
    (pair,) = panel.findChildren(TextPair)
    texts = [column.text for column in pair._columns]
    qtbot.waitUntil(lambda: all(len(text.toPlainText()) > 0 for text in texts))
    halfway = [len(text.toPlainText()) for text in texts]
    qtbot.waitUntil(lambda: not panel.timeline.playback.is_playing)
    assert all(len(text.toPlainText()) > before for text, before in zip(texts, halfway, strict=True))
    assert "underlined" in pair._summary.text()
