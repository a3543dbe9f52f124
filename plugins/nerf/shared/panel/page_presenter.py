"""Saves a scene as a web page that others walk around in."""

from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.api.engine import Policy
from studio.api.panel import EngineTasks
from studio.core.translation import _, plural

from ..marks import Marks
from ..state import ViewRequest
from .editor import ViewEditor
from .take_section import ExportSection
from .view_loop import Ask

KEY: Final = "web page"
SUFFIX: Final = ".html"


class PagePresenter(QObject):
    """Asks for a name, and has the page written."""

    def __init__(
        self, section: ExportSection, request: Ask, editor: ViewEditor[Any], tasks: EngineTasks, window: QWidget
    ) -> None:
        """`request` says what is shown, for a picture of a width and height in pixels."""
        super().__init__(window)
        self._section, self._request, self._editor = section, request, editor
        self._tasks, self._window = tasks, window
        section.page_requested.connect(self._choose_name)

    def _choose_name(self) -> None:
        filters = f"{_('Web page')} (*{SUFFIX})"
        chosen, _filter = QFileDialog.getSaveFileName(self._window, _("Web page"), f"scene{SUFFIX}", filters)
        if chosen:
            path = Path(chosen)
            self.save(path if path.suffix else path.with_suffix(SUFFIX))

    def save(self, path: Path) -> None:
        """Write what is shown now."""
        scene = self._editor.scene
        request = self._request((scene.params.width, scene.params.height))
        self._tasks.ask(
            KEY,
            partial(_write, path=path, request=request, marks=scene.marks),
            Policy.QUEUE,
            done=partial(self._on_saved, path.name),
            title=_("Saving {name}").format(name=path.name),
            pauses=True,
        )

    def _on_saved(self, name: str, n_splats: int) -> None:
        text = plural("{n} splat is in “{name}”.", "{n} splats are in “{name}”.", n_splats)
        self._section.say(text.format(name=name))


def _write(engine: Any, path: Path, request: ViewRequest, marks: Marks) -> int:
    n_splats: int = engine.write_page(path, request, marks)
    return n_splats
