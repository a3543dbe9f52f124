"""Python: short functions of the standard library of CPython 3.11.3 and of packages under the BSD and MIT licences."""

import hashlib
import io
import re
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from studio.core.error import UserError
from studio.core.path import data_dir
from studio.core.text import N_
from studio.datasets.npm import fetch_package, read_member
from studio.datasets.progress import Progress
from studio.datasets.pypi import fetch_wheels
from studio.datasets.python_function import SharedRuns, functions_of
from studio.datasets.python_package import PYTHON_PACKAGES
from studio.datasets.shakespeare import read_works, write_works
from studio.datasets.split import Split, split_by_share

STANDARD_LIBRARY: Final = "pyodide@0.25.1"
"""An npm package that brings the standard library of CPython 3.11.3 along, as source text."""
SHA_256: Final = "d301c5b18b888ec7ad2bf616fcdd14eb36f4c9f41c513f89fcfcc3455d447a63"
MEMBER: Final = "package/python_stdlib.zip"
FILE_NAME: Final = "python.npz"
VALIDATION_SHARE, TEST_SHARE = 0.01, 0.02
GAP: Final = "\n\n"
"""Between two functions of a file; inside of one there is no empty line."""
_LEFT_OUT: Final = re.compile(
    r"(^|/)(tests?|testing|_?vendor|_vendored|examples?|benchmarks?|migrations|locale|_?pyodide)/"
    r"|(^|/)(test_[^/]*|conftest|[^/]*_tests?|__phello__[^/]*)\.py$"
)
_MAX_FILE_BYTES: Final = 400_000
_MAX_MEMBER_BYTES: Final = 16 << 20


@dataclass(frozen=True)
class PythonFunctions:
    """Some functions.

    Attributes:
        texts: of each, ASCII, from column 0, without a line end. n_files: how many files they are from.
    """

    texts: tuple[str, ...]
    n_files: int


def load_python(split: Split, folder: Path | None = None) -> PythonFunctions:
    """One part of the functions that were built (in `folder` or the data folder).

    Raises:
        UserError: they were not built, or the file is damaged.
    """
    path = (folder or data_dir() / "datasets") / FILE_NAME
    if not path.is_file():
        raise UserError(N_("The data set “python” is not on this computer."), N_("Build it: main.py data python"))
    try:
        files = read_works(path)
    except (OSError, ValueError, KeyError, IndexError, EOFError, zipfile.BadZipFile) as error:
        raise UserError(
            N_("The Python functions on this computer are damaged."), N_("Build the data set again.")
        ) from error
    chosen = [text for name, text in files.items() if split_of(name) is split]
    return PythonFunctions(tuple(one for text in chosen for one in text.split(GAP)), len(chosen))


def split_of(name: str) -> Split:
    """The part that a file belongs to, named such as "cpython/json/decoder.py": whole files are held out."""
    return split_by_share(name, VALIDATION_SHARE, TEST_SHARE)


def build_python(to: Path) -> Iterator[Progress]:
    """Fetch the packages with npm and pip and write their functions into folder `to`; yields the progress.

    Raises:
        UserError: npm or pip is missing, or a package cannot be fetched or read.
    """
    yield Progress(0.0, N_("Fetching the standard library with npm"))
    with tempfile.TemporaryDirectory() as folder:
        functions = dict(read_standard_library(fetch_package(STANDARD_LIBRARY, Path(folder))))
    yield Progress(0.1, N_("Fetching {n} packages with pip").format(n=len(PYTHON_PACKAGES)))
    with tempfile.TemporaryDirectory() as folder:
        hashes = {f"{package.name}=={package.version}": package.sha256 for package in PYTHON_PACKAGES}
        wheels = fetch_wheels(hashes, Path(folder))
        for place, wheel in enumerate(wheels):
            yield Progress(0.2 + 0.7 * place / len(wheels), N_("Reading {name}").format(name=wheel.name))
            functions |= read_package(wheel, wheel.name.split("-")[0])
    yield Progress(0.9, N_("Leaving out what functions share"))
    kept = without_shared(functions)
    write_works(to / FILE_NAME, {name: GAP.join(texts) for name, texts in kept.items()})
    yield Progress(1.0, N_("{n} functions are ready").format(n=sum(map(len, kept.values()))))


def read_standard_library(archive: Path) -> Iterator[tuple[str, list[str]]]:
    """The functions in the files of the standard library by name. Raises UserError where it is another archive."""
    if hashlib.sha256(archive.read_bytes()).hexdigest() != SHA_256:
        raise UserError(N_("The package “{name}” is not what it was.").format(name=STANDARD_LIBRARY))
    with tarfile.open(archive, "r:gz") as tar:
        data = read_member(tar, MEMBER, _MAX_MEMBER_BYTES)
    yield from read_package(io.BytesIO(data), "cpython")


def read_package(archive: Path | io.BytesIO, package: str) -> Iterator[tuple[str, list[str]]]:
    """The functions in each file of a zip archive, but for tests, examples and copies of other packages."""
    with zipfile.ZipFile(archive) as opened:
        for entry in sorted(opened.infolist(), key=lambda one: one.filename):
            name = entry.filename
            if name.endswith(".py") and not _LEFT_OUT.search(name) and entry.file_size <= _MAX_FILE_BYTES:
                yield f"{package}/{name}", functions_of(opened.read(entry))


def without_shared(functions: dict[str, list[str]]) -> dict[str, list[str]]:
    """The same without functions that share a run with an earlier one; those of held-out files come first.

    What a model writes of such a run it has learnt from one place only, and real held-out bodies have none of them.
    """
    runs, kept = SharedRuns(), {}
    for name in sorted(functions, key=_order):
        if texts := [text for text in functions[name] if runs.take(text)]:
            kept[name] = texts
    return kept


def _order(name: str) -> tuple[int, str]:
    return (Split.TEST, Split.VALIDATION, Split.TRAIN).index(split_of(name)), name
