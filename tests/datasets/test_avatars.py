"""Faces: the same from the same seed, labelled as drawn, split by combination; the small set and the damaged one."""

import builtins

import numpy as np
import pytest

from studio.core.error import UserError
from studio.core.place import data_dir
from studio.datasets import avatars
from studio.datasets.avatars import AVATAR_LABELS, SPLIT_LABELS, build_avatars, load_avatars, split_of
from studio.datasets.split import Split

COLUMN = {name: index for index, name in enumerate(AVATAR_LABELS)}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("avatars")
    progress = list(build_avatars(folder, 120))
    assert [step.fraction for step in progress] == sorted(step.fraction for step in progress)
    assert progress[-1].fraction == 1
    return folder


def all_of(folder):
    parts = [load_avatars(part, folder) for part in Split]
    return np.concatenate([part.pictures for part in parts]), np.concatenate([part.labels for part in parts])


@pytest.mark.long("computes for long")
def test_the_same_seeds_give_the_same_faces(built, tmp_path):
    list(build_avatars(tmp_path, 120))
    for one, other in zip(all_of(built), all_of(tmp_path), strict=True):
        np.testing.assert_array_equal(one, other)
    assert not (tmp_path / "avatars.part.npz").exists()


def test_faces_stand_on_white_in_the_colour_of_their_label(built):
    pictures, labels = all_of(built)
    assert pictures.shape == (120, 64, 64, 3)
    assert (pictures[:, 0, 0] == 255).all()
    for picture, label in zip(pictures, labels, strict=True):
        skin = AVATAR_LABELS["skin_colour"][label[COLUMN["skin_colour"]]].lstrip("#")
        assert tuple(picture[37, 32]) == tuple(bytes.fromhex(skin))  # between nose and mouth's place, beardless


def test_every_label_is_met_and_absence_is_one(built):
    _, labels = all_of(built)
    for column, kinds in enumerate(AVATAR_LABELS.values()):
        assert set(labels[:, column]) == set(range(len(kinds)))
    for name in ("beard", "rear_hair"):
        assert 0.3 < (labels[:, COLUMN[name]] == AVATAR_LABELS[name].index("none")).mean() < 0.7


def test_no_combination_lies_in_two_parts_and_the_shares_are_as_said():
    seen: dict[tuple[int, ...], Split] = {}
    for split in Split:
        rows = load_avatars(split).labels[:, [COLUMN[name] for name in SPLIT_LABELS]]
        for row in map(tuple, rows.tolist()):
            assert seen.setdefault(row, split) == split
    combinations = [
        {"hair": hair, "beard": beard, "mouth": mouth, "clothes": clothes}
        for hair in AVATAR_LABELS["hair"]
        for beard in AVATAR_LABELS["beard"]
        for mouth in AVATAR_LABELS["mouth"]
        for clothes in AVATAR_LABELS["clothes"]
    ]
    shares = [sum(split_of(kinds) == split for kinds in combinations) / len(combinations) for split in Split]
    assert shares == pytest.approx([0.82, 0.06, 0.12], abs=0.03)


def test_the_small_set_is_used_where_none_was_built():
    for split, n_faces in zip(Split, (4000, 200, 800), strict=True):
        faces = load_avatars(split)
        assert len(faces.pictures) == len(faces.labels) == n_faces
        assert not faces.is_full


def test_a_damaged_set_gives_a_sentence(tmp_path):
    (tmp_path / avatars.FILE_NAME).write_bytes(b"no zip")
    with pytest.raises(UserError, match="damaged"):
        load_avatars(Split.TEST, tmp_path)
    pictures, labels = np.zeros((2, 64, 64, 3), np.uint8), np.full((2, 10), 99)
    np.savez(tmp_path / avatars.FILE_NAME, pictures=pictures, labels=labels, splits=np.array(["test"] * 2))
    with pytest.raises(UserError, match="damaged"):
        load_avatars(Split.TEST, tmp_path)


def test_missing_packages_give_a_sentence_and_leave_nothing(monkeypatch, tmp_path):
    imported = builtins.__import__

    def without(name, *rest, **more):
        if name == "resvg_py":
            raise ImportError(name)
        return imported(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UserError, match="resvg-py"):
        list(build_avatars(tmp_path, 1))
    assert not list(tmp_path.iterdir())
    assert not (data_dir() / "datasets").exists()
