"""What inspection says about sound files, folders, cards, pictures, and what it asks importers."""

import json
import logging
import os
import pickle
import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from PIL import Image

from studio.core.error import UserError
from studio.core.inspection import FileReport, inspect_file
from studio.core.picture import encode_png
from tests.core.container.hostile import VAE_CARD

KEYS = ["format", "family", "architecture", "n_params", "dtype", "tensors", "opens", "why_not", "warnings"]


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    path = tmp_path / "mine.safetensors"
    arrays: dict[str, Any] = {"a": np.ones((3, 4), np.float16), "b": np.ones(5, np.float32)}
    path.write_bytes(safetensors.numpy.save(arrays, {"note": "two\nlines"}))
    return path


@dataclass
class Importer:
    score: float
    family: str = "test"
    title: str = "Test files"
    suffixes: tuple[str, ...] = (".test",)
    error: Exception | None = None

    def sniff(self, path: Path) -> float:
        return self.score

    def describe(self, path: Path) -> FileReport:
        if self.error:
            raise self.error
        return FileReport("test", family=self.family, opens=True, warnings=("Odd.",))


def test_weights_without_a_card(weights: Path) -> None:
    report = inspect_file(str(weights))
    assert list(report.to_json())[:9] == KEYS
    assert report.to_json() | {"why_not": ""} == {
        "format": "safetensors",
        "family": None,
        "architecture": None,
        "n_params": 17,
        "dtype": "float16",
        "tensors": [
            {"name": "b", "dtype": "float32", "shape": [5]},
            {"name": "a", "dtype": "float16", "shape": [3, 4]},
        ],
        "opens": False,
        "why_not": "",
        "warnings": [],
        "metadata": {"note": "two\ufffdlines"},
    }


def test_weights_with_a_card_open(weights: Path) -> None:
    weights.with_suffix(".json").write_text(json.dumps(VAE_CARD), encoding="utf-8")
    report = inspect_file(weights)
    assert (report.opens, report.family, report.architecture, report.title) == (
        True,
        "vae",
        "vae/letterforms",
        "Letterforms",
    )
    assert report.to_json()["why_not"] is None
    card = inspect_file(weights.with_suffix(".json"))
    assert (card.opens, card.family) == (False, "vae")
    assert ".safetensors" in card.why_not


def test_numbers_with_a_card_open_too(tmp_path: Path) -> None:
    path = tmp_path / "waves.npz"
    np.savez(path, waves=np.zeros(3, np.float32))
    assert not inspect_file(path).opens
    path.with_suffix(".json").write_text(json.dumps(VAE_CARD), encoding="utf-8")
    report = inspect_file(path)
    assert (report.opens, report.family, report.title) == (True, "vae", "Letterforms")


@pytest.mark.parametrize("card", ["{", "[]", '{"id": "../../evil"}', '{"id": 7}', "[" * 1000])
def test_a_bad_card_opens_nothing(weights: Path, card: str) -> None:
    weights.with_suffix(".json").write_text(card, encoding="utf-8")
    assert not inspect_file(weights).opens


def test_a_name_that_leaves_no_room_for_a_card(weights: Path) -> None:
    long = weights.rename(weights.with_name("x" * 253))
    assert inspect_file(long).n_params == 17


def test_pictures(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(encode_png(np.zeros((2, 3), np.uint8), {"model": "vae/digits", "seed": 4}))
    report = inspect_file(path)
    assert (report.opens, report.family, report.metadata["seed"]) == (True, "vae", 4)
    path.write_bytes(encode_png(np.zeros((2, 3), np.uint8)))
    report = inspect_file(path)
    assert (report.opens, dict(report.metadata)) == (False, {"width_px": 3, "height_px": 2})


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("config.json", '{"architectures": ["GPT2LMHeadModel"]}', "GPT2LMHeadModel"),
        ("config.json", '{"model_type": "bert"}', "bert"),
        ("model_index.json", '{"_class_name": "StableDiffusionPipeline"}', "StableDiffusionPipeline"),
        ("transforms_train.json", "{}", "camera"),
        ("cameras.bin", "", "camera"),
        ("poses_bounds.npy", "", "camera"),
        ("a.safetensors", "", ".safetensors"),
        ("a.JPG", "", "pictures"),
        ("notes.txt", "", "nothing"),
        ("config.json", "[", "JSON"),
    ],
)
def test_folders(tmp_path: Path, name: str, content: str, words: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    report = inspect_file(tmp_path)
    assert (report.format, report.opens) == ("folder", False)
    assert words in report.why_not


@pytest.mark.parametrize(
    ("start", "kind", "words"),
    [
        (b"fLaC\0\0\0\x22", "flac", "sound"),
        (b"OggS" + bytes(24) + b"\x01vorbis", "ogg", "sound"),
        (b"OggS" + bytes(24) + b"OpusHead", "ogg", "sound"),
        (b"PAR1\x15\x04", "parquet", "table"),
    ],
)
def test_what_is_dropped_on_a_model(tmp_path: Path, start: bytes, kind: str, words: str) -> None:
    path = tmp_path / "mine"
    path.write_bytes(start)
    report = inspect_file(path)
    assert (report.format, report.opens) == (kind, False)
    assert words in report.why_not


@pytest.mark.parametrize(("name", "word"), [("a.csv", "table"), ("A.TSV", "table"), ("a.txt", "text"), ("a", "text")])
def test_a_text_is_told_what_takes_it(tmp_path: Path, name: str, word: str) -> None:
    (tmp_path / name).write_text("date,value\n2020-01-01,3\n")
    report = inspect_file(tmp_path / name)
    assert (report.format, report.opens) == ("text", False)
    assert f"This is a {word}, not a model" in report.why_not


@pytest.mark.parametrize(
    "content",
    [
        b"co2\n315.97\n316.91\n",
        b"count\n12\n15\n17\n14\n",
        b"cat\ndog\n",
        b"BMW,Audi\n1,2\n",
        b"players,v\n1,2\n",
        b"[date],v\n2023-01-01,1\n",
        b"MZ,xy\n1,2\n",
        "Datum;Größe\n1;2\n".encode("cp1252"),
        "Datum;Größe\n1;2\n".encode("utf-16"),
        b"count\n" + b"12\n" * 300,
    ],
)
@pytest.mark.parametrize(("suffix", "word"), [(".csv", "table"), (".TSV", "table"), (".txt", "text")])
def test_a_table_is_one_whatever_its_first_column_is_called(
    tmp_path: Path, content: bytes, suffix: str, word: str
) -> None:
    path = tmp_path / f"mine{suffix}"
    path.write_bytes(content)
    report = inspect_file(path)
    assert report.format == "text"
    assert f"This is a {word}, not a model" in report.why_not


class Hostile:
    def __reduce__(self) -> Any:
        return os.system, ("echo " + "x" * 900,)


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("size", [0, 900])
def test_a_pickle_that_is_called_a_table_is_refused_as_one(tmp_path: Path, protocol: int, size: int) -> None:
    path = tmp_path / "mine.csv"
    path.write_bytes(pickle.dumps(Hostile(), protocol))
    report = inspect_file(path)
    assert report.format == "pickle"
    assert "would run" in report.why_not


def test_letters_that_begin_like_a_bitmap_are_none(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("BMW makes cars and engines.")
    assert inspect_file(tmp_path / "notes").format == "text"
    Image.new("RGB", (3, 2)).save(tmp_path / "a.bmp")
    report = inspect_file(tmp_path / "a.bmp")
    assert (report.format, report.metadata["width_px"]) == ("bmp", 3)


@pytest.mark.parametrize(("name", "advice"), [("sales.xlsx", "is a table"), ("Sales.ODS", "Save the sheet as CSV")])
def test_a_spreadsheet_is_a_table_or_to_be_saved_as_csv(tmp_path: Path, name: str, advice: str) -> None:
    with zipfile.ZipFile(tmp_path / name, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    assert advice in inspect_file(tmp_path / name).why_not


@pytest.mark.parametrize(
    "chunks",
    [
        struct.pack("<4sI", b"data", 0xFFFFFFFF) + bytes(64),
        struct.pack("<4sI", b"data", 80) + bytes(64),
        struct.pack("<4sI", b"data", 0) + bytes(64),
        struct.pack("<4sI", b"LIST", 5) + b"INFO\0" + b"odd data follows",
        struct.pack("<4sI", b"LIST", 16) + b"INFO" + struct.pack("<4sI", b"ISFT", 99) + b"none",
    ],
)
@pytest.mark.parametrize("n_said", [0, 90, 0xFFFFFFFF])
def test_a_sound_with_odd_lengths_is_still_a_sound(tmp_path: Path, chunks: bytes, n_said: int) -> None:
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8000, 16000, 2, 16)
    (tmp_path / "a.wav").write_bytes(struct.pack("<4sI4s", b"RIFF", n_said, b"WAVE") + form + chunks)
    assert "This sound was" in inspect_file(tmp_path / "a.wav").why_not


@pytest.mark.parametrize("track", [b"\0\xff\x2f\0", b"\0\xff\x03\x01a\0\xff\x2f\0"])
def test_music_without_notes_is_not_cut_short(tmp_path: Path, track: bytes) -> None:
    head = b"MThd" + struct.pack(">IHHH", 6, 0, 1, 480) + b"MTrk" + struct.pack(">I", len(track))
    (tmp_path / "a.mid").write_bytes(head + track)
    assert "This music was" in inspect_file(tmp_path / "a.mid").why_not


@pytest.mark.parametrize("name", ["model.safetensors", "pytorch_model.bin", "config.json", "mine.txt", "spiece.model"])
def test_a_pointer_of_git_is_none_of_what_it_stands_for(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("version git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n")
    report = inspect_file(tmp_path / name)
    assert (report.format, report.opens) == ("git-lfs", False)
    assert "git lfs pull" in report.why_not


def test_nothing_there(tmp_path: Path) -> None:
    for path in (tmp_path / "missing", "a\0b", "x" * 5000, tmp_path / "a" / "b"):
        with pytest.raises(UserError, match="There is no file"):
            inspect_file(path)


def test_the_surest_importer_answers(weights: Path) -> None:
    report = inspect_file(weights, [Importer(0.2, "low"), Importer(0.9, "high"), Importer(0.0, "none")])
    assert (report.opens, report.family, report.warnings) == (True, "high", ("Odd.",))


def test_equally_sure_importers_are_told(weights: Path) -> None:
    report = inspect_file(weights, [Importer(0.9, "first"), Importer(0.9, "second", "Other files")])
    assert report.family == "first"
    assert report.warnings == ("Odd.", "“Other files” could read it too.")


def test_a_failing_importer_is_left_out(weights: Path, caplog: pytest.LogCaptureFixture) -> None:
    broken = Importer(0.9, title="Broken", error=RuntimeError("a mistake"))
    report = inspect_file(weights, [broken, Importer(0.5, "second")])
    assert report.family == "second"
    assert report.warnings == ("Odd.", "The importer “Broken” failed and was left out.")
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


def test_an_importer_may_refuse_in_a_sentence(weights: Path) -> None:
    report = inspect_file(weights, [Importer(0.9, error=UserError("Too old.", "Convert it."))])
    assert (report.opens, report.why_not, report.n_params) == (False, "Too old. Convert it.", 17)


def test_folders_and_unknown_files_are_shown_to_importers(tmp_path: Path) -> None:
    (tmp_path / "notes.test").write_text("hello", encoding="utf-8")
    assert inspect_file(tmp_path, [Importer(1.0)]).opens
    assert inspect_file(tmp_path / "notes.test", [Importer(1.0)]).opens


def test_a_report_is_never_silent() -> None:
    with pytest.raises(ValueError, match="why_not"):
        FileReport("unknown")
    with pytest.raises(ValueError, match="why_not"):
        FileReport("unknown", opens=True, why_not="Because.")
