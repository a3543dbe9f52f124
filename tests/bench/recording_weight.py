"""Weighs 16,000 frames in a process of its own and prints megabytes of resident memory above the start.

python -m tests.bench.recording_weight recording|list
"""

import gc
import sys
from collections.abc import Callable

import numpy as np
import psutil

from studio.core.frame import Frame
from studio.core.recording.recording import Recording, RunInfo
from studio.core.view import Image

N_FRAMES = 16_000
SIZE_PX = 64
N_READS = 3000
_WEIGH_EVERY = 250


def made_frame(step: int) -> Frame:
    """A picture that no other frame has, a place and a figure, as an engine yields them."""
    random = np.random.default_rng(step)
    pixels = random.integers(0, 256, (SIZE_PX, SIZE_PX, 3), np.uint8)
    place = random.standard_normal(64, np.float32)
    return Frame(step, N_FRAMES, f"Step {step}", {"picture": Image(pixels)}, {"loss": step / 7}, {"z": place})


def weigh(append: Callable[[Frame], None], read: Callable[[int], Frame]) -> float:
    """Append all frames, then look at some, as one who scrubs; returns the most that it ever weighed, in MB."""
    process = psutil.Process()
    made_frame(0)
    gc.collect()
    before = most = process.memory_info().rss
    for step in range(N_FRAMES):
        append(made_frame(step))
        if step % _WEIGH_EVERY == 0:
            most = max(most, process.memory_info().rss)
    for index in np.random.default_rng(0).integers(0, N_FRAMES, N_READS):
        assert read(int(index)).step == index
    return float(max(most, process.memory_info().rss) - before) / 1e6


def main(kept_in: str) -> None:
    """Print how much it takes to keep the frames in a recording, or in a list."""
    if kept_in == "recording":
        recording = Recording(RunInfo("bench/model", {}, 0))
        print(weigh(recording.append, recording.__getitem__))
    else:
        frames: list[Frame] = []
        print(weigh(frames.append, frames.__getitem__))


if __name__ == "__main__":
    main(sys.argv[1])
