"""Two runs that are compared, as one clip to export: what the window shows of both, frame by frame."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from studio.commands.track import Track
from studio.core.frame import Frame
from studio.core.recording.clip import Clip
from studio.core.view import Image
from studio.render.difference import alike, comparable_pixels
from studio.render.still import shown_view
from studio.widgets.compare.lock import Lock, Span, locked_length, locked_places

PICTURE: Final = "compared"
GAP_SHARE: Final = 1 / 32
GAP_GREY: Final = 128
ByteArray = NDArray[np.uint8]


def compared_clip(
    pair: tuple[Track, Track], lock: Lock, divider: float | None, state: Mapping[str, Any]
) -> Clip | None:
    """Return both runs side by side, or under a wipe at `divider` of the width; None where they are no pictures."""
    a, b = (track.recording for track in pair)
    spans = [Span(track.offset, len(track.recording)) for track in pair]
    n = locked_length(lock, *spans)
    if not n or _pixels(a[0]) is None or _pixels(b[0]) is None:
        return None

    def frames(start: int, stop: int) -> Iterator[Frame]:
        for index in range(start, stop):
            places = locked_places(lock, spans[0], spans[1], index, n)
            assert places is not None
            of_a, of_b = a[places[0].index], b[places[1].index]
            joined = _joined(_pixels(of_a), _pixels(of_b), divider)
            yield Frame(index, n, f"{of_a.label} · {of_b.label}", {PICTURE: Image(joined)})

    a.hold(frames)
    b.hold(frames)
    return Clip(n, frames, a.info.fps, a.info, state)


def _pixels(frame: Frame) -> ByteArray | None:
    return comparable_pixels(shown_view(frame))


def _joined(a: ByteArray | None, b: ByteArray | None, divider: float | None) -> ByteArray:
    assert a is not None
    assert b is not None
    a, b = alike(a, b)
    if divider is None:
        gap = np.full((len(a), max(1, round(len(a) * GAP_SHARE)), *a.shape[2:]), GAP_GREY, np.uint8)
        return np.concatenate([a, gap, b], axis=1)
    cut = round(divider * a.shape[1])
    return np.concatenate([a[:, :cut], b[:, cut:]], axis=1)
