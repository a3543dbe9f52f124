"""Holds the run on the timeline against one with other settings: both are pinned, and the window wipes between them."""

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject

from studio.api.deck import Deck

from .compare_section import CompareSection
from .editor import SceneEditor


class CompareDesk(QObject):
    """Makes the other run when it is asked for."""

    def __init__(self, deck: Deck, section: CompareSection, editor: SceneEditor, parent: QObject) -> None:
        super().__init__(parent)
        self._deck = deck
        self._editor = editor
        section.compare_requested.connect(self._on_compare_requested)

    def _on_compare_requested(self, changes: dict[str, Any]) -> None:
        scene, deck = self._editor.scene, self._deck
        own = deck.track or deck.record_run(scene.params, scene.start())
        other = deck.record_run(replace(scene.params, **changes), scene.start())
        deck.show_track(own)
        deck.tracks.compare(own, other)
        deck.playback.seek(len(own.recording) - 1)  # where both begin there is nothing but the same noise
