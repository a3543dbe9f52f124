"""Saves the text on screen as a page that replays, as plain text, as JSON or as a figure."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from studio.api.engine import Policy
from studio.core.atomic import atomic_write
from studio.core.param import params_to_json
from studio.core.text import N_, translate

from .capture import Trace
from .text_export import ExportedText, as_json, exported
from .text_html import as_html
from .text_svg import as_svg
from .text_vocabulary import TextVocabulary

if TYPE_CHECKING:
    from .panel import TransformerPanel

KEY: Final = "save"
FILTERS: Final = {
    ".html": N_("Page that replays (*.html)"),
    ".txt": N_("Plain text (*.txt)"),
    ".json": N_("Text with all probabilities (*.json)"),
    ".svg": N_("Figure (*.svg)"),
}


def _as_txt(text: ExportedText) -> str:
    return text.text


WRITERS: Final[Mapping[str, Callable[[ExportedText], str]]] = {
    ".html": as_html,
    ".txt": _as_txt,
    ".json": as_json,
    ".svg": as_svg,
}


class TextSave(QObject):
    """One panel's Save."""

    def __init__(self, panel: "TransformerPanel") -> None:
        super().__init__(panel)
        self._panel = panel

    def ask(self) -> None:
        """Ask where and as what to save."""
        filters = ";;".join(translate(text) for text in FILTERS.values())
        chosen, _ = QFileDialog.getSaveFileName(self._panel, translate(N_("Save the text")), "text.html", filters)
        if chosen:
            self.save(Path(chosen))

    def save(self, path: Path) -> None:
        """Write the file in the format that its ending names, HTML where it names none."""
        trace, vocabulary = self._panel.trace, self._panel.vocabulary
        if trace is None or vocabulary is None:
            return
        suffix = path.suffix.lower() if path.suffix.lower() in WRITERS else ".html"
        params = params_to_json(self._panel.params())
        model_id = self._panel.handle.source.id
        call = partial(_write, path.with_suffix(suffix), suffix, model_id, params, trace, vocabulary)
        self._panel.tasks.run(KEY, call, Policy.QUEUE, title=N_("Saving the text"))


def _write(
    path: Path, suffix: str, model_id: str, params: Mapping[str, object], trace: Trace, vocabulary: TextVocabulary
) -> None:
    atomic_write(path, WRITERS[suffix](exported(model_id, params, trace, vocabulary)).encode())
