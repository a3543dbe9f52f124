"""Shows a line in the typeface of the present place, saves it as a font, and blends it with a person's own."""

from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.api.engine import Policy
from studio.api.panel import EngineTasks, WhenSeen
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.translation import N_, _, plural, translate

from ...shared.panel.editor import VaeSceneEditor
from ...shared.scene import VaeScene
from ..typeface.making import AxisEnd, SetLine, Typeface, made_from, save_typeface, set_line
from ..typeface.own_font import SUFFIXES, read_place
from .typeface_section import TypefaceSection

LINE: Final = "Hamburgefonstiv 0369"
LINE_KEY, SAVE_KEY, FONT_KEY = "typeface line", "save typeface", "own font"


class TypefacePresenter(QObject):
    """Signals: failed(UserError) for a font that cannot be read or saved."""

    failed = Signal(object)

    def __init__(
        self, section: TypefaceSection, editor: VaeSceneEditor, tasks: EngineTasks, model: str, window: QWidget
    ) -> None:
        super().__init__(window)
        self._section, self._editor, self._tasks = section, editor, tasks
        self._model, self._window = model, window
        self._start: np.ndarray | None = None
        self._own: np.ndarray | None = None
        self._has_complained = False
        self._seen = WhenSeen(section.line, self._set_line)
        section.save_asked.connect(self.choose_name)
        section.font_asked.connect(self.choose_font)
        section.blended.connect(self._on_blended)

    def show_scene(self, scene: VaeScene) -> None:
        """Let the blend stand where the place lies between the person's own and that of the font."""
        if self._own is None or self._start is None:
            return
        way = self._own - self._start
        share = float((scene.z - self._start) @ way / max(float(way @ way), 1e-9))
        if np.abs(self._start + share * way - scene.z).max() > 1e-3 or not -0.001 <= share <= 1.001:
            self._start, share = scene.z, 0.0
        self._section.blend.set_value(100 * min(max(share, 0.0), 1.0))

    def rest_on(self, scene: VaeScene, frame: Frame) -> None:
        """The place has changed and stayed for a moment."""
        self._seen.request()

    def _set_line(self) -> None:
        self._tasks.ask(
            LINE_KEY,
            partial(set_line, z=self._editor.scene.z, text=LINE),
            Policy.RESTART,  # it is looked at: it must not wait for a path that another tab draws
            done=self._on_line_set,
            failed=self._on_line_failed,
        )

    def _on_line_set(self, line: SetLine) -> None:
        self._section.line.show_line(line)
        if self._has_complained:
            self._section.say("")
        self._has_complained = False

    def _on_line_failed(self, error: Exception) -> None:
        if isinstance(error, UserError):
            self._has_complained = True
            self._section.line.clear()
            self._section.say(f"{translate(error.title)} {translate(error.what_to_do)}".strip())
        else:
            self.failed.emit(error)

    def choose_name(self) -> None:
        """Ask where to save the font."""
        name = self._section.name.text().strip() or _("Untitled")
        start = f"{''.join(char if char.isalnum() or char in ' -_' else '_' for char in name)}.ttf"
        chosen, _filter = QFileDialog.getSaveFileName(self._window, _("Save font"), start, "TrueType (*.ttf)")
        if chosen:
            path = Path(chosen)
            self.save(path if path.suffix else path.with_suffix(".ttf"))

    def save(self, path: Path) -> None:
        """Write the typeface of the present place."""
        scene = self._editor.scene
        self._tasks.ask(
            SAVE_KEY,
            partial(
                save_typeface,
                path=path,
                z=scene.z,
                family=self._section.name.text(),
                description=made_from(self._model, scene.seed, scene.z),
                directions=self._section.chosen_directions(),
            ),
            Policy.QUEUE,
            done=partial(self._on_saved, path.name),
            failed=self.failed.emit,
            title=_("Saving {name}").format(name=path.name),
        )

    def _on_saved(self, name: str, made: Typeface) -> None:
        text = plural("{n} character is in “{name}”.", "{n} characters are in “{name}”.", made.n_signs)
        ends = [end_words(end) for end in made.axes]
        self._section.say(" ".join([text.format(name=name), *filter(None, ends)]))

    def choose_font(self) -> None:
        """Ask for a font to blend with."""
        kinds = f"{_('Fonts')} ({' '.join(f'*{suffix}' for suffix in SUFFIXES)})"
        chosen, _filter = QFileDialog.getOpenFileName(self._window, _("Open a font"), "", kinds)
        if chosen:
            self.open(Path(chosen))

    def open(self, path: Path) -> None:
        """Read the style of a font file and go there."""
        self._tasks.ask(
            FONT_KEY,
            partial(read_place, path=path),
            Policy.RESTART,
            done=partial(self._on_font_read, path.name),
            failed=self.failed.emit,
            title=N_("Reading the font"),
        )

    def _on_font_read(self, name: str, place: np.ndarray) -> None:
        self._start, self._own = self._editor.scene.z, place
        self._section.blend.show()
        self._section.say(_("This is how the model draws “{name}”. Blend it with where you were.").format(name=name))
        self._editor.go_to(N_("My font"), place, "")

    def _on_blended(self, percent: float) -> None:
        if self._own is not None and self._start is not None:
            z = self._start + percent / 100 * (self._own - self._start)
            self._editor.apply(N_("Blend"), self._editor.scene.moved_to(z), "blend")


def end_words(end: AxisEnd) -> str:
    """What is to be said of a slider in the font: where it had to end; "" where it goes all the way."""
    name = translate(end.name)
    stops = [stop for stop in dict.fromkeys(end.stopped_by) if stop]
    if end.low == end.high == 0:
        return _("“{name}” cannot be a slider from here: “{letter}” would change its parts at once.").format(
            name=name, letter=stops[0] if stops else ""
        )
    if not stops:
        return ""
    letters = " ".join(f"“{stop}”" for stop in stops)
    return _("“{name}” goes from {low:+.1f} to {high:+.1f}; beyond, {letters} would change its parts.").format(
        name=name, low=end.low, high=end.high, letters=letters
    )
