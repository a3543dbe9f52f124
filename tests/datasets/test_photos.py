"""The photos: the small set that is shipped, the full one built from packages made by hand, and damaged ones."""

import json
import sys
import zipfile

import numpy as np
import pytest
from PIL import Image

from studio.core.error import UserError
from studio.core.place import asset
from studio.datasets import photos
from studio.datasets.photos import (
    DRAWN,
    EXAMPLE_PX,
    NATURAL,
    SMALL_CROP_PX,
    WHEEL_FILES,
    build_photos,
    liveliest_crops,
    load_examples,
    load_photos,
    reduced,
    split_of,
    write_small_photos,
)
from studio.datasets.split import Split


@pytest.fixture(autouse=True)
def nothing_is_built(tmp_path, monkeypatch):
    monkeypatch.setenv("MANIFOLD_STUDIO_DATA", str(tmp_path / "data"))


def noisy(height, width, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


@pytest.fixture
def fake_packages(tmp_path, monkeypatch):
    """Programs that write what apt-get, dpkg and pip would fetch: pictures of 48 x 30 pixels, a plain one each."""
    made = tmp_path / "made"
    (made / "pictures").mkdir(parents=True)
    for number, name in enumerate([*NATURAL, *DRAWN, "saturnian-profile"]):
        Image.new("RGB", (48, 30), (number, 100, 200)).save(made / "pictures" / f"{name}.jpg", quality=95)
    with zipfile.ZipFile(made / "scikit_image-0.26.0-any.whl", "w") as wheel:
        for number, name in enumerate(WHEEL_FILES):
            path = made / name
            Image.new("L" if name == "grass.png" else "RGB", (20, 18), 10 * number).save(path)
            wheel.write(path, f"skimage/data/{name}")
    programs = tmp_path / "bin"
    programs.mkdir()
    scripts = {
        "apt-get": "touch budgie-backgrounds_3.0-1_all.deb",
        "dpkg": f"mkdir -p unpacked && cp {made}/pictures/*.jpg unpacked",
        "pip": f"cp {made}/scikit_image-0.26.0-any.whl .",
    }
    for name, script in scripts.items():
        (programs / name).write_text(f"#!/bin/sh\n{script}\n")
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    monkeypatch.setattr(sys, "executable", str(programs / "pip"))
    return made


def test_the_small_set_holds_crops_to_learn_from_and_six_whole_photos():
    learnt, chosen = load_photos(Split.TRAIN), load_photos(Split.VALIDATION)
    assert all(picture.shape == (SMALL_CROP_PX, SMALL_CROP_PX, 3) for picture in learnt.pictures + chosen.pictures)
    assert len(learnt.pictures) >= 16
    assert not learnt.is_full
    test = load_examples()
    assert len(test.pictures) == 6
    for picture in test.pictures:
        assert max(picture.shape) == EXAMPLE_PX
        assert picture.shape[0] % 4 == picture.shape[1] % 4 == 0
    assert not set(test.names) & set(learnt.names)
    assert asset("datasets/photos.npz").stat().st_size <= 480 * 1024


def test_the_parts_are_fixed():
    parts = [split_of(name) for name in NATURAL]
    assert (parts.count(Split.TEST), parts.count(Split.VALIDATION)) == (6, 2)
    assert split_of("lake-sherburne") is Split.TEST
    assert {split_of(name) for name in ("chelsea", *DRAWN)} == {Split.TRAIN}
    assert "astronaut.png" not in WHEEL_FILES


def test_the_full_set_is_built_and_read_back(fake_packages, tmp_path):
    steps = list(build_photos(tmp_path / "out"))
    assert steps[-1].fraction == 1
    assert [step.fraction for step in steps] == sorted(step.fraction for step in steps)
    parts = {split: load_photos(split, tmp_path / "out") for split in Split}
    assert sum(len(part.names) for part in parts.values()) == len(NATURAL) + len(DRAWN) + len(WHEEL_FILES)
    assert "saturnian-profile" not in parts[Split.TRAIN].names
    assert len(parts[Split.TEST].names) == 6
    assert all(part.is_full for part in parts.values())
    for picture in parts[Split.TEST].pictures:
        assert picture.shape == (28, 48, 3)
    grass = parts[Split.TRAIN].pictures[parts[Split.TRAIN].names.index("grass")]
    assert grass.shape == (16, 20, 3)


@pytest.mark.parametrize("gone", ["apt-get", "dpkg"])
def test_a_missing_program_gives_a_sentence(gone, fake_packages, tmp_path, monkeypatch):
    (tmp_path / "bin" / gone).unlink()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(UserError, match="apt-get is not on this computer"):
        list(build_photos(tmp_path / "out"))


def test_a_package_that_changed_gives_a_sentence(fake_packages, tmp_path):
    (fake_packages / "pictures" / "casa-mila.jpg").unlink()
    with pytest.raises(UserError, match="casa-mila is gone"):
        list(build_photos(tmp_path / "out"))


def test_pip_without_a_network_gives_a_sentence(fake_packages, tmp_path):
    (tmp_path / "bin" / "pip").write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(UserError, match="pip could not download"):
        list(build_photos(tmp_path / "out"))


@pytest.mark.parametrize("entries", ["no list", [{"name": "../photo", "split": "train"}], [{"split": "train"}]])
def test_a_damaged_set_gives_a_sentence(entries, tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "photos.json").write_text(json.dumps(entries))
    with pytest.raises(UserError, match="damaged"):
        load_photos(Split.TRAIN, tmp_path)


def test_reducing_averages_and_cuts_to_multiples_of_four():
    assert reduced(Image.new("RGB", (47, 31)), 1600).shape == (28, 44, 3)
    board = np.kron(np.indices((2, 2)).sum(0) % 2, np.ones((40, 40))).astype(np.uint8) * 200
    small = reduced(Image.fromarray(board).convert("RGB"), 40)
    assert small.shape == (40, 40, 3)
    assert small[5, 5, 0] == 0
    assert small[5, 35, 0] == 200


def test_the_liveliest_crops_are_taken():
    pixels = np.zeros((40, 60, 3), np.uint8)
    pixels[:20, 20:40] = noisy(20, 20)
    pixels[20:, :20] = noisy(20, 20) // 4
    first, second = liveliest_crops(pixels, 20, 2)
    assert np.array_equal(first, pixels[:20, 20:40])
    assert np.array_equal(second, pixels[20:, :20])


@pytest.mark.long("computes for long")
def test_a_small_set_is_written_out_of_a_full_one(tmp_path, monkeypatch):
    names = {"chelsea": noisy(400, 600), "canyon-wren": noisy(400, 400), "casa-mila": noisy(1000, 1600)}
    photos.write_photos(tmp_path / "photos", names)
    write_small_photos(tmp_path / "small.npz", tmp_path)
    monkeypatch.setattr(photos, "asset", lambda _: tmp_path / "small.npz")
    assert len(load_photos(Split.TRAIN).pictures) == 1
    assert load_photos(Split.TEST).pictures[0].shape == (480, 768, 3)
    assert load_photos(Split.VALIDATION).names == ("canyon-wren",)
