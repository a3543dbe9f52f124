"""Says in plain words what the frame on the canvas shows, measured on it and on the frames around it."""

from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QObject

from studio.core.frame import Frame
from studio.core.recording import Recording

from .caption import Scenery, Words, describe, learning_words, path_words
from .moment import forward_moment_of, moment_of

if TYPE_CHECKING:
    from .panel import DiffusionPanel

DISSOLVING: Final = "dissolving"
"""What the state of a recording names in which a picture becomes noise."""


class CaptionDesk(QObject):
    """Keeps the caption of the panel."""

    def __init__(self, panel: "DiffusionPanel") -> None:
        super().__init__(panel)
        self._panel = panel
        panel.frame.caption.link_activated.connect(self._on_link_activated)

    def show(self, frame: Frame) -> None:
        """Describe a frame of what is on the timeline."""
        track = self._panel.deck.track
        if track is not None and track.recording.info.kind == "training":
            self.say(learning_words(frame))
        else:
            self.say(self._words(frame, None if track is None else track.recording))

    def say(self, words: Words) -> None:
        """Show words that are known already."""
        caption = self._panel.frame.caption
        caption.set_lead(words.lead)
        caption.set_text(words.text, words.term, words.link)

    def _words(self, frame: Frame, recording: Recording | None) -> Words:
        n_items = self._panel.n_items_of(frame)
        deck = self._panel.deck
        if recording is None and len(deck.paths.path):
            return path_words(deck.playback.index + 1, deck.n_frames)
        if recording is None:
            return describe(moment_of(frame), self._scenery(n_items))
        index = deck.playback.index
        first = recording[0] if len(recording) else frame
        if DISSOLVING in recording.info.state:
            return describe(forward_moment_of(frame, first), self._scenery(n_items))
        before = recording[index - 1] if 0 < index <= len(recording) else None
        end = last_belief(recording)
        n_columns = int(np.ceil(np.sqrt(n_items)))
        return describe(moment_of(frame, first, before, end, n_columns), self._scenery(n_items))

    def _scenery(self, n_items: int) -> Scenery:
        scene, deck = self._panel.editor.scene, self._panel.deck
        masked = None
        if scene.origin == "masked" and scene.source is not None and scene.source.mask is not None:
            masked = float((scene.source.mask > 0).mean())
        is_sound, is_from_picture = self._panel.sounds is not None, scene.is_from_picture
        return Scenery(scene.params.sampler, is_sound, n_items, masked, deck.can_branch, is_from_picture)

    def _on_link_activated(self) -> None:
        deck = self._panel.deck
        if deck.can_branch:
            deck.branch()


def last_belief(recording: Recording) -> Frame | None:
    """The frame of a finished run whose belief is the last one, which the others are held against.

    Not the finished picture: that is decoded in full, and a quick look at the same latents differs from it.
    """
    return recording[len(recording) - 2] if recording.is_finished and len(recording) > 1 else None
