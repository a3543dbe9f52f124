"""A result's place is checked before anything is computed."""

import os
from pathlib import Path

import pytest

from studio.cli import output
from studio.core.error import UserError

PNG = (".png",)


def refusal(path: Path, suffixes: tuple[str, ...] = PNG) -> str:
    with pytest.raises(UserError) as caught:
        output.check(path, suffixes)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_good_place_is_new_or_a_file_of_before(tmp_path):
    output.check(tmp_path / "new.png", PNG)
    (tmp_path / "old.PNG").touch()
    output.check(tmp_path / "old.PNG", PNG)


def test_another_ending_is_refused_and_the_right_ones_are_named(tmp_path):
    assert ".png, .npz" in refusal(tmp_path / "a.gif", (".png", ".npz"))
    assert ".png" in refusal(tmp_path / "a")


def test_a_missing_folder_is_named(tmp_path):
    assert "missing" in refusal(tmp_path / "missing" / "a.png")


def test_a_file_in_the_place_of_a_folder(tmp_path):
    (tmp_path / "file").touch()
    refusal(tmp_path / "file" / "a.png")


def test_a_folder_of_that_name(tmp_path):
    (tmp_path / "a.png").mkdir()
    assert "folder" in refusal(tmp_path / "a.png")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe_of_that_name(tmp_path):
    os.mkfifo(tmp_path / "a.png")
    assert "pipe" in refusal(tmp_path / "a.png")


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_is_read_only(tmp_path):
    tmp_path.chmod(0o500)
    try:
        assert "may not" in refusal(tmp_path / "a.png")
    finally:
        tmp_path.chmod(0o700)


def test_a_name_that_no_file_can_have(tmp_path):
    refusal(tmp_path / f"{'a' * 300}.png")
