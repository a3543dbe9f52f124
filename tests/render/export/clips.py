"""Clips that every test of the exports uses."""

from pathlib import Path
from typing import Any

import numpy as np

from studio.core.frame import Frame
from studio.core.recording.clip import Clip, clip_of_frames
from studio.core.recording.file import save_recording
from studio.core.recording.recording import Recording, RunInfo
from studio.core.view import Audio, Bars, Field, Image, Notes, Series, Tokens, View
from studio.render.export.format import FORMATS, SOUNDS
from studio.render.export.option import Export, ExportOptions

INFO = RunInfo("vae/digits", {"spread": 1.5, "text": 'größe 字 "=;#\\ \n<&>'}, 7)
STATE = {"z": [0.25, -1.0]}
BY_ID = {one.id: one for one in FORMATS}
MADE_FROM = {"model": "vae/digits", "seed": 7, "params": dict(INFO.params), "state": STATE}


def picture(index: int, height: int = 48, width: int = 64) -> np.ndarray[Any, Any]:
    """A smooth colour picture, another for each index."""
    y, x = np.mgrid[:height, :width]
    red = 127 + 100 * np.sin(x / 9 + index / 3)
    green = 127 + 100 * np.cos(y / 7 - index / 4)
    blue = 255 * (x + y) / (height + width)
    return np.stack([red, green, blue], -1).astype(np.uint8)


def pictures(n: int, height: int = 48, width: int = 64, **more: View) -> Clip:
    """A clip of `n` pictures at 10 frames a second."""
    frames = [Frame(i, n, views={"picture": Image(picture(i, height, width)), **more}) for i in range(n)]
    return clip_of_frames(frames, INFO, 10.0, STATE)


def tone(n: int = 4000, rate_hz: int = 8000) -> Audio:
    """A tone of 440 Hz."""
    return Audio((0.8 * np.sin(np.arange(n) * 2 * np.pi * 440 / rate_hz)).astype(np.float32), rate_hz)


def letters(n: int) -> Clip:
    """A clip of round distance fields that grow."""
    y, x = np.mgrid[:64, :64] - 31.5
    fields = [np.float32(8 + i) - np.hypot(x, y).astype(np.float32) for i in range(n)]
    return clip_of_frames(
        [Frame(i, n, views={"p": Field(f.clip(-8, 8), "distance", -8, 8)}) for i, f in enumerate(fields)], INFO
    )


def plots() -> Clip:
    """A frame with curves, one of which has a hole."""
    x = np.arange(5, dtype=np.float32)
    curves = {"loss <a>": x**2, "val": np.array([1, np.nan, 2, 3, 4], np.float32)}
    return clip_of_frames([Frame(0, 1, views={"losses": Series(curves, x, "step")})], INFO)


def bars() -> Clip:
    """A frame with bars."""
    return clip_of_frames(
        [Frame(0, 1, views={"next": Bars(("a", "b&", "c"), (0.5, 0.25, -0.1), (False, True, False))})], INFO
    )


def texts(n: int = 5) -> Clip:
    """A text that grows by one token in each of `n` frames."""
    pieces = ("größe", " 字", "</script>&", "\n", " end") * n
    frames = [Frame(i, n, views={"text": Tokens(pieces[: i + 1], (2.0,) * (i + 1))}) for i in range(n)]
    return clip_of_frames(frames, INFO, 10.0, STATE)


def music() -> Clip:
    """Two frames of two voices."""
    rows = ((0.0, 1.0, 72, 0), (0.0, 2.0, 48, 3), (1.0, 1.0, 74, 0))
    frames = [Frame(step, 2, views={"notes": Notes(rows[: step + 2])}) for step in range(2)]
    return clip_of_frames(frames, INFO, 10.0, STATE)


def every_clip(format_id: str) -> Clip:
    """A clip that fits the format."""
    of_text = dict.fromkeys(("page", "text", "json"), texts())
    special = {**dict.fromkeys(SOUNDS, pictures(3, sound=tone())), "midi": music(), "svg": plots(), **of_text}
    return special.get(format_id) or pictures(5)


def write(format_id: str, clip: Clip, path: Path, **options: Any) -> list[Frame]:
    """Export to the end; returns the progress."""
    return list(BY_ID[format_id].write(clip, path, ExportOptions(**{"side_px": 48, **options})))


def write_recording(clip: Clip, path: Path, n_frames: int = 2) -> Path:
    """Write the first frames of a clip as a recording."""
    recording = Recording(RunInfo("vae/digits", {"x": 1}, 7, state=clip.state))
    for frame in clip.frames(0, n_frames):
        recording.append(frame)
    save_recording(recording, path)
    recording.close()
    return path


def steps_of(format_id: str, clip: Clip, path: Path, **options: Any) -> Export:
    """Start to export."""
    return BY_ID[format_id].write(clip, path, ExportOptions(**{"side_px": 48, **options}))
