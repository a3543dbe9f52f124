"""Exports: what progress, cancelling and metadata cost over the bare encoder."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from studio.core.frame import Frame
from studio.core.recording.clip import clip_of_frames
from studio.core.recording.recording import RunInfo
from studio.core.view import Image
from studio.render.export.mp4 import CODEC, EXACT, write_mp4
from studio.render.export.option import ExportOptions
from tests.bench.statistic import relative_speed
from tests.bench.suite import Figure, bench

SIDE_PX = 512
N_FRAMES = 150
FPS = 30


@bench("studio.export_mp4", "%", at_least=90)
def export_mp4() -> Figure:
    """A clip of 150 frames of 512 px, against imageio alone with the same frames and the same codec settings."""
    import imageio

    pictures = [_picture(number) for number in range(N_FRAMES)]
    frames = [Frame(i, N_FRAMES, views={"picture": Image(picture)}) for i, picture in enumerate(pictures)]
    clip = clip_of_frames(frames, RunInfo("vae/digits", {}, 0), FPS)

    with TemporaryDirectory() as folder:

        def ours() -> None:
            for _ in write_mp4(clip, Path(folder) / "ours.mp4", ExportOptions(SIDE_PX)):
                pass

        def bare() -> None:
            writer = imageio.get_writer(
                Path(folder) / "bare.mp4",
                format="FFMPEG",
                mode="I",
                fps=FPS,
                codec="libx264",
                quality=None,
                macro_block_size=1,
                ffmpeg_log_level="error",
                output_params=[*CODEC, *EXACT, "-movflags", "+faststart"],
            )
            with writer:
                for picture in pictures:
                    writer.append_data(picture)

        return relative_speed(ours, bare, f"imageio alone, {N_FRAMES} frames of {SIDE_PX} px")


def _picture(number: int) -> np.ndarray:
    """A smooth coloured picture that moves, (512, 512, 3) uint8, with a little grain."""
    y, x = np.mgrid[:SIDE_PX, :SIDE_PX]
    waves = [np.sin(x / 37 + number / 9), np.cos(y / 23 - number / 7), np.sin((x + y) / 51 + number / 5)]
    grain = np.random.default_rng(number).normal(0, 3, (SIDE_PX, SIDE_PX, 1))
    return (127 + 90 * np.stack(waves, axis=-1) + grain).clip(0, 255).astype(np.uint8)
