"""Writes on the text on the timeline, as many tokens as a person wants, and begins other texts and branches."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QObject

from studio.api.engine import Engine, EngineHandle, Policy
from studio.api.panel import EngineTasks, Throttle, Track
from studio.api.timeline.controller import TimelineController
from studio.api.timeline.panel_runs import SteeredRuns
from studio.api.timeline.ticked_runs import TickedSource
from studio.core.frame import Frame
from studio.core.recording.recording import Branch, Recording
from studio.core.view import State

from ..params import TransformerParams
from ..scene import TransformerScene
from ..trace import state_with

WORK: Final = "write "
"""What the key of the work begins with that writes; the id of the run follows."""
GROW_MS: Final = 33
CHUNK: Final = 32


@dataclass(frozen=True, eq=False)
class InteractiveRun(TickedSource):
    """A text whose tokens are asked for as a person wants them.

    Attributes:
        n_first: how many tokens are written without being asked.
        handle: the model that writes it; None for the panel's.
    """

    params: TransformerParams
    n_first: int = 0
    handle: EngineHandle | None = None

    @property
    def n_frames(self) -> int:
        """One at least: a number, so that the playhead is not drawn to the head, where only the writer puts it."""
        return 1

    def frames(self, engine: Engine) -> Iterator[Frame | None]:
        """The same text where nobody watches: it ends by itself."""
        return engine.generate_with_pauses(replace(self.params, length=self.n_first), self.start)


@dataclass(eq=False)
class GrowingText:
    """A text that can grow.

    Attributes:
        wanted: how many tokens are still to come; infinity is until its end.
        settings: what its tokens were drawn with, each from a frame on.
    """

    recording: Recording
    source: InteractiveRun
    wanted: float = 0
    n_asked_from: int = 0
    settings: list[tuple[int, TransformerParams]] = field(default_factory=list)


class InteractiveWriting(SteeredRuns[GrowingText]):
    """Signals: see SteeredRuns; writing has begun, gone on or stopped."""

    def __init__(self, timeline: TimelineController, tasks: EngineTasks, parent: QObject, chunk: int = CHUNK) -> None:
        """`chunk` tokens are asked for at once."""
        super().__init__(timeline, tasks, parent)
        self.params = TransformerParams()
        """The settings of the tokens to come."""
        self._chunk = chunk
        self._growing = Throttle(GROW_MS, self._grow_current, self)

    # What stands on the timeline

    @property
    def is_writing(self) -> bool:
        """Whether tokens of the text on the timeline are under way."""
        track = self._timeline.track
        return track is not None and self._tasks.is_running(WORK + track.id)

    @property
    def is_busy(self) -> bool:
        """Whether tokens of the text on the timeline are under way."""
        return self.is_writing

    @property
    def shown_params(self) -> TransformerParams | None:
        """The settings that the text on the timeline began with; None where it is another thing."""
        source = self.source
        return source.params if isinstance(source, InteractiveRun) else None

    # What a person asks for

    def show_scene(self, scene: TransformerScene) -> None:
        """The tokens to come have the settings of the scene."""
        self.params = scene.params

    def begin_text(self, params: TransformerParams, n_first: int, start: State | None = None) -> None:
        """Begin another text, in place of the newest one where nothing hangs on that."""
        self.params = params
        self._put(InteractiveRun(params, start, self, n_first))
        if not self.has_stayed:
            self._show_head()

    def write(self, n_tokens: float) -> None:
        """Write so many tokens more on the text on the timeline; infinity is until its end or `stop`."""
        watched, track = self.current, self._timeline.track
        if watched is not None:
            watched.wanted = n_tokens
            self._show_head()
            self._ask(watched)
            return
        last = track.recording[-1] if track is not None and len(track.recording) else None
        if track is not None and last is not None and last.state is not None:
            self.branch_from(track, len(track.recording) - 1, last.state, n_tokens)
        else:  # a training is on the timeline, whose texts are of another model
            self.begin_text(self.params, int(min(n_tokens, self._chunk)))

    def stop(self) -> None:
        """Write no more; the text can be gone on with."""
        watched = self.current
        if watched is not None and self.is_writing:
            watched.wanted = 0
            self._tasks.cancel(WORK + watched.recording.info.id)
            self._timeline.pause()
            self._grow(watched)
            self.changed.emit()

    def force(self, place: int, tokens: Sequence[int], title: str) -> None:
        """Let the text go on with another word at a place: at its end in the same run, else in a branch."""
        track = self._timeline.track
        if track is None or not len(track.recording):
            return
        state = track.recording[-1].state
        if state is None:
            return
        n_tokens = len(state["ids"])
        if state["ids"][place : place + len(tokens)].tolist() == list(tokens):
            return
        forced = state_with(state, place, *tokens)
        watched = self.current
        if place == n_tokens and watched is not None:
            self.stop()
            self._ask_from(watched, forced)
            return
        first = n_tokens - len(track.recording)
        self.branch_from(track, max(place - first, 0), forced, max(n_tokens - len(tokens) - place, 0), title)

    def take(self, place: int, path: Sequence[int], title: str) -> None:
        """Let the text go on with several tokens from a place on, as a branch."""
        track = self._timeline.track
        state = None if track is None or not len(track.recording) else track.recording[-1].state
        if track is None or state is None:
            return
        first = len(state["ids"]) - len(track.recording)
        ids = np.append(state["ids"][:place], np.asarray(path, np.int32)).astype(np.int32)
        prompt = state["prompt"] if place >= len(state["prompt"]) else ids
        index = min(max(place - first, 0), len(track.recording) - 1)
        cut = {"cut": state["cut"]} if "cut" in state else {}
        self.branch_from(track, index, {"ids": ids, "prompt": prompt, **cut}, 0, title)

    def branch_from(self, track: Track, index: int, start: State | None, n_tokens: float, title: str = "") -> None:
        """Begin a branch of a run at its frame `index`, and write so many tokens."""
        self.stop()
        params = self.params
        info = replace(self._timeline.info("run", params), branch=Branch(track.id, index), title=title)
        n_first = int(min(n_tokens, self._chunk))
        branch = self._timeline.recorder.start(InteractiveRun(params, start, self, n_first), info, is_step=True)
        self._timeline.show_track(branch)
        watched = self._watched.get(branch.id)
        if watched is not None:
            watched.wanted = n_tokens - n_first
        self._show_head()

    def start_second(self, params: TransformerParams, n_tokens: int, handle: EngineHandle, title: str = "") -> Track:
        """Write so many tokens as another text, by whichever model; the track that it becomes."""
        source = InteractiveRun(params, None, self, n_tokens, handle)
        info = replace(self._timeline.info("run", params), model_id=handle.source.id, title=title)
        return self._timeline.recorder.start(source, info, is_step=True)

    # How texts grow

    def begin(self, recording: Recording, source: InteractiveRun) -> None:
        """A text is on the timeline: read its prompt, and write its first tokens."""
        self._tasks.cancel(WORK + recording.info.id)
        watched = GrowingText(recording, source)
        self._watched[recording.info.id] = watched
        params = replace(source.params, length=source.n_first)
        watched.settings.append((0, source.params))
        self._run(watched, lambda engine: engine.go_on(params, source.start))

    def settings_at(self, index: int) -> TransformerParams | None:
        """What the token of a frame of the text on the timeline was drawn with; None where that is not known."""
        watched = self.current
        known = [] if watched is None else [params for first, params in watched.settings if first <= index]
        return known[-1] if known else None

    def _ask(self, watched: GrowingText) -> None:
        """Ask for the next tokens, unless some are under way."""
        if self._tasks.is_running(WORK + watched.recording.info.id) or watched.wanted <= 0:
            return
        if not len(watched.recording):
            return
        n_tokens = int(min(watched.wanted, self._chunk))
        watched.wanted -= n_tokens
        watched.settings.append((len(watched.recording), self.params))
        params, state = replace(self.params, length=n_tokens), watched.recording[-1].state
        # The first frame is that of the state itself.
        self._run(watched, lambda engine: itertools.islice(engine.go_on(params, state), 1, None))

    def _ask_from(self, watched: GrowingText, state: State) -> None:
        """Put a person's token at the end."""
        params = replace(self.params, length=0)
        self._run(watched, lambda engine: engine.go_on(params, state))

    def _run(self, watched: GrowingText, made: Callable[[Any], Iterator[Frame]]) -> None:
        watched.n_asked_from = len(watched.recording)
        work = (watched.source.handle or self._tasks.handle).recorded(made, watched.recording, is_whole=False)
        key = WORK + watched.recording.info.id
        event, failed, ended = self._on_written, self._on_failed, self._on_work_ended
        self._tasks.run(key, work, Policy.RESTART, event=event, failed=failed, ended=ended)
        self.changed.emit()

    def _on_written(self, _: object) -> None:
        self._growing.request()

    def _grow_current(self) -> None:
        watched = self.current
        if watched is not None:
            self._grow(watched)

    def _grow(self, watched: GrowingText) -> None:
        """Show the new tokens; a playhead that was moved back to look at a token stays there."""
        playback = self._timeline.playback
        is_at_head = watched is self.current and playback.index >= playback.n_frames - 1
        self._timeline.recorder.grow(watched.recording.info.id)
        if is_at_head:
            self._show_head()

    def _show_head(self) -> None:
        """Let the playhead stand at the newest token."""
        self._timeline.pause()
        self._timeline.playback.to_end()

    def _on_work_timed(self, key: str, ms: float) -> None:
        watched = self._watched.get(key.removeprefix(WORK))
        if watched is not None and (n_tokens := len(watched.recording) - watched.n_asked_from) > 0:
            self.timed.emit(ms / n_tokens)

    def _on_work_ended(self, key: str) -> None:
        watched = self._watched.get(key.removeprefix(WORK))
        if watched is None:
            return
        self._grow(watched)
        has_ended = watched.wanted > 0 and len(watched.recording) == watched.n_asked_from
        if has_ended or watched is not self.current:
            watched.wanted = 0
        self._ask(watched)
        self.changed.emit()

    def _on_failed(self, error: BaseException) -> None:
        if self.current is not None:
            self.current.wanted = 0
        self._timeline.pause()
        self.failed.emit(error)

    def _on_ended(self, track_id: str) -> None:
        watched = self._watched.pop(track_id, None)
        if watched is not None:
            self._tasks.cancel(WORK + track_id)
            watched.recording.finish()
            self.changed.emit()
