"""A picture from the clipboard or a dialog; what is none is said."""

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.widgets.views.picture_intake import MAX_PASTED_PX, PictureIntake


@pytest.fixture
def intake(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    intake: Any = PictureIntake(window, window)
    intake.paths, intake.pixels, intake.errors = [], [], []
    intake.path_given.connect(intake.paths.append)
    intake.pixels_given.connect(intake.pixels.append)
    intake.failed.connect(intake.errors.append)
    return intake


def test_a_copied_picture_comes_as_pixels_on_white_and_bounded(intake):
    image = QImage(MAX_PASTED_PX * 2, 4, QImage.Format.Format_ARGB32)
    image.fill(QColor(0, 0, 0, 0))
    QGuiApplication.clipboard().setImage(image)
    intake.paste()
    (pixels,) = intake.pixels
    assert pixels.shape == (2, MAX_PASTED_PX, 3)
    assert np.all(pixels == 255)


def test_a_file_copied_in_a_file_manager_comes_as_its_path(intake, tmp_path):
    copied = QMimeData()
    copied.setUrls([QUrl.fromLocalFile(str(tmp_path / "Mein Bild ä.png"))])
    QGuiApplication.clipboard().setMimeData(copied)
    intake.paste()
    assert intake.paths == [tmp_path / "Mein Bild ä.png"]


def test_anything_else_is_said(intake):
    QGuiApplication.clipboard().setText("no picture")
    intake.paste()
    assert "no picture on the clipboard" in str(intake.errors[0])
    assert intake.paths == intake.pixels == []


def test_a_choice_in_the_dialog_comes_as_its_path_and_none_as_nothing(intake, tmp_path, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *args: ("", ""))
    intake.choose()
    assert intake.paths == []
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *args: (str(tmp_path / "a.png"), ""))
    intake.choose()
    assert intake.paths == [tmp_path / "a.png"]
