"""A scene is kept by how its fields are declared, and nothing unsound gets in."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pytest

from studio.core.error import UserError
from studio.core.scene_codec import (
    UNFIT_TEXT,
    SceneCodec,
    array,
    by_name,
    decimal_rows,
    flag,
    number,
    one_of,
    optional,
    packed,
    part,
    row,
    spread,
    stored,
    text,
    whole,
)


@dataclass(frozen=True, eq=False)
class Sheet:
    levels: np.ndarray = stored(array(np.uint8, 0, 9, 2))
    is_open: np.ndarray = stored(array(np.bool_, 0, 1, 2), key="open")


@dataclass(frozen=True, eq=False)
class Sound:
    samples: np.ndarray = stored(packed(8))
    name: str = stored(text(4), default="")


@dataclass(frozen=True, eq=False)
class Scene:
    size: int = stored(whole(1, 5), default=3)
    share: float = stored(number(0, 1), default=0.5)
    tool: str = stored(one_of(("pen", "box")), default="pen")
    place: int | None = stored(optional(whole(0, 9)), default=None)
    locks: tuple[bool, ...] = stored(row(flag(), 2, 2), default=(False, True))
    sheet: Sheet | None = stored(
        optional(part(Sheet, lambda sheet: sheet.levels.shape == sheet.is_open.shape)), default=None
    )
    sound: Sound | None = stored(spread(Sound, {"samples": None, "name": ""}), default=None)
    written: int = stored(whole(1, 5), former="size", default=3)
    parts: Mapping[str, float] = stored(by_name(number(0, 1), 2), is_later=True, default_factory=dict)


CODEC = SceneCodec(Scene, UNFIT_TEXT, outdated=("blend",))
FULL = Scene(
    2,
    0.25,
    "box",
    4,
    (True, True),
    Sheet(np.eye(3, dtype=np.uint8), np.eye(3) > 0),
    Sound(np.arange(3, dtype=np.uint8)),
    parts={"hair": 0.5},
)


def test_a_scene_comes_back_from_plain_values():
    for scene in (Scene(), FULL):
        plain = CODEC.write(scene)
        assert CODEC.write(CODEC.read(json.loads(json.dumps(plain, allow_nan=False)))) == plain
    read = CODEC.read(CODEC.write(FULL))
    assert read.sheet is not None
    assert read.sound is not None
    assert read.sheet.levels.dtype == np.uint8
    assert read.sheet.is_open.dtype == np.bool_
    assert read.sound.samples.tolist() == [0, 1, 2]


def test_fields_without_a_value_keep_their_place():
    plain = CODEC.write(Scene())
    assert (plain["samples"], plain["name"], plain["sheet"]) == (None, "", None)
    assert set(plain) == {"size", "share", "tool", "place", "locks", "sheet", "samples", "name", "written", "parts"}


def test_files_of_earlier_versions_are_read():
    plain = CODEC.write(FULL)
    del plain["written"]
    assert CODEC.read({**plain, "blend": 0.5}).written == 2
    del plain["parts"]
    assert CODEC.read(plain).parts == {}


def test_many_numbers_are_kept_to_a_few_decimals():
    assert decimal_rows(np.array([[0.1, 1 / 3]], np.float32), 3) == [[0.1, 0.333]]


@pytest.mark.parametrize(
    "wrong",
    [
        {"size": 6},
        {"size": 2.0},
        {"size": True},
        {"share": float("nan")},
        {"tool": ["pen"]},
        {"place": -1},
        {"locks": [True]},
        {"locks": [1, 0]},
        {"sheet": {"levels": [[1, 2]], "open": [[0]]}},
        {"sheet": {"levels": [[10]], "open": [[0]]}},
        {"sheet": {"levels": [1], "open": [0]}},
        {"sheet": []},
        {"samples": "no Base64"},
        {"samples": ""},
        {"samples": None, "name": "left"},
        {"name": "longer"},
        {"parts": {"hair": 2}},
        {"parts": {"a": 0, "b": 0, "c": 0}},
        {"parts": ["hair"]},
        {"nonsense": 1},
    ],
)
def test_a_wrong_value_is_a_sentence(wrong):
    with pytest.raises(UserError, match="This saved text belongs to another model"):
        CODEC.read({**CODEC.write(FULL), **wrong})


@pytest.mark.parametrize("values", [None, 3, "scene", [], {}, {"size": 3}])
def test_anything_but_a_scene_is_refused(values):
    with pytest.raises(UserError):
        CODEC.read(values)
