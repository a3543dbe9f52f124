"""Broken and hostile files on the command line: one sentence each, and nothing in them is executed."""

import json

import pytest

from tests.cli.command import install_waves, run, run_many
from tests.core.container.hostile import CANARY_NAME, write_hostile_files


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A person's home, a folder full of hostile files, and their paths."""
    home, folder = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("hostile")
    install_waves(home)
    paths = write_hostile_files(folder)
    assert len(paths) >= 40
    yield home, folder, paths
    assert not (folder / CANARY_NAME).exists(), "something in a file was executed"


@pytest.mark.long("starts processes of its own")
def test_opening_and_sample_say_why_not_in_one_sentence(hostile):
    home, folder, paths = hostile
    commands = [words for path in paths for words in ((str(path),), ("sample", str(path), "-o", "never.png"))]
    for words, outcome in zip(commands, run_many(home, commands, cwd=folder), strict=True):
        assert len(outcome.sentence) < 500, words
        assert "went wrong in the program" not in outcome.sentence, words
    assert not (folder / "never.png").exists()


@pytest.mark.long("starts processes of its own")
def test_info_describes_every_one_of_them(hostile):
    home, folder, paths = hostile
    commands = [("info", str(path), "--json") for path in paths]
    for path, outcome in zip(paths, run_many(home, commands, cwd=folder), strict=True):
        assert outcome.status == 1, path
        if not outcome.out:
            assert "There is no file" in outcome.sentence
            continue
        assert outcome.err == "", path
        report = json.loads(outcome.out)
        assert report["opens"] is False, path
        assert report["why_not"], path


@pytest.mark.long("starts processes of its own")
def test_a_hostile_file_as_a_process(hostile):
    home, folder, paths = hostile
    pickle = next(path for path in paths if path.name == "call.pkl")
    assert "system" in run(home, str(pickle)).sentence
    assert "system" in run(home, "sample", str(pickle), "-o", str(folder / "never.png")).sentence
