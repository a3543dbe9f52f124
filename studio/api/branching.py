"""Branches: a run goes on from one of its frames as a new track, which follows the controls from there on."""

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from studio.api.run_source import PathSource, RunSource
from studio.commands.track import Track
from studio.core.difference import MOVED
from studio.core.error import UserError
from studio.core.recording import Branch
from studio.core.text import N_

if TYPE_CHECKING:
    from studio.api.deck import Deck

SETTLE_MS = 120


class Branching(QObject):
    """Makes branches of what is on a deck's timeline, and makes the current one anew when the controls change."""

    def __init__(self, deck: "Deck") -> None:
        super().__init__(deck)
        self._deck = deck
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._remake)

    @property
    def can_branch(self) -> bool:
        """Whether a run can go on from the frame at the playhead."""
        deck = self._deck
        index, recording, track = deck.playback.index, deck.recording, deck.track
        is_made_here = deck.path_run.is_complete if track is None else self._source(track) is not None
        if recording is None or index >= len(recording) or not is_made_here:
            return False
        return bool(recording.stored(index).layout.state_names)

    def branch(self) -> Track:
        """Let a new track go on from the frame at the playhead, with the settings of its run."""
        deck, index = self._deck, self._deck.playback.index
        deck.playback.pause()
        parent = deck.track or self._keep_path()
        source, frame = self._source(parent), parent.recording[index]
        if source is None or not frame.state:
            raise UserError(N_("Nothing can go on from this frame."), N_("It was recorded without its state."))
        deck.take_params(source.params)
        deck.show_on_panel(frame)
        info = replace(deck.info(parent.recording.info.kind, source.params), branch=Branch(parent.id, index))
        track = deck.recorder.start(source.branched(index, frame), info, is_step=True)
        deck.show_track(track)
        deck.playback.seek(0)
        deck.panel_index = 0  # the panel shows this frame already, as its parent's
        return track

    def _keep_path(self) -> Track:
        """Keep the drawn path as a track of its own, so that the branch can hang off it."""
        deck, run = self._deck, self._deck.path_run
        if run.recording is None or run.plan is None or not run.is_complete:
            raise UserError(N_("The path is still being drawn."), N_("Wait a moment, then try again."))
        known = deck.tracks.find(run.recording.info.id)
        return known or deck.recorder.adopt(run.recording, PathSource(run.plan))

    def follow_panel(self) -> None:
        """The person has changed a control: the current branch is made anew once it rests."""
        track = self._deck.track
        if track is not None and track.recording.info.branch is not None and self._source(track) is not None:
            self._settle.start()

    def _remake(self) -> None:
        deck = self._deck
        track = deck.track
        source = None if track is None else self._source(track)
        if track is None or source is None or track.recording.info.branch is None:
            return
        changed = source.changed(deck.panel_index, deck.params, deck.position)
        state = {MOVED: round(changed.moved, 3)} if changed.moved else {}
        old = track.recording.info
        deck.recorder.restart(track, changed, replace(deck.info(old.kind), id=old.id, branch=old.branch, state=state))

    def _source(self, track: Track) -> RunSource | None:
        return self._deck.recorder.source_of(track)
