"""Keeps the runs of open tabs on the disk, so that a restart brings them back with their branches."""

import logging
import time
from collections.abc import Collection, Generator, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from studio.commands.track import KeptRun, Track
from studio.compute.job import Policy
from studio.core.error import UserError
from studio.core.pausing import Turns
from studio.core.recording.file import loading, saving
from studio.core.recording.recording import Recording
from studio.shell.session.session import TabMemory
from studio.widgets.task_scope import TaskScope

if TYPE_CHECKING:
    from studio.api.panel import Panel

log = logging.getLogger(__name__)

MAX_BYTES: Final = 64 << 20
"""Larger runs are only kept where their person saves the workspace."""
SMALL_BYTES: Final = 8 << 20
"""A run of that size is also kept while it grows: saving it takes a fraction of a second."""
CLOSING_S: Final = 1.0
SUFFIX: Final = ".frames"


class RunKeeper:
    """One file for each run, by its id.

    Attributes:
        is_filling: whether files are put here of which no tab knows yet, so that none is removed.
    """

    def __init__(self, folder: Path, tasks: TaskScope) -> None:
        self._folder = folder
        self._tasks = tasks
        self._saved: WeakKeyDictionary[Recording, int] = WeakKeyDictionary()  # how many frames are on the disk
        self._seen: WeakKeyDictionary[Recording, int] = WeakKeyDictionary()  # how many there were at the last look
        self._n_coming_back = 0
        self.is_filling = False

    @property
    def folder(self) -> Path:
        """Where the files are, which is there."""
        self._folder.mkdir(exist_ok=True)
        return self._folder

    def keep(self, tracks: Iterable[Track], known: Collection[str]) -> None:
        """Begin to save the runs that are not on the disk yet, and remove those that are not `known` any more.

        A large one that may still grow waits until it rests.
        """
        if not self._n_coming_back and not self.is_filling:
            self._sweep(known)
        unsaved = [one for one in self._unsaved(tracks) if one.n_bytes <= MAX_BYTES]
        due = [one for one in unsaved if self._is_due(one)]
        self._seen = WeakKeyDictionary({one: len(one) for one in unsaved})
        if due and not self._tasks.is_running("keep"):
            self._tasks.run("keep", lambda: Turns().work(lambda: self._saving(due)), Policy.BACKGROUND)

    def keep_closing(self, tracks: Iterable[Track]) -> None:
        """Save the runs of a tab that is about to close, whose recordings live until that is done."""
        unsaved, holder = [one for one in self._unsaved(tracks) if one.n_bytes <= MAX_BYTES], _Holder()
        for recording in unsaved:
            recording.hold(holder)

        def work() -> Generator[float, None, None]:
            yield from self._saving(unsaved)
            holder.is_done = True

        if unsaved:
            self._tasks.run("keep closing", lambda: Turns().work(work), Policy.QUEUE)

    def _is_due(self, recording: Recording) -> bool:
        is_small = recording.n_bytes <= SMALL_BYTES
        return recording.is_finished or is_small or self._seen.get(recording) == len(recording)

    def large(self, tracks: Iterable[Track]) -> list[Track]:
        """Those that are not kept, since they are too large."""
        return [one for one in tracks if one.recording.n_bytes > MAX_BYTES and self._is_unsaved(one.recording)]

    def saving(self, recordings: Sequence[Recording]) -> Generator[float, None, None]:
        """Save all of these that are not on the disk yet; raises UserError where that fails."""
        for recording in filter(self._is_unsaved, recordings):
            yield from self._save(recording)

    def save_again(self) -> None:
        """Files may have been replaced: save all runs anew."""
        self._saved.clear()

    def files(self, run_ids: Collection[str]) -> dict[str, Path]:
        """The files of those runs that are on the disk, by their ids."""
        paths = {run_id: self._path(run_id) for run_id in sorted(run_ids)}
        return {run_id: path for run_id, path in paths.items() if path.exists()}

    def close(self, tracks: Iterable[Track]) -> None:
        """Save what can be saved in a moment: the program ends."""
        ends = time.monotonic() + CLOSING_S
        small = [one for one in self._unsaved(tracks) if one.n_bytes <= MAX_BYTES]
        for _ in self._saving(small):
            if time.monotonic() > ends:
                return

    def bring_back(self, panel: "Panel", memory: TabMemory) -> None:
        """Read the runs of a tab on the Worker and put them on the timeline of its panel."""
        self._n_coming_back += 1

        def take(found: list[tuple[KeptRun, Recording]]) -> None:
            from studio.api.panel import TIMELINE_KEY  # came with the panel
            from studio.api.timeline.state import bring_back

            self._n_coming_back -= 1
            state = memory.state.get(TIMELINE_KEY)
            if found:
                bring_back(panel.timeline, found, state if isinstance(state, dict) else None)

        panel.tasks.run("bring back", lambda: Turns().work(lambda: self._reading(memory.runs)), Policy.QUEUE, done=take)

    def _unsaved(self, tracks: Iterable[Track]) -> list[Recording]:
        return [track.recording for track in tracks if self._is_unsaved(track.recording)]

    def _is_unsaved(self, recording: Recording) -> bool:
        return recording.n_bytes > 0 and self._saved.get(recording) != len(recording)

    def _saving(self, recordings: Sequence[Recording]) -> Generator[float, None, None]:
        """Save runs; one that cannot be saved is not tried again."""
        for recording in recordings:
            try:
                yield from self._save(recording)
            except UserError as error:
                log.warning("a run was not kept: %s", error)
                self._saved[recording] = len(recording)

    def _save(self, recording: Recording) -> Generator[float, None, None]:
        """Save one run, which may be closed meanwhile."""
        holder, n_frames = _Holder(), len(recording)
        recording.hold(holder)
        yield from saving(recording, self._path(recording.info.id))
        self._saved[recording] = n_frames

    def _reading(self, runs: Sequence[KeptRun]) -> Generator[float, None, list[tuple[KeptRun, Recording]]]:
        found = []
        for run in runs:
            try:
                recording = yield from loading(self._path(run.id))
                self._saved[recording] = len(recording)
                found.append((run, recording))
            except UserError as error:
                log.info("a run of the last session is left out: %s", error)
        return found

    def _sweep(self, known: Collection[str]) -> None:
        for path in self._folder.glob(f"*{SUFFIX}"):
            if path.stem not in known:
                path.unlink(missing_ok=True)

    def _path(self, run_id: str) -> Path:
        return self.folder / f"{run_id}{SUFFIX}"


class _Holder:
    """Lives as long as runs are being saved."""

    is_done = False
