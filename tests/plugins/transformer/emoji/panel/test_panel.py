"""The panel of drawing, worked by mouse and keys on a small random network."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from plugins.transformer.emoji.engine import EmojiEngine
from plugins.transformer.emoji.panel.panel import EmojiPanel
from plugins.transformer.emoji.params import BY_LINE, BY_SCALE
from studio.core.error import UserError
from tests.plugins.transformer.followed_panel_made import settle, shown_panel

LEFT, CONTROL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier
EXAMPLES = ["a fox on a blue background", "a cat on a red background"]
CARD: dict[str, Any] = {"id": "transformer/made", "kind": "emoji", "examples": EXAMPLES}


@pytest.fixture
def panel(qtbot: Any, dispatcher: Any, sync_worker: Any, engine: EmojiEngine) -> Iterator[EmojiPanel]:
    with shown_panel(qtbot, dispatcher, sync_worker, EmojiPanel, engine, CARD) as panel:
        yield panel


def click_cell(qtbot: Any, panel: EmojiPanel, row: int, column: int) -> None:
    QTest.mouseClick(panel.canvas, LEFT, pos=panel.canvas.rect_of(row, column).center().toPoint())
    settle(qtbot, panel)


def click_order(panel: EmojiPanel, order: str) -> None:
    segment = panel.sentence.order.findChild(QWidget, order)
    assert segment is not None
    QTest.mouseClick(segment, LEFT)


def candidates(panel: EmojiPanel) -> list[int]:
    found = panel.choices.pictures._found
    assert found is not None
    return [int(one) for one in found.ids]


def choose(qtbot: Any, panel: EmojiPanel, index: int) -> int:
    """Click a candidate; which token it is."""
    pictures = panel.choices.pictures
    code = candidates(panel)[index]
    QTest.mouseClick(pictures, LEFT, pos=pictures.rect_of(index).center().toPoint())
    settle(qtbot, panel)
    return code


def tokens(panel: EmojiPanel) -> list[int]:
    assert panel.presenter.trace is not None
    return panel.presenter.trace.tokens


def test_it_opens_with_a_finished_picture(panel: EmojiPanel) -> None:
    assert len(tokens(panel)) == 21
    assert panel.canvas._n_cells == 4
    assert panel.frame.caption.text()
    assert not panel.choices.pictures.isVisible()


def test_another_sentence_is_drawn_once_the_hand_rests_and_taken_back(qtbot: Any, panel: EmojiPanel) -> None:
    before, field = tokens(panel), panel.sentence.field
    QTest.keyClick(field, Qt.Key.Key_A, CONTROL)
    QTest.keyClicks(field, "two unicorns")
    settle(qtbot, panel)
    assert panel.editor.scene.params.prompt == "two unicorns"
    assert "unicorns" in panel.frame.caption.text()
    after = tokens(panel)
    panel.host.undo.undo()
    settle(qtbot, panel)
    assert tokens(panel) == before != after
    assert field.text() == panel.editor.scene.params.prompt
    QTest.keyClick(field, Qt.Key.Key_A, CONTROL)
    QTest.keyClick(field, Qt.Key.Key_Delete)  # an empty sentence asks for nothing
    settle(qtbot, panel)
    assert tokens(panel) == before


def test_buttons_ask_for_examples_other_pictures_and_the_way_there(qtbot: Any, panel: EmojiPanel) -> None:
    first = tokens(panel)
    QTest.mouseClick(panel.sentence.another, LEFT)
    settle(qtbot, panel)
    assert panel.editor.scene.params.seed == 2
    assert tokens(panel) != first
    QTest.mouseClick(panel.sentence.example, LEFT)
    settle(qtbot, panel)
    assert panel.editor.scene.params.prompt == EXAMPLES[1]
    QTest.mouseClick(panel.sentence.replay, LEFT)
    settle(qtbot, panel)
    assert len(tokens(panel)) == 21


@pytest.mark.long("opens a panel and draws with its model")
def test_line_by_line_is_another_run_with_a_frame_for_each_token(qtbot: Any, panel: EmojiPanel) -> None:
    click_order(panel, BY_LINE)
    settle(qtbot, panel)
    assert panel.presenter.trace is not None
    assert panel.presenter.trace.is_by_line
    assert panel.timeline.n_frames == 32
    panel.timeline.playback.seek(5)
    settle(qtbot, panel)
    assert len(tokens(panel)) == 6
    click_cell(qtbot, panel, 3, 3)  # nothing is written there yet
    assert panel.presenter.token == -1
    click_cell(qtbot, panel, 0, 1)
    assert panel.presenter.token == 3
    code = choose(qtbot, panel, 2)
    assert tokens(panel)[3] == code
    click_order(panel, BY_SCALE)
    settle(qtbot, panel)
    assert not panel.presenter.trace.is_by_line


def test_a_token_is_looked_into_and_forced_as_a_branch(qtbot: Any, panel: EmojiPanel) -> None:
    panel.timeline.playback.seek(1)  # 2 x 2 tokens
    settle(qtbot, panel)
    click_cell(qtbot, panel, 1, 0)
    assert panel.presenter.token == 3
    assert panel.choices.pictures.isVisible()
    before, n_tracks = tokens(panel), len(panel.timeline.tracks)
    index = next(at for at in range(8) if candidates(panel)[at] != before[3])
    code = choose(qtbot, panel, index)
    assert len(panel.timeline.tracks) == n_tracks + 1
    assert tokens(panel)[:5] == [*before[:3], code, before[4]]
    assert len(tokens(panel)) == 21
    state = json.loads(json.dumps(panel.state()))
    assert state["start"]["forced"] == [3]
    panel.timeline.show_track(next(one for one in panel.timeline.tracks if one.recording.info.branch is None))
    panel.timeline.playback.seek(1)
    panel.timeline.show_present()
    settle(qtbot, panel)
    click_cell(qtbot, panel, 1, 0)
    assert tokens(panel) == before
    assert panel.presenter.token == 3
    assert choose(qtbot, panel, index) == code  # the same choice shows the branch that is there
    assert len(panel.timeline.tracks) == n_tracks + 1
    forced = tokens(panel)
    panel.set_state(state)
    settle(qtbot, panel)
    assert tokens(panel) == forced
    with pytest.raises(UserError):
        panel.set_state({**state, "start": {"by_line": [0], "tokens": [-5], "forced": [0]}})


def test_arrow_keys_go_from_token_to_token_and_a_second_click_lets_go(qtbot: Any, panel: EmojiPanel) -> None:
    click_cell(qtbot, panel, 0, 0)
    QTest.keyClick(panel.canvas, Qt.Key.Key_Right)
    QTest.keyClick(panel.canvas, Qt.Key.Key_Down)
    QTest.keyClick(panel.canvas, Qt.Key.Key_Left)
    settle(qtbot, panel)
    assert panel.presenter.token == 5 + 4
    QTest.keyClick(panel.choices.pictures, Qt.Key.Key_Right)
    QTest.keyClick(panel.choices.pictures, Qt.Key.Key_Return)
    settle(qtbot, panel)
    assert len(panel.timeline.tracks) == 2
    click_cell(qtbot, panel, 2, 2)
    click_cell(qtbot, panel, 2, 2)
    assert panel.presenter.token == -1
    QTest.mouseClick(panel.canvas, LEFT, pos=QPoint(1, 1))  # beside the picture
    assert panel.presenter.token == -1
