"""Folders in the dialog that asks what shall be trained: dropped, typed, and who learns from them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, QRect, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget

from studio.api.engine import FolderFinding
from studio.core.error import UserError
from studio.core.param import param
from studio.datasets.progress import Progress
from studio.registry.catalog import Catalog
from studio.registry.target import understand
from studio.shell.training.choice import ChoiceTile
from studio.shell.training.desk import TrainPlan
from studio.shell.training.dialog import TrainDialog
from studio.shell.window.window import MainWindow
from tests.shell.training.test_training import open_dialog, open_tab, press, settle
from tests.sync_worker import SteppedWorker

_BUTTONS = (Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)


@pytest.fixture
def window(make_window, stepped_worker) -> MainWindow:
    return make_window(stepped_worker)


@pytest.fixture
def worker(stepped_worker) -> SteppedWorker:
    return stepped_worker


@dataclass(frozen=True)
class FolderSettings:
    n_steps: int = 3
    data: str = param("", label="Folder", help="Where the pictures are.")


class FolderRecipe:
    """Learns from a folder; only shown here, never run."""

    id, title, summary, minutes, needs_folder = "good/pictures", "Pictures", "Learns pictures.", 1.0, True
    settings = FolderSettings()


def test_a_recipe_that_needs_a_folder_starts_only_with_one(window, worker, monkeypatch, tmp_path):
    monkeypatch.setattr(Catalog, "recipes", lambda self, family_id="": {"good/pictures": FolderRecipe()})
    started: list[TrainPlan] = []
    dialog = open_dialog(window, worker)
    dialog.planned.disconnect()
    dialog.planned.connect(started.append)
    assert not dialog.start_button.isEnabled()
    assert dialog.start_button.toolTip() == "Choose the folder to learn from."
    put_pictures(tmp_path)
    assert dialog.name.text() == "My model"
    drop_on(dialog, tmp_path)
    worker.run_all()
    settle()
    assert dialog.name.text() == tmp_path.name
    assert dialog.start_button.isEnabled()
    assert dialog._form is not None
    assert dialog._form.values() == {}  # the folder has its own control
    press(dialog, "train_start")
    assert started == [TrainPlan("good/pictures", tmp_path.name, {"data": str(tmp_path)})]


def drop_on(widget: QWidget, path: Path) -> None:
    """Let go of a folder over a widget, as a file manager does."""
    dropped = QMimeData()
    dropped.setUrls([QUrl.fromLocalFile(str(path))])
    enter = QDragEnterEvent(QPoint(9, 9), Qt.DropAction.CopyAction, dropped, *_BUTTONS)
    QApplication.sendEvent(widget, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(widget, QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, dropped, *_BUTTONS))


def put_pictures(folder: Path, n: int = 20) -> None:
    random = np.random.default_rng(0)
    for number in range(n):
        Image.fromarray(random.integers(0, 255, (70, 80, 3), np.uint8)).save(folder / f"{number}.png")


class ParticularRecipe(FolderRecipe):
    """Learns only from folders with a file "list"."""

    id, title, invitation = "good/listed", "Listed", "Choose a folder with a list."

    def takes_folder(self, path):
        return (path / "list").is_file()

    def look_into(self, path):
        if not self.takes_folder(path):
            raise UserError("There is no list.")
        yield Progress(0.5, "Looking")
        return FolderFinding("3 things can be used.", ("a: broken",), 1)


@pytest.fixture
def two_recipes(monkeypatch):
    recipes = {recipe.id: recipe for recipe in (FolderRecipe(), ParticularRecipe())}
    monkeypatch.setattr(Catalog, "recipes", lambda self, family_id="": recipes)
    monkeypatch.setattr("studio.shell.tabs.opener.understand_apart", understand)  # another process has other recipes


def test_a_recipe_may_look_into_the_folder_itself(window, worker, two_recipes, tmp_path):
    dialog = open_dialog(window, worker)
    press(dialog, "choice_good/listed")
    assert dialog.folder._said.text() == "Choose a folder with a list."
    dialog.folder.set_path(tmp_path)
    worker.run_all()
    settle()
    assert dialog.folder.problem() == "There is no list."
    (tmp_path / "list").touch()
    dialog.folder.set_path(tmp_path)
    worker.run_all()
    settle()
    assert dialog.folder.problem() == ""
    assert dialog.folder._said.text() == "3 things can be used."
    assert dialog.folder.skipped_list.toPlainText() == "a: broken"
    press(dialog, "choice_good/pictures")
    worker.run_all()
    settle()
    assert "at least 16 are needed" in dialog.folder.problem()


class PlainRecipe(FolderRecipe):
    """Learns without a folder."""

    id, title, needs_folder = "good/plain", "Plain", False


def test_ones_own_come_first_and_a_folder_chooses_what_learns_from_it(window, worker, monkeypatch, tmp_path):
    recipes = {recipe.id: recipe for recipe in (PlainRecipe(), FolderRecipe(), ParticularRecipe())}
    monkeypatch.setattr(Catalog, "recipes", lambda self, family_id="": recipes)
    pictures, listed, empty = (tmp_path / name for name in ("pictures", "listed", "empty"))
    for folder in (pictures, listed, empty):
        folder.mkdir()
    put_pictures(pictures)
    (listed / "list").touch()
    dialog = open_dialog(window, worker)
    tiles = [tile.choice.recipe.id for tile in dialog.findChildren(ChoiceTile)]
    assert tiles == ["good/pictures", "good/listed", "good/plain"]
    for folder, recipe_id in ((pictures, "good/pictures"), (listed, "good/listed")):
        press(dialog, "choice_good/plain")
        drop_on(dialog, folder)
        worker.run_all()
        settle()
        assert dialog._choice is not None
        assert (dialog._choice.recipe.id, dialog.folder.path) == (recipe_id, str(folder))
        assert dialog.start_button.isEnabled()
    press(dialog, "choice_good/plain")
    drop_on(dialog, empty)
    worker.run_all()
    settle()
    assert "Nothing here can learn from the folder “empty”." in dialog._waiting.text()
    assert dialog._waiting.isVisible()


@pytest.mark.parametrize("is_open", [False, True])
def test_a_folder_of_pictures_dropped_on_the_window_offers_what_learns_from_it(
    window, worker, two_recipes, tmp_path, is_open
):
    if is_open:
        open_tab(window, worker)
    put_pictures(tmp_path)
    drop_on(window, tmp_path)
    worker.run_all()
    settle()
    dialog = window.findChild(TrainDialog)
    assert [tile.choice.recipe.id for tile in dialog.findChildren(ChoiceTile)] == ["good/pictures"]
    assert (dialog.folder.path, dialog.folder.problem()) == (str(tmp_path), "")


@pytest.mark.parametrize("room", [QRect(0, 0, 1280, 720), QRect(0, 32, 1366, 704), QRect(60, 0, 1220, 620)])
def test_the_dialog_is_wholly_on_a_small_screen(window, worker, monkeypatch, qtbot, room):
    monkeypatch.setattr("studio.shell.training.dialog.room_around", lambda widget: room)
    recipes = {f"good/{n}": type("Many", (FolderRecipe,), {"id": f"good/{n}"})() for n in range(9)}
    monkeypatch.setattr(Catalog, "recipes", lambda self, family_id="": recipes)
    dialog = open_dialog(window, worker)
    assert room.contains(dialog.frameGeometry())
    qtbot.waitUntil(lambda: dialog.height() > 0.8 * room.height())
    assert room.contains(dialog.frameGeometry())
    for part in (dialog.start_button, dialog.cancel_button):
        assert dialog.rect().contains(QRect(part.mapTo(dialog, QPoint(0, 0)), part.size()))


class OtherRecipe(ParticularRecipe):
    """Learns from the same folders."""

    id, title = "good/other", "Other"


def test_all_that_learns_from_a_dropped_folder_is_to_choose_from(window, worker, monkeypatch, tmp_path):
    recipes = {recipe.id: recipe for recipe in (FolderRecipe(), ParticularRecipe(), OtherRecipe())}
    monkeypatch.setattr(Catalog, "recipes", lambda self, family_id="": recipes)
    monkeypatch.setattr("studio.shell.tabs.opener.understand_apart", understand)  # another process has other recipes
    (tmp_path / "list").touch()
    window.opener.open_path(tmp_path)
    worker.run_all()
    settle()
    dialog = window.findChild(TrainDialog)
    assert [tile.choice.recipe.id for tile in dialog.findChildren(ChoiceTile)] == ["good/listed", "good/other"]
    assert dialog._choice.recipe.id == "good/listed"
    for recipe_id in ("good/listed", "good/other"):
        press(dialog, f"choice_{recipe_id}")
        worker.run_all()
        settle()
        assert dialog._choice.recipe.id == recipe_id
        assert (dialog.folder.path, dialog.folder.problem()) == (str(tmp_path), "")
    press(dialog, "train_cancel")
