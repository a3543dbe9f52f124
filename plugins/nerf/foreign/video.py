"""Cuts a video into its sharpest frames: of each short while the one whose edges are clearest."""

import re
import subprocess
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError
from studio.core.translation import N_

SUFFIXES: Final = (".mp4", ".mov", ".m4v")
MAX_PHOTOS: Final = 100
MAX_SIDE_PX: Final = 1600
MAX_MINUTES: Final = 20
FRAMES_PER_S: Final = 10
"""Of the video that are looked at; a hand is still for longer than a tenth of a second."""
_INPUT: Final = [
    "-protocol_whitelist",
    "file,pipe",
    "-f",
    "mov",
    "-i",
]  # whatever it says of itself: no list of other files
_FITTED: Final = f"scale='min({MAX_SIDE_PX},iw)':'min({MAX_SIDE_PX},ih)':force_original_aspect_ratio=decrease"
_OUTPUT: Final = ["-vf", f"fps={FRAMES_PER_S},{_FITTED}", "-f", "image2pipe", "-c:v", "ppm", "pipe:1"]
_LENGTH: Final = re.compile(rb"Duration: (\d+):(\d+):(\d+\.\d+)")
Bytes: TypeAlias = npt.NDArray[np.uint8]


def is_video(path: Path) -> bool:
    """Whether a file's name says that it is a video of a kind that phones write."""
    return path.suffix.lower() in SUFFIXES


def cut(video: Path, folder: Path, at_most: int = MAX_PHOTOS) -> Iterator[float]:
    """Write the sharpest frames of a video as JPEG files, upright; yields how much is done, 0..1.

    Raises UserError where it is no video that can be read, or too long.
    """
    n_frames = max(1, round(_length_s(video) * FRAMES_PER_S))
    if n_frames > MAX_MINUTES * 60 * FRAMES_PER_S:
        raise UserError(N_("The video is longer than {n} minutes.").format(n=MAX_MINUTES), N_("Cut out a part of it."))
    window = -(-n_frames // at_most)
    sharpest, best, number, n_written = -1.0, None, 0, 0
    with closing(_frames(video)) as frames:
        for number, frame in enumerate(frames, 1):
            if (here := sharpness(frame[::2, ::2, 1].astype(np.float32))) > sharpest:
                sharpest, best = here, frame
            if best is not None and (number % window == 0 or number == n_frames):
                _write(best, folder / f"{n_written:04d}.jpg")
                sharpest, best, n_written = -1.0, None, n_written + 1
                yield min(1.0, number / n_frames)
            if n_written == at_most:
                break
    if not n_written:
        raise _unreadable()


def _length_s(video: Path) -> float:
    said = subprocess.run([_ffmpeg(), "-nostdin", *_INPUT, f"file:{video}"], capture_output=True, check=False).stderr
    found = _LENGTH.search(said)
    if found is None:
        raise _unreadable()
    return 3600 * int(found[1]) + 60 * int(found[2]) + float(found[3])


def _frames(video: Path) -> Generator[Bytes, None, None]:
    """The frames (H, W, 3) that are looked at, upright; what is broken ends them."""
    command = [_ffmpeg(), "-nostdin", "-v", "quiet", *_INPUT, f"file:{video}", *_OUTPUT]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            while process.stdout.readline():  # a PPM file after another: P6, width and height, 255, the pixels
                width, height = map(int, process.stdout.readline().split())
                process.stdout.readline()
                pixels = process.stdout.read(width * height * 3)
                if len(pixels) < width * height * 3:
                    return
                yield np.frombuffer(pixels, np.uint8).reshape(height, width, 3)
        finally:
            process.kill()


def _ffmpeg() -> str:
    from imageio_ffmpeg import get_ffmpeg_exe

    return str(get_ffmpeg_exe())


def _unreadable() -> UserError:
    return UserError(N_("This video cannot be read."), N_("Save it again as MP4."))


def sharpness(grey: npt.NDArray[np.float32]) -> float:
    """The variance of the Laplacian of a picture (H, W): large where edges are clear."""
    around = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
    return float((around - 4 * grey[1:-1, 1:-1]).var())


def _write(frame: Bytes, path: Path) -> None:
    from PIL.Image import fromarray

    fromarray(frame).save(path, quality=95)
