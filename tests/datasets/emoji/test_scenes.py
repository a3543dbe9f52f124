"""Scenes: the same from the same numbers, drawn as labelled, nothing over anything else, split by combination."""

import numpy as np
import pytest

from studio.datasets.emoji.drawing import COLOURS, N_WITH, PLACES, SIDES_PX, box_of, colour_table, load_patches
from studio.datasets.emoji.icons import ACCESSORIES, OBJECTS
from studio.datasets.emoji.nearest import nearest_icons
from studio.datasets.emoji.scenes import BIG, SMALL, Scenes, compose, hashed_fraction, load_scenes
from studio.datasets.split import Split


@pytest.fixture(scope="module")
def scenes():
    return compose(3, np.arange(4000))


def one(objects, sizes, places, background=0, accessories=(-1, -1, -1)):
    def padded(values):
        return np.array([[*values, *[-1] * (3 - len(values))]])

    return Scenes(
        np.array([0]), padded(objects), np.array([accessories]), padded(sizes), padded(places), np.array([background])
    )


def opacity(scene, slot):
    """How opaque one object of a scene of one makes each pixel, drawn by hand."""
    left, top, side = box_of(int(scene.sizes[0, slot]), int(scene.places[0, slot]))
    patch = int(scene.objects[0, slot]) * N_WITH + int(scene.accessories[0, slot]) + 1
    canvas = np.zeros((64, 64))
    canvas[top : top + side, left : left + side] = load_patches().of_size(int(scene.sizes[0, slot]))[patch][..., 3]
    return canvas


def test_a_scene_depends_on_its_seed_and_number_alone(scenes):
    some = compose(3, np.array([17, 5, 3999]))
    np.testing.assert_array_equal(some.draw(), scenes[np.array([17, 5, 3999])].draw())
    assert not np.array_equal(compose(4, np.array([17])).draw(), some.draw()[:1])


def test_hashed_fractions_are_even_and_independent():
    numbers = np.arange(20000)
    fields = [hashed_fraction(1, numbers, field) for field in (0, 1)]
    seeds = [hashed_fraction(seed, numbers, 0) for seed in (1, 2)]
    for one_way, other in (fields, seeds):
        assert np.abs(np.histogram(one_way, 20, (0, 1))[0] / 1000 - 1).max() < 0.12
        assert abs(float(((one_way - one_way.mean()) * (other - other.mean())).mean()) * 12) < 0.03  # variance 1 / 12


def test_every_kind_is_met_and_shares_are_as_said(scenes):
    n_objects = (scenes.objects >= 0).sum(1)
    np.testing.assert_allclose(np.bincount(n_objects)[1:] / len(scenes), [0.48, 0.4, 0.12], atol=0.03)
    assert set(scenes.objects[scenes.objects >= 0]) == set(range(len(OBJECTS)))
    assert set(scenes.accessories[scenes.accessories >= 0]) == set(range(len(ACCESSORIES)))
    assert set(scenes.places[scenes.places >= 0]) == set(range(9))
    assert set(scenes.backgrounds) == set(range(len(COLOURS)))
    assert ((scenes.accessories >= 0) <= (scenes.objects >= 0)).all()
    assert (scenes.accessories >= 0).sum() / n_objects.sum() == pytest.approx(0.3, abs=0.02)


def test_objects_of_a_scene_are_different_and_do_not_cover_each_other(scenes):
    for row in range(600):
        scene = scenes[row : row + 1]
        things = scene.objects[0][scene.objects[0] >= 0]
        assert len(set(things)) == len(things)
        covers = [opacity(scene, slot) > 64 for slot in range(len(things))]
        assert np.sum(covers, axis=0).max() <= 1


def test_what_is_big_stands_in_the_middle_beside_a_corner_where_both_are_round():
    seen = compose(5, np.arange(20000))
    central = (seen.sizes[:, 0] == BIG) & (seen.places[:, 0] == 4) & (seen.objects[:, 1] >= 0)
    assert central.sum() > 100
    assert set(seen.places[central, 1]) == {0, 2, 6, 8}


def test_a_drawn_scene_shows_its_icon_on_its_colour():
    scene = one([OBJECTS.index("heart")], [SMALL], [PLACES.index("bottom right")], list(COLOURS).index("green"))
    picture = scene.draw()[0].astype(int)
    green = colour_table()[list(COLOURS).index("green")]
    assert (picture[:42] == green).all()
    assert (picture[:, :42] == green).all()
    heart = picture[52, 50]
    assert heart[0] > 200
    assert heart[1] < 90
    assert list(scene.labels()[0].nonzero()[0][:-1]) == [OBJECTS.index("heart")]
    assert scene.labels()[0, -1] == list(COLOURS).index("green")


def test_an_accessory_changes_the_object_that_wears_it_and_is_in_the_labels():
    bare = one([0], [BIG], [4])
    for index in range(len(ACCESSORIES)):
        worn = one([0], [BIG], [4], accessories=(index, -1, -1))
        assert (worn.draw() != bare.draw()).any(3).mean() > 0.02
        assert worn.labels()[0, len(OBJECTS) + index] == 1


def test_no_combination_lies_in_two_parts_and_a_tenth_is_held_out():
    parts = {split: load_scenes(split, 400) for split in Split}
    keys = {}
    for split, scenes in parts.items():
        assert all(scenes.split(row) is split for row in range(400))
        keys[split] = {tuple(row) for row in scenes.labels().tolist()}
    assert not keys[Split.TRAIN] & keys[Split.TEST]
    assert not keys[Split.VALIDATION] & keys[Split.TEST]
    assert parts[Split.TEST].numbers[-1] == pytest.approx(400 / 0.12, rel=0.15)


def test_places_and_sizes_do_not_change_the_part():
    for place in range(9):
        assert one([3], [BIG], [place]).split(0) is one([3], [SMALL], [4]).split(0)


def test_the_nearest_icon_of_a_scene_is_the_one_in_it():
    for name in ("fox", "pizza", "rocket"):
        scene = one([OBJECTS.index(name)], [BIG], [8], background=3)
        near = nearest_icons(scene.draw()[0].astype(np.float32) / 255)
        assert near[0].name == name
        assert near[0].distance < 0.01 < near[1].distance
        assert near[0].pixels.shape == (64, 64, 3)
    with pytest.raises(ValueError, match="64"):
        nearest_icons(np.zeros((32, 32, 3), np.float32))


def test_boxes_lie_inside_the_picture():
    for size, side in enumerate(SIDES_PX):
        for place in range(9):
            left, top, found = box_of(size, place)
            assert found == side >= 20
            assert max(left, top) + side <= 64
