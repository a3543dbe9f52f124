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
N_PLACES: Final = 5
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
    """Encode frames as they would be exported: all where they are few, else some at several places.

    What a frame adds is the difference between a short stretch and a shorter one. It is not the same everywhere: a
    run that begins as noise has its largest frames first.
    """
    clip = _remembered(clip)
    start, stop = options.span(clip)
    if kind.has_count or not kind.has_range or stop - start <= N_EXACT:
        whole = yield from _try(kind, clip, options)
        return Estimate(round(whole[0]), whole[1], True)
    head, added = (0.0, 0.0), np.zeros(2)
    for place in np.linspace(start, stop - N_TRIED, N_PLACES).astype(int).tolist():
        few, each = yield from _try_few(kind, clip, options, place)
        head = few if place == start else head
        added += each / N_PLACES
    n_bytes, seconds = head + added * (stop - start - N_FEW)
    return Estimate(round(float(n_bytes)), float(seconds), False)


def _remembered(clip: Clip) -> Clip:
    """The same frames, each made once: a trial asks for many of them several times."""
    made: dict[int, Frame] = {}

    def frames(start: int, stop: int) -> Iterator[Frame]:
        for index in range(start, stop):
            if index not in made:
                made[index] = clip.frame(index)
            yield made[index]

    return replace(clip, frames=frames)


def seconds_per_frame(kind: ExportFormat, clip: Clip, options: ExportOptions) -> Generator[Frame, None, float]:
    """How long one more frame takes to be written, by the first few of the clip."""
    if not kind.has_range:
        return 0.0
    _, each = yield from _try_few(kind, clip, options, 0)
    return float(each[1])


def _try_few(
    kind: ExportFormat, clip: Clip, options: ExportOptions, place: int
) -> Generator[Frame, None, tuple[tuple[float, float], FloatArray]]:
    """Bytes and seconds of a few frames from `place` on, and what each more of them adds."""
    few = yield from _try(kind, clip, replace(options, first=place, last=place + N_FEW - 1))
    more = yield from _try(kind, clip, replace(options, first=place, last=place + N_TRIED - 1))
    return few, np.maximum(np.subtract(more, few), 0) / (N_TRIED - N_FEW)


def _try(kind: ExportFormat, clip: Clip, options: ExportOptions) -> Generator[Frame, None, tuple[float, float]]:
    """Export into a folder that goes at once; returns the number of bytes, and the seconds that it took by itself."""
    with TemporaryDirectory(prefix="manifold-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / f"trial{kind.suffix}"
        seconds = 0.0
        began = time.perf_counter()
        for frame in kind.write(clip, path, options):
            seconds += time.perf_counter() - began  # other work runs between two steps
            yield frame
            began = time.perf_counter()
        return float(path.stat().st_size), seconds + time.perf_counter() - began


def preview(
    kind: ExportFormat, clip: Clip, options: ExportOptions, pictures: list[ByteArray]
) -> Generator[Frame, None, None]:
    """Put small pictures of what the file will show into `pictures`, one after the other."""
    if kind.has_count:
        yield from _preview_sheet(kind, clip, replace(options, side_px=PREVIEW_SIDE_PX // 4), pictures)
        return
    start, stop = options.span(clip)
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
            pictures.append(painter.paint(clip.frame(index)))
            yield done(number, len(indices))


def _preview_sheet(
    kind: ExportFormat, clip: Clip, options: ExportOptions, pictures: list[ByteArray]
) -> Generator[Frame, None, None]:
    from PIL import Image

    with TemporaryDirectory(prefix="manifold-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "sheet.png"
        yield from kind.write(clip, path, options)
        with Image.open(path) as image:
            pictures.append(np.asarray(image))
