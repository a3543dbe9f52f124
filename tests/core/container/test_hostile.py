"""Broken and hostile files are told apart in a sentence; nothing in them runs, hangs or eats memory."""

import tracemalloc
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.inspection import inspect_file
from studio.core.picture import read_picture, read_png_metadata
from tests.core.container.hostile import CANARY_NAME, write_hostile_files

MAX_READING_BYTES = 64 << 20
HUNGRY = (
    "laughs.pt",
    "million.safetensors",
    "deep.pkl",
    "large.json",
    "long_directory.npz",
    "text_bomb.png",
)
PICTURES_THAT_CAN_BE_SEEN = {
    "path.png",
    "absolute.png",
    "dots.png",
    "newline.png",
    "seed.png",
    "params.png",
    "deep.png",
    "long_text.png",
}


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Path]]:
    folder = tmp_path_factory.mktemp("hostile")
    yield write_hostile_files(folder)
    assert not (folder / CANARY_NAME).exists()
    assert not Path(CANARY_NAME).exists()


def test_there_are_at_least_forty(paths: list[Path]) -> None:
    assert len(set(paths)) >= 40


@pytest.mark.long("computes for long")
def test_none_opens_and_each_says_why(paths: list[Path]) -> None:
    for path in paths:
        report = inspect_file(path)
        assert not report.opens, path
        assert report.why_not.endswith("."), path
        assert not [c for c in report.why_not if unicodedata.category(c).startswith("C")], path


def test_a_refused_file_never_reaches_an_importer(paths: list[Path]) -> None:
    class Greedy:
        title = "Takes everything"
        suffixes = (".pt",)

        def sniff(self, path: Path) -> float:
            raise AssertionError(path)

        def describe(self, path: Path):
            raise AssertionError(path)

    for path in paths:
        if path.name in (
            "call.pt",
            "vae_nan.safetensors",
            "bomb.npz",
            "path.png",
            "zero.pt",
            "pipe.safetensors",
        ):
            assert not inspect_file(path, [Greedy()]).warnings


@pytest.mark.parametrize("name", HUNGRY)
def test_reading_needs_little_memory(paths: list[Path], name: str) -> None:
    (path,) = (path for path in paths if path.name == name)
    tracemalloc.start()
    inspect_file(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < MAX_READING_BYTES


def test_as_pictures_they_are_refused_too(paths: list[Path]) -> None:
    for path in paths:
        if path.name in PICTURES_THAT_CAN_BE_SEEN:
            assert read_picture(path).rgb.shape == (1, 1, 3)
            continue
        with pytest.raises(UserError):
            read_picture(path)


def test_none_has_metadata_that_is_believed(paths: list[Path]) -> None:
    for path in paths:
        try:
            assert read_png_metadata(path) is None, path
        except UserError:
            continue


def test_shown_names_stay_on_one_line() -> None:
    assert printable("a\nb\x1b[31m\u202e\ud800") == "a\ufffdb\ufffd[31m\ufffd\ufffd"
    assert len(printable("x" * 10_000)) == 120
