"""Photographs Home, every panel and the dialogs on a screen of its own, a few to a sheet, for a person to look through.

    python -m tests.bench.looks FOLDER --theme light --language de --screen 1920x1080 --scale 2 [--only home vae/digits]

A panel stands beside the whole of its controls, those below the edge of the window too.
"""

import argparse
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from studio.core.error import UserError
from studio.core.place import HOME_VARIABLE
from tests.bench.display import start_xvfb

if TYPE_CHECKING:
    from PySide6.QtGui import QPixmap

    from studio.app import Studio

SETTLED_MS = 900
PAGES = (
    *("home", "home_end", "studio.models", "studio.palette", "studio.preferences", "studio.keys"),
    *("studio.about", "studio.live"),
)
DIALOGS = ("studio.export", "studio.train", "studio.compare", "studio.guide", "present.prepare", "present.begin")
N_ON_A_SHEET = 4
GAP_PX = 6


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the sheets that the command line asks for."""
    options = _options().parse_args(arguments)
    os.environ["DISPLAY"], os.environ["QT_QPA_PLATFORM"] = start_xvfb(options.screen), "xcb"
    os.environ["QT_SCALE_FACTOR"] = options.scale
    options.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        os.environ[HOME_VARIABLE] = home
        _photograph(options, Path(home))


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--theme", default="dark")
    parser.add_argument("--language", default="en")
    parser.add_argument("--screen", default="1280x720", help="in pixels of the screen")
    parser.add_argument("--scale", default="1")
    parser.add_argument("--text", type=float, default=1.0, help="size of text, as in the preferences")
    parser.add_argument("--only", nargs="*", default=[], help="pages and models")
    return parser


def _photograph(options: argparse.Namespace, home: Path) -> None:
    from studio.app import Studio, make_app, prepare_process
    from studio.core.option import TEXT_SCALE, THEME
    from studio.core.setting import Settings
    from studio.core.translation import choose_language
    from studio.registry.catalog import Catalog
    from studio.shell.session.crash import CrashReporter

    prepare_process()
    choose_language(options.language)
    settings = Settings()
    settings.set(THEME, options.theme)
    settings.set(TEXT_SCALE, options.text)
    app = make_app()
    studio = Studio(app, settings, Catalog(), CrashReporter(home / "log"), is_kept=False)
    studio.window.setGeometry(app.primaryScreen().geometry())
    studio.begin()
    photos = list(Photographer(studio, options.folder).photos(options.only))
    for start in range(0, len(photos), N_ON_A_SHEET):
        _sheet(photos[start : start + N_ON_A_SHEET]).save(str(options.folder / f"sheet_{start // N_ON_A_SHEET:02}.png"))
    studio.window.close()
    studio.end()


class Photographer:
    """Goes through the program as a person would, and keeps what is on the screen."""

    def __init__(self, studio: "Studio", folder: Path) -> None:
        self._studio, self._folder = studio, folder
        self._run = studio.window._services.commands.run

    def photos(self, only: Sequence[str]) -> "Iterator[QPixmap]":
        """Each thing wanted, all of them where none is named."""
        self._wait(is_model_wanted=False)
        wanted = [*PAGES, *(model.id for model in self._studio.window._services.catalog.list_models())]
        families: set[str] = set()
        for name in [one for one in wanted if one in only or not only]:
            if name in PAGES:
                yield self._page(name)
                continue
            yield self._model(name)
            if name.partition("/")[0] not in families:
                families.add(name.partition("/")[0])
                yield from (self._dialog(command, name) for command in (*DIALOGS, f"tour.{name.partition('/')[0]}"))
            self._studio.window.tabs.close_all()

    def _page(self, name: str) -> "QPixmap":
        window = self._studio.window
        if name == "home_end":
            bar = window.home.verticalScrollBar()
            bar.setValue(bar.maximum())
        elif name != "home":
            self._run(name)
        photo = self._screen(name)
        self._leave()
        if window.can_close_front():
            window.close_front()
        return photo

    def _model(self, name: str) -> "QPixmap":
        self._studio.window.opener.open_model(name)
        self._wait(is_model_wanted=True)
        return _joined([self._screen(name), *self._controls()])

    def _controls(self) -> "Iterator[QPixmap]":
        """The whole column of controls, cut into pieces as high as the window."""
        from studio.widgets.inspector import InspectorPage

        page = self._studio.window.tabs.front.findChild(InspectorPage)
        if page is None:
            return
        column, scale = page.grab(), page.devicePixelRatio()
        high_px = round(self._studio.window.height() * scale)
        for top in range(0, column.height(), high_px):
            yield column.copy(0, top, column.width(), min(high_px, column.height() - top))

    def _dialog(self, command: str, model: str) -> "QPixmap":
        self._run(command)
        photo = self._screen(f"{model}.{command}")
        if command.startswith("tour."):
            self._run("tour.leave")
        self._leave()
        self._studio.window.presenting.leave()
        self._studio.window.guide.hide()
        return photo

    def _leave(self) -> None:
        """Close what stands over the window."""
        from PySide6.QtWidgets import QApplication

        for widget in QApplication.topLevelWidgets():
            if widget is not self._studio.window and widget.isVisible():
                widget.close()
        self._studio.window.finder.palette.hide()

    def _screen(self, name: str) -> "QPixmap":
        from PySide6.QtGui import QGuiApplication
        from PySide6.QtTest import QTest

        QTest.qWait(SETTLED_MS)
        self._wait(is_model_wanted=False)
        photo = QGuiApplication.primaryScreen().grabWindow(0)
        photo.save(str(self._folder / f"{name.replace('/', '-')}.png"))
        photo.setDevicePixelRatio(1)
        return photo

    def _wait(self, is_model_wanted: bool) -> None:
        from studio.app import Patience

        try:
            Patience(self._studio).wait(is_model_wanted)
        except UserError as error:
            print(error)  # what there is by then is photographed


def _sheet(photos: "Sequence[QPixmap]") -> "QPixmap":
    """Photographs in two columns."""
    return _joined([_joined(photos[place : place + 2]) for place in range(0, len(photos), 2)], is_down=True)


def _joined(photos: "Sequence[QPixmap]", is_down: bool = False) -> "QPixmap":
    """Photographs beside each other, or one under the other."""
    from PySide6.QtGui import QColor, QPainter, QPixmap

    from studio.widgets.theme import theme

    wide, high = [one.width() + GAP_PX for one in photos], [one.height() + GAP_PX for one in photos]
    whole = QPixmap(max(wide), sum(high)) if is_down else QPixmap(sum(wide), max(high))
    whole.fill(QColor(theme().colour.bar))
    painter, place_px = QPainter(whole), 0
    for photo, step_px in zip(photos, high if is_down else wide, strict=True):
        painter.drawPixmap(*((0, place_px) if is_down else (place_px, 0)), photo)
        place_px += step_px
    painter.end()
    return whole


if __name__ == "__main__":
    main()
