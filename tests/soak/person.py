"""A random person in front of the window, who does everything by mouse, keys and dropped files."""

import itertools
import random
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image as PilImage
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QMenu, QWidget

from studio.core.translation import translate
from studio.registry.model import ModelInfo
from studio.widgets.controls.slider_track import SliderTrack
from studio.widgets.gallery.gallery import Gallery
from studio.widgets.views.canvas import InteractiveCanvas
from tests.bench.driver import Driver

LEFT, NO_KEY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
SPARED: Final = (
    "studio.quit",
    "tab.close",
    "studio.home",
    "view.full_screen",
    "present.begin",
    "tab.next",
    "tab.previous",
)
"""Commands that would end the session, or that its own plan does."""
SPARED_BUTTONS: Final = (
    "Quit",
    "Present",
    "Start",
    "Train",
    "Learn",
    "Delete",
    "Discard",
    "Open the folder",
    "Show in folder",
)
ACTIONS_PER_DIALOG: Final = 4
PATIENCE_MS: Final = 400


class Person:
    """Acts at random, but always the same for the same seed and the same answers of the program."""

    def __init__(self, driver: Driver, seed: int, folder: Path) -> None:
        self._driver, self._window = driver, driver.window
        self._random = random.Random(seed)
        self._files = example_files(folder)
        self._n_in_dialog = 0
        self._impatience = QTimer(self._window)  # some menus and dialogs have an event loop of their own
        self._impatience.timeout.connect(_leave_what_waits)
        self._impatience.start(PATIENCE_MS)
        self._habits: list[tuple[int, Callable[[], str | None]]] = [
            (24, self._drag_canvas),
            (18, self._drag_slider),
            (16, self._click_button),
            (20, self._press_keys_of_command),
            (8, self._turn_wheel),
            (6, self._play),
            (4, self._click_canvas),
            (2, self._drop_file),
            (2, self._export),
        ]

    def act(self) -> str:
        """Do one thing; returns what."""
        popup = self._popup()
        if popup is not None:
            return self._answer(popup)
        self._n_in_dialog = 0
        weights, deeds = zip(*self._habits, strict=True)
        deed = self._random.choices(deeds, weights)[0]
        return deed() or deed.__name__.strip("_")

    def open(self, model: ModelInfo) -> None:
        """Open a model by its name in the list of models."""
        self._leave_dialogs()
        QTest.keySequence(self._window, QKeySequence("Ctrl+T"))
        self._driver.wait(lambda: isinstance(QApplication.activePopupWidget(), Gallery), "the gallery of models")
        field = self._window.findChildren(Gallery)[-1].field
        QTest.keyClicks(field, translate(model.title))
        QTest.keyClick(field, Qt.Key.Key_Return)

    def close_all(self) -> None:
        """Close whatever is open, dialogs first, until only Home is there; raises RuntimeError where that fails."""
        for _ in range(60):
            self._leave_dialogs()
            tabs = self._window.tabs.model_tabs()
            if not tabs:
                QTest.keySequence(self._window, QKeySequence("Alt+Home"))
                return
            self._window.tabs.show_page(tabs[0])
            QTest.keySequence(self._window, QKeySequence("Ctrl+W"))
            self._driver.pause(0.05)
        raise RuntimeError(f"{len(tabs)} tabs cannot be closed")

    def _leave_dialogs(self) -> None:
        for _ in range(20):
            popup = self._popup()
            if popup is None:
                self._window.activateWindow()  # without a window manager nothing gives it back
                self._driver.wait(self._window.isActiveWindow, "the focus")
                return
            QTest.keyClick(popup, Qt.Key.Key_Escape)
            self._driver.pause(0.05)
        raise RuntimeError(f"a {type(popup).__name__} cannot be left")

    def _popup(self) -> QWidget | None:
        """What stands before the window: a menu, a dialog, or its list of commands."""
        overlay = self._window.finder.palette
        found = QApplication.activePopupWidget() or QApplication.activeModalWidget()
        return found or (overlay.field if overlay.isVisible() else None)

    def _answer(self, popup: QWidget) -> str:
        """Touch a few things in a dialog or a menu, then leave it."""
        self._n_in_dialog += 1
        buttons = self._buttons(popup)
        if isinstance(popup, QMenu) or self._n_in_dialog > ACTIONS_PER_DIALOG or not buttons:
            QTest.keyClick(popup, Qt.Key.Key_Escape)
            return f"leave {type(popup).__name__}"
        QTest.mouseClick(self._random.choice(buttons), LEFT)
        return f"click in {type(popup).__name__}"

    def _buttons(self, parent: QWidget) -> list[QAbstractButton]:
        return [
            one
            for one in parent.findChildren(QAbstractButton)
            if one.isVisible() and one.isEnabled() and not one.visibleRegion().isEmpty() and not _is_spared(one)
        ]

    def _click_button(self) -> None:
        buttons = self._buttons(self._driver.panel or self._window)
        if buttons:
            self._click(self._random.choice(buttons))

    def _drag_slider(self) -> None:
        sliders = [one for one in self._window.findChildren(SliderTrack) if one.isVisible() and one.isEnabled()]
        if sliders:
            slider = self._random.choice(sliders)
            self._driver.show_in_inspector(slider)
            self._drag(slider)

    def _canvas(self) -> InteractiveCanvas | None:
        canvases = [one for one in self._window.findChildren(InteractiveCanvas) if one.isVisible()]
        return self._random.choice(canvases) if canvases else None

    def _drag_canvas(self) -> None:
        if (canvas := self._canvas()) is not None:
            self._drag(canvas)

    def _click_canvas(self) -> None:
        if (canvas := self._canvas()) is not None:
            self._click(canvas)

    def _turn_wheel(self) -> None:
        if (canvas := self._canvas()) is not None:
            handle = self._window.windowHandle()
            QTest.wheelEvent(handle, QPointF(self._inside(canvas)), QPoint(0, self._random.choice((-120, 120))))

    def _press_keys_of_command(self) -> str:
        commands = self._window._services.commands.all()
        chosen = [one for one in commands if one.keys and one.id not in SPARED]
        command = self._random.choice(chosen)
        QTest.keySequence(self._window, QKeySequence(self._random.choice(command.keys)))
        return command.id

    def _play(self) -> None:
        QTest.keyClick(self._window, Qt.Key.Key_Space)

    def _export(self) -> None:
        QTest.keySequence(self._window, QKeySequence("Ctrl+E"))
        dialog = self._window.exporter.dialog
        if dialog is not None:
            QTest.keyClick(dialog, Qt.Key.Key_Return)

    def _drop_file(self) -> None:
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(self._random.choice(self._files)))])
        place, copy = self._inside(self._window), Qt.DropAction.CopyAction
        QApplication.sendEvent(self._window, QDragEnterEvent(place, copy, data, LEFT, NO_KEY))
        QApplication.sendEvent(self._window, QDropEvent(QPointF(place), copy, data, LEFT, NO_KEY))

    def _click(self, widget: QWidget) -> None:
        handle, point = self._window.windowHandle(), self._inside(widget)
        QTest.mouseMove(handle, point)
        QTest.mouseClick(handle, LEFT, NO_KEY, point)

    def _drag(self, widget: QWidget) -> None:
        points = [self._inside(widget) for _ in range(3)]
        self._driver.press(points[0])
        for start, end in itertools.pairwise(points):
            for share in np.linspace(0, 1, 6):
                self._driver.move(start + (end - start) * float(share))
        self._driver.release(points[-1])

    def _inside(self, widget: QWidget) -> QPoint:
        return self._driver.place(widget, self._random.uniform(0.05, 0.95), self._random.uniform(0.05, 0.95))


def _leave_what_waits() -> None:
    waiting = QApplication.activePopupWidget() or QApplication.activeModalWidget()
    if isinstance(waiting, QFileDialog | QMenu):
        QTest.keyClick(waiting, Qt.Key.Key_Escape)


def _is_spared(button: QAbstractButton) -> bool:
    return any(button.text().startswith(text) for text in SPARED_BUTTONS) or button.objectName() in SPARED_BUTTONS


def example_files(folder: Path) -> list[Path]:
    """What a person may drop: a photo, a drawing, a sound, a table, a text, an empty and a broken file, a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    generator = np.random.default_rng(0)
    photo, drawing, sound, table, text, empty, broken = (
        folder / name
        for name in ("photo.jpg", "a drawing.png", "tone.wav", "table.csv", "text.txt", "empty.pt", "b.pt")
    )
    PilImage.fromarray(generator.integers(0, 255, (90, 120, 3), np.uint8)).resize((480, 360)).save(photo)
    PilImage.new("L", (64, 64), 255).save(drawing)
    tone = (8000 * np.sin(np.arange(16000) / 8)).astype("<i2")
    with wave.open(str(sound), "wb") as file:
        file.setparams((1, 2, 16000, 0, "NONE", ""))
        file.writeframes(tone.tobytes())
    table.write_text("day,value\n" + "".join(f"2024-01-{day:02},{day % 7}\n" for day in range(1, 29)))
    text.write_text("The quick brown fox jumps over the lazy dog.")
    empty.touch()
    broken.write_bytes(b"PK\x03\x04" + generator.bytes(500))
    return [photo, drawing, sound, table, text, empty, broken, folder]
