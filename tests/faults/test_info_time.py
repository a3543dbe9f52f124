"""`info` says within two seconds that it cannot read something, however large or odd that is."""

import os
import time
from pathlib import Path

import pytest

from studio.cli.main import main

LIMIT_S = 2.0
STARTS = {
    "zeros.bin": b"",
    "zeros.csv": b"",
    "a.safetensors": b"\x10\0\0\0\0\0\0\0{",
    "a.npz": b"PK\3\4",
    "a.npy": b"\x93NUMPY\1\0",
    "a.pt": b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.",
    "a.pkl": b"\x80\x02",
    "a.json": b'{"a":',
    "a.gguf": b"GGUF\3\0\0\0",
    "a.ingp": b"\x1f\x8b\x08\0",
    "a.png": b"\x89PNG\r\n\x1a\n",
    "a.gif": b"GIF89a",
    "b.gif": b"GIF89a\1\0\1\0\0\0\0!\xfe\1a\0",
    "a.jpg": b"\xff\xd8\xff",
    "a.tiff": b"II*\0\x08\0\0\0",
    "a.webp": b"RIFF\0\0\0\0WEBP",
    "a.wav": b"RIFF\0\0\0\0WAVE",
    "a.flac": b"fLaC",
    "a.ogg": b"OggS",
    "a.mp3": b"ID3",
    "a.mid": b"MThd\0\0\0\6\0\0\0\1\0\x60MTrk\x3f\xff\xff\xff",
    "a.mp4": b"\0\0\0\x18ftypisom",
    "a.svg": b"<svg ",
    "a.parquet": b"PAR1",
}


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Path:
    """A folder; what is loaded on first use is loaded."""
    main(["info", str(tmp_path)])
    capsys.readouterr()
    return tmp_path


def seconds(path: Path) -> float:
    """How long it computes; the exit status says that it does not open."""
    begin = time.process_time()
    assert main(["info", str(path)]) == 1, path
    return time.process_time() - begin


@pytest.mark.parametrize("name", STARTS)
def test_a_gigabyte_of_nothing_is_said_soon(told, name, capsys):
    path = told / name
    with path.open("wb") as file:
        file.write(STARTS[name])
        file.truncate(1 << 30)
    assert seconds(path) < LIMIT_S
    assert "Opens: " in capsys.readouterr().out


@pytest.mark.skipif(os.name != "posix", reason="pipes and devices of Unix")
def test_what_cannot_be_read_is_said_soon(told, capsys):
    os.mkfifo(told / "pipe.safetensors")
    closed = told / "closed"
    closed.mkdir()
    closed.chmod(0)
    devices = [Path("/dev/zero"), Path("/dev/null"), Path("/dev/random"), Path("/dev/tty")]
    for path in [told / "pipe.safetensors", closed, *(one for one in devices if one.exists())]:
        assert seconds(path) < LIMIT_S
        assert "Opens: " in capsys.readouterr().out
    closed.chmod(0o700)
