"""A process killed while it saves leaves the old recording or the new one, never a broken one."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from studio.core.frame import Frame
from studio.core.recording.file import load_recording, save_recording
from studio.core.recording.recording import Recording, RunInfo
from studio.core.view import Image

N_KILLS = 20
N_FRAMES = 640
SIZES_PX = (40, 41)  # the old and the new recording are told apart by their pictures


def make(size_px: int) -> Recording:
    """A recording that takes a moment to save."""
    random = np.random.default_rng(size_px)
    recording = Recording(RunInfo("fixture/model", {}, size_px))
    for step in range(N_FRAMES):
        pixels = random.integers(0, 256, (size_px, size_px, 3), np.uint8)
        recording.append(Frame(step, N_FRAMES, views={"p": Image(pixels)}))
    return recording


def save_for_ever(path: Path) -> None:
    """What the killed process does: it saves one recording after the other, and says when it has begun."""
    recordings = [make(size_px) for size_px in SIZES_PX]
    print("ready", flush=True)
    while True:
        for recording in recordings:
            save_recording(recording, path)


@pytest.mark.long("starts processes of its own")
@pytest.mark.skipif(os.name != "posix", reason="kills as posix does")
def test_killed_at_any_moment_it_leaves_a_whole_recording(tmp_path):
    path = tmp_path / "run.frames"
    whole = {size_px: make(size_px) for size_px in SIZES_PX}
    save_recording(whole[SIZES_PX[0]], path)
    random = np.random.default_rng(11)
    for _ in range(N_KILLS):
        command = [sys.executable, "-m", "tests.core.recording.test_kill", str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == b"ready\n"
            time.sleep(float(random.uniform(0, 0.25)))  # the moment is the subject of this test
            child.send_signal(signal.SIGKILL)
        loaded = load_recording(path)
        wanted = whole[loaded.info.seed]
        assert len(loaded) == N_FRAMES
        for index in random.integers(0, N_FRAMES, 20):
            pixels, expected = (one[int(index)].views["p"] for one in (loaded, wanted))
            assert isinstance(pixels, Image)
            assert isinstance(expected, Image)
            assert np.array_equal(pixels.pixels, expected.pixels)
        loaded.close()
    drafts = [one for one in tmp_path.iterdir() if one != path]
    assert drafts, "no process was killed while it saved"
    for draft in drafts:
        os.utime(draft, (0, 0))
    save_recording(whole[SIZES_PX[0]], path)
    assert list(tmp_path.iterdir()) == [path]


if __name__ == "__main__":
    save_for_ever(Path(sys.argv[1]))
