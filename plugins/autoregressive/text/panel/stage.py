"""The middle of the panel: the text, the key to its colours, the memory, and the tree of branches."""

from typing import Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from studio.api.panel import BranchRun, BranchView, ChipsLegend, TextCanvas, TextLook, Track
from studio.api.timeline import TimelineController
from studio.core.text.token import named
from studio.core.text.vocabulary import TextVocabulary
from studio.core.translation import N_, _, translate

from ..state import XLTextTrace
from .memory_strip import MemoryStrip

BOXES: Final = {
    "shows_tokens": (N_("Tokens"), N_("Show the pieces that the model reads, not whole words (tokens)")),
    "is_underlined": (N_("Underline"), N_("Show surprise as a line under each word instead of a colour")),
    "shows_signs": (N_("Spaces"), N_("Show spaces and ends of lines as signs")),
}


class XLTextBranches(QObject):
    """One panel's tree."""

    def __init__(self, timeline: TimelineController, view: BranchView, parent: QObject) -> None:
        super().__init__(parent)
        self._timeline = timeline
        self._view = view
        self._known: dict[str, tuple[int, BranchRun]] = {}
        view.chosen.connect(self._on_chosen)
        view.delete_requested.connect(self._on_delete_requested)

    def show(self, vocabulary: TextVocabulary, place: int) -> None:
        """Show all texts on the tracks; the playhead is at a token of the current one."""
        runs = [run for track in self._timeline.tracks if (run := self._run(track, vocabulary)) is not None]
        current = self._timeline.track
        self._view.show_runs(runs, "" if current is None else current.id, place)

    def _run(self, track: Track, vocabulary: TextVocabulary) -> BranchRun | None:
        n_frames = len(track.recording)
        known = self._known.get(track.id)
        if known is not None and known[0] == n_frames:
            return known[1]
        state = track.recording[-1].state if n_frames else None
        if state is None or "next_raw" not in state:
            return None
        run = self._read(track, XLTextTrace(state), n_frames, vocabulary)
        self._known[track.id] = n_frames, run
        return run

    def _read(self, track: Track, trace: XLTextTrace, n_frames: int, vocabulary: TextVocabulary) -> BranchRun:
        branch, pieces = track.recording.info.branch, vocabulary.texts(trace.ids.tolist())
        place = len(trace) - n_frames
        other = [] if branch is None else vocabulary.texts(self._ids(branch.parent_id))
        return BranchRun(
            track.id,
            "" if branch is None else branch.parent_id,
            place,
            len(trace),
            named(pieces[place]) if branch is not None else _("first text"),
            named(other[place]) if place < len(other) else "",
            "".join(pieces),
            float(trace.surprise[max(trace.n_prompt, 1) :].sum()),
        )

    def _ids(self, track_id: str) -> list[int]:
        track = self._timeline.tracks.find(track_id)
        state = None if track is None or not len(track.recording) else track.recording[-1].state
        return [] if state is None or "ids" not in state else [int(one) for one in state["ids"]]

    def _on_chosen(self, track_id: str) -> None:
        track = self._timeline.tracks.find(track_id)
        if track is not None:
            self._timeline.show_track(track)
            self._timeline.playback.to_end()
            self._timeline.show_present()

    def _on_delete_requested(self, track_id: str) -> None:
        track = self._timeline.tracks.find(track_id)
        if track is not None and len(self._timeline.tracks) > 1:
            self._timeline.stop(track_id)
            self._timeline.tracks.delete(track)
            self._timeline.show_present()


class XLTextStage(QWidget):
    """Signals: look_changed(name, is_on): a box was ticked; the names are those of TextLook."""

    look_changed = Signal(str, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.canvas = TextCanvas()
        self.legend = ChipsLegend()
        self.strip = MemoryStrip()
        self.branches = BranchView()
        self.boxes = {name: self._box(name) for name in BOXES}
        row = QHBoxLayout()
        row.setSpacing(14)
        row.addWidget(self.legend, 1)
        for box in self.boxes.values():
            row.addWidget(box)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(self.canvas, 1)
        column.addLayout(row)
        column.addWidget(self.strip)
        column.addWidget(self.branches)

    def _box(self, name: str) -> QCheckBox:
        text, hint = BOXES[name]
        box = QCheckBox(translate(text))
        box.setObjectName(name)
        box.setToolTip(translate(hint))
        box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        box.clicked.connect(lambda is_on: self.look_changed.emit(name, is_on))
        return box

    def set_look(self, look: TextLook) -> None:
        """Show the text so. Emits nothing."""
        self.canvas.set_look(look)
        self.legend.set_underlined(look.is_underlined)
        for name, box in self.boxes.items():
            box.setChecked(getattr(look, name))
