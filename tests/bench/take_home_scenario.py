"""What a person takes home, from Home to the file: every click, drag, drop and key is counted."""

import tempfile
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QScrollArea, QWidget

from studio.core.option import MOTION
from studio.core.place import asset
from studio.core.provenance import read_metadata
from studio.render.export.option import ExportOptions
from studio.shell.export.memory import ExportChoice, keep_choice
from studio.shell.home.picture_row import PictureButton
from tests.bench.driver import Driver

SIDE_PX = 128
LIMIT_S = 500.0
ANSWER_MS = 20
N_LOOKS = 20  # of 2 ms
COPY, LEFT, NO_KEY = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier

Result = dict[str, Any]


class Hand:
    """Does one thing at a time, and counts. A file goes to `folder`; nothing else was ever chosen in the dialog."""

    def __init__(self, driver: Driver, folder: str) -> None:
        self.n_actions = 0
        self.driver, self._window = driver, driver.window
        self.folder = Path(folder)
        driver.studio.settings.set(MOTION, "reduced")  # only its own steps are counted, and Home's films take time
        keep_choice(driver.studio.settings, ExportChoice(options=ExportOptions(SIDE_PX), folder=folder))
        driver.wait_for_device()
        self._come_to_the_front()

    def open_family(self, family_id: str) -> None:
        """Click on Open on Home."""
        self.n_actions += 1
        self.driver.open_family(family_id)
        self.driver.wait(self.driver.has_picture, "the first picture")
        self.driver.wait_until_answered()

    def open_example(self, title: str) -> None:
        """Click on an example on Home."""
        named = [one for one in self._window.home.findChildren(PictureButton) if one.accessibleName() == title]
        self.click(named[0])
        self.driver.wait(self.driver.has_picture, "the first picture")
        self.driver.wait_until_answered()

    def drop(self, paths: list[Path]) -> None:
        """Drop files on the window."""
        self.n_actions += 1
        data, place = QMimeData(), QPoint(self._window.width() // 2, self._window.height() // 2)
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        QApplication.sendEvent(self._window, QDragEnterEvent(place, COPY, data, LEFT, NO_KEY))
        QApplication.sendEvent(self._window, QDropEvent(QPointF(place), COPY, data, LEFT, NO_KEY))

    def drag(self, widget: QWidget, share: float) -> None:
        """Drag across a share of a widget."""
        self.n_actions += 1
        self.driver.drag(lambda passed_s: self.driver.place(widget, 0.5 + share * passed_s, 0.5), 0.5)

    def click(self, widget: QWidget) -> None:
        """Click on a button; where it is out of sight the wheel is turned until it is not, and counts as well."""
        self.n_actions += 1
        if widget.visibleRegion().isEmpty():
            self.n_actions += 1
            self.driver.wait(lambda: self._scrolled(widget), f"{widget.objectName()} in sight")
        places: list[QPoint] = []
        self.driver.wait(lambda: self._rests(widget, places), f"{widget.objectName()} at rest")
        self.driver.click(widget)

    def _rests(self, widget: QWidget, places: list[QPoint]) -> bool:
        """Whether nothing around a widget is still being laid out: it has stood at one place for some looks."""
        places.append(self.driver.place(widget))
        return len(places) >= N_LOOKS and len(set(map(QPoint.toTuple, places[-N_LOOKS:]))) == 1

    def _scrolled(self, widget: QWidget) -> bool:
        """Turn the wheel by a notch over what it scrolls in; returns whether the widget is whole in sight now."""
        region = widget.visibleRegion()
        if region.boundingRect().size() == widget.size():
            return True
        area: Any = widget.parentWidget()
        while not isinstance(area, QScrollArea):
            area = area.parentWidget()
        place = QPointF(area.mapTo(self._window, area.rect().center()))
        QTest.wheelEvent(self._window.windowHandle(), place, QPoint(0, -120))
        return False

    def press(self, keys: str) -> None:
        """Press a key of the window."""
        self.n_actions += 1
        QTest.keySequence(self._window, QKeySequence(keys))

    def press_and_answer(self, keys: str, path: Path) -> None:
        """Press a key that asks for a file; type its path there, and press Enter."""
        timer = QTimer(interval=ANSWER_MS)  # the dialog of the system's kind holds what has opened it
        timer.timeout.connect(lambda: self._answer(path, timer))
        timer.start()
        self.press(keys)
        self.n_actions += 1
        self._come_to_the_front()

    def _come_to_the_front(self) -> None:
        """Keys are heard by the window in front, which no window manager chooses here."""
        self._window.activateWindow()
        self.driver.wait(self._window.isActiveWindow, "the window in front")

    def _answer(self, path: Path, timer: QTimer) -> None:
        dialog = QApplication.activeModalWidget()
        if not isinstance(dialog, QFileDialog):
            return
        timer.stop()
        field: Any = dialog.findChild(QLineEdit, "fileNameEdit")
        field.setText(str(path))  # typed, completions would pop up over it
        QTest.keyClick(field, Qt.Key.Key_Return)

    def confirm(self) -> Result:
        """Press Enter in the dialog; returns what is known of the file then."""
        exporter = self._window.exporter
        self.driver.wait(
            lambda: exporter.dialog is not None and exporter.dialog.export.isEnabled(), "the dialog", limit_s=LIMIT_S
        )
        assert exporter.dialog is not None
        clip, options = exporter.dialog._source.film_for(exporter.dialog.kind, exporter.dialog.form.options())
        self.n_actions += 1
        QTest.keyClick(exporter.dialog, Qt.Key.Key_Return)
        self.driver.wait(lambda: list(self.folder.glob("*.mp4")), "the film", limit_s=LIMIT_S)
        (path,) = self.folder.iterdir()
        model = (read_metadata(path) or {})["model"]
        film_s = clip.n_frames / options.fps_of(clip)
        return {"n_actions": self.n_actions, "suffix": path.suffix, "film_s": film_s, "model": model}


def melt_pictures(driver: Driver) -> Result:
    """Melt two pictures of one's own into a film."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as own:
        hand = Hand(driver, folder)
        hand.open_family("vae")
        hand.drop([_letter(Path(own), weight) for weight in ("Regular", "Bold")])
        driver.wait(lambda: driver.panel.timeline.playback.is_playing, "the path")
        n_keyframes = len(driver.panel.timeline.paths.path)
        hand.press("Ctrl+E")
        return {**hand.confirm(), "n_keyframes": n_keyframes}


def turn_scene(driver: Driver) -> Result:
    """Orbit a scene and save a turntable."""
    with tempfile.TemporaryDirectory() as folder:
        hand = Hand(driver, folder)
        hand.open_family("nerf")
        panel = driver.panel
        driver.wait(lambda: not (panel.is_preparing or panel.baking.is_on), "the baking", limit_s=LIMIT_S)
        before = panel.editor.scene.camera.rotation.tolist()
        hand.drag(panel.canvas, 0.3)
        has_turned = panel.editor.scene.camera.rotation.tolist() != before
        panel.editor.set_picture_size(SIDE_PX, SIDE_PX)  # a small film is enough for the count
        hand.click(panel.take.turntable)
        return {**hand.confirm(), "n_keyframes": len(panel.timeline.paths.path), "has_turned": has_turned}


def _letter(folder: Path, weight: str) -> Path:
    """A letter as a person would scan it."""
    picture = Image.new("L", (160, 160), 255)
    font = ImageFont.truetype(asset(f"fonts/Inter-{weight}.ttf"), 130)
    ImageDraw.Draw(picture).text((80, 80), "R", fill=0, font=font, anchor="mm")
    path = folder / f"{weight}.png"
    picture.save(path)
    return path


ALL = (melt_pictures, turn_scene)
