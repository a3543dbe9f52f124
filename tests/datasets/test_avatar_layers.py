"""Maps of the parts of faces: they lie where the picture has their colours, and lines are where it has them."""

import numpy as np
import pytest

from studio.core.error import UserError
from studio.core.place import data_dir
from studio.datasets.avatar_layers import FILE_NAME, build_avatar_layers, load_avatar_layers, write_small_layers
from studio.datasets.avatar_parts import MAP_PX, PART_NAMES, face_colours
from studio.datasets.avatars import AVATAR_LABELS, artist
from studio.datasets.split import Split

N_FACES = 12
BACKGROUND, HAIR, SKIN, EYES = (PART_NAMES.index(name) for name in ("background", "hair", "skin", "eyes"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("layers")
    progress = list(build_avatar_layers(folder, N_FACES))
    assert progress[-1].fraction == 1
    return folder


def all_of(folder):
    return [part for part in (load_avatar_layers(split, folder) for split in Split) if len(part.packed)]


@pytest.mark.long("computes for long")
def test_a_map_painted_in_the_colours_of_its_parts_is_the_picture(folder):
    """But for the lines: at least 95 % of the pixels of the true drawing have the colour of their part to the bit."""
    draw = artist(size_px=MAP_PX)
    for faces in all_of(folder):
        for index, seed in enumerate(faces.seeds):
            truth, kinds = draw(str(seed))
            painted = np.rint(255 * faces.maps().colours[index])[faces.parts(index)]
            assert (np.abs(painted - truth).max(2) <= 1).mean() > 0.95
            known = [list(kind).index(kinds[name]) for name, kind in AVATAR_LABELS.items()]
            assert faces.labels[index].tolist() == known


def test_lines_are_where_outlines_are_and_nowhere_else(folder):
    ink = all_of(folder)[0].ink
    np.testing.assert_array_equal(ink, ink.T)
    assert ink[BACKGROUND, HAIR] > 0.9
    assert ink[SKIN, HAIR] > 0.9
    assert ink[SKIN, EYES] == 0


def test_shades_are_darker_by_a_fifth_and_hair_is_of_one_colour():
    labels = np.zeros((2, len(AVATAR_LABELS)), np.uint8)
    labels[1, list(AVATAR_LABELS).index("hair_colour")] = 3
    colours = {name: face_colours(labels)[:, part] for part, name in enumerate(PART_NAMES)}
    np.testing.assert_allclose(colours["hair_shade"], 0.8 * colours["hair"], rtol=1e-5)
    np.testing.assert_array_equal(colours["beard"], colours["hair"])
    assert not np.allclose(colours["hair"][0], colours["hair"][1])
    np.testing.assert_array_equal(colours["skin"][0], colours["skin"][1])
    np.testing.assert_allclose(255 * colours["background"], 255)


def test_the_small_set_comes_along_and_holds_all_parts():
    for split, n in ((Split.TRAIN, 80), (Split.VALIDATION, 15), (Split.TEST, 40)):
        faces = load_avatar_layers(split)
        assert not faces.is_full
        assert len(faces.packed) == len(faces.pictures) == len(faces.labels) == n
    seen = {part for index in range(40) for part in np.unique(faces.parts(index)).tolist()}
    assert seen == set(range(len(PART_NAMES)))


def test_a_small_set_is_picked_from_a_full_one(folder, tmp_path):
    write_small_layers(tmp_path / FILE_NAME, folder / FILE_NAME)
    before, after = all_of(folder), all_of(tmp_path)
    assert sum(len(part.packed) for part in after) == N_FACES
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one.seeds, other.seeds)
        np.testing.assert_array_equal(one.parts(0), other.parts(0))


def test_a_damaged_set_is_refused_in_a_sentence():
    place = data_dir() / "datasets"
    place.mkdir(parents=True, exist_ok=True)
    (place / FILE_NAME).write_bytes(b"PK not a set")
    with pytest.raises(UserError, match="damaged"):
        load_avatar_layers(Split.TRAIN)
    (place / FILE_NAME).unlink()
