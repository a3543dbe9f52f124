"""The Draw panel with real events: every stroke is painted, undone and replayed; pictures become outlines."""

import itertools
import json

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication

from plugins.gan.family import FAMILY
from plugins.gan.sketch.engine import DrawEngine
from plugins.gan.sketch.model.rasteriser import DrawSheet
from plugins.gan.sketch.panel.panel import DrawPanel
from plugins.gan.sketch.panel.sections import COLOURS
from plugins.gan.sketch.scene import SketchParams
from plugins.gan.sketch.state import from_state
from studio.api.engine import EngineHandle
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.view import Image as View
from tests.panel_host import PanelHost
from tests.plugins.gan.sketch.sketch_made import DEVICE, card, made_source

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
SIZE_PX = (1000, 760)
LINE = [(10, 12), (20, 14), (30, 40), (31, 50)]


@pytest.fixture(scope="module")
def handle(tmp_path_factory):
    """One engine for all panels: it keeps nothing of what it paints."""
    source = made_source(tmp_path_factory.mktemp("draw"))
    engine = DrawEngine.open(source, DEVICE)
    return EngineHandle(source, lambda source: engine)


@pytest.fixture
def make_panel(qtbot, dispatcher, sync_worker, handle):
    """Makes a panel; unexpected errors fail the test."""
    hosts = []

    def make(worker=sync_worker):
        host = PanelHost(FAMILY, worker, dispatcher, [card()])
        hosts.append(host)
        panel = DrawPanel(handle, host)
        qtbot.addWidget(panel)
        panel.resize(*SIZE_PX)
        panel.show()
        qtbot.waitExposed(panel)
        return panel

    yield make
    for host in hosts:
        host.close()


@pytest.fixture
def panel(make_panel):
    return make_panel()


@pytest.fixture
def draw(qtbot, panel):
    """Draws through places of the sheet with a button of the mouse."""

    def draw(places, button=LEFT, modifier=Qt.KeyboardModifier.NoModifier):
        canvas = panel.stage.canvas
        points = [canvas.point_of(*place).toPoint() for place in places]
        qtbot.mousePress(canvas, button, modifier, points[0])
        for point in points[1:]:
            qtbot.mouseMove(canvas, point)
        qtbot.mouseRelease(canvas, button, modifier, points[-1])

    return draw


def strokes(panel):
    return panel.editor.scene.strokes


def icon(panel):
    return panel.snapshot().frame.views["picture"].pixels


def test_it_opens_with_an_example_that_is_drawn_and_painted(panel):
    scene = panel.editor.scene
    assert not scene.is_own
    assert len(strokes(panel)) > 3
    assert from_state(panel.snapshot().frame.state) == (strokes(panel), len(strokes(panel)))
    assert panel.snapshot().state == {}
    assert "expressionless face" in panel.frame.caption._text


def test_a_stroke_of_the_mouse_is_drawn_painted_and_one_step(panel, draw):
    panel.editor.clear()
    before = icon(panel)
    with_pen = panel.editor.scene
    draw(LINE)
    (stroke,) = strokes(panel)
    assert stroke.tool == "pen"
    assert stroke.width == 2.0
    assert np.abs(np.array(stroke.points[0]) - LINE[0]).max() < 0.3
    assert np.abs(np.array(stroke.points[-1]) - LINE[-1]).max() < 0.3
    assert not np.array_equal(icon(panel), before)
    shown = panel.snapshot().frame.views["drawing"].pixels
    np.testing.assert_array_equal(shown, DrawSheet().layers((stroke,)).picture())
    assert panel.host.undo.undo_title == "Draw"
    panel.host.undo.undo()
    assert panel.editor.scene.drawing == with_pen.drawing == ()
    np.testing.assert_array_equal(icon(panel), before)
    panel.host.undo.redo()
    assert strokes(panel) == (stroke,)


def test_the_icon_follows_while_the_button_is_down(qtbot, panel):
    panel.editor.clear()
    canvas, seen = panel.stage.canvas, []
    qtbot.mousePress(canvas, LEFT, pos=canvas.point_of(5, 5).toPoint())
    for place in ((30, 10), (40, 40), (20, 50)):
        qtbot.mouseMove(canvas, canvas.point_of(*place).toPoint())
        seen.append(icon(panel))
    assert panel.editor.is_drawing
    assert not any(np.array_equal(one, other) for one, other in itertools.pairwise(seen))
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert panel.editor.scene.drawing == ()
    assert panel.host.undo.undo_title == "Clear"
    qtbot.mouseRelease(canvas, LEFT, pos=canvas.point_of(20, 50).toPoint())
    assert panel.editor.scene.drawing == ()


@pytest.mark.parametrize(("button", "modifier"), [(RIGHT, 0), (LEFT, Qt.KeyboardModifier.ShiftModifier)])
def test_the_right_button_and_shift_erase(panel, draw, button, modifier):
    draw(LINE, button, Qt.KeyboardModifier(modifier))
    assert strokes(panel)[-1].tool == "eraser"
    assert strokes(panel)[-1].width == 6.0
    assert panel.host.undo.undo_title == "Erase"


def test_a_colour_is_chosen_dabbed_and_poured(qtbot, panel, draw):
    panel.editor.clear()
    swatch = panel.tools.colours.swatches[3]
    qtbot.mouseClick(swatch, LEFT)
    assert panel.editor.scene.tool == "colour"
    assert swatch.isChecked()
    draw([(20, 20), (24, 22)])
    assert (strokes(panel)[-1].tool, strokes(panel)[-1].colour) == ("colour", COLOURS["Green"])
    panel.editor.set_tool("fill")
    draw([(50, 50)])
    fill = strokes(panel)[-1]
    assert (fill.tool, len(fill.points)) == ("fill", 1)
    assert panel.host.undo.undo_title == "Fill"
    assert tuple(panel.snapshot().frame.views["drawing"].pixels[250, 250]) == COLOURS["Green"]
    swatch.setFocus()
    qtbot.keyClick(swatch, Qt.Key.Key_Right)
    assert panel.editor.scene.colour == COLOURS["Light blue"]
    assert panel.editor.scene.tool == "fill"


def test_mirrored_strokes_are_the_same_on_both_sides(qtbot, panel, draw):
    panel.editor.clear()
    qtbot.mouseClick(panel.tools.mirror, LEFT)
    draw(LINE)
    picture = panel.snapshot().frame.views["drawing"].pixels
    np.testing.assert_array_equal(picture, picture[:, ::-1])
    assert (picture < 100).any()
    panel.host.undo.undo()
    panel.host.undo.undo()
    assert not panel.tools.mirror.isChecked()


def test_the_wheel_and_keys_change_the_width_as_one_step(qtbot, panel):
    canvas = panel.stage.canvas
    for _ in range(3):
        event = QWheelEvent(
            QPointF(50, 50),
            canvas.mapToGlobal(QPointF(50, 50)),
            QPoint(),
            QPoint(0, 120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(canvas, event)
    assert panel.editor.scene.widths["pen"] == pytest.approx(2 * 1.15**3, abs=0.02)
    assert panel.editor.scene.widths["eraser"] == 6.0
    assert panel.host.undo.undo_title == "Width"
    panel.host.undo.undo()
    assert panel.editor.scene.widths["pen"] == 2.0
    qtbot.keyClicks(canvas, "[")
    assert panel.editor.scene.widths["pen"] < 2.0
    assert panel.tools.width_row.value() == panel.editor.scene.widths["pen"]


def test_one_can_draw_by_keyboard(qtbot, panel):
    panel.editor.clear()
    canvas = panel.stage.canvas
    canvas.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.mouseMove(canvas, QPoint(canvas.width() // 2, 0))  # above the sheet: the keys begin in its middle
    qtbot.keyClick(canvas, Qt.Key.Key_Return)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down):
        qtbot.keyClick(canvas, key)
    qtbot.keyClick(canvas, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(canvas, Qt.Key.Key_Return)
    (stroke,) = strokes(panel)
    assert stroke.points == ((32.0, 32.0), (33.0, 32.0), (34.0, 32.0), (34.0, 33.0), (34.0, 37.0))
    qtbot.keyClick(canvas, Qt.Key.Key_Left)
    assert strokes(panel) == (stroke,)  # the tool is lifted
    qtbot.keyClick(canvas, Qt.Key.Key_Delete)
    assert strokes(panel) == ()


def test_an_example_is_chosen_by_click_and_by_keys(qtbot, panel):
    grid = panel.examples
    qtbot.mouseClick(grid, LEFT, pos=grid.cell_rect(8).center().toPoint())
    assert panel.params().seed == 8
    assert panel.snapshot().seed == 8
    heart = strokes(panel)
    qtbot.keyClick(grid, Qt.Key.Key_Down)
    assert panel.params().seed == 14
    panel.host.undo.undo()
    assert panel.params().seed == 8
    assert strokes(panel) == heart
    assert panel.host.undo.undo_title == "Example"


def test_the_timeline_keeps_how_it_was_drawn(qtbot, panel, draw):
    panel.editor.clear()
    for shift in (0, 8, 16):
        draw([(x + shift, y) for x, y in LINE])
    qtbot.waitUntil(lambda: panel.timeline.playback.n_frames == 3 and not panel.replay.is_busy)
    own, painted = strokes(panel), icon(panel)
    assert panel.timeline.playback.index == 2
    panel.timeline.playback.seek(0)
    assert strokes(panel) == own[:1]
    assert not np.array_equal(icon(panel), painted)
    panel.timeline.playback.seek(2)
    assert strokes(panel) == own
    np.testing.assert_array_equal(icon(panel), painted)
    assert len(panel.timeline.tracks) == 1


def test_replay_plays_it_from_the_first_stroke(qtbot, panel, draw):
    panel.editor.clear()
    draw(LINE)
    draw([(50, 10), (50, 50)])
    panel.timeline.playback.set_fps(30)
    qtbot.mouseClick(panel.tools.replay, LEFT)
    qtbot.waitUntil(lambda: panel.timeline.playback.n_frames == 2 and not panel.timeline.playback.is_playing)
    assert panel.timeline.playback.index == 1
    assert len(strokes(panel)) == 2


def test_drawing_on_after_scrubbing_back_goes_on_from_there_and_can_be_undone(qtbot, panel, draw):
    panel.editor.clear()
    draw(LINE)
    draw([(50, 10), (50, 50)])
    qtbot.waitUntil(lambda: panel.timeline.playback.n_frames == 2 and not panel.replay.is_busy)
    both = strokes(panel)
    panel.timeline.playback.seek(0)
    whole = panel.timeline.track
    draw([(5, 60), (60, 60)])
    assert strokes(panel)[:1] == both[:1]
    assert len(strokes(panel)) == 2
    assert [track.id == whole.id for track in panel.timeline.tracks] == [True, False]
    panel.host.undo.undo()
    assert [track.id for track in panel.timeline.tracks] == [whole.id]
    assert (len(panel.timeline.recording), panel.timeline.playback.index, strokes(panel)) == (2, 0, both[:1])
    panel.host.undo.undo()
    panel.host.undo.redo()
    assert strokes(panel) == both


def test_the_state_brings_an_own_drawing_back(panel, draw, make_panel):
    panel.editor.set_mirrored(True)
    draw(LINE)
    state = json.loads(json.dumps(panel.state(), allow_nan=False))
    other = make_panel()
    other.set_state(state)
    assert other.state() == panel.state()
    np.testing.assert_array_equal(icon(other), icon(panel))
    assert other.snapshot().state == panel.snapshot().state != {}
    for key, wrong in (("strokes", 7), ("tool", "saw"), ("colour", [1, 2]), ("widths", {}), ("params", {"seed": "x"})):
        with pytest.raises(UserError):
            other.set_state({**state, key: wrong})
        assert other.state() == panel.state()


def test_a_picture_from_a_file_or_the_clipboard_becomes_an_outline(panel, tmp_path, qtbot):
    pixels = np.full((60, 80, 3), 255, np.uint8)
    pixels[15:45, 20:60] = (200, 30, 30)
    Image.fromarray(pixels).save(tmp_path / "box.png")
    assert panel.open_path(tmp_path / "box.png")
    from_file = strokes(panel)
    assert from_file
    assert panel.host.undo.undo_title == "My picture"
    panel.host.undo.undo()
    QGuiApplication.clipboard().setImage(QImage(pixels.tobytes(), 80, 60, 240, QImage.Format.Format_RGB888))
    panel.own.paste()
    assert strokes(panel) == from_file
    QGuiApplication.clipboard().clear()
    panel.own.paste()
    assert panel.messages.isVisibleTo(panel)
    assert not panel.open_path(tmp_path / "notes.txt")


def test_the_nearest_icon_and_the_verdict_are_said(qtbot, panel, draw):
    draw(LINE)
    verdict = panel.snapshot().frame.scalars["verdict"]
    assert panel.verdict.bar.share == verdict
    qtbot.waitUntil(lambda: "of the 170 real icons" in panel.verdict.near_words.text())
    assert panel.verdict.near.accessibleDescription()


def test_what_looks_forged_is_veiled_on_request(qtbot, panel, make_panel):
    picture = panel.stage.icon.grab().toImage()
    assert not panel.stage.icon.has_heat
    qtbot.mouseClick(panel.verdict.heat, LEFT)
    assert panel.stage.icon.has_heat
    panel.stage.icon.show_heat(np.array([[0.2, 0.5], [0.75, 1.0]], np.float32))
    veiled, rect = panel.stage.icon.grab().toImage(), panel.stage.icon.content_rect()
    shares = [(0.2, 0.2), (0.8, 0.2), (0.2, 0.8), (0.8, 0.8)]
    places = [QPointF(rect.x() + x * rect.width(), rect.y() + y * rect.height()).toPoint() for x, y in shares]
    changes = [abs(veiled.pixelColor(at).blue() - picture.pixelColor(at).blue()) for at in places]
    assert changes[0] == changes[1] == 0  # rather real: no veil
    assert 0 < changes[2] < changes[3]
    other = make_panel()
    other.set_state(panel.state())
    assert other.stage.icon.has_heat
    qtbot.mouseClick(panel.verdict.heat, LEFT)
    assert panel.stage.icon.grab().toImage() == picture
    with pytest.raises(UserError):
        other.set_state({**other.state(), "is_heat_shown": "perhaps"})


def test_a_frame_of_a_training_is_shown_in_its_shape_and_leaves_the_drawing(panel):
    before = panel.editor.scene
    rows = np.zeros((192, 512, 3), np.uint8)
    panel.show_frame(Frame(3, 10, views={"picture": View(rows)}, scalars={"loss": 1.0}))
    rect = panel.stage.icon.content_rect()
    assert rect.width() / rect.height() == pytest.approx(512 / 192, rel=0.01)
    assert panel.editor.scene == before
    assert "Another model made this" in panel.frame.caption._text
    assert "nothing to judge" in panel.verdict.words.text()
    square = panel.stage.canvas.content_rect()
    panel.set_params(SketchParams(seed=4))
    assert panel.stage.icon.content_rect().size() == square.size()


def test_a_seed_is_the_example_of_the_engine(panel):
    panel.set_params(SketchParams(seed=7))
    assert panel.state()["strokes"] is None
    assert panel.snapshot().seed == 7
    assert not panel.host.undo.undo_title


def test_commands_take_tools_and_the_kinds_lead_elsewhere(panel):
    commands = {command.id: command for command in panel.commands()}
    for tool in ("eraser", "colour", "fill", "pen"):
        commands[f"gan.draw_{tool}"].run()
        assert panel.editor.scene.tool == tool
        assert panel.tools.tool.value() == tool
    commands["gan.draw_mirror"].run()
    assert panel.editor.scene.is_mirrored
    commands["gan.draw_clear"].run()
    assert strokes(panel) == ()
    commands["gan.draw_reset"].run()
    assert not panel.editor.scene.is_own
    commands["gan.draw_surprise"].run()
    assert strokes(panel)


def test_a_sheet_that_is_full_says_so(panel, draw, monkeypatch):
    monkeypatch.setattr("plugins.gan.sketch.panel.editor.has_room", lambda drawing: False)
    before = strokes(panel)
    draw(LINE)
    assert strokes(panel) == before
    assert panel.messages.isVisibleTo(panel)


def test_the_panel_stands_before_its_model_is_open(make_panel, stepped_worker, qtbot):
    panel = make_panel(stepped_worker)
    assert panel.snapshot() is None
    canvas = panel.stage.canvas
    qtbot.mouseClick(canvas, LEFT, pos=canvas.point_of(30, 30).toPoint())
    stepped_worker.run_all()
    assert len(strokes(panel)) == 1  # what a hand drew meanwhile is not lost
    assert panel.snapshot() is not None
