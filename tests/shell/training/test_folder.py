"""The folder of pictures: chosen, typed or dropped; what can be used and what is left out is said at once."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from studio.api.engine import FolderFinding
from studio.shell.session.service import Services
from studio.shell.training.folder import FolderField
from tests.sync_worker import SteppedWorker

N_PICTURES = 18


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Pictures of many sizes with an umlaut in the folder's name, two that are alike, and two files that are none."""
    folder = tmp_path / "Bilder für mich"
    folder.mkdir()
    random = np.random.default_rng(0)
    for n in range(N_PICTURES):
        shape = (40 + 9 * n, 120 - 2 * n, 3)
        Image.fromarray(random.integers(0, 255, shape, np.uint8)).save(folder / f"{n:02}.png")
    (folder / "copy.png").write_bytes((folder / "00.png").read_bytes())
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nno picture")
    (folder / "notes.txt").write_text("not a picture")
    return folder


@pytest.fixture
def field(qtbot, services: Services) -> FolderField:
    widget = FolderField(services)
    widget.dropped.connect(widget.set_path)
    qtbot.addWidget(widget)
    widget.resize(500, 200)
    widget.show()
    return widget


def test_it_says_how_many_can_be_used_and_names_the_others(field: FolderField, pictures: Path) -> None:
    assert field.problem() == "Choose the folder to learn from."
    field.set_path(pictures)
    assert field.problem() == ""
    assert field._said.text() == f"{N_PICTURES} pictures can be used. 1 shows the same as another."
    assert field.skipped_button.text() == "2 files were left out"
    QTest.mouseClick(field.skipped_button, Qt.MouseButton.LeftButton)
    assert field.skipped_list.isVisible()
    lines = field.skipped_list.toPlainText().splitlines()
    assert [line.partition(":")[0] for line in lines] == ["broken.png", "notes.txt"]
    assert all(line.partition(": ")[2] for line in lines)


def test_the_chosen_folder_is_looked_at(field: FolderField, pictures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *arguments: str(pictures))
    QTest.mouseClick(field.choose_button, Qt.MouseButton.LeftButton)
    assert field.path == str(pictures)
    assert field.problem() == ""


class TextRecipe:
    """Learns from one text, or a folder of them."""

    id, invitation, file_suffixes = "good/text", "Choose a text.", (".txt",)

    def takes_folder(self, path: Path) -> bool:
        return path.is_dir()

    def look_into(self, path: Path) -> Generator[None, None, FolderFinding]:
        yield
        return FolderFinding(f"{path.name} can be used.")


def test_a_recipe_of_single_files_has_a_chooser_for_them(
    field: FolderField, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not field.file_button.isVisible()
    field.use(TextRecipe())
    assert field._said.text() == "Choose a text."
    asked: list[str] = []
    text = str(pictures / "notes.txt")

    def choose(*given: Any) -> tuple[str, str]:
        asked.append(given[-1])
        return text, ""

    monkeypatch.setattr(QFileDialog, "getOpenFileName", choose)
    QTest.mouseClick(field.file_button, Qt.MouseButton.LeftButton)
    assert asked == ["Files to learn from (*.txt)"]
    assert (field.path, field.problem(), field._said.text()) == (text, "", "notes.txt can be used.")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *given: ("", ""))
    QTest.mouseClick(field.file_button, Qt.MouseButton.LeftButton)
    assert field.path == text
    field.line.clear()
    drop(field, pictures / "notes.txt")
    assert field.path == text
    drop(field, pictures / "03.png")
    assert field.path == str(pictures)
    field.use(None)
    assert not field.file_button.isVisible()


def drop(field: FolderField, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    position, buttons = QPointF(20, 20), Qt.MouseButton.LeftButton
    event = QDropEvent(position, Qt.DropAction.CopyAction, data, buttons, Qt.KeyboardModifier.NoModifier)
    field.dropEvent(event)


def test_a_dropped_folder_or_picture_is_taken(field: FolderField, pictures: Path) -> None:
    for path in (pictures, pictures / "03.png"):
        field.line.clear()
        drop(field, path)
        assert field.path == str(pictures)
        assert field.problem() == ""


def test_a_typed_folder_is_looked_at_after_a_pause(field: FolderField, pictures: Path, qtbot) -> None:
    plain = pictures.with_name("pictures")  # QTest types no umlauts
    pictures.rename(plain)
    QTest.keyClicks(field.line, str(plain))
    assert field.problem() == "Looking through the folder…"
    qtbot.waitUntil(lambda: field.problem() == "")


@pytest.mark.parametrize("name", ["nothing here", "empty"])
def test_what_cannot_be_used_is_said(field: FolderField, tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    field.set_path(tmp_path / name)
    assert field.problem()
    assert field._said.text() == field.problem()
    assert field.skipped_button.isHidden()


def test_looking_can_be_stopped(qtbot, services: Services, stepped_worker: SteppedWorker, pictures: Path) -> None:
    from dataclasses import replace

    widget = FolderField(replace(services, worker=stepped_worker))
    qtbot.addWidget(widget)
    widget.show()
    widget.set_path(pictures)
    assert widget.cancel_button.isVisible()
    assert widget.problem() == "Looking through the folder…"
    QTest.mouseClick(widget.cancel_button, Qt.MouseButton.LeftButton)
    stepped_worker.run_all()
    assert "not fully searched" in widget.problem()
    assert not widget.cancel_button.isVisible()


def test_the_newest_folder_counts(qtbot, services: Services, stepped_worker: SteppedWorker, pictures: Path) -> None:
    from dataclasses import replace

    widget = FolderField(replace(services, worker=stepped_worker))
    qtbot.addWidget(widget)
    widget.set_path(pictures.parent / "nothing")
    widget.set_path(pictures)
    stepped_worker.run_all()
    assert widget.problem() == ""
