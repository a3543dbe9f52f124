"""Runs the map of everything: encodes, lays out and colours pictures, and leads from them to places."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.api.engine import Policy
from studio.api.panel import (
    Command,
    EngineTasks,
    FieldView,
    Host,
    ImageView,
    array_from_image,
    hue_of,
    theme_source,
)
from studio.core.atomic import atomic_write
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.picture import encode_png
from studio.core.translation import N_, _, plural, translate
from studio.core.view import Field, FloatArray, Image

from ...representation.encoded import Encoded
from ...representation.layout import FLAT, Layout, laid_out
from ...representation.places import between
from ...representation.saving import save_table
from ...scene import VaeScene
from ..editor import VaeSceneEditor
from ..map_geometry import Viewport
from . import colouring
from .canvas import viewport
from .kept_map import MAP, STORED, KeptMap, folder_of, kept_selection, mark_of, selected_in
from .mosaic import Mosaic
from .page import WAYS, EverythingPage

MAP_KEY: Final = "everything"
SAVE_KEY: Final = "everything saved"
CHOICES_KEY: Final = "everything"
SAVED_SCALE: Final = 2
MAX_SAVED_PX: Final = 16_384


class EverythingPresenter(QObject):
    """Shows the page in place of the picture, and keeps what it knows while the model is open.

    Signals: shown_changed(is_shown): whether the page stands in place of the picture. failed(UserError).
    """

    shown_changed = Signal(bool)
    failed = Signal(object)

    def __init__(
        self, editor: VaeSceneEditor, tasks: EngineTasks, host: Host, has_letters: bool, n_named: int, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._editor, self._tasks, self._host, self._n_named = editor, tasks, host, n_named
        self.page = EverythingPage(has_letters, parent)
        self.page.hide()
        self.is_shown = False
        self._folder: Path | None = None
        self._encoded: Encoded | None = None
        self._layout: Layout | None = None
        self._seen_then: Viewport | None = None
        self._selected_then = ""
        self._went: tuple[FloatArray, tuple[float, float]] | None = None
        self._numbers: dict[str, FloatArray] = {}
        self._selected: npt.NDArray[np.bool_] | None = None
        self._choices: dict[str, str] = self._kept_choices()
        self.page.way.set_value(self._choices["way"])
        self._connect()

    def _connect(self) -> None:
        page, canvas = self.page, self.page.canvas
        page.closed.connect(partial(self.set_shown, False))
        page.stop.clicked.connect(self.stop)
        page.folder.clicked.connect(self.choose_folder)
        page.folder_dropped.connect(self.encode)
        page.way.value_chosen.connect(partial(self._choose, "way"))
        page.colour.activated.connect(lambda _: self._choose("colour", page.colour.currentData()))
        page.by.activated.connect(lambda _: self._choose("by", page.by.currentData()))
        page.to_mean.clicked.connect(self.go_to_mean)
        page.unselect.clicked.connect(lambda: self.select(None))
        page.save_picture.clicked.connect(self._save_picture)
        page.save_table.clicked.connect(self._save_table)
        canvas.picked.connect(self._on_picked)
        canvas.drag_started.connect(self._editor.begin_gesture)
        canvas.drag_finished.connect(self._editor.end_gesture)
        canvas.selected.connect(self.select)
        canvas.hovered.connect(self._on_hovered)
        theme_source().theme_changed.connect(self._colour)

    # The page

    def commands(self) -> tuple[Command, ...]:
        """What keys and the palette can do."""
        return (Command("vae.everything", N_("Show a map of everything, or the picture"), self.toggle, ("M",), "VAE"),)

    def toggle(self) -> None:
        """Show the page, or the picture again."""
        self.set_shown(not self.is_shown)

    def set_shown(self, is_shown: bool) -> None:
        """Show the page, with the pictures that come along where there are no others yet, or the picture."""
        if is_shown == self.is_shown:
            return
        self.is_shown = is_shown
        self.shown_changed.emit(is_shown)
        if is_shown:
            self.page.canvas.setFocus()
            self.show_scene(self._editor.scene)
            if self._encoded is None and not self._tasks.is_running(MAP_KEY):
                self.encode(self._folder)

    def state(self) -> dict[str, Any]:
        """The map that is on show, as plain values under its key; nothing for the picture."""
        way, colour, by = (self._choices.get(name, "") for name in ("way", "colour", "by"))
        mark, view = mark_of(self._folder, self._host), self._seen_then or self.page.canvas.view
        chosen = self._selected_then or kept_selection(self._encoded, self._selected)
        kept = KeptMap(mark, way, colour, by, view.centre_x, view.centre_y, view.zoom, chosen)
        return {MAP: STORED.write(kept)} if self.is_shown else {}

    def restore(self, kept: KeptMap | None) -> None:
        """Show the map that was kept, or the picture."""
        if kept is None:
            self.set_shown(False)
            return
        try:
            folder = folder_of(kept.folder, self._host)
        except UserError as error:
            self.failed.emit(error)
            return
        self._choices = {"way": kept.way, "colour": kept.colour, "by": kept.by}
        self.page.way.set_value(kept.way)
        self._seen_then, self._selected_then = viewport(kept.x, kept.y, kept.zoom), kept.selected
        if self._encoded is not None and folder == self._folder:
            self._on_encoded(self._encoded)
        else:
            self._folder, self._encoded = folder, None
            self.encode(folder)
        self.set_shown(True)

    def renew(self) -> None:
        """Another network of the model is asked from now on: what is known of its map goes."""
        self._tasks.cancel(MAP_KEY)
        self._encoded = self._layout = None
        self.page.show_map(False)
        if self.is_shown:
            self.encode(self._folder)

    def show_frame(self, frame: Frame) -> None:
        """Show the picture at the present place beside the map."""
        match self.page.preview, frame.main_view:
            case FieldView() as preview, Field(values=values):
                preview.show_fields(list(values))
            case FieldView() as preview, Image(pixels=pixels):
                preview.show_picture(pixels)
            case ImageView() as preview, Image(pixels=pixels):
                preview.show_array(pixels)

    def show_scene(self, scene: VaeScene) -> None:
        """Mark where a hand went on the map, or else the picture that is nearest to the present place."""
        if self.is_shown and self._encoded is not None and self._layout is not None:
            x, y = self._layout.positions[np.square(self._encoded.z - scene.z).sum(1).argmin()]
            if self._went is not None and np.array_equal(self._went[0], scene.z):
                x, y = self._went[1]
            self.page.canvas.show_marker(float(x), float(y))

    # Pictures and their layout

    def choose_folder(self) -> None:
        """Ask for a folder, and lay its pictures out."""
        chosen = QFileDialog.getExistingDirectory(self.page.window(), _("Choose a folder of pictures"))
        if chosen:
            self.encode(Path(chosen))

    def encode(self, folder: Path | None) -> None:
        """Encode the pictures of a folder, or those that come along."""
        self._folder = folder
        self._run(lambda engine: engine.encoded(folder), self._on_encoded)

    def stop(self) -> None:
        """End what is being done; the map stays as it was."""
        self._tasks.cancel(MAP_KEY)
        self._on_ended(MAP_KEY)
        self._stand_as_it_is()

    def _stand_as_it_is(self) -> None:
        """Let the choices be those of the map that is there; where there is none yet, the flat one takes a moment."""
        if self._layout is not None:
            self.page.way.set_value(self._layout.way)
            self.page.by.setCurrentIndex(max(0, self.page.by.findData(self._layout.by)))
        elif self._encoded is not None and self.page.way.value() != FLAT:
            self.page.way.set_value(FLAT)
            self.arrange()

    def _run(self, work: Any, done: Any) -> None:
        self._tasks.cancel(MAP_KEY)
        self.page.show_running(True)
        answers = {"event": self._on_told, "done": done, "failed": self._on_failed, "ended": self._on_ended}
        self._tasks.ask(MAP_KEY, work, Policy.BACKGROUND, title=N_("Map of everything"), **answers)

    def _on_told(self, told: Any) -> None:
        if isinstance(told, Layout):
            self._show_layout(told)
        elif told is not None:
            self.page.show_running(True, translate(told.sentence), told.n / max(1, told.n_all))

    def _on_failed(self, error: BaseException) -> None:
        self._stand_as_it_is()
        self.failed.emit(error)

    def _on_ended(self, _key: str) -> None:
        self.page.show_running(False)
        self._say_left_out()

    def _say_left_out(self) -> None:
        if self._encoded is not None and self._encoded.n_left_out:
            n = self._encoded.n_left_out
            self.page.progress.set_text(plural(N_("{n} file was left out."), N_("{n} files were left out."), n))
            self.page.progress.setAccessibleDescription("\n".join(self._encoded.left_out[:20]))

    def _on_encoded(self, encoded: Encoded) -> None:
        self._encoded, self._layout = encoded, None
        self._selected, self._selected_then = selected_in(self._selected_then, encoded), ""
        self._numbers = colouring.figures(encoded, self._editor.atlas, self._n_named)
        labels = [(title, translate(title)) for title in encoded.labels]
        self.page.show_choices(colouring.choices(encoded, self._numbers), [("", _("Everything")), *labels])
        for box, name in ((self.page.colour, "colour"), (self.page.by, "by")):
            box.setCurrentIndex(max(0, box.findData(self._choices.get(name))))
        self.page.show_selection("")
        self.arrange()

    def arrange(self) -> None:
        """Lay out what is encoded, as it is chosen."""
        encoded, way, by = self._encoded, self.page.way.value(), str(self.page.by.currentData() or "")
        if encoded is not None:
            self._run(lambda _engine: laid_out(encoded, way, by), self._on_laid_out)

    def _on_laid_out(self, layout: Layout) -> None:
        if self._layout is None or self._layout.positions is not layout.positions:
            self._show_layout(layout)  # what was told before was passed over
        self._layout = layout
        self._say_kept()

    def _show_layout(self, layout: Layout) -> None:
        encoded = self._encoded
        if encoded is None:
            return
        self._layout, self._went = layout, None
        self.page.show_running(True)
        self.page.canvas.show_mosaic(Mosaic(layout.positions, encoded.sprites), self._seen_then)
        self._seen_then = None
        self._colour()
        self.page.canvas.show_selected(self._selected)
        self.show_scene(self._editor.scene)

    def _choose(self, name: str, value: str) -> None:
        self._choices[name] = value
        kept = dict(self._host.recall(CHOICES_KEY, {}))
        self._host.remember(CHOICES_KEY, {**kept, self._tasks.handle.source.id: self._choices})
        if name == "colour":
            self._colour()
        else:
            self.arrange()

    def _kept_choices(self) -> dict[str, str]:
        kept = dict(self._host.recall(CHOICES_KEY, {})).get(self._tasks.handle.source.id, {})
        choices = {name: str(kept[name]) for name in ("way", "colour", "by") if name in kept}
        return choices if choices.get("way") in WAYS else {**choices, "way": FLAT}

    @property
    def _title(self) -> str:
        """The label that the colours show; the first one where they show none."""
        value, labels = str(self.page.colour.currentData() or ""), self._encoded.labels if self._encoded else {}
        title = value.removeprefix(colouring.LABEL)
        return title if title in labels else next(iter(labels), "")

    def _colour(self) -> None:
        if self._encoded is None or self._layout is None:
            return
        fill = QColor(hue_of(self.page).fill)
        plain = fill.red(), fill.green(), fill.blue()
        value = str(self.page.colour.currentData() or "")
        colours, entries = colouring.coloured(value, self._encoded, self._numbers, plain, colouring.has_light_paper())
        self.page.canvas.show_colours(colours)
        self.page.legend.show_entries(entries)
        self._say_kept()
        self._say_selected()

    def _say_kept(self) -> None:
        self.page.kept.setText("" if self._layout is None else colouring.kept(self._layout, self._title))

    # Hands

    def _on_picked(self, x: float, y: float, index: int) -> None:
        encoded, layout, scene = self._encoded, self._layout, self._editor.scene
        if encoded is None or layout is None:
            return
        if self._editor.timeline is not None:
            self._editor.timeline.playback.pause()
        z = encoded.z[index] if index >= 0 else between(layout.positions, encoded.z, np.array([x, y], np.float32))
        text = encoded.letters[index] if index >= 0 and encoded.letters and len(scene.text) == 1 else scene.text
        if index < 0:
            self._went = z, (x, y)
        self._editor.apply(N_("Move on the map"), replace(scene.moved_to(z), text=text, repair=None), "everything")

    def _on_hovered(self, index: int) -> None:
        words = "" if self._encoded is None or index < 0 else colouring.about(self._encoded, index, self._title)
        self.page.about.setText(words)

    def select(self, mask: npt.NDArray[np.bool_] | None) -> None:
        """Select these pictures, (N,) bool, or None of them."""
        self._selected = mask
        self.page.canvas.show_selected(mask)
        self._say_selected()

    def _say_selected(self) -> None:
        encoded, mask = self._encoded, self._selected
        words = "" if encoded is None or mask is None else colouring.shares(encoded, mask, self._title)
        self.page.show_selection(words)

    def go_to_mean(self) -> None:
        """Go to the middle of what is selected."""
        if self._encoded is not None and self._selected is not None:
            scene = self._editor.scene.moved_to(self._encoded.z[self._selected].mean(0))
            self._editor.apply(N_("Go to their mean"), replace(scene, repair=None))

    # Files

    def _save_picture(self) -> None:
        chosen = _asked(self.page.window(), _("Save the map"), "map.png", _("Pictures (*.png)"), ".png")
        if chosen is not None and self._layout is not None:
            pixels = array_from_image(self.page.canvas.picture(SAVED_SCALE), MAX_SAVED_PX)
            png = partial(encode_png, pixels, {"model": self._tasks.handle.source.id})
            self._tasks.run(SAVE_KEY, lambda: atomic_write(chosen, png()), failed=self.failed.emit)

    def _save_table(self) -> None:
        encoded, layout, mask = self._encoded, self._layout, self._selected
        chosen = _asked(self.page.window(), _("Save the table"), "map.csv", _("Tables (*.csv)"), ".csv")
        if chosen is not None and encoded is not None and layout is not None:
            rows = np.arange(len(encoded.z)) if mask is None else np.flatnonzero(mask)
            self._tasks.run(SAVE_KEY, lambda: save_table(chosen, encoded, layout, rows), failed=self.failed.emit)


def _asked(window: QWidget, title: str, name: str, filters: str, suffix: str) -> Path | None:
    chosen, _filter = QFileDialog.getSaveFileName(window, title, name, filters)
    return Path(chosen).with_suffix(suffix) if chosen else None
