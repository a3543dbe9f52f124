"""Runs sources on the Worker and keeps their frames as tracks, which grow while a person watches."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from studio.api.engine import EngineHandle
from studio.api.timeline.run_source import RunSource, SteeredSource
from studio.commands.track import Track, TrackList
from studio.compute.job import Policy
from studio.core.recording.recording import Recording, RunInfo
from studio.widgets.task_scope import TaskScope


class Recorder(QObject):
    """The runs of one panel.

    Signals: grown(track_id) after new frames, ended(track_id) when a run is over, however it ended.
    """

    grown = Signal(str)
    ended = Signal(str)

    def __init__(self, tasks: TaskScope, handle: EngineHandle, tracks: TrackList, parent: QObject) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._handle = handle
        self._tracks = tracks
        self._sources: dict[str, RunSource] = {}
        self._runs: dict[str, _Run] = {}  # one for each track, however often its run is made anew
        self._running: set[str] = set()
        self._followed: dict[str, Callable[[], None]] = {}

    def start(self, source: RunSource, info: RunInfo, is_step: bool = False) -> Track:
        """Record a run as a new track, which becomes the current one; `is_step` lets undo take it back."""
        recording = Recording(info)
        self._announce(source, recording)
        track = self._tracks.add(recording, is_step=is_step)
        self._submit(source, recording)
        return track

    def adopt(self, recording: Recording, source: RunSource) -> Track:
        """Take in a recording that is complete already."""
        self._sources[recording.info.id] = source
        return self._tracks.add(recording)

    def restart(self, track: Track, source: RunSource, info: RunInfo) -> None:
        """Make the run of a track anew, with its id, in place of what it holds."""
        self._tasks.cancel(_key(track.id))
        recording = Recording(info)
        self._announce(source, recording)
        self._tracks.rerecord(track, recording)
        self._submit(source, recording)

    def renew(self, track_id: str, source: RunSource, info: RunInfo) -> Track:
        """Record a run in place of another one's where nothing hangs on that, else as a new track."""
        track = self._tracks.replaceable(track_id)
        if track is None:
            return self.start(source, info)
        self.restart(track, source, replace(info, id=track.id))
        return track

    def put(self, track: Track, recording: Recording, source: RunSource) -> None:
        """Give a track a recording that is complete already, with its id, in place of what it holds."""
        self._sources[track.id] = source
        self._tracks.rerecord(track, recording)

    def _announce(self, source: RunSource, recording: Recording) -> None:
        """A run begins; said before its track is shown, so that the timeline knows how long it will be."""
        track_id = recording.info.id
        self._sources[track_id] = source
        key = _key(track_id)
        if key not in self._runs:
            self._runs[key] = _Run(self, track_id)
        self._running.add(key)

    def _submit(self, source: RunSource, recording: Recording) -> None:
        if isinstance(source, SteeredSource):
            source.begin(recording)
            return
        key = _key(recording.info.id)
        work = self._handle.recorded(source.frames, recording)
        self._tasks.run(key, work, Policy.RESTART, event=self._runs[key].on_grown, ended=self._on_ended)

    def follow(self, recording: Recording, name: str, stop: Callable[[], None]) -> Track:
        """Take in a recording that somebody else makes, such as a training; `stop` asks them to end it.

        They append to it on the main thread, and call `grow` each time and `end` at the end.
        """
        self._followed[recording.info.id] = stop
        return self._tracks.add(recording, name)

    def resume(self, track_id: str, stop: Callable[[], None]) -> None:
        """Say that a recording, of which `end` was said, is followed once more."""
        if track_id not in self._followed:
            self._followed[track_id] = stop
            self.grown.emit(track_id)

    def grow(self, track_id: str) -> None:
        """Say that a followed or steered recording has new frames."""
        self.grown.emit(track_id)

    def end(self, track_id: str) -> None:
        """Say that a followed recording is complete, or rests until `resume`."""
        if self._followed.pop(track_id, None) is not None:
            self.ended.emit(track_id)

    def n_expected(self, track_id: str) -> int:
        """How many frames a track will have whose run goes on; 0 where that is not known."""
        source = self._sources.get(track_id)
        return source.n_frames if source is not None and self.is_running(track_id) else 0

    def source_of(self, track: Track) -> RunSource | None:
        """What a track's run was made from; None for one that was loaded from a file."""
        return self._sources.get(track.id)

    def stop(self, track_id: str) -> None:
        """End a run within one frame; what was made stays. One that is followed ends when its maker says so."""
        followed = self._followed.get(track_id)
        if followed is not None:
            followed()
        if _key(track_id) in self._running:
            self._running.remove(_key(track_id))
            self._tasks.cancel(_key(track_id))
            self.ended.emit(track_id)

    def is_running(self, track_id: str) -> bool:
        """Whether the run of a track goes on."""
        return _key(track_id) in self._running or track_id in self._followed

    def _on_ended(self, key: str) -> None:
        self._running.discard(key)
        self.ended.emit(self._runs[key].track_id)


class _Run(QObject):
    """Knows which track a delivery belongs to: deliveries come to bound methods and name no track."""

    def __init__(self, recorder: Recorder, track_id: str) -> None:
        super().__init__(recorder)
        self._recorder = recorder
        self.track_id = track_id

    def on_grown(self, _: object) -> None:
        """Pass on that there are new frames."""
        self._recorder.grown.emit(self.track_id)


def _key(track_id: str) -> str:
    return f"run {track_id}"
