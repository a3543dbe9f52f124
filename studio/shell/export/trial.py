"""Tries an export on a few frames, on the Worker: how large and how long the whole will be, and how it looks."""

import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
from numpy.typing import NDArray

from studio.core.frame import Frame
from studio.core.recording.clip import Clip
from studio.render.export.format import SOUNDS, ExportFormat, shows_picture
from studio.render.export.option import ExportOptions, done
from studio.render.export.painter import FramePainter
from studio.render.export.png import spread
from studio.render.export.sound import audio_in, wave_picture

N_FEW, N_TRIED, N_EXACT = 2, 6, 24
QUICK_S: Final = 2.0
N_PLACES: Final = 6
N_PREVIEWED: Final = 48
PREVIEW_SIDE_PX: Final = 320

ByteArray = NDArray[np.uint8]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """What an export will come to."""

    n_bytes: int
    seconds: float
    is_exact: bool


def estimate(kind: ExportFormat, clip: Clip, options: ExportOptions) -> Generator[Frame, None, Estimate]:
    """Encode frames as they would be exported: all where that is quick, else some at several places.

    What a frame adds is the difference between a short stretch and a shorter one. It is not the same everywhere: a
    run that begins as noise has its largest frames first. What has to be drawn before counts too; only what is drawn
    is encoded.
    """
    drawing_s = yield from _draw_some(clip)
    start, stop = options.span(clip)
    n_ready = next((index for index in range(start, stop) if not clip.is_ready(index)), stop) - start
    is_short = stop - start <= N_EXACT or not (kind.has_range or kind.is_around)
    if kind.has_count or (is_short and n_ready == stop - start):
        n_bytes, seconds = yield from _try(kind, _Taken(clip), options)
        return Estimate(round(n_bytes), seconds + drawing_s, True)
    n_bytes, seconds = yield from _tried_at_places(kind, clip, options, max(n_ready, min(N_TRIED, stop - start)))
    if n_ready == stop - start and seconds <= QUICK_S:
        n_bytes, seconds = yield from _try(kind, _Plain(clip), options)
        return Estimate(round(n_bytes), seconds, True)
    return Estimate(round(n_bytes), seconds + drawing_s, False)


def _draw_some(clip: Clip) -> Generator[Frame, None, float]:
    """How long it will take to draw what is missing; some frames are drawn for that, and stay."""
    began = time.perf_counter()
    for news in clip.prepare():
        is_enough = news.step >= N_EXACT or time.perf_counter() - began > QUICK_S
        if news.step >= N_TRIED and is_enough and clip.left_s() is not None:
            break
        yield news
    return clip.left_s() or 0.0


def _tried_at_places(
    kind: ExportFormat, clip: Clip, options: ExportOptions, n_ready: int
) -> Generator[Frame, None, tuple[float, float]]:
    """Bytes and seconds of the whole, by stretches among the first `n_ready` frames."""
    taken = _Taken(clip)
    start, stop = options.span(clip)
    middles = start + (np.arange(N_PLACES) + 0.5) / N_PLACES * n_ready - N_TRIED / 2
    places = np.clip(middles, start, start + n_ready - min(N_TRIED, n_ready)).astype(int).tolist()
    head, added = (0.0, 0.0), np.zeros(2)
    for place in places:
        few, each = yield from _try_few(kind, taken, options, place)
        head = few if place == places[0] else head
        added += each / N_PLACES
    n_bytes, seconds = head + added * (stop - start - N_FEW)
    return float(n_bytes), float(seconds + taken.each_s * (stop - start))


class _Plain:
    """The frames of a `clip` as they are."""

    making_s = 0.0

    def __init__(self, clip: Clip) -> None:
        self.clip = clip


class _Taken(_Plain):
    """The same frames, each made once: a trial asks for many of them several times. What that takes is known.

    Frames that were to be drawn beforehand cost nothing later: drawing them counts on its own.
    """

    def __init__(self, clip: Clip) -> None:
        super().__init__(replace(clip, frames=self._frames))
        self._source = clip
        self._made: dict[int, Frame] = {}

    def _frames(self, start: int, stop: int) -> Iterator[Frame]:
        for index in range(start, stop):
            if index not in self._made:
                began = time.perf_counter()
                self._made[index] = self._source.frame(index)
                self.making_s += time.perf_counter() - began
            yield self._made[index]

    @property
    def each_s(self) -> float:
        """How long a frame takes to be made while the file is written."""
        return 0.0 if self._source.left_s() else self.making_s / max(1, len(self._made))


def seconds_per_frame(kind: ExportFormat, clip: Clip, options: ExportOptions) -> Generator[Frame, None, float]:
    """How long one more frame takes to be written, by the first few of the clip."""
    if not kind.has_range:
        return 0.0
    _, each = yield from _try_few(kind, _Plain(clip), options, 0)
    return float(each[1])


def _try_few(
    kind: ExportFormat, taken: _Plain, options: ExportOptions, place: int
) -> Generator[Frame, None, tuple[tuple[float, float], FloatArray]]:
    """Bytes and seconds of a few frames from `place` on, and what each more of them adds."""
    few = yield from _try(kind, taken, replace(options, first=place, last=place + N_FEW - 1))
    more = yield from _try(kind, taken, replace(options, first=place, last=place + N_TRIED - 1))
    return few, np.maximum(np.subtract(more, few), 0) / (N_TRIED - N_FEW)


def _try(kind: ExportFormat, taken: _Plain, options: ExportOptions) -> Generator[Frame, None, tuple[float, float]]:
    """Export into a folder that goes at once; returns the number of bytes, and the seconds that writing took."""
    with TemporaryDirectory(prefix="manifold-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / f"trial{kind.suffix}"
        seconds, before_s = 0.0, taken.making_s
        began = time.perf_counter()
        for frame in kind.write(taken.clip, path, options):
            seconds += time.perf_counter() - began  # other work runs between two steps
            yield frame
            began = time.perf_counter()
        seconds += time.perf_counter() - began - (taken.making_s - before_s)
        return float(path.stat().st_size), seconds


def preview(
    kind: ExportFormat, clip: Clip, options: ExportOptions, pictures: list[ByteArray]
) -> Generator[Frame, None, None]:
    """Put small pictures of what the file will show into `pictures`, one after the other."""
    if kind.has_count:
        yield from _preview_sheet(kind, clip, replace(options, side_px=PREVIEW_SIDE_PX // 4), pictures)
        return
    start, stop = options.span(clip)
    drawing = clip.prepare()
    yield from _until_ready(clip, drawing, start)
    sound = audio_in(clip.frame(stop - 1)) if kind.id in SOUNDS else None
    if sound is not None:
        pictures.append(wave_picture(sound))
    elif shows_picture(clip.frame(start)):
        small = replace(options, side_px=PREVIEW_SIDE_PX)
        if not kind.has_transparency:
            small = small.opaque()
        painter = FramePainter(clip, small)
        indices = spread(start, stop, min(stop - start, N_PREVIEWED))
        for number, index in enumerate(indices, 1):
            yield from _until_ready(clip, drawing, index)
            pictures.append(painter.paint(clip.frame(index)))
            yield done(number, len(indices))


def _until_ready(clip: Clip, drawing: Iterator[Frame], index: int) -> Iterator[Frame]:
    """Draw what is missing up to a frame; it stays, so that the export need not draw it again."""
    while not clip.is_ready(index) and (news := next(drawing, None)) is not None:
        yield news


def _preview_sheet(
    kind: ExportFormat, clip: Clip, options: ExportOptions, pictures: list[ByteArray]
) -> Generator[Frame, None, None]:
    from PIL import Image

    with TemporaryDirectory(prefix="manifold-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "sheet.png"
        yield from kind.write(clip, path, options)
        with Image.open(path) as image:
            pictures.append(np.asarray(image))
