"""What made an exported file is read within bounds, whatever somebody did to the file."""

import contextlib
import io
import struct
import time
import tracemalloc
import zipfile
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.container.json_metadata import read_json_metadata
from studio.core.container.metadata import MAX_TEXT_BYTES, metadata_text
from studio.core.container.mp4_file import read_mp4_metadata
from studio.core.container.riff_file import read_wav_metadata, read_webp_metadata
from studio.core.error import UserError
from studio.core.inspection import inspect_file
from studio.core.provenance import METADATA_READERS, read_gif_metadata, read_markup_metadata, read_metadata
from studio.core.recording.clip import Clip
from studio.core.recording.recording import RunInfo
from tests.core.container.exported import FOREIGN, box, chunk, gif_with, mp4_with, riff, wav_with, with_text, xml_with
from tests.render.export.clips import BY_ID, every_clip, pictures, write, write_recording

FORMATS = ("png", "gif", "webp", "mp4", "wav", "flac", "ogg", "mp3", "midi", "svg", "json", "npz", "frames")


@cache
def sample(kind: str) -> bytes:
    """A small exported file."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a"
        if kind == "frames":
            write_recording(pictures(2), path)
        else:
            write(kind, Clip(1, every_clip(kind).frames, 10.0, RunInfo("vae/digits", {"x": 1}, 7)), path, side_px=16)
        return path.read_bytes()


@pytest.mark.parametrize("kind", FORMATS)
def test_a_whole_file_says_what_made_it(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(sample(kind))
    values = read_metadata(path)
    assert values is not None
    assert (values["model"], values["seed"], values["params"]) == ("vae/digits", 7, {"x": 1})
    report = inspect_file(path)
    assert (report.format, report.opens, report.is_export) == (kind, True, True)
    assert (report.family, report.architecture, report.metadata) == ("vae", "vae/digits", values)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_file_cut_anywhere_ends_in_a_sentence(tmp_path: Path, kind: str) -> None:
    data = sample(kind)
    path = tmp_path / "file"
    for n_bytes in {*range(0, len(data), max(1, len(data) // 200)), *range(min(200, len(data)))}:
        path.write_bytes(data[:n_bytes])
        with contextlib.suppress(UserError):
            values = read_metadata(path)
            assert values is None or values["model"] == "vae/digits"


@pytest.mark.parametrize("kind", ["gif", "webp", "mp4", "wav", "svg", "html", "json", "npz"])
def test_what_no_export_says_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(with_text(kind, '{"model": "vae/digits"}'))
    assert read_metadata(path) == {"model": "vae/digits"}
    for text in FOREIGN:
        path.write_bytes(with_text(kind, text))
        with pytest.raises(UserError):
            read_metadata(path)
        report = inspect_file(path)
        assert not report.opens
        assert report.why_not


@pytest.mark.long("computes for long")
@pytest.mark.parametrize("kind", ["gif", "webp", "mp4", "wav", "svg", "html", "json"])
def test_too_much_text_is_never_held(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(with_text(kind, '{"model": "vae/digits", "params": {"x": "' + "a" * (60 << 20) + '"}}'))
    tracemalloc.start()
    with pytest.raises(UserError, match=r"impossibly|too large|larger"):
        read_metadata(path)
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak_bytes < 16 * MAX_TEXT_BYTES


FTYP = box(b"ftyp", b"isom")
HOSTILE = {
    "boxes in boxes": (read_mp4_metadata, FTYP + box(b"moov", b"", (1 << 31) - 1) * 9),
    "boxes without end": (read_mp4_metadata, FTYP + box(b"free", b"") * 200_000),
    "a box of no size": (read_mp4_metadata, FTYP + box(b"moov", b"", 7)),
    "a box beyond everything": (read_mp4_metadata, FTYP + struct.pack(">I4sQ", 1, b"moov", (1 << 64) - 1)),
    "a box that is larger than its parent": (read_mp4_metadata, FTYP + box(b"moov", box(b"udta", b"", 999))),
    "chunks without end": (read_webp_metadata, riff(b"WEBP", chunk(b"ABCD", b"") * 300_000)),
    "a chunk that is larger than the file": (read_wav_metadata, riff(b"WAVE", chunk(b"LIST", b"INFO", 1 << 31))),
    "a list that is larger than its chunk": (
        read_wav_metadata,
        riff(b"WAVE", chunk(b"LIST", b"INFO" + chunk(b"ICMT", b"x", 1 << 30))),
    ),
    "blocks without end": (read_gif_metadata, gif_with(b"")[:-1] + b"\x21\xff" + b"\x01a" * 100_000),
    "comments without end": (read_gif_metadata, gif_with(b"")[:-1] + b"\x21\xfe\x01a\0" * 100_000),
    "colours that are not there": (read_gif_metadata, b"GIF89a" + struct.pack("<2H3B", 1, 1, 0x87, 0, 0)),
    "an element without end": (read_markup_metadata, xml_with(b"{}")[:-5]),
    "entities": (
        read_markup_metadata,
        b'<!DOCTYPE svg [<!ENTITY a "&b;&b;">]><svg>' + xml_with(b"&a;" * 1000) + b"</svg>",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_end_soon_in_a_sentence(name: str) -> None:
    read, data = HOSTILE[name]
    started = time.process_time()
    with pytest.raises(UserError):
        read(io.BytesIO(data))
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("read", "data"),
    [
        (read_mp4_metadata, mp4_with(b"holiday")),
        (read_mp4_metadata, FTYP + box(b"mdat", bytes(99)) + box(b"moov", box(b"mvhd", bytes(9)))),
        (read_mp4_metadata, FTYP + box(b"moov", b"", 0)),
        (read_gif_metadata, gif_with(b"holiday")),
        (read_wav_metadata, wav_with(b"holiday")),
        (read_webp_metadata, riff(b"WEBP", chunk(b"VP8 ", bytes(9)), chunk(b"XMP ", b"<x:xmpmeta/>"))),
        (read_markup_metadata, b"<svg/>"),
        (read_json_metadata, b'{"id": "vae/digits"}'),
        (read_json_metadata, b"something else"),
    ],
)
def test_files_from_elsewhere_say_nothing(read, data: bytes) -> None:
    assert read(io.BytesIO(data)) is None


@pytest.mark.parametrize("name", [name for name in METADATA_READERS if name not in ("svg", "html", "json")])
def test_another_kind_of_file_is_refused(name: str) -> None:
    with pytest.raises(UserError):
        METADATA_READERS[name](io.BytesIO(b"something else"))


@pytest.mark.long("computes for long")
@settings(max_examples=60, deadline=None)
@given(
    params=st.dictionaries(
        st.text(max_size=20),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x, max_size=3), max_leaves=9
        ),
        max_size=5,
    ),
    kind=st.sampled_from(["gif", "webp", "wav", "flac", "ogg", "mp3", "svg", "npz", "png"]),
)
def test_any_params_come_back(params, kind: str) -> None:
    clip = every_clip(kind)
    info = RunInfo("vae/digits", params, 1)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a"
        write(kind, Clip(1, clip.frames, 10.0, info), path, side_px=16)
        values = read_metadata(path)
    assert values is not None
    assert values["params"] == params


def test_an_npz_with_nan_still_says_what_made_it(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    text = metadata_text({"model": "vae/digits"})
    np.savez(path, metadata=np.array(text), frame=np.array([np.nan]))
    report = inspect_file(path)
    assert report.opens
    assert "NaN" in report.warnings[0]


def test_an_npz_whose_metadata_is_no_text_is_just_arrays(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, metadata=np.arange(3))
    assert read_metadata(path) is None
    assert not inspect_file(path).is_export


def test_other_archives_say_nothing(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("readme.txt", "hello")
    assert read_metadata(tmp_path / "a.zip") is None
    (tmp_path / "a.txt").write_text("hello")
    assert read_metadata(tmp_path / "a.txt") is None
    assert BY_ID  # every format of ours is in the tests above
