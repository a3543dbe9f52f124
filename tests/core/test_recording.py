"""A recording grows on one thread while another one reads it."""

import threading

import numpy as np

from studio.core.frame import Frame
from studio.core.recording import Recording, RunInfo
from studio.core.view import Image


def test_frames_come_back_in_order():
    recording = Recording(RunInfo("vae/digits", {"seed": 1}, 1))
    frames = [Frame(step, 3) for step in range(3)]
    for frame in frames:
        recording.append(frame)
    assert len(recording) == 3
    assert recording[1] is frames[1]
    assert list(recording) == frames


def test_a_reader_never_sees_a_gap():
    recording = Recording(RunInfo("vae/digits", {}, 1))
    wrong: list[int] = []

    def read() -> None:
        while len(recording) < 2000:
            last = len(recording) - 1
            if last >= 0 and recording[last].step != last:
                wrong.append(last)

    reader = threading.Thread(target=read)
    reader.start()
    for step in range(2000):
        recording.append(Frame(step, 2000))
    reader.join()
    assert wrong == []


def test_the_main_view_is_the_first_one():
    picture = Image(np.zeros((2, 2), np.uint8))
    assert Frame(0, 1, views={"decoded": picture, "error": picture}).main_view is picture
    assert Frame(0, 1).main_view is None
