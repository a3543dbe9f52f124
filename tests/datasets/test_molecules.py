"""Molecules: the package is read without being unpacked, and the small set stands in for the full one."""

import gzip
import io
import zipfile

import numpy as np
import pytest

from studio.core.error import UserError
from studio.datasets.molecules import (
    PROPERTIES,
    load_described_molecules,
    load_molecules,
    read_wheel,
    save_molecules,
)
from studio.datasets.split import Split


def wheel(path, parts):
    with zipfile.ZipFile(path, "w") as file:
        for name, text in parts.items():
            file.writestr(f"moses/dataset/data/{name}.csv.gz", gzip.compress(text.encode()))
    return path


PARTS = {"train": "SMILES,SPLIT\nCCO,train\nCCN,train\n", "test": "SMILES\nCCC\n", "test_scaffolds": "SMILES\nCCF\n"}


def test_a_package_is_read_and_the_set_is_found_where_it_was_written(tmp_path):
    parts = read_wheel(wheel(tmp_path / "a.whl", PARTS))
    assert parts == {Split.TRAIN: ["CCO", "CCN"], Split.VALIDATION: ["CCC"], Split.TEST: ["CCF"]}
    save_molecules(tmp_path / "molecules.npz", parts)
    found = load_molecules(Split.TRAIN, tmp_path)
    assert found.is_full
    assert found.smiles == ("CCO", "CCN")
    assert found.properties is None


@pytest.mark.parametrize("missing", ["train", "test_scaffolds"])
def test_another_package_is_refused(tmp_path, missing):
    path = wheel(tmp_path / "a.whl", {name: text for name, text in PARTS.items() if name != missing})
    with pytest.raises(UserError):
        read_wheel(path)


def test_a_table_of_something_else_is_refused(tmp_path):
    with pytest.raises(UserError):
        read_wheel(wheel(tmp_path / "a.whl", {**PARTS, "train": "a,b\n1,2\n"}))


def test_the_small_set_is_described_and_its_parts_share_nothing(tmp_path):
    parts = {split: load_described_molecules(split) for split in Split}
    sets = {split: set(part.smiles) for split, part in parts.items()}
    assert not sets[Split.TRAIN] & sets[Split.TEST]
    assert not sets[Split.TRAIN] & sets[Split.VALIDATION]
    for part in parts.values():
        assert part.properties is not None
        assert part.properties.shape == (len(part.smiles), len(PROPERTIES))
        assert np.isfinite(part.properties).all()
        assert 0 <= part.properties[:, 1].min() <= part.properties[:, 1].max() <= 1
    assert load_molecules(Split.TEST, tmp_path).smiles == parts[Split.TEST].smiles


def test_a_damaged_set_is_one_sentence(tmp_path):
    buffer = io.BytesIO()
    np.savez(buffer, train=np.zeros(3, np.uint8))
    (tmp_path / "molecules.npz").write_bytes(buffer.getvalue()[:80])
    with pytest.raises(UserError):
        load_molecules(Split.TRAIN, tmp_path)
