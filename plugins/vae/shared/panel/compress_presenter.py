"""Packs the picture on show or one's own, draws what comes out of the file, and saves and opens such files."""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from studio.api.engine import Policy
from studio.api.panel import EngineTasks, PictureIntake, frame_thumbnail
from studio.api.timeline.controller import TimelineController
from studio.api.timeline.run_source import PlacelessSource
from studio.core.atomic import atomic_write
from studio.core.frame import Frame
from studio.core.masked_picture import StartPicture
from studio.core.translation import N_, _, plural
from studio.core.view import Image

from ..compress.packed_file import SUFFIX
from ..compress.packing import (
    PackedFolder,
    Packing,
    UnpackedPictures,
    packed_bytes,
    packed_folder,
    packed_start,
    unpacked,
)
from ..params import PictureParams
from ..scene import VaeScene, seed_params
from ..sharpness import is_sharp
from .compress_section import CompressSection
from .editor import VaeSceneEditor
from .own_picture import PICTURE_PX

CURVE_KEY, READ_KEY, FILE_KEY = "pack curve", "pack picture", "packed file"
N_LEFT_OUT_NAMED: Final = 3


def is_packed(path: Path) -> bool:
    """Whether a file is called like one of packed pictures."""
    return path.suffix.lower() == SUFFIX


@dataclass(frozen=True, eq=False)
class UnpackedSource(PlacelessSource):
    """A run through the pictures of a file, whose places are (N, D)."""

    params: PictureParams
    places: np.ndarray

    @property
    def n_frames(self) -> int:
        """One for each picture."""
        return len(self.places)

    def frames(self, engine: Any) -> Iterator[Frame]:
        """Draw one after the other."""
        model = engine.of(self.params)
        for step, place in enumerate(self.places):
            yield model.frame(place, "", step, len(self.places))

    def branched(self, index: int, frame: Frame) -> "UnpackedSource":
        """The pictures from there on."""
        return replace(self, places=self.places[index:])


class CompressPresenter(QObject):
    """Signals: failed(UserError) for what cannot be read or written."""

    failed = Signal(object)

    def __init__(
        self, section: CompressSection, editor: VaeSceneEditor, timeline: TimelineController, tasks: EngineTasks
    ) -> None:
        super().__init__(section)
        self._section, self._editor, self._timeline, self._tasks = section, editor, timeline, tasks
        self._shown: Frame | None = None
        self._curves: Any = None
        self._packing: Packing | None = None
        self._track_id = ""
        self._intake = PictureIntake(section, self)
        self._intake.path_given.connect(self._read)
        section.take.clicked.connect(self.take_shown)
        section.choose.clicked.connect(self._intake.choose)
        section.fineness.value_changed.connect(self._on_fineness_changed)
        section.fineness.edit_started.connect(editor.begin_gesture)
        section.fineness.edit_finished.connect(editor.end_gesture)
        section.save.clicked.connect(self.choose_name)
        section.folder.clicked.connect(self.choose_folder)
        section.open.clicked.connect(self.choose_file)

    # What is on show

    def show_scene(self, scene: VaeScene) -> None:
        """Show what is packed, and measure another picture's curves."""
        before, self._packing = self._packing, scene.packing
        if self._packing is None:
            if before is not None:
                self._section.show_packing(None)
            return
        self._section.show_packing(self._packing)
        if before is None or before.source is not self._packing.source or before.place is not self._packing.place:
            self._measure(self._packing)
        elif self._curves is not None:
            self._show_curves()

    def show_frame(self, frame: Frame, scene: VaeScene) -> None:
        """Keep what is on show; it is what came out of the file where a picture is packed."""
        if frame.state is None:
            return
        self._shown = frame
        if scene.packing is not None:
            self._section.show_drawn(frame_thumbnail(frame, PICTURE_PX))

    def _measure(self, packing: Packing) -> None:
        self._curves = None
        original = Frame(0, 1, views={"picture": Image(packing.source.picture)})
        self._section.show_original(frame_thumbnail(original, PICTURE_PX))
        self._tasks.ask(CURVE_KEY, partial(_curves, packing=packing), Policy.RESTART, done=self._on_measured)

    def _on_measured(self, found: Any) -> None:
        self._curves = found
        self._show_curves()

    def _show_curves(self) -> None:
        if self._packing is not None:
            curves, is_known = self._curves
            self._section.show_curves(curves, self._packing.step, is_known)

    # What is packed

    def take_shown(self) -> None:
        """Pack the picture that is on show."""
        view, place = None if self._shown is None else self._shown.main_view, self._editor.scene.z
        if isinstance(view, Image) and is_sharp(view):
            self._ask(lambda engine: (StartPicture(engine.own_picture(view.pixels).picture), place))
        elif isinstance(view, Image):
            pixels = view.pixels if view.pixels.ndim == 3 else np.repeat(view.pixels[..., None], 3, axis=2)
            self._pack((StartPicture(pixels), place))

    def _read(self, path: Path) -> None:
        self._ask(partial(packed_start, path=path))

    def _ask(self, work: Callable[[Any], Any]) -> None:
        self._tasks.ask(
            READ_KEY,
            work,
            Policy.RESTART,
            done=self._pack,
            failed=self.failed.emit,
            title=N_("Reading the picture"),
        )

    def _pack(self, start: tuple[StartPicture, Any]) -> None:
        packing = Packing(start[0], start[1], self._section.step())
        self._apply(N_("Pack a picture"), packing)

    def _on_fineness_changed(self, value: float) -> None:
        packing = self._editor.scene.packing
        if packing is not None:
            self._apply(N_("Fineness"), replace(packing, step=self._section.step()), "fineness")

    def _apply(self, title: str, packing: Packing, merge_key: str | None = None) -> None:
        self._timeline.playback.pause()
        self._editor.apply(title, self._editor.scene.packed(packing), merge_key)

    # Files

    def choose_name(self) -> None:
        """Ask where to save the packed picture."""
        packing = self._editor.scene.packing
        path = self._name(_("packed")) if packing is not None else None
        if path is not None and packing is not None:
            call = partial(packed_bytes, places=packing.place[None], step=packing.step)
            self._tasks.ask(FILE_KEY, call, Policy.QUEUE, done=partial(self._on_packed, path), failed=self.failed.emit)

    def _on_packed(self, path: Path, data: bytes) -> None:
        self._tasks.run(FILE_KEY, lambda: atomic_write(path, data), failed=self.failed.emit)

    def choose_folder(self) -> None:
        """Ask for a folder of pictures, and where to save them all."""
        chosen = QFileDialog.getExistingDirectory(self._section.window(), _("Choose a folder of pictures"))
        path = self._name(Path(chosen).name) if chosen else None
        if path is not None:
            self._tasks.ask(
                FILE_KEY,
                partial(packed_folder, folder=Path(chosen), step=self._section.step()),
                Policy.BACKGROUND,
                done=partial(self._on_folder_packed, path),
                failed=self.failed.emit,
                title=N_("Packing pictures"),
            )

    def _on_folder_packed(self, path: Path, made: tuple[bytes, PackedFolder]) -> None:
        data, folder = made
        self._tasks.run(FILE_KEY, lambda: atomic_write(path, data), failed=self.failed.emit)
        words = plural("{n:,} picture in {bytes:,} bytes.", "{n:,} pictures in {bytes:,} bytes.", folder.n)
        self._section.say(words.format(n=folder.n, bytes=folder.n_bytes) + left_out_words(folder.left_out))

    def _name(self, name: str) -> Path | None:
        title, filters = _("Save packed pictures"), _("Packed pictures") + f" (*{SUFFIX})"
        chosen, _filter = QFileDialog.getSaveFileName(self._section.window(), title, f"{name}{SUFFIX}", filters)
        return Path(chosen).with_suffix(SUFFIX) if chosen else None

    def choose_file(self) -> None:
        """Ask for a file of packed pictures."""
        title, filters = _("Open packed pictures"), _("Packed pictures") + f" (*{SUFFIX})"
        chosen, _filter = QFileDialog.getOpenFileName(self._section.window(), title, "", filters)
        if chosen:
            self.open(Path(chosen))

    def open(self, path: Path) -> None:
        """Show the pictures of a file: one is gone to, several are a run on the timeline."""
        call = partial(unpacked, path=path)
        self._tasks.ask(
            FILE_KEY,
            call,
            Policy.QUEUE,
            done=partial(self._on_unpacked, path.name),
            failed=self.failed.emit,
            title=N_("Unpacking pictures"),
        )

    def _on_unpacked(self, name: str, found: UnpackedPictures) -> None:
        timeline, n = self._timeline, len(found.places)
        if n == 1:
            self._editor.go_to(N_("Unpack"), found.places[0], "")
        else:
            params = seed_params(self._editor.scene)
            timeline.pause()
            info = replace(timeline.info("run", params), title=name)
            track = timeline.recorder.renew(self._track_id, UnpackedSource(params, found.places), info)
            self._track_id = track.id
            timeline.show_track(track)
        words = plural("{n:,} picture unpacked from “{name}”.", "{n:,} pictures unpacked from “{name}”.", n)
        self._section.say(words.format(n=n, name=name))


def left_out_words(names: tuple[str, ...]) -> str:
    """Which files were left out; "" for none."""
    if not names:
        return ""
    some = ", ".join(names[:N_LEFT_OUT_NAMED]) + (" …" if len(names) > N_LEFT_OUT_NAMED else "")
    words = plural("{n:,} file could not be read: {names}", "{n:,} files could not be read: {names}", len(names))
    return " " + words.format(n=len(names), names=some)


def _curves(engine: Any, packing: Packing) -> Generator[None, None, Any]:
    """The curves of a packed picture, and whether the model knows such pictures."""
    from ..compress.rate_curve import rate_curve  # here, since it brings Pillow, which panels do without

    picture, place = packing.source.picture, packing.place
    curves = yield from rate_curve(engine, picture, place)
    return curves, engine.knows(picture, place)
