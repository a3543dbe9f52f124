"""Keeps the runs of open tabs on the disk, so that a restart brings them back with their branches."""

import logging
import time
from collections.abc import Collection, Generator, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from studio.commands.track import KeptRun, Track
from studio.compute.job import Policy
from studio.core.error import UserError
from studio.core.pausing import Turns
from studio.core.recording.file import loading, saving
from studio.core.recording.recording import Recording
from studio.widgets.task_scope import TaskScope

if TYPE_CHECKING:
    from studio.api.panel import Panel

log = logging.getLogger(__name__)

MAX_BYTES: Final = 64 << 20
"""Larger runs are not kept."""
CLOSING_S: Final = 1.0
SUFFIX: Final = ".frames"


class RunKeeper:
    """One file for each run, by its id."""

    def __init__(self, folder: Path, tasks: TaskScope) -> None:
        self._folder = folder
        self._tasks = tasks
        self._saved: dict[str, int] = {}  # how many frames there are on the disk, of runs of this time
        self._seen: dict[str, int] = {}  # how many there were at the last look
        self._n_coming_back = 0

    def keep(self, tracks: Iterable[Track], known: Collection[str]) -> None:
        """Begin to save the next run that is not on the disk yet, and remove those that are not `known` any more."""
        if not self._n_coming_back:
            self._sweep(known)
        unsaved = list(self._unsaved(tracks))
        resting = next((one for one in unsaved if self._seen.get(one.info.id) == len(one)), None)
        self._seen = {one.info.id: len(one) for one in unsaved}
        if resting is not None and not self._tasks.is_running("keep"):
            self._tasks.run("keep", lambda: Turns().work(lambda: self._saving(resting)), Policy.BACKGROUND)

    def close(self, tracks: Iterable[Track]) -> None:
        """Save what can be saved in a moment: the program ends."""
        ends = time.monotonic() + CLOSING_S
        for recording in self._unsaved(tracks):
            for _ in self._saving(recording):
                if time.monotonic() > ends:
                    return

    def bring_back(self, panel: "Panel", runs: Sequence[KeptRun]) -> None:
        """Read the runs of a tab on the Worker and put them on the timeline of its panel."""
        self._n_coming_back += 1

        def take(found: list[tuple[KeptRun, Recording]]) -> None:
            from studio.api.timeline.state import bring_back  # with the timeline, which came with the panel

            self._n_coming_back -= 1
            if found:
                bring_back(panel.timeline, found)

        panel.tasks.run("bring back", lambda: Turns().work(lambda: self._reading(runs)), Policy.QUEUE, done=take)

    def _unsaved(self, tracks: Iterable[Track]) -> Iterator[Recording]:
        for recording in (track.recording for track in tracks):
            if 0 < recording.n_bytes <= MAX_BYTES and self._saved.get(recording.info.id) != len(recording):
                yield recording

    def _saving(self, recording: Recording) -> Generator[float, None, None]:
        """Save a run, which may be closed meanwhile; one that cannot be saved is not tried again."""
        holder, n_frames = _Holder(), len(recording)
        recording.hold(holder)
        try:
            yield from saving(recording, self._path(recording.info.id))
        except UserError as error:
            log.warning("a run was not kept: %s", error)
        self._saved[recording.info.id] = n_frames

    def _reading(self, runs: Sequence[KeptRun]) -> Generator[float, None, list[tuple[KeptRun, Recording]]]:
        found = []
        for run in runs:
            try:
                recording = yield from loading(self._path(run.id))
                self._saved[run.id] = len(recording)
                found.append((run, recording))
            except UserError as error:
                log.info("a run of the last session is left out: %s", error)
        return found

    def _sweep(self, known: Collection[str]) -> None:
        for path in self._folder.glob(f"*{SUFFIX}"):
            if path.stem not in known:
                path.unlink(missing_ok=True)

    def _path(self, run_id: str) -> Path:
        self._folder.mkdir(exist_ok=True)
        return self._folder / f"{run_id}{SUFFIX}"


class _Holder:
    """Lives as long as a run is being saved."""
