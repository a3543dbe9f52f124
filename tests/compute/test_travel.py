"""The frames of a path: one for each position, renumbered, with the change that can be seen."""

import numpy as np
import pytest

from studio.compute.travel import travel, travel_with_pauses, visible_values
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.recording.delta import Append
from studio.core.view import Audio, Bars, Field, Image, Tokens

PLACES = [{"z": np.full(3, value, np.float32)} for value in (0, 51, 255, 255)]


class Painter:
    """Paints the whole picture in the grey that z says, after a few steps of a darker one."""

    def __init__(self, n_steps=1, view=lambda grey: Image(np.full((2, 2), grey, np.uint8))):
        self.n_steps, self.view, self.starts = n_steps, view, []

    def run_to_end(self, params, start=None):
        self.starts.append((params, start))
        for step in range(self.n_steps):
            grey = start["z"][0] * (step + 1) / self.n_steps
            yield Frame(step, self.n_steps, views={"picture": self.view(grey)}, scalars={"ms": 1.0}, state=start)


def first_value(frame: Frame) -> int:
    assert isinstance(frame.main_view, Image)
    return int(frame.main_view.pixels[0, 0])


@pytest.mark.parametrize("n_steps", [1, 3])
def test_every_place_gives_its_finished_frame(n_steps):
    engine = Painter(n_steps)
    frames = list(travel(engine, "params", PLACES, 4))
    assert [(frame.step, frame.n_steps) for frame in frames] == [(0, 4), (1, 4), (2, 4), (3, 4)]
    assert [first_value(frame) for frame in frames] == [0, 51, 255, 255]
    assert [frame.label for frame in frames][::3] == ["Place 1 of 4", "Place 4 of 4"]
    assert all(
        params == "params" and start["z"] is place["z"]
        for (params, start), place in zip(engine.starts, PLACES, strict=True)
    )


def test_a_run_that_takes_long_pauses_between_its_frames():
    steps = [frame if frame is None else frame.step for frame in travel_with_pauses(Painter(3), None, PLACES[:2], 2)]
    assert steps == [None, None, 0, None, None, 1]


def test_a_pause_in_the_midst_of_a_frame_is_passed_on():
    class Slow(Painter):
        def run_to_end(self, params, start=None):
            for frame in super().run_to_end(params, start):
                yield from (None, frame)

    steps = [frame if frame is None else frame.step for frame in travel_with_pauses(Slow(), None, PLACES[:2], 2)]
    assert steps == [None, 0, None, 1]


def test_what_a_run_tells_as_changes_is_whole_at_the_end():
    class Teller:
        def run_to_end(self, params, start=None):
            yield Frame(0, 2, views={"text": Tokens(("a",))})
            yield Frame(1, 2, changes={"text": Append(Tokens(("b",)))})

    assert [frame.main_view for frame in travel(Teller(), None, PLACES[:2], 2)] == 2 * [Tokens(("a", "b"))]


def test_the_change_is_the_mean_difference_of_what_is_seen():
    frames = list(travel(Painter(), None, PLACES, 4))
    assert "change" not in frames[0].scalars
    assert [frame.scalars["change"] for frame in frames[1:]] == pytest.approx([0.2, 0.8, 0.0])
    assert all(frame.scalars["ms"] == 1.0 for frame in frames)


def test_the_rest_of_a_path_is_numbered_like_the_whole():
    frames = list(travel(Painter(), None, PLACES[2:], 4, first=2))
    assert [(frame.step, frame.n_steps, frame.label) for frame in frames] == [
        (2, 4, "Place 3 of 4"),
        (3, 4, "Place 4 of 4"),
    ]


def test_nothing_is_computed_ahead():
    engine = Painter()
    frames = travel(engine, None, PLACES, 4)
    next(frames)
    next(frames)
    assert len(engine.starts) == 2


def test_a_view_without_values_has_no_change():
    frames = list(travel(Painter(view=lambda grey: Bars(("a",), (float(grey),))), None, PLACES, 4))
    assert all("change" not in frame.scalars for frame in frames)


def test_pictures_of_another_size_are_not_compared():
    sizes = iter((2, 3, 3))
    engine = Painter(view=lambda grey: Image(np.zeros((next(sizes), 2), np.uint8)))
    assert ["change" in frame.scalars for frame in travel(engine, None, PLACES[:3], 3)] == [False, False, True]


def test_sounds_without_a_sample_have_no_change():
    engine = Painter(view=lambda grey: Audio(np.zeros(0, np.float32), 8000))
    assert all("change" not in frame.scalars for frame in travel(engine, None, PLACES, 4))


def test_an_engine_that_draws_nothing_is_told():
    with pytest.raises(UserError):
        list(travel(Painter(n_steps=0), None, PLACES, 4))


@pytest.mark.parametrize(
    ("view", "seen"),
    [
        (Image(np.array([[0, 255]], np.uint8)), [[0, 1]]),
        (Field(np.array([[-8, -0.25, 0, 8]], np.float32), "distance", -8, 8), [[0, 0.25, 0.5, 1]]),
        (Field(np.array([[2, 3, 5, 9]], np.float32), "depth", 2, 6), [[0, 0.25, 0.75, 1]]),
        (Audio(np.array([-1, 0, 1], np.float32), 8000), [0, 0.5, 1]),
    ],
)
def test_values_are_scaled_as_they_are_seen(view, seen):
    values = visible_values(view)
    assert values is not None
    assert values.dtype == np.float32
    assert values == pytest.approx(np.array(seen))
