"""Draws the frames that are missing, then writes: told as one job, so that the time left is true in both parts."""

import time
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import Final

from studio.core.frame import Frame
from studio.core.recording.clip import Clip
from studio.render.export.format import ExportFormat
from studio.render.export.option import Export, ExportOptions, done
from studio.shell.export.trial import N_TRIED, seconds_per_frame

_SHORTEST_S: Final = 1e-6
_PARTS: Final = 10
"""A frame that is drawn counts as so many steps: all of the writing may take no longer than one."""


def write_drawn(kind: ExportFormat, clip: Clip, path: Path, options: ExportOptions) -> Export:
    """Write a file. A frame that had to be drawn is ten steps; all else counts as many as it takes in the same time."""
    n_before, n_writing = yield from _drawn(kind, clip, options)
    for news in kind.write(clip, path, options):
        n_done = n_before + n_writing * (news.step + 1) // news.n_steps
        yield done(max(1, n_done), n_before + n_writing)
    return path


def _drawn(kind: ExportFormat, clip: Clip, options: ExportOptions) -> Generator[Frame, None, tuple[int, int]]:
    """Draw what is missing, trying in between how long writing takes; returns the steps until then, and those of it."""
    n_known, n_drawn, n_tried, n_writing, drawing_s = 0, -1, 0, _PARTS * clip.n_frames, 0.0
    began = time.perf_counter()
    for news in clip.prepare():
        if n_drawn < 0:
            n_known, n_drawn = news.step, 0
        else:
            drawing_s += time.perf_counter() - began  # other work runs between two steps
            n_drawn = news.step - n_known
        n_drawing = _PARTS * (news.n_steps - n_known)
        if not n_tried and n_drawn and news.step >= N_TRIED:
            shown = _shown(news, _PARTS * n_drawn, _PARTS * news.n_steps)
            tried_s, writing_s = yield from _timed(seconds_per_frame(kind, clip, options), shown)
            each_s = max(drawing_s / n_drawn, _SHORTEST_S) / _PARTS
            n_tried, n_writing = round(tried_s / each_s) + 1, round(writing_s * clip.n_frames / each_s)
        yield _shown(news, n_tried + _PARTS * n_drawn, n_tried + n_drawing + n_writing)
        began = time.perf_counter()
    return n_tried + _PARTS * max(n_drawn, 0), max(1, n_writing)


def _shown(news: Frame, n_done: int, n_steps: int) -> Frame:
    return replace(news, step=max(0, n_done - 1), n_steps=n_steps)


def _timed(steps: Generator[Frame, None, float], shown: Frame) -> Generator[Frame, None, tuple[float, float]]:
    """Do some steps while the progress stands still; returns how long they took by themselves, and their result."""
    seconds = 0.0
    while True:
        began = time.perf_counter()
        try:
            next(steps)
        except StopIteration as end:
            return seconds + time.perf_counter() - began, float(end.value)
        seconds += time.perf_counter() - began
        yield replace(shown, n_steps=2 * shown.n_steps)
