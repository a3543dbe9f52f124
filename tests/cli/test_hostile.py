"""Every verb that takes a file survives the hostile ones: `info` describes them, the others say one sentence."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.cli import main as entry
from tests.cli.command import run
from tests.core.hostile import CANARY_NAME, write_hostile_files

# One of every kind; each costs a process.
OPENED = (
    "call.pt",
    "vae_nan.safetensors",
    "vae_huge.safetensors",
    "zero.pt",
    "pipe.safetensors",
    "unknown",
    "path.png",
)


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Path]]:
    folder = tmp_path_factory.mktemp("hostile")
    yield write_hostile_files(folder)
    assert not (folder / CANARY_NAME).exists()
    assert not Path(CANARY_NAME).exists()


def test_info_says_why_not(paths, capsys):
    for path in paths:
        assert entry.main(["info", str(path), "--json"]) == 0, path
        captured = capsys.readouterr()
        report = json.loads(captured.out)
        assert (report["opens"], captured.err) == (False, ""), path
        assert report["why_not"], path


def test_info_is_readable_for_people(paths, capsys):
    for path in paths:
        assert entry.main(["info", str(path)]) == 0, path
        assert capsys.readouterr().out.startswith("Format: "), path


def test_sample_says_one_sentence(paths, capsys, tmp_path):
    for path in paths:
        assert entry.main(["sample", str(path), "-o", str(tmp_path / "out.png")]) == 1, path
        captured = capsys.readouterr()
        assert captured.out == "", path
        assert captured.err.count("\n") == 1, path
        assert "Traceback" not in captured.err, path
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", OPENED)
def test_opening_says_one_sentence(paths, tmp_path, name):
    (path,) = (path for path in paths if path.name == name)
    assert run(tmp_path, str(path)).sentence.endswith(".")
