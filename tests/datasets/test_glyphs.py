"""Letterforms: the small set, whole families apart, and building from packages made by hand."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from studio.core.character import CHARACTERS
from studio.core.error import UserError
from studio.core.place import asset
from studio.datasets.glyphs import FIELD_SCALE, FONT_PACKAGES, build_glyphs, load_glyphs, split_of
from studio.datasets.small import GLYPHS_NAME, read_small
from studio.datasets.split import Split
from studio.datasets.typeface import BASELINE_PX, CAP_HEIGHT_PX, read_typeface


@pytest.fixture(scope="module")
def small():
    return load_glyphs(Split.VALIDATION)


def test_the_small_set_says_what_it_is(small):
    assert not small.is_full
    assert small.fields.shape == (5, 62, 64, 64)
    assert len(small.names) == len(small.families) == 5


def test_no_family_of_the_small_set_is_in_two_parts():
    faces = read_small(GLYPHS_NAME)["faces"]
    families = [set(faces[faces[:, 2] == split.value][:, 1].tolist()) for split in Split]
    assert [len(part) for part in families] == [46, 5, 9]
    assert len(set.union(*families)) == sum(len(part) for part in families)


def test_capitals_stand_on_the_baseline(small):
    ink = small.fields[:, CHARACTERS.index("H")] > 0
    rows = [np.flatnonzero(one.any(1)) for one in ink]
    assert all(abs(row[-1] - 43) <= 1 for row in rows)
    assert np.median([row[-1] - row[0] + 1 for row in rows]) == 32


def test_fields_are_distances(small):
    fields = small.fields / FIELD_SCALE
    assert np.abs(np.diff(fields, axis=3)).max() < 1.3
    slope = np.hypot(np.gradient(fields, axis=2), np.gradient(fields, axis=3))
    assert abs(np.median(slope[np.abs(fields) < 3]) - 1) < 0.1


def test_packages_of_one_maker_stay_together():
    makers: dict[str, set[Split]] = {}
    for package in FONT_PACKAGES:
        makers.setdefault(package.split("-")[1], set()).add(split_of(package))
    assert all(len(parts) == 1 for parts in makers.values())


def test_the_split_of_packages_is_the_one_that_the_models_were_trained_with():
    test = {package.removeprefix("fonts-") for package in FONT_PACKAGES if split_of(package) is Split.TEST}
    assert {"cabin", "cantarell", "courier-prime", "elstob", "karla", "open-sans", "tuffy"} <= test
    assert len(test) == 13


def test_our_own_font_is_a_usable_typeface():
    face = read_typeface(asset("fonts/Inter-Regular.ttf"))
    assert face is not None
    assert face.family == "Inter"
    rows = np.flatnonzero(face.masks[CHARACTERS.index("H")].any(1))
    assert abs(rows[-1] + 1 - BASELINE_PX) <= 1
    assert abs(len(rows) - CAP_HEIGHT_PX) <= 2


@pytest.mark.parametrize("content", [b"", b"no font", b"\x00\x01\x00\x00" + bytes(200)])
def test_a_file_that_is_no_font_is_left_out(tmp_path, content):
    path = tmp_path / "broken.ttf"
    path.write_bytes(content)
    assert read_typeface(path) is None


@pytest.fixture
def fake_apt(tmp_path, monkeypatch):
    """An apt-get and a dpkg that deliver Inter twice for one package and nothing for the other."""
    folder = tmp_path / "bin"
    folder.mkdir()
    font = asset("fonts/Inter-Regular.ttf")
    (folder / "apt-get").write_text('#!/bin/sh\n[ "$3" = fonts-good ] && : > fonts-good_1_all.deb\n')
    (folder / "dpkg").write_text(
        f'#!/bin/sh\nmkdir -p "$3/usr"; cp "{font}" "$3/usr/one.ttf"; cp "{font}" "$3/usr/two.ttf"\n'
        ': > "$3/usr/bad.otf"\n'
    )
    for tool in ("apt-get", "dpkg"):
        (folder / tool).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{Path(shutil.which('cp') or '').parent}:/bin")


def test_building_drops_doubles_and_goes_on_without_a_package(tmp_path, fake_apt, caplog):
    steps = list(build_glyphs(tmp_path, ("fonts-gone", "fonts-good")))
    assert steps[-1].fraction == 1.0
    assert "fonts-gone could not be fetched" in caplog.text
    part = load_glyphs(split_of("fonts-good"), tmp_path)
    assert part.is_full
    assert part.families == ("Inter",)


def test_nothing_fetched_is_an_error(tmp_path, fake_apt, caplog):
    with pytest.raises(UserError, match="No font package"):
        list(build_glyphs(tmp_path, ("fonts-gone",)))


def test_without_apt_a_sentence_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="apt-get is not on this computer"):
        list(build_glyphs(tmp_path))


def test_a_damaged_set_gives_a_sentence(tmp_path):
    (tmp_path / "glyphs").mkdir()
    (tmp_path / "glyphs" / "faces.json").write_text("{")
    with pytest.raises(UserError, match="damaged"):
        load_glyphs(Split.TRAIN, tmp_path)
