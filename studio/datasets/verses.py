"""Verses of the Bible in English and Spanish: the World English Bible beside the Reina-Valera of 1909.

Both are in the public domain, and come as packages of Debian in the format of the SWORD project, which pysword reads.
Held-out verses are drawn by their place; verses to learn from that share a run of words with one of them are left out.
"""

import bz2
import importlib.util
import re
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from studio.core.error import UserError
from studio.core.place import asset, data_dir
from studio.core.translation import N_
from studio.datasets.package import fetch_debian
from studio.datasets.progress import Progress
from studio.datasets.split import Split, stable_fraction

PACKAGES: Final = ("sword-text-web", "sword-text-sparv")
ENGLISH: Final = "engWEB2015eb"
SPANISH: Final = "spaRV1909eb"
SWORD: Final = "usr/share/sword"
N_LEAST: Final = 31_000
"""Verses that each of them has; pysword says nothing of a block that it cannot unpack, and leaves it out."""
FILE_NAME: Final = "verses.npz"
N_TEST: Final = 500
N_VALIDATION: Final = 250
N_SHARED: Final = 8
"""No run of so many words is in a verse to learn from and in a test verse, in either language."""
MAX_CHARACTERS: Final = 500
MAX_BYTES: Final = 16 << 20
_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True)
class Verses:
    """Some verses in both languages.

    Attributes:
        names: of each, such as "Genesis 1:1". english, spanish: of each; one line.
    """

    names: tuple[str, ...]
    english: tuple[str, ...]
    spanish: tuple[str, ...]

    def chosen(self, places: Sequence[int]) -> "Verses":
        """Those at some places."""
        return Verses(*(tuple(column[one] for one in places) for column in (self.names, self.english, self.spanish)))


def load_verses(split: Split, folder: Path | None = None) -> Verses:
    """One part of the verses: those that were built (in `folder` or the data folder), else those of the program.

    Both are all there are. Raises UserError where the file is damaged.
    """
    built = (folder or data_dir() / "datasets") / FILE_NAME
    try:
        verses = read_verses(built if built.is_file() else asset("datasets") / FILE_NAME)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise UserError(N_("The verses on this computer are damaged."), N_("Build the data set again.")) from error
    return verses.chosen(parts_of(verses)[split])


def parts_of(verses: Verses) -> dict[Split, list[int]]:
    """The places of the verses of each part."""
    order = sorted(range(len(verses.names)), key=lambda place: stable_fraction(verses.names[place]))
    test, validation = order[:N_TEST], order[N_TEST : N_TEST + N_VALIDATION]
    known = [set().union(*(runs(column[place]) for place in test)) for column in (verses.english, verses.spanish)]
    others = sorted(order[N_TEST + N_VALIDATION :])
    train = [
        place
        for place in others
        if not known[0] & runs(verses.english[place]) and not known[1] & runs(verses.spanish[place])
    ]
    return {Split.TRAIN: train, Split.VALIDATION: validation, Split.TEST: test}


def runs(text: str, n_words: int = N_SHARED) -> set[tuple[str, ...]]:
    """All runs of so many words of a text, in lower case and without marks; a shorter text is one run."""
    words = tuple(_WORD.findall(text.lower()))
    return {words[first : first + n_words] for first in range(max(1, len(words) - n_words + 1))}


def read_verses(path: Path) -> Verses:
    """All verses of a file. Raises OSError, ValueError, KeyError or EOFError where it is damaged."""
    with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
        packed: dict[str, NDArray[Any]] = {name: file[name] for name in ("names", "english", "spanish")}
    columns = [tuple(_unpacked(packed[name]).split("\n")) for name in ("names", "english", "spanish")]
    if len({len(column) for column in columns}) != 1 or len(columns[0]) <= N_TEST + N_VALIDATION:
        raise ValueError("the parts do not fit together")
    return Verses(*columns)


def _unpacked(packed: NDArray[Any]) -> str:
    unpacker = bz2.BZ2Decompressor()
    text = unpacker.decompress(packed.tobytes(), MAX_BYTES)
    if not unpacker.eof:
        raise ValueError("cut off, or too long")
    return text.decode("utf-8")


def write_verses(path: Path, verses: Verses) -> None:
    """Write verses as `read_verses` reads them; bzip2 packs text better than LZMA."""
    names, english, spanish = (
        np.frombuffer(bz2.compress("\n".join(column).encode("utf-8"), 9), np.uint8)
        for column in (verses.names, verses.english, verses.spanish)
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part.npz")
    np.savez(unfinished, names=names, english=english, spanish=spanish)
    unfinished.replace(path)


def build_verses(to: Path) -> Iterator[Progress]:
    """Fetch both Bibles with apt-get and write their verses into folder `to`; yields the progress.

    Raises:
        UserError: apt-get, dpkg or pysword is missing, or a package cannot be fetched or is not what it was.
    """
    _check_reader()
    yield Progress(0.0, N_("Downloading two Bibles, 7 MB, with apt-get"))
    with tempfile.TemporaryDirectory() as name:
        sword = fetch_debian(PACKAGES, Path(name)) / SWORD
        yield Progress(0.3, N_("Reading the English Bible"))
        english = read_module(sword, ENGLISH)
        yield Progress(0.6, N_("Reading the Spanish Bible"))
        verses = paired(english, read_module(sword, SPANISH))
    yield Progress(0.9, N_("Writing the data set"))
    write_verses(to / FILE_NAME, verses)
    yield Progress(1.0, N_("{n:,} verses are ready").format(n=len(verses.names)))


def _check_reader() -> None:
    if importlib.util.find_spec("pysword") is None:
        raise UserError(N_("Reading the verses needs pysword."), N_("Install this program’s “data” extra."))


def read_module(sword: Path, name: str) -> dict[str, str]:
    """The tidied verses of a module under a folder of SWORD, by names such as "Genesis 1:1"; empty ones are left out.

    Raises:
        UserError: it is not there, or not as SWORD keeps a Bible.
    """
    from pysword.modules import SwordModules

    modules = SwordModules(str(sword))
    try:
        modules.parse_modules()
        bible = modules.get_bible_from_module(name)
        found = {place: text for place, marked in _marked(bible) if (text := tidied(marked))}
        if len(found) < N_LEAST:
            raise ValueError("most cannot be read")
        return found
    except (OSError, ValueError, KeyError, IndexError, StopIteration, struct.error, zlib.error) as error:
        raise UserError(N_("The package “{name}” has changed and can no longer be used.").format(name=name)) from error


def _marked(bible: Any) -> Iterator[tuple[str, str]]:
    """Every verse of a Bible with its place, in the order of its books."""
    for books in bible.get_structure().get_books().values():
        for book in books:
            for chapter, n_verses in enumerate(book.chapter_lengths, 1):
                for verse in range(1, n_verses + 1):
                    marked = bible.get(books=[book.name], chapters=[chapter], verses=[verse], clean=False)
                    yield f"{book.name} {chapter}:{verse}", marked


def paired(english: dict[str, str], spanish: dict[str, str]) -> Verses:
    """The verses that stand in both Bibles as one pair of lines, in the order of the English one."""
    rows = [(name, text, spanish[name]) for name, text in english.items() if _is_pair(text, spanish.get(name, ""))]
    return Verses(*(tuple(column) for column in zip(*rows, strict=True)))


def _is_pair(english: str, spanish: str) -> bool:
    lengths = len(english), len(spanish)
    return min(lengths) > 0 and max(lengths) <= MAX_CHARACTERS and max(lengths) <= 2 * min(lengths)


def tidied(marked: str) -> str:
    """The text of a verse in OSIS: notes and titles go with what they hold, other marks become a space."""
    plain = re.sub(r"<(note|title)\b[^>]*>.*?</\1>", " ", marked, flags=re.DOTALL)
    plain = " ".join(re.sub(r"<[^>]*>", " ", plain).split())
    return re.sub(r"([“‘(¿¡]) ", r"\1", re.sub(r" ([,.;:!?”’)])", r"\1", plain))
