"""The panel of the styles, worked by mouse and keys; its translators are made by hand."""

import json

import numpy as np
import pytest
from PIL import Image as PilImage
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from plugins.gan.family import FAMILY
from plugins.gan.styles.panel.panel import StylesPanel
from plugins.gan.styles.scene import N_TURNS, StylesParams
from studio.core.error import UserError
from studio.widgets.message_bar import Message
from tests.panel_host import PanelHost
from tests.plugins.gan.styles.styles_made import cards, make_handle, use_by_hand

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def panel(qtbot, dispatcher, sync_worker, monkeypatch):
    """A panel at 1000 x 700 whose work is done at once; unexpected errors fail the test."""
    use_by_hand(monkeypatch)
    host = PanelHost(FAMILY, sync_worker, dispatcher, cards())
    panel = StylesPanel(make_handle(), host)
    qtbot.addWidget(panel)
    panel.resize(1000, 700)
    panel.show()
    qtbot.waitExposed(panel)
    yield panel
    host.close()


@pytest.fixture
def own_file(tmp_path):
    path = tmp_path / "Mein Bild ä.png"
    PilImage.new("RGB", (90, 90), (10, 120, 200)).save(path)
    return path


def click_segment(segmented, text):
    (segment,) = [one for one in segmented.children() if getattr(one, "text", str)() == text]
    QTest.mouseClick(segment, LEFT)


def click_example(panel, place):
    page = panel.controls.gallery.page
    QTest.mouseClick(page, LEFT, pos=page.item_rect(place).center().toPoint())


def titles(panel):
    return [tile.title for tile in panel.stage.cycle.tiles()]


def messages(panel):
    return [one.accessibleName() for one in panel.messages.findChildren(Message) if one.isVisible()]


def test_it_opens_with_an_example_that_went_there_and_back(panel):
    assert titles(panel) == ["Original", "Translation", "Back again"]
    assert panel.stage.cycle.isVisible()
    assert "elevator" in panel.frame.caption.text()
    assert "glossy, like Microsoft’s Fluent" in panel.frame.caption.text()
    assert "detective" in panel.frame.caption.text()
    assert panel.snapshot().seed == 1
    assert panel.snapshot().state == {}
    rects = [panel.stage.cycle.tile_rect(index) for index in range(3)]
    assert all(rect.width() == rect.height() > 120 for rect in rects)
    assert rects[0].right() < rects[1].left() < rects[2].left()


def test_a_click_goes_to_an_example_and_undo_comes_back(panel):
    click_example(panel, 5)
    assert panel.params() == StylesParams(seed=6)
    assert panel.controls.seed.text() == "6"
    assert panel.host.undo.undo_title == "Example"
    examples = panel.controls.examples
    np.testing.assert_array_equal(panel.snapshot().frame.views["original"].pixels, examples.flat[5])
    panel.host.undo.undo()
    assert panel.params() == StylesParams(seed=1)


def test_keys_go_through_the_examples_and_their_pages(panel):
    page = panel.controls.gallery.page
    page.setFocus()
    QTest.keyClick(page, Qt.Key.Key_Right)
    assert panel.params().seed == 2
    QTest.keyClick(page, Qt.Key.Key_Down)
    QTest.keyClick(page, Qt.Key.Key_Down)
    assert panel.params().seed == 10
    assert page.page == 1
    QTest.mouseClick(panel.controls.gallery.on, LEFT)
    assert page.page == 2
    assert panel.controls.gallery.words.text() == "Page 3 of 6"
    assert panel.params().seed == 10


def test_the_other_direction_takes_the_other_style(panel):
    click_segment(panel.controls.way, "Glossy to flat")
    assert panel.params().is_back
    examples = panel.controls.examples
    frame = panel.snapshot().frame
    np.testing.assert_array_equal(frame.views["original"].pixels, examples.glossy[0])
    assert frame.main_view.pixels.mean() > frame.views["original"].pixels.mean()  # flat is brighter
    assert "flat, like Google’s Noto" in panel.frame.caption.text()
    assert [tile.detail.partition(",")[0] for tile in panel.stage.cycle.tiles()] == ["Glossy", "Flat", "Glossy"]
    panel.host.undo.undo()
    assert not panel.params().is_back


def test_the_divider_of_the_wipe_is_dragged(panel):
    click_segment(panel.controls.shown, "Wipe")
    canvas = panel.stage.compare
    assert canvas.isVisible()
    rect = canvas.picture_rect()
    start, end = (QPoint(int(rect.x() + rect.width() * share), int(rect.center().y())) for share in (0.5, 0.25))
    QTest.mousePress(canvas, LEFT, pos=start)
    QTest.mouseMove(canvas, end)
    QTest.mouseRelease(canvas, LEFT, pos=end)
    assert canvas.divider == pytest.approx(0.25, abs=0.01)
    assert "Original" in canvas.accessibleDescription()
    panel.host.undo.undo()
    assert panel.stage.cycle.isVisible()


def test_what_changed_is_shown_beside_both(panel):
    click_segment(panel.controls.shown, "Changes")
    assert titles(panel) == ["Original", "Translation", "What changed"]
    differing = panel.stage.cycle.tiles()[2].pixels
    assert differing.shape == (64, 64, 3)
    assert len(np.unique(differing.reshape(-1, 3), axis=0)) > 1


def test_a_surprise_is_another_example_each_time(panel):
    (surprise,) = [command for command in panel.commands() if command.id == "gan.surprise"]
    assert surprise.keys == ("R",)
    seen = [panel.params().seed]
    for _ in range(12):
        surprise.run()
        assert panel.params().seed != seen[-1]
        assert 1 <= panel.params().seed <= 48
        seen.append(panel.params().seed)
    assert panel.host.undo.undo_title == "Surprise"
    QTest.mouseClick(panel.controls.surprise, LEFT)
    assert panel.params().seed != seen[-1]


def test_a_dropped_picture_is_translated_and_can_be_kept(panel, own_file):
    assert panel.open_path(own_file)
    assert panel.editor.scene.own.shape == (64, 64, 3)
    assert panel.frame.caption.text().startswith("Your picture")
    assert panel.host.undo.undo_title == "My picture"
    state = json.loads(json.dumps(panel.state(), allow_nan=False))
    assert panel.snapshot().state == state
    shown = panel.snapshot().frame.main_view.pixels
    panel.host.undo.undo()
    assert panel.editor.scene.own is None
    panel.set_state(state)
    np.testing.assert_array_equal(panel.snapshot().frame.main_view.pixels, shown)
    assert panel.state() == state
    click_example(panel, 2)
    assert panel.editor.scene.own is None


def test_no_picture_is_left_to_others(panel, tmp_path):
    assert not panel.open_path(tmp_path / "model.safetensors")


def test_a_broken_picture_gives_a_sentence(panel, tmp_path):
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n nothing")
    assert panel.open_path(tmp_path / "broken.png")
    assert messages(panel)
    assert panel.editor.scene.own is None


def test_the_button_asks_for_a_file(panel, own_file, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *args: ("", ""))
    QTest.mouseClick(panel.controls.open, LEFT)
    assert panel.editor.scene.own is None
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *args: (str(own_file), ""))
    QTest.mouseClick(panel.controls.open, LEFT)
    assert panel.editor.scene.own is not None


def test_a_picture_is_pasted_from_the_clipboard(panel, own_file):
    QGuiApplication.clipboard().setImage(QImage(str(own_file)))
    QTest.mouseClick(panel.controls.paste, LEFT)
    np.testing.assert_array_equal(panel.editor.scene.own[32, 32], (10, 120, 200))


def test_an_empty_clipboard_gives_a_sentence(panel):
    QGuiApplication.clipboard().setText("no picture")
    (paste,) = [command for command in panel.commands() if command.keys == ("Ctrl+V",)]
    paste.run()
    assert "no picture on the clipboard" in messages(panel)[0]


def test_back_and_forth_is_a_run_on_the_timeline(panel):
    click_example(panel, 3)
    QTest.mouseClick(panel.controls.turns, LEFT)
    assert len(panel.timeline.track.recording) == N_TURNS + 1
    panel.timeline.playback.seek(N_TURNS)
    assert titles(panel) == ["Original", f"After {N_TURNS} translations"]
    assert f"After {N_TURNS} translations in a row" in panel.frame.caption.text()
    assert panel.params().seed == 4
    panel.timeline.playback.seek(1)
    assert panel.stage.cycle.tiles()[1].detail == "Glossy"
    panel.timeline.playback.seek(2)
    assert panel.stage.cycle.tiles()[1].detail == "Flat"
    click_example(panel, 0)
    assert titles(panel) == ["Original", "Translation", "Back again"]


def test_there_are_no_keyframes_where_there_are_no_places(panel):
    assert not panel.timeline.has_positions
    assert panel.timeline.bar.transport.keyframe.isHidden()


def test_a_number_is_typed(panel):
    field = panel.controls.seed
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "50")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert panel.params().seed == 50
    assert panel.controls.gallery.page.page == 0  # the second of 48 examples again
    assert panel.snapshot().seed == 50


@pytest.mark.parametrize(
    "wrong",
    [
        {"nonsense": 1},
        {"scene": None},
        {"scene": {}},
        {"scene": {"seed": 1, "is_back": False, "own": None, "shown": "sideways"}},
        {"scene": {"seed": "many", "is_back": False, "own": None, "shown": "cycle"}},
        {"scene": {"seed": 1, "is_back": False, "own": "no picture!", "shown": "cycle"}},
        {"scene": {"seed": 1, "is_back": False, "own": 7, "shown": "cycle"}},
    ],
)
def test_a_wrong_state_is_refused_and_changes_nothing(panel, wrong):
    before = panel.state()
    with pytest.raises(UserError):
        panel.set_state({**before, **wrong})
    assert panel.state() == before


def test_another_kind_is_one_click_away(panel):
    click_segment(panel.tabs.tabs, "Enlarge")
    assert panel.host.opened == ["gan/enlarge"]
    assert panel.tabs.tabs.value() == "Styles"


def test_a_model_that_does_not_open_says_so(qtbot, dispatcher, sync_worker):
    def refuse(_):
        raise UserError("The model’s file is damaged.")

    handle = make_handle()
    handle._opener = refuse
    host = PanelHost(FAMILY, sync_worker, dispatcher, cards())
    panel = StylesPanel(handle, host)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitExposed(panel)
    assert panel.snapshot() is None
    assert "could not be opened" in panel.frame.caption.text()
    assert "damaged" in messages(panel)[0]
    host.undo.close()
