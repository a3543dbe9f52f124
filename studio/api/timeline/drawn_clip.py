"""Clips of frames that are drawn for them: those of a path, and the pictures around a place."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, Final

from studio.api.engine import Engine, EngineHandle
from studio.api.timeline.path_run import Drawing
from studio.compute.travel import last_frame
from studio.core.frame import Frame
from studio.core.recording.clip import Clip
from studio.core.recording.recording import RunInfo
from studio.core.translation import N_, _

MAX_PREPARED: Final = 3600
"""Frames that are drawn before an export begins; of longer clips each is drawn when it is written."""
Draws = Callable[[Any], Iterator[Frame | None]]
"""Draws one picture with an engine; its last frame counts."""


def drawn_clip(
    drawing: Drawing,
    n_frames: int,
    frames_from: Callable[[int], Iterator[Frame]],
    state: Mapping[str, Any],
    columns: int = 0,
    is_loop: bool = False,
) -> Clip:
    """The frames that a drawing makes, whatever becomes of the panel; `frames_from` draws those that it has not yet."""
    drawn = drawing.recording

    def frames(start: int, stop: int) -> Iterator[Frame]:
        if len(drawn) >= stop:
            return (drawn[index] for index in range(start, stop))
        return islice(frames_from(start), stop - start)

    def prepare() -> Iterator[Frame]:
        if n_frames <= MAX_PREPARED:
            for _piece in drawing.steps():
                yield Frame(len(drawn), n_frames)

    def left_s() -> float | None:
        n_left, each_s = n_frames - len(drawn), drawing.each_s
        return 0.0 if n_left <= 0 or n_frames > MAX_PREPARED else None if each_s is None else n_left * each_s

    drawn.hold(frames)
    return Clip(
        n_frames,
        frames,
        drawn.info.fps,
        drawn.info,
        state,
        prepare,
        is_ready=lambda index: index < len(drawn),
        left_s=left_s,
        columns=columns,
        is_loop=is_loop,
    )


def clip_around(
    handle: EngineHandle,
    pictures: Sequence[Draws],
    columns: int,
    info: RunInfo,
    state: Mapping[str, Any],
    is_loop: bool = False,
) -> Clip:
    """The pictures around a place, row by row; `is_loop` where a row leads back to its beginning."""

    def draw(engine: Engine, first: int = 0) -> Iterator[Frame | None]:
        for index, picture in enumerate(pictures[first:], first):
            frame = yield from last_frame(picture(engine))
            row, column = divmod(index, columns)
            label = _("Column {i} of {n}, row {j} of {m}").format(
                i=column + 1, n=columns, j=row + 1, m=len(pictures) // columns
            )
            yield replace(frame, step=index, n_steps=len(pictures), label=label)

    def frames_from(start: int) -> Iterator[Frame]:
        pieces: Iterator[Frame | None] = handle.work(lambda engine: draw(engine, start))()
        return (frame for frame in pieces if frame is not None)

    return drawn_clip(Drawing(handle, info, draw), len(pictures), frames_from, state, columns, is_loop)
