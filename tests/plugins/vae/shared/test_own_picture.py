"""A person's picture from a file, the clipboard or a drop; what cannot be read is said in a sentence."""

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QPushButton

from plugins.vae.shared import engine as reading
from studio.api.panel import still_pixels
from studio.core.frame import Frame
from studio.core.view import Field
from studio.widgets.message_bar import Message
from tests.plugins.vae.model_made import HandLetters, letter_source, make_handle, use_by_hand
from tests.widgets.hand import part

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Refine in three steps: how well is the business of test_reading."""
    monkeypatch.setattr(reading, "N_REFINE", 3)


@pytest.fixture
def letter_png(engine, tmp_path):
    """An R that the model drew, as a file."""
    field = engine.letters(np.array([1.0, -0.5, 0, 0], np.float32), "R")
    path = tmp_path / "Mein Bild ä.png"
    Image.fromarray(still_pixels(Frame(0, 1, views={"picture": Field(field, "distance", -8, 8)}))).save(path)
    return path


def is_read(panel):
    return panel.editor.scene.text == "R"


def message(panel):
    return [one.accessibleName() for one in panel.messages.findChildren(Message) if one.isVisible()]


def test_a_dropped_file_is_read_and_shown_beside_its_redrawing(panel, letter_png):
    section = panel.reading
    assert not section.original.isVisible()
    before = panel.editor.scene
    assert panel.open_path(letter_png)
    assert is_read(panel)
    assert section.original.isVisible()
    assert not section.original.pixmap().isNull()
    assert not section.redrawn.pixmap().isNull()
    assert "%" in section.error.text()
    assert section.open.isVisible()
    assert not section.stop.isVisible()
    assert panel.host.undo.undo_title == "My picture"
    panel.host.undo.undo()
    assert panel.editor.scene is before


def test_a_file_chosen_in_the_dialog_is_read(panel, letter_png, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *args: (str(letter_png), ""))
    QTest.mouseClick(part(panel, QPushButton, "open_picture"), LEFT)
    assert is_read(panel)


def test_a_dialog_without_a_choice_does_nothing(panel, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *args: ("", ""))
    before = panel.editor.scene
    QTest.mouseClick(part(panel, QPushButton, "open_picture"), LEFT)
    assert panel.editor.scene is before


def test_a_picture_on_the_clipboard_is_read(panel, letter_png):
    QGuiApplication.clipboard().setImage(QImage(str(letter_png)))
    QTest.mouseClick(part(panel, QPushButton, "paste_picture"), LEFT)
    assert is_read(panel)


def test_a_file_copied_in_a_file_manager_is_read(panel, letter_png):
    copied = QMimeData()
    copied.setUrls([QUrl.fromLocalFile(str(letter_png))])
    QGuiApplication.clipboard().setMimeData(copied)
    next(command for command in panel.commands() if command.id == "vae.paste").run()
    assert is_read(panel)


def test_a_clipboard_without_a_picture_is_said(panel):
    QGuiApplication.clipboard().setText("no picture")
    QTest.mouseClick(part(panel, QPushButton, "paste_picture"), LEFT)
    assert message(panel) == ["Error: There is no picture on the clipboard. Copy one, then paste again."]


@pytest.mark.parametrize("content", [b"", b"not a picture", b"\x89PNG\r\n\x1a\nbroken", b"\0" * 5000])
def test_a_broken_file_is_said_and_the_next_picture_puts_it_away(panel, letter_png, tmp_path, content):
    path = tmp_path / "broken.png"
    path.write_bytes(content)
    before = panel.editor.scene
    assert panel.open_path(path)
    assert len(message(panel)) == 1
    assert panel.editor.scene is before
    assert panel.reading.open.isVisible()
    panel.open_path(letter_png)
    assert message(panel) == []


def test_a_missing_file_is_said(panel, tmp_path):
    panel.open_path(tmp_path / "gone.png")
    assert len(message(panel)) == 1


@pytest.mark.parametrize("size", [(1, 1), (300, 200)])
def test_a_blank_picture_is_said(panel, tmp_path, size):
    path = tmp_path / "blank.png"
    Image.new("RGB", size, "white").save(path)
    panel.open_path(path)
    assert "Nothing stands out" in message(panel)[0]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "RGBA", "CMYK", "I;16", "P"])
def test_pictures_of_every_kind_are_read(panel, letter_png, tmp_path, mode):
    grey = Image.open(letter_png).convert("L")
    if mode == "I;16":
        picture = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    else:
        picture = grey.convert("RGBA").convert(mode) if mode in ("LA", "RGBA") else grey.convert("RGB").convert(mode)
    path = tmp_path / ("picture.tif" if mode == "CMYK" else "picture.png")
    picture.save(path)
    panel.open_path(path)
    assert is_read(panel), message(panel)


def test_other_files_are_left_to_the_host(panel, tmp_path):
    assert not panel.open_path(tmp_path / "model.safetensors")


def test_digits_read_pictures_too(digit_panel, letter_png):
    digit_panel.open_path(letter_png)
    assert digit_panel.editor.scene.text == ""
    assert digit_panel.editor.scene.is_moved


def start_slowly(monkeypatch, make_panel, worker, path):
    use_by_hand(monkeypatch, HandLetters())
    panel = make_panel(make_handle(letter_source()), worker)
    worker.run_all()
    panel.open_path(path)
    for _ in range(4):
        worker.step()
    assert panel.reading.stop.isVisible()
    assert not panel.reading.open.isVisible()
    return panel


def test_a_reading_can_be_stopped(monkeypatch, make_panel, stepped_worker, letter_png):
    panel = start_slowly(monkeypatch, make_panel, stepped_worker, letter_png)
    before = panel.editor.scene
    QTest.mouseClick(part(panel, QPushButton, "stop_reading"), LEFT)
    stepped_worker.run_all()
    assert panel.editor.scene is before
    assert panel.reading.open.isVisible()


def test_a_reading_stopped_in_the_status_bar_offers_the_next(monkeypatch, make_panel, stepped_worker, letter_png):
    panel = start_slowly(monkeypatch, make_panel, stepped_worker, letter_png)
    next(job for job in stepped_worker.jobs() if job.title).cancel()
    stepped_worker.run_all()
    assert panel.reading.open.isVisible()
    assert not panel.reading.stop.isVisible()
    assert panel.messages.keys() == []


def test_another_picture_replaces_the_one_being_read(monkeypatch, make_panel, stepped_worker, letter_png):
    panel = start_slowly(monkeypatch, make_panel, stepped_worker, letter_png)
    panel.open_path(letter_png)
    assert panel.reading.stop.isVisible()
    stepped_worker.run_all()
    assert is_read(panel)
    assert len(panel.host.undo) == 1
    assert panel.reading.open.isVisible()


def test_dragging_goes_on_while_a_picture_is_read(monkeypatch, make_panel, real_worker, qtbot, letter_png):
    use_by_hand(monkeypatch, HandLetters())
    panel = make_panel(make_handle(letter_source()), real_worker)
    qtbot.waitUntil(lambda: panel.editor.atlas is not None and panel.snapshot() is not None)
    panel.open_path(letter_png)
    panel.editor.drag(10, 10)
    qtbot.waitUntil(lambda: np.array_equal(panel.snapshot().frame.state["z"], panel.editor.scene.z))
    qtbot.waitUntil(lambda: is_read(panel))


def unlike(panel):
    return "nothing that this model knows" in panel.frame.caption.text()


def test_a_picture_of_another_kind_is_said_to_be_none_and_other_places_are_not(monkeypatch, make_panel, tmp_path):
    """A cross is no box with a hole; its error is told to be too large, that of a box of the model's own is not."""
    use_by_hand(monkeypatch, HandLetters())
    source = letter_source()
    source.card["known_within"] = 0.1
    panel = make_panel(make_handle(source))
    at = np.arange(200)
    cross = np.where((abs(at - at[:, None]) < 9) | (abs(at + at[:, None] - 199) < 9), 0, 255).astype(np.uint8)
    path = tmp_path / "cross.png"
    Image.fromarray(np.pad(cross, 40, constant_values=255)).save(path)
    panel.open_path(path)
    assert unlike(panel)
    assert "%" in panel.frame.caption.text()
    there = panel.editor.scene
    panel.editor.nudge(1, 0)
    assert not unlike(panel)
    panel.host.undo.undo()
    assert panel.editor.scene is there
    assert unlike(panel), "the place of the picture is still the same"


def test_a_picture_of_its_own_kind_is_said_to_be_nothing_else(monkeypatch, make_panel, letter_png):
    use_by_hand(monkeypatch, HandLetters())
    source = letter_source()
    source.card["known_within"] = 0.1
    panel = make_panel(make_handle(source))
    panel.open_path(letter_png)
    assert is_read(panel)
    assert not unlike(panel)
