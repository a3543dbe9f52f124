"""Emoji in two styles: built from packages made by hand, split without a leak, read back from either file."""

import io
import json
import tarfile

import numpy as np
import pytest
from PIL import Image

from studio.core.error import UserError
from studio.datasets.emoji import styles
from studio.datasets.emoji.styles import (
    FILE_NAME,
    N_SMALL,
    bare,
    build_emoji_styles,
    fitted,
    load_emoji_styles,
    read_styles,
    split_of,
    write_small_styles,
)
from studio.datasets.split import Split

ENTRIES = [
    {"unified": f"{code:X}", "image": f"{code:x}.png", "name": f"THING {number}", "category": "Objects"}
    for number, code in enumerate(range(0x1F400, 0x1F41E))
]
ODD_ONES = [
    {"unified": "1F1EA-1F1EC", "image": "1f1ea-1f1ec.png", "name": "FLAG", "category": "Flags"},
    {"unified": "2705", "image": "2705.png", "name": "CHECK", "category": "Symbols"},
    {"unified": "1F468-200D-1F33E", "image": "1f468-200d-1f33e.png", "name": "FARMER", "category": "People & Body"},
    {"unified": "1F550", "image": "1f550.png", "name": "ONE OCLOCK", "category": "Travel & Places"},
    {"unified": "1F9FF", "image": "1f9ff.png", "name": "ONLY FLAT", "category": "Objects"},
]


def picture_file(colour, form="PNG", size=64, box=(10, 20, 40, 30)):
    picture = Image.new("RGBA", (size, size), (9, 9, 9, 0))
    picture.paste(Image.new("RGBA", (box[2] - box[0], box[3] - box[1]), colour), box[:2])
    file = io.BytesIO()
    picture.save(file, form, **({"lossless": True} if form == "WEBP" else {}))
    return file.getvalue()


def write_tar(path, files):
    with tarfile.open(path, "w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


@pytest.fixture
def archives(tmp_path):
    """Both packages, each with some emoji of its own; things are red in the one and green in the other."""
    entries = [*ENTRIES, *ODD_ONES]
    flat = {f"img/google/64/{one['image']}": picture_file((200, 0, number, 255)) for number, one in enumerate(entries)}
    flat["emoji.json"] = json.dumps(entries).encode()
    glossy = {
        f"assets/{one['unified'].lower()}{'-fe0f' if number % 2 else ''}.webp": picture_file(
            (0, 200, number, 255), "WEBP", 256, (16, 16, 80, 240)
        )
        for number, one in enumerate(entries[:-1])
    }
    glossy["assets/1f999.webp"] = picture_file((0, 0, 0, 255), "WEBP", 256)
    return write_tar(tmp_path / "flat.tgz", flat), write_tar(tmp_path / "glossy.tgz", glossy)


def test_only_single_code_points_of_both_packages_count(archives):
    arrays = read_styles(*archives)
    assert list(arrays["codes"]) == sorted(f"{int(one['unified'], 16):x}" for one in ENTRIES)
    assert arrays["names"][3] == "thing 3"
    assert arrays["flat"].shape == arrays["glossy"].shape == (30, 64, 64, 3)
    assert tuple(arrays["flat"][5, 32, 32]) == (200, 0, 5)
    assert tuple(arrays["glossy"][5, 32, 32]) == (0, 200, 5)


def test_both_styles_are_fitted_to_the_same_size(archives):
    arrays = read_styles(*archives)
    for style, is_wide in (("flat", True), ("glossy", False)):
        rows, columns = np.nonzero((arrays[style][0] < 250).any(2))
        sides = int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1
        assert abs(max(sides) - 58) <= 1
        assert (sides[0] > sides[1]) == is_wide
        assert (arrays[style][0, 0] == 255).all()


def test_an_emoji_that_is_held_out_is_held_out_in_both_styles(archives):
    arrays = read_styles(*archives)
    assert [split_of(code).value for code in arrays["codes"]] == list(arrays["splits"])
    every = [f"{code:x}" for code in range(0x1F300, 0x1F700)]
    shares = [np.mean([split_of(code) is split for code in every]) for split in Split]
    np.testing.assert_allclose(shares, [0.83, 0.05, 0.12], atol=0.03)


def test_the_variation_selector_names_nothing():
    assert bare("2764-FE0F") == "2764"
    assert bare("1f468-200d-1f33e") == "1f468-200d-1f33e"


def test_the_set_is_built_through_npm_and_read_back(tmp_path, archives, monkeypatch):
    flat, glossy = archives
    npm = tmp_path / "bin" / "npm"
    npm.parent.mkdir()
    npm.write_text(f'#!/bin/sh\ncase "$4" in *fluent*) cp "{glossy}" ./a.tgz;; *) cp "{flat}" ./a.tgz;; esac\n')
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{npm.parent}:/usr/bin:/bin")
    steps = list(build_emoji_styles(tmp_path))
    assert [step.fraction for step in steps] == sorted(step.fraction for step in steps)
    parts = [load_emoji_styles(split, tmp_path) for split in Split]
    assert sum(len(part.codes) for part in parts) == 30
    assert all(part.is_full for part in parts)
    assert not (tmp_path / "emoji-styles.part.npz").exists()
    assert not load_emoji_styles(Split.TEST, tmp_path, is_small=True).is_full


def test_the_small_set_that_is_shipped_keeps_its_parts_apart():
    parts = {split: load_emoji_styles(split) for split in Split}
    assert {split: len(part.codes) for split, part in parts.items()} == N_SMALL
    for split, part in parts.items():
        assert {split_of(code) for code in part.codes} == {split}
        assert part.flat.shape == part.glossy.shape == (N_SMALL[split], 64, 64, 3)
        assert (part.flat[:, 0, 0] > 230).all()
        assert not part.is_full
    assert len({code for part in parts.values() for code in part.codes}) == 150


def test_small_pictures_stay_near_the_full_ones(tmp_path, archives):
    arrays = read_styles(*archives)
    write_small_styles(tmp_path / FILE_NAME, arrays)
    with np.load(tmp_path / FILE_NAME) as file:
        pictures = styles._from_mosaic(file["flat"], len(file["codes"]))
        order = [list(arrays["codes"]).index(code) for code in file["codes"]]
    assert np.abs(pictures.astype(int) - arrays["flat"][order]).mean() < 4


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04 cut off"])
def test_a_damaged_set_gives_a_sentence(tmp_path, content):
    (tmp_path / FILE_NAME).write_bytes(content)
    with pytest.raises(UserError, match="damaged"):
        load_emoji_styles(Split.TRAIN, tmp_path)


def test_packages_without_what_is_looked_for_give_a_sentence(tmp_path, archives):
    empty = write_tar(tmp_path / "empty.tgz", {})
    for pair in ((empty, archives[1]), (archives[0], empty)):
        with pytest.raises(UserError, match="have changed"):
            read_styles(*pair)


def test_pictures_that_are_too_large_or_empty_are_refused():
    with pytest.raises(ValueError, match="larger"):
        fitted(picture_file((0, 0, 0, 255), size=1200))
    with pytest.raises(ValueError, match="empty"):
        fitted(picture_file((0, 0, 0, 0)))
