"""Two runs that are compared, exported as one."""

import numpy as np
import pytest

from studio.api.timeline.comparison import GAP_GREY, PICTURE, compared_clip
from studio.commands.track import Track
from studio.core.frame import Frame
from studio.core.recording.clip import Clip
from studio.core.recording.recording import Recording, RunInfo
from studio.core.view import Image, Tokens


def track(name, greys, offset=0, side=64):
    recording = Recording(RunInfo("tests/model", {"name": name}, 0, fps=24.0))
    for step, grey in enumerate(greys):
        view = Image(np.full((side, side, 3), grey, np.uint8))
        recording.append(Frame(step, len(greys), f"{name}{step}", {"picture": view}))
    return Track(recording, name, 0, offset)


def clip_of(*given) -> Clip:
    clip = compared_clip(*given)
    assert clip is not None
    return clip


def pixels(clip, index):
    return clip.frame(index).views[PICTURE].pixels


def test_the_frames_of_the_same_step_stand_side_by_side():
    clip = clip_of((track("a", [10, 20, 30]), track("b", [200, 210], offset=1)), "step", None, {"x": 1})
    assert (clip.n_frames, clip.fps, clip.state) == (3, 24.0, {"x": 1})
    assert clip.info.params == {"name": "a"}
    shown = [(int(one[0, 0, 0]), int(one[0, -1, 0])) for one in (pixels(clip, n) for n in range(3))]
    assert shown == [(10, 200), (20, 200), (30, 210)]
    assert pixels(clip, 0).shape == (64, 64 + 2 + 64, 3)
    assert (pixels(clip, 0)[:, 64:66] == GAP_GREY).all()
    assert [frame.label for frame in clip.frames(1, 3)] == ["a1 · b0", "a2 · b1"]


def test_under_a_wipe_each_keeps_its_side():
    clip = clip_of((track("a", [10, 20]), track("b", [200, 210])), "step", 0.25, {})
    assert pixels(clip, 1).shape == (64, 64, 3)
    assert (pixels(clip, 1)[:, :16] == 20).all()
    assert (pixels(clip, 1)[:, 16:] == 210).all()


def test_pictures_of_two_sizes_are_brought_to_the_larger():
    clip = clip_of((track("a", [10]), track("b", [200], side=32)), "share", None, {})
    assert pixels(clip, 0).shape == (64, 130, 3)
    assert pixels(clip, 0)[5, -5, 0] == pytest.approx(200, abs=1)


def test_what_is_no_picture_or_empty_is_not_exported_so():
    words = Recording(RunInfo("tests/model", {}, 0))
    words.append(Frame(0, 1, "", {"words": Tokens(("one",))}))
    assert compared_clip((track("a", [1]), Track(words, "b", 0)), "step", None, {}) is None
    assert compared_clip((track("a", [1]), track("b", [])), "step", None, {}) is None
