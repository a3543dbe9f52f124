"""The panel of descriptions, worked by mouse and keys on a small random network."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from plugins.transformer.describe.engine import DescribeEngine
from plugins.transformer.describe.model.captioner import Captioner
from plugins.transformer.describe.model.weights import OpenCaptioner
from plugins.transformer.describe.panel.panel import DescribePanel
from plugins.transformer.describe.view_model import lit
from plugins.transformer.text.model.tokenizer import TextTokenizer
from tests.plugins.transformer.describe.conftest import WORDS
from tests.plugins.transformer.followed_panel_made import settle, shown_panel

LEFT = Qt.MouseButton.LeftButton
EXAMPLES = ("Is this person smiling?", "What colour is the hair?")
CARD = {"id": "transformer/made", "kind": "describe", "questions": list(EXAMPLES)}


@pytest.fixture
def panel(
    qtbot: Any, dispatcher: Any, sync_worker: Any, network: Captioner, tokenizer: TextTokenizer, faces: np.ndarray
) -> Iterator[Any]:
    engine = DescribeEngine(OpenCaptioner(network, tokenizer, WORDS, faces))
    with shown_panel(qtbot, dispatcher, sync_worker, DescribePanel, engine, CARD, 860) as panel:
        yield panel


def click_word(panel: Any, token: int) -> None:
    page = panel.stage.said
    QTest.mouseClick(page, LEFT, pos=page.rect_of_token(token).center().toPoint())


def click_face(panel: Any, index: int) -> None:
    grid = panel.faces.grid
    QTest.mouseClick(grid, LEFT, pos=grid.rect_of(index).center().toPoint())


def test_it_opens_with_the_first_face_described(panel: Any, faces: np.ndarray) -> None:
    assert np.array_equal(panel.presenter.trace.picture, faces[0])
    assert panel.presenter.trace.asked == []
    assert panel.stage.said.text == "".join(token.piece for token in panel.presenter.view.tokens)
    assert panel.stage.title.text() == "Description"
    assert panel.stage.face.heat is None
    assert np.array_equal(panel.stage.face.pixels, faces[0])


@pytest.mark.long("opens a panel and draws with its model")
def test_a_face_is_chosen_by_a_click_and_by_keys_and_undone(qtbot: Any, panel: Any, faces: np.ndarray) -> None:
    click_face(panel, 3)
    settle(qtbot, panel)
    assert np.array_equal(panel.presenter.trace.picture, faces[3])
    panel.faces.grid.setFocus()
    QTest.keyClick(panel.faces.grid, Qt.Key.Key_Left)
    settle(qtbot, panel)
    assert np.array_equal(panel.presenter.trace.picture, faces[2])
    panel.host.undo.undo()
    panel.host.undo.undo()
    settle(qtbot, panel)
    assert np.array_equal(panel.presenter.trace.picture, faces[0])
    QTest.mouseClick(panel.faces.another, LEFT)
    settle(qtbot, panel)
    assert panel.editor.scene.params.seed != 1


@pytest.mark.long("opens a panel and draws with its model")
def test_a_question_is_typed_and_put_away(qtbot: Any, panel: Any) -> None:
    QTest.mouseClick(panel.stage.question.viewport(), LEFT)
    QTest.keyClicks(panel.stage.question, "is this a dog")
    settle(qtbot, panel)
    engine = panel.handle._engine
    assert panel.presenter.trace.asked == list(engine.cut("Is this a dog?"))
    assert panel.stage.title.text() == "Answer"
    assert "“dog”" in panel.frame.caption.text()
    QTest.mouseClick(panel.telling.tell, LEFT)
    settle(qtbot, panel)
    assert panel.presenter.trace.asked == []
    assert panel.stage.question.text() == ""
    panel.host.undo.undo()
    settle(qtbot, panel)
    assert panel.editor.scene.params.prompt == "is this a dog"


def test_an_example_is_asked_by_a_click(qtbot: Any, panel: Any) -> None:
    chip = panel.stage.examples._chips[1]
    QTest.mouseClick(chip, LEFT)
    settle(qtbot, panel)
    assert panel.stage.question.text() == EXAMPLES[1]
    assert panel.presenter.trace.asked == list(panel.handle._engine.cut(EXAMPLES[1]))


def test_a_word_under_the_pointer_or_clicked_lights_where_it_looked(qtbot: Any, panel: Any, faces: np.ndarray) -> None:
    stage, view = panel.stage, panel.presenter.view
    QTest.mouseMove(stage.said, stage.said.rect_of_token(1).center().toPoint())
    assert np.array_equal(stage.face.heat, view.heat_of(1))
    assert stage.face.pixels.shape == (256, 256, 3)
    QTest.mouseMove(stage.lanes)
    qtbot.waitUntil(lambda: stage.face.heat is None)
    click_word(panel, 2)
    settle(qtbot, panel)
    assert panel.presenter.place == 2
    QTest.mouseMove(stage.lanes)
    qtbot.waitUntil(lambda: stage.face.heat is not None)
    assert np.array_equal(stage.face.heat, panel.presenter.view.heat_of(2))
    click_word(panel, 2)  # again: let go
    QTest.mouseMove(stage.lanes)
    qtbot.waitUntil(lambda: stage.face.heat is None)
    assert np.array_equal(stage.face.pixels, faces[0])


def test_a_place_of_the_face_makes_the_words_glow_that_looked_there(qtbot: Any, panel: Any) -> None:
    face, view = panel.stage.face, panel.presenter.view
    rect = face.content_rect()
    at = QPointF(rect.x() + 0.30 * rect.width(), rect.y() + 0.70 * rect.height())
    QTest.mouseMove(face, at.toPoint())
    assert panel.stage.said.glow == view.glow(5, 2)
    assert max(view.glow(5, 2)) == pytest.approx(1)
    assert len(view.glow(5, 2)) == len(view.tokens)
    QTest.mouseMove(face, QPointF(1, 1).toPoint())
    assert panel.stage.said.glow == []
    assert view.glow(8, 0) == view.glow(-1, 0) == []


@pytest.mark.long("opens a panel and draws with its model")
def test_a_candidate_is_forced_as_a_branch_and_a_lane_kept(qtbot: Any, panel: Any) -> None:
    first = panel.presenter.trace.ids
    click_word(panel, 1)
    settle(qtbot, panel)
    rows = panel.presenter.trace.candidates(1, panel.presenter.info.vocabulary)
    place = next(number for number, row in enumerate(rows) if not row.is_chosen)
    bars = panel.candidates.bars
    QTest.mouseClick(bars, LEFT, pos=bars.row_rect(place).center().toPoint())
    settle(qtbot, panel)
    assert len(panel.timeline.tracks) == 2
    assert all(list(lane[:2]) == [first[0], rows[place].token] for lane in panel.presenter.trace.lanes)
    lanes = panel.stage.lanes
    kept = panel.presenter.trace.lanes[1]
    QTest.mouseClick(lanes, LEFT, pos=lanes.row_rect(1).center().toPoint())
    settle(qtbot, panel)
    assert panel.presenter.trace.lanes[0][: len(kept)] == kept
    panel.host.undo.undo()
    panel.host.undo.undo()
    settle(qtbot, panel)
    assert len(panel.timeline.tracks) == 1


@pytest.mark.long("opens a panel and draws with its model")
def test_a_picture_of_ones_own_is_looked_at_and_kept(qtbot: Any, panel: Any, tmp_path: Path) -> None:
    path = tmp_path / "mine.png"
    Image.new("RGB", (300, 150), (200, 30, 30)).save(path)
    assert panel.open_path(path)
    qtbot.waitUntil(lambda: panel.editor.scene.picture is not None)
    settle(qtbot, panel)
    assert panel.presenter.trace.picture.shape == (64, 64, 3)
    assert panel.presenter.trace.picture[32, 32].tolist() == [200, 30, 30]
    assert panel.presenter.trace.picture[2, 32].tolist() == [255, 255, 255]
    assert panel.editor.scene.name == "mine.png"
    kept = json.loads(json.dumps(panel.state()))
    click_face(panel, 1)
    settle(qtbot, panel)
    panel.set_state(kept)
    settle(qtbot, panel)
    assert panel.presenter.trace.picture[32, 32].tolist() == [200, 30, 30]


@pytest.mark.long("opens a panel and draws with its model")
def test_a_picture_that_is_no_such_face_is_said_to_be_none(qtbot: Any, panel: Any, network: Captioner) -> None:
    assert "does not look like" not in panel.frame.caption.text()
    network.familiar_limit.fill_(1e-3)
    try:
        click_face(panel, 2)
        settle(qtbot, panel)
    finally:
        network.familiar_limit.fill_(1e6)
    assert "does not look like" in panel.frame.caption.text()


def test_what_is_no_picture_is_refused_and_nothing_changes(qtbot: Any, panel: Any, tmp_path: Path) -> None:
    path = tmp_path / "broken.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    before = panel.presenter.trace.ids
    panel.open_path(path)
    settle(qtbot, panel)
    assert panel.presenter.trace.ids == before
    assert panel.host.errors or panel.messages.isVisibleTo(panel)
    assert not panel.open_path(tmp_path / "text.txt")


@pytest.mark.long("opens a panel and draws with its model")
def test_a_branch_is_kept_in_a_state(qtbot: Any, panel: Any) -> None:
    click_word(panel, 1)
    settle(qtbot, panel)
    panel.presenter.force(panel.presenter.trace.candidates(1, panel.presenter.info.vocabulary)[2].token)
    settle(qtbot, panel)
    lanes = panel.presenter.trace.lanes
    kept = json.loads(json.dumps(panel.state()))
    click_face(panel, 4)
    settle(qtbot, panel)
    panel.set_state(kept)
    settle(qtbot, panel)
    assert panel.presenter.trace.lanes == lanes


@pytest.mark.long("opens a panel and draws with its model")
def test_it_fits_a_small_screen(qtbot: Any, panel: Any) -> None:
    panel.resize(1280, 620)  # what a window of 1280 x 720 has for a panel
    panel.editor.set_params("Settings", lanes=8)
    settle(qtbot, panel)
    lanes, stage = panel.stage.lanes, panel.stage
    qtbot.waitUntil(lambda: lanes.row_rect(7).bottom() <= lanes.height())
    qtbot.waitUntil(lambda: lanes.geometry().bottom() <= stage.height())


def test_a_face_keeps_its_colours_where_it_was_looked_at_and_fades_elsewhere() -> None:
    picture = np.zeros((64, 64, 3), np.uint8)
    heat = np.zeros((8, 8), np.float32)
    heat[2, 5] = 0.5
    shown = lit(picture, heat, (0, 0, 0))
    assert shown[2 * 32 + 16, 5 * 32 + 16].max() < 12
    assert shown[250, 5].min() > 170
    assert lit(picture, None, (0, 0, 0)) is picture
