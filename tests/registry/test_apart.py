"""Looking into files in a process of its own: the same answers, and whatever a file does ends with a sentence."""

import os
import textwrap
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from studio.core.error import UserError
from studio.core.pausing import result_of
from studio.core.setting import Settings
from studio.registry.apart import Bounds, understand_apart
from studio.registry.catalog import Catalog
from studio.registry.consent import Consent
from studio.registry.target import understand
from tests.registry.conftest import copy_family

IMPORTER = """
import os, time
from pathlib import Path
from studio.api.engine import ModelSource
from studio.core.frame import Frame
from studio.core.inspection import FileReport

class Hostile:
    title = "A reader that the file has its way with"
    suffixes = (".odd",)

    def sniff(self, path):
        return 0.9 if path.suffix == ".odd" else 0.0

    def describe(self, path):
        return FileReport("odd", "good", opens=True, title="Odd")

    def load(self, path):
        yield Frame(0, 2)
        exec(path.read_text())
        yield Frame(1, 2)
        return ModelSource("good/odd", path, {"id": "good/odd", "sizes": [1, 2]})
"""


@pytest.fixture
def catalog(folder: Path, tmp_path: Path) -> Catalog:
    family = copy_family(folder)
    (family / "odd.py").write_text(IMPORTER)
    manifest = family / "family.py"
    manifest.write_text(
        manifest.read_text().replace('"importers:WaveImporter",', '"importers:WaveImporter", "odd:Hostile",')
    )
    return Catalog(folder, tmp_path / "models")


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "a file.odd"
    path.write_text(textwrap.dedent(text))
    return path


@pytest.mark.long("starts processes of its own")
def test_the_answer_is_that_of_the_same_process(catalog: Catalog, tmp_path: Path) -> None:
    save_file({"a": np.ones((2, 3), np.float32)}, tmp_path / "weights.safetensors")
    for path in (write(tmp_path, "pass"), tmp_path / "weights.safetensors", tmp_path):
        steps = understand_apart(path, catalog)
        assert result_of(steps) == result_of(understand(path, catalog))


def test_progress_comes_through(catalog: Catalog, tmp_path: Path) -> None:
    told = [frame for frame in understand_apart(write(tmp_path, "print('no answer')"), catalog) if frame is not None]
    assert [(frame.step, frame.n_steps) for frame in told] == [(0, 2), (1, 2)]


@pytest.mark.parametrize(
    ("deed", "sentence"),
    [
        ("os._exit(3)", "more time or memory"),
        ("os.kill(os.getpid(), 9)", "more time or memory"),
        ("import ctypes; ctypes.string_at(0)", "more time or memory"),
        ("kept = [bytearray(1 << 20) for _ in range(600)]", "more time or memory"),
        ("while True: pass", "more time or memory"),
        ("raise SystemExit", "cannot be read"),
        ("raise KeyError(3)", "cannot be read"),
    ],
)
def test_whatever_a_file_does_there_is_a_sentence_here(
    catalog: Catalog, tmp_path: Path, caplog: pytest.LogCaptureFixture, deed: str, sentence: str
) -> None:
    with pytest.raises(UserError, match=sentence):
        result_of(understand_apart(write(tmp_path, deed), catalog, Bounds(memory_bytes=200 << 20, cpu_s=1)))
    assert ("a reader failed" in caplog.text) == (sentence == "cannot be read")


def test_a_file_that_is_missing_or_no_good_is_said_as_ever(catalog: Catalog, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="There is no file"):
        result_of(understand_apart(tmp_path / "nothing.pt", catalog))


def test_closing_it_ends_the_process(catalog: Catalog, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    steps = understand_apart(
        write(tmp_path, f"Path({str(mark)!r}).write_text(str(os.getpid()))\nwhile True: pass"), catalog
    )
    while not mark.exists() or not mark.read_text():
        next(steps)
    steps.close()
    with pytest.raises(ProcessLookupError):
        os.kill(int(mark.read_text()), 0)


@pytest.mark.long("starts processes of its own")
def test_a_family_that_may_not_run_does_not_run_there_either(folder: Path, tmp_path: Path) -> None:
    mark = tmp_path / "it ran"
    family = copy_family(folder)
    (family / "family.py").write_text(f"open({str(mark)!r}, 'w').close()\n" + (family / "family.py").read_text())
    consent = Consent(Settings())
    result_of(understand_apart(write(tmp_path, "pass"), Catalog(folder, tmp_path / "models", consent)))
    assert not mark.exists()
    result_of(understand_apart(write(tmp_path, "pass"), Catalog(folder, tmp_path / "models")))
    assert mark.exists()
