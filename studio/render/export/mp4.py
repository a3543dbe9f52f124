"""Writes a clip as an MP4 video: H.264 in yuv420p, with the sound of its frames where they have one."""

import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Final

from studio.core.atomic import atomic_file
from studio.core.container.metadata import labelled_text
from studio.core.recording.clip import Clip
from studio.core.view import Audio
from studio.render.export.ffmpeg import encoder, work_folder
from studio.render.export.option import Export, ExportOptions, done
from studio.render.export.painter import FramePainter
from studio.render.export.sound import sound_of, write_sound

# Equal frames shall give equal bytes: a fixed number of threads, and no trace of version or time of day.
N_THREADS: Final = 2
_COLOURS: Final = (
    "scale=out_color_matrix=bt709:out_range=tv:flags=bicubic+accurate_rnd+bitexact,"
    "setparams=color_primaries=bt709:color_trc=bt709"
)
CODEC: Final = (
    "-c:v",
    "libx264",
    "-preset",
    "veryfast",
    "-crf",
    "18",
    "-pix_fmt",
    "yuv420p",
    "-threads",
    str(N_THREADS),
    "-vf",
    _COLOURS,
)
EXACT: Final = ("-fflags", "+bitexact", "-flags:v", "+bitexact")
_SOUND_CODEC: Final = ("-c:a", "aac", "-b:a", "160k", "-flags:a", "+bitexact")
_MAX_RATIO: Final = 100_000


def write_mp4(clip: Clip, path: Path, options: ExportOptions) -> Export:
    """Write the frames of the range; equal frames give equal bytes. Sides are rounded up to even ones."""
    start, stop = options.span(clip)
    n_frames = stop - start
    painter = FramePainter(clip, options.opaque(), align=2)
    with atomic_file(path) as draft, work_folder() as folder:
        n_done = 1
        for _ in _write_inputs(folder, clip, sound_of(clip, options)):
            yield done(n_done, n_frames)
        with encoder(_arguments(painter, options.fps_of(clip), folder, draft), folder) as video:
            for n_done, frame in enumerate(clip.frames(start, stop), 1):
                for _ in video.put(painter.paint(frame)):
                    yield done(n_done, n_frames)
                yield done(n_done, n_frames)
            for _ in video.put(None):
                yield done(n_frames, n_frames)
            for _ in video.wait():
                yield done(n_frames, n_frames)
    return path


def _write_inputs(folder: Path, clip: Clip, sound: Audio | None) -> Iterator[None]:
    """Write what ffmpeg reads besides the frames: a command line is too short for the metadata."""
    comment = re.sub(r"([=;#\\\n])", r"\\\1", labelled_text(clip.made_from()))
    (folder / "metadata.txt").write_text(f";FFMETADATA1\ncomment={comment}\n", encoding="utf-8")
    if sound is not None:
        yield from write_sound(folder / "sound.wav", sound)


def _arguments(painter: FramePainter, fps: float, folder: Path, out: Path) -> list[str]:
    rate = str(Fraction(fps).limit_denominator(_MAX_RATIO))
    size = f"{painter.width_px}x{painter.height_px}"
    pixels = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", size, "-framerate", rate, "-i", "pipe:0"]
    notes = ["-f", "ffmetadata", "-i", str(folder / "metadata.txt")]
    has_sound = (folder / "sound.wav").exists()
    sound = ["-i", str(folder / "sound.wav")] if has_sound else []
    chosen = ["-map", "0:v", "-map_metadata", "1", *(["-map", "2:a", *_SOUND_CODEC] if has_sound else [])]
    return [
        "-y",
        "-v",
        "error",
        *pixels,
        *notes,
        *sound,
        *chosen,
        *CODEC,
        *EXACT,
        "-movflags",
        "+faststart",
        "-f",
        "mp4",
        f"file:{out}",
    ]
