"""Notes and a ruler as plain data, and lengths as they are said."""

import json

import pytest

from plugins.nerf.field.params import FieldParams
from plugins.nerf.field.scene import CODEC, FieldScene
from plugins.nerf.shared.camera.viewpoint import home_camera
from plugins.nerf.shared.marks import Marks, Note, length_words
from studio.core.error import UserError
from tests.plugins.nerf.shared.camera.test_viewpoint import EXTENT

MARKS = Marks((Note((0.1, -2.0, 3.0), "the handle"),), ((0.0, 0.0, 0.0), (3.0, 4.0, 0.0)), 0.5)
SCENE = FieldScene(home_camera({}, EXTENT), FieldParams(), marks=MARKS)


def test_marks_come_back_and_a_scene_of_earlier_days_has_none() -> None:
    values = json.loads(json.dumps(CODEC.write(SCENE), allow_nan=False))
    assert CODEC.read(values).marks == MARKS
    del values["marks"]
    assert CODEC.read(values).marks == Marks()


@pytest.mark.parametrize(
    "unsound",
    [
        {"notes": [], "ruler": [[0, 0, 0]] * 3, "metres": 0.0},
        {"notes": [], "ruler": [[0, 0, float("inf")]], "metres": 0.0},
        {"notes": [{"point": [0, 0, 0], "words": "x" * 201}], "ruler": [], "metres": 0.0},
        {"notes": [], "ruler": [], "metres": -1.0},
    ],
)
def test_unsound_marks_are_refused(unsound) -> None:
    with pytest.raises(UserError):
        CODEC.read({**CODEC.write(SCENE), "marks": unsound})


def test_a_ruler_is_as_long_as_its_ends_are_apart() -> None:
    assert MARKS.length == 5.0
    assert Marks(ruler=((1.0, 1.0, 1.0),)).length == 0.0


@pytest.mark.parametrize(
    ("length", "metres", "words"),
    [
        (1.2345, 0.0, "1.23 units of the scene"),
        (5.0, 0.5, "2.50 m"),
        (0.5, 0.5, "25.0 cm"),
        (4000.0, 0.5, "2.00 km"),
    ],
)
def test_a_length_is_said_in_units_that_suit_it(length: float, metres: float, words: str) -> None:
    assert length_words(length, metres) == words
