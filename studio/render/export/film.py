"""A film of a clip: its range, gone back again and repeated, so that a short way is long enough to be watched."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from studio.core.frame import Frame
from studio.core.recording.clip import Clip
from studio.render.export.option import MAX_TIMES, ExportOptions

ENJOYABLE_S: Final = 6.0


def film_of(clip: Clip, options: ExportOptions, is_repeated: bool) -> tuple[Clip, ExportOptions]:
    """Return the film as a clip, and the options that write all of it; `is_repeated` where no player does so by itself.

    Raises UserError where the clip has no such frames.
    """
    start, stop = options.span(clip)
    way = [*range(start, stop), *(range(stop - 2, start, -1) if options.is_back else ())]
    indices = way * (options.n_times if is_repeated else 1)

    def frames(first: int, last: int) -> Iterator[Frame]:
        for begin, end in _stretches(indices[first:last]):
            yield from clip.frames(begin, end)

    whole = replace(options, first=0, last=None, is_back=False, n_times=1)
    return replace(clip, n_frames=len(indices), frames=frames, is_ready=lambda i: clip.is_ready(indices[i])), whole


def enjoyable_times(clip: Clip, is_back: bool) -> int:
    """How often a path is walked for a film of at least six seconds."""
    n_frames = clip.n_frames * 2 - 2 if is_back and clip.n_frames > 2 else clip.n_frames
    return min(MAX_TIMES, math.ceil(ENJOYABLE_S * clip.fps / n_frames))


def _stretches(indices: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Rising stretches of frames as (start, stop), in order."""
    cuts = [0, *(i for i, (a, b) in enumerate(pairwise(indices), 1) if b != a + 1), len(indices)]
    return ((indices[a], indices[b - 1] + 1) for a, b in pairwise(cuts) if a < b)
