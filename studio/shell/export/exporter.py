"""Exports what the panel in front shows: asks how, writes on the Worker, and says where the file is."""

import itertools
import time
from collections.abc import Generator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QMimeData, QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QWidget

from studio.compute.job import Policy
from studio.core.atomic import atomic_write
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.picture import encode_png
from studio.core.place import cache_dir
from studio.core.recording.clip import Clip
from studio.core.translation import N_, _
from studio.render.export.format import FORMATS, ExportFormat, shows_picture
from studio.render.export.option import Export, ExportOptions, done
from studio.render.export.painter import picture_of
from studio.shell.export.dialog import ExportDialog
from studio.shell.export.memory import ExportChoice, keep_choice, last_choice
from studio.shell.export.source import ExportSource, source_of
from studio.shell.export.trial import N_TRIED, seconds_per_frame
from studio.shell.session.service import Services
from studio.shell.tabs.model_tab import ModelTab
from studio.shell.tabs.tab_set import TabSet
from studio.widgets.task_scope import TaskScope
from studio.widgets.theme import set_hue

if TYPE_CHECKING:
    from studio.api.panel import Snapshot

PICTURE_SIDE_PX: Final = 512
THUMBNAIL_SIDE_PX: Final = 192
_DRAG_FOLDER: Final = "dragged"
_SHORTEST_S: Final = 1e-6
_PARTS: Final = 10
"""A frame that is drawn counts as so many steps: all of the writing may take no longer than one."""


def write_drawn(kind: ExportFormat, clip: Clip, path: Path, options: ExportOptions) -> Export:
    """Write a file. A frame that had to be drawn is ten steps; all else counts as many as it takes in the same time."""
    n_before, n_writing = yield from _drawn(kind, clip, options)
    for news in kind.write(clip, path, options):
        n_done = n_before + n_writing * (news.step + 1) // news.n_steps
        yield done(max(1, n_done), n_before + n_writing)
    return path


def _drawn(kind: ExportFormat, clip: Clip, options: ExportOptions) -> Generator[Frame, None, tuple[int, int]]:
    """Draw what is missing, trying in between how long writing takes; returns the steps until then, and those of it."""
    n_known, n_drawn, n_tried, n_writing, drawing_s = 0, -1, 0, _PARTS * clip.n_frames, 0.0
    began = time.perf_counter()
    for news in clip.prepare():
        if n_drawn < 0:
            n_known, n_drawn = news.step, 0
        else:
            drawing_s += time.perf_counter() - began  # other work runs between two steps
            n_drawn = news.step - n_known
        n_drawing = _PARTS * (news.n_steps - n_known)
        if not n_tried and n_drawn and news.step >= N_TRIED:
            shown = _shown(news, _PARTS * n_drawn, _PARTS * news.n_steps)
            tried_s, writing_s = yield from _timed(seconds_per_frame(kind, clip, options), shown)
            each_s = max(drawing_s / n_drawn, _SHORTEST_S) / _PARTS
            n_tried, n_writing = round(tried_s / each_s) + 1, round(writing_s * clip.n_frames / each_s)
        yield _shown(news, n_tried + _PARTS * n_drawn, n_tried + n_drawing + n_writing)
        began = time.perf_counter()
    return n_tried + _PARTS * max(n_drawn, 0), max(1, n_writing)


def _shown(news: Frame, n_done: int, n_steps: int) -> Frame:
    return replace(news, step=max(0, n_done - 1), n_steps=n_steps)


def _timed(steps: Generator[Frame, None, float], shown: Frame) -> Generator[Frame, None, tuple[float, float]]:
    """Do some steps while the progress stands still; returns how long they took by themselves, and their result."""
    seconds = 0.0
    while True:
        began = time.perf_counter()
        try:
            next(steps)
        except StopIteration as end:
            return seconds + time.perf_counter() - began, float(end.value)
        seconds += time.perf_counter() - began
        yield replace(shown, n_steps=2 * shown.n_steps)


@dataclass(frozen=True, eq=False)
class Wish:
    """One export that a person agreed to."""

    kind: ExportFormat
    clip: Clip
    options: ExportOptions
    path: Path
    may_replace: bool


class Exporter(QObject):
    """Exports the tab in front.

    Signals: failed(UserError); saved(path, wish) once a file is there; copied() once the picture is on the clipboard.
    """

    failed = Signal(object)
    saved = Signal(object, object)
    copied = Signal()

    def __init__(self, services: Services, tabs: TabSet, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._tabs = tabs
        self._services = services
        self._tasks = TaskScope(self, services.worker, services.dispatcher)
        self.dialog: ExportDialog | None = None

    def can_export(self) -> bool:
        """Whether the panel in front shows something that can be saved."""
        tab = self._tabs.front_tab
        return tab is not None and tab.has_snapshot()

    def export(self) -> None:
        """Let a person choose how to save what the panel in front shows; the file is written when they agree."""
        tab, snapshot = self._tabs.front_tab, self._snapshot()
        if tab is None or snapshot is None:
            return
        licence = str(tab.source.card.get("licence", ""))
        source = source_of(snapshot, tab.clip(), tab.around(), tab.title, licence)
        if source.formats:
            self._open_dialog(source, tab.hue)
        else:
            self.failed.emit(UserError(N_("Nothing on screen can be saved as a file.")))

    def copy_picture(self) -> None:
        """Put the picture on screen on the clipboard, as a PNG that remembers what made it."""
        snapshot = self._snapshot()
        if snapshot is not None:
            still = source_of(snapshot, None).still
            self._tasks.run("copy", partial(still_png, still), done=self._on_png_made, failed=self._on_failed)

    def _snapshot(self) -> "Snapshot | None":
        tab = self._tabs.front_tab
        return tab.snapshot() if tab is not None else None

    def _open_dialog(self, source: ExportSource, hue: str) -> None:
        dialog = ExportDialog(source, last_choice(self._services.settings), self._window)
        set_hue(dialog, hue)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.export_requested.connect(partial(self._on_export_requested, source))
        dialog.destroyed.connect(self._on_dialog_gone)
        tasks = TaskScope(dialog, self._services.worker, self._services.dispatcher)
        tasks.failed.connect(self._on_trial_failed)
        dialog.finished.connect(tasks.close)
        self.dialog = dialog
        if shows_picture(source.frame):
            tasks.run("drag", partial(write_dragged, source), done=self._on_dragged_written)
        dialog.start(tasks)
        dialog.open()

    def save(self, wish: Wish) -> None:
        """Write a file on the Worker; the status bar shows how far it is and can stop it."""
        tab = self._tabs.front_tab
        self._tasks.run(
            "export",
            partial(write, wish),
            Policy.QUEUE,
            done=partial(self._on_saved, wish),
            failed=partial(self._on_failed, tab=tab),
            title=_("Exporting {name}").format(name=wish.path.name),
        )

    def _on_saved(self, wish: Wish, path: Path) -> None:
        self.saved.emit(path, wish)

    def _on_export_requested(self, source: ExportSource, choice: ExportChoice, path: Path, may_replace: bool) -> None:
        kind = next(one for one in FORMATS if one.id == choice.format_id)
        keep_choice(self._services.settings, choice)
        clip, options = source.film_for(kind, choice.options)
        self.save(Wish(kind, clip, options, path, may_replace))

    def _on_dragged_written(self, path: Path) -> None:
        if self.dialog is not None:
            self.dialog.preview.drag_path = path

    def _on_png_made(self, png: bytes) -> None:
        mime = QMimeData()
        mime.setImageData(QImage.fromData(png))
        mime.setData("image/png", png)
        QGuiApplication.clipboard().setMimeData(mime)
        self.copied.emit()

    def _on_dialog_gone(self) -> None:
        self.dialog = None

    def _on_trial_failed(self, error: BaseException) -> None:
        if not isinstance(error, UserError):  # the dialog shows the others
            self._services.report(error)

    def _on_failed(self, error: BaseException, tab: ModelTab | None = None) -> None:
        if isinstance(error, UserError):
            self.failed.emit(error)
        elif tab is not None and tab.panel is None:  # its frames are gone, whatever that looks like down there
            self.failed.emit(UserError(N_("The export was stopped because its tab was closed.")))
        else:
            self._services.report(error)


def thumbnail_of(clip: Clip) -> bytes:
    """A small PNG of the first frame; empty where that shows no picture."""
    try:
        return encode_png(picture_of(clip.frame(0), THUMBNAIL_SIDE_PX, "paper"))
    except UserError:
        return b""


def write(wish: Wish) -> Generator[Frame, None, Path]:
    """Write the file; one of that name stays where the person did not agree to lose it."""
    path = wish.path if wish.may_replace else free_path(wish.path)
    return (yield from write_drawn(wish.kind, wish.clip, path, wish.options))


def free_path(path: Path) -> Path:
    """The path, with a number behind its name where there is a file already."""
    names = itertools.chain([path], (path.with_name(f"{path.stem} {n}{path.suffix}") for n in itertools.count(2)))
    return next(name for name in names if not name.exists())


def still_png(still: Clip) -> bytes:
    """The picture of a clip of one frame as a PNG."""
    return encode_png(picture_of(still.frame(0), PICTURE_SIDE_PX, "paper"), still.made_from())


def write_dragged(source: ExportSource) -> Path:
    """Write the picture that may be dragged out, in place of that of the last time."""
    folder = cache_dir() / _DRAG_FOLDER
    folder.mkdir(exist_ok=True)
    path = folder / f"{source.stem}.png"
    for old in folder.glob("*.png"):
        if old != path:
            old.unlink(missing_ok=True)
    atomic_write(path, still_png(source.still))
    return path
