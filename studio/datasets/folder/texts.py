"""A training set out of a folder of one's own texts: what cannot be read is said and left out."""

import itertools
import os
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from studio.core.container.source import is_folder, open_regular, printable
from studio.core.error import UserError
from studio.core.translation import N_
from studio.datasets.progress import Progress
from studio.datasets.split import Split

SUFFIXES: Final = (".txt", ".md")
MIN_CHARACTERS: Final = 20_000
MIN_IN_ONE: Final = 2_000
"""Of a text that a model learns which knows the language already."""
MAX_FILES: Final = 20_000
MAX_LOOKED_INTO: Final = 200
MAX_FILE_BYTES: Final = 32 << 20
MAX_BYTES: Final = 128 << 20
HELD_OUT_SHARE: Final = 0.05
"""Of each text, its last twentieth to measure with, the one before it to choose by."""


@dataclass(frozen=True)
class FolderTexts:
    """The texts of a folder.

    Attributes:
        names: of the files, as paths within the folder. texts: of each.
        left_out: "name: reason" of files that could not be read.
    """

    names: tuple[str, ...]
    texts: tuple[str, ...]
    left_out: tuple[str, ...] = ()

    @property
    def n_characters(self) -> int:
        """Of all texts together."""
        return sum(map(len, self.texts))

    @property
    def sentence(self) -> str:
        """How much there is to read."""
        return N_("{n:,} texts with {c:,} characters to learn from.").format(n=len(self.texts), c=self.n_characters)

    def part(self, split: Split) -> tuple[str, ...]:
        """What is learnt from, chosen by or measured with, of each text; the parts never overlap."""
        return tuple(part for text in self.texts if (part := _part(text, split)))


def _part(text: str, split: Split) -> str:
    n_held_out = int(HELD_OUT_SHARE * len(text))
    first, second = len(text) - 2 * n_held_out, len(text) - n_held_out
    return {Split.TRAIN: text[:first], Split.VALIDATION: text[first:second], Split.TEST: text[second:]}[split]


def text_files(folder: Path) -> list[str]:
    """The .txt and .md files in a folder and those within it, as paths within it, in order; links are not followed.

    Hidden folders are passed over. Raises UserError where there are too many.
    """
    found: list[str] = []
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [os.path.relpath(Path(place, name), folder) for name in names if name.lower().endswith(SUFFIXES)]
        if len(found) > MAX_FILES:
            raise UserError(
                N_("The folder contains more than {n:,} texts.").format(n=MAX_FILES), N_("Choose a smaller one.")
            )
    return sorted(found)


def is_text_folder(folder: Path) -> bool:
    """Whether most of what lies in a folder are texts: notes beside pictures make no folder of texts; quick."""
    names = [name for _, _, files in itertools.islice(os.walk(folder), MAX_LOOKED_INTO) for name in files]
    seen = [name for name in names[:MAX_FILES] if not name.startswith(".")]
    return 2 * sum(name.lower().endswith(SUFFIXES) for name in seen) > len(seen)


def load_texts(folder: Path) -> Generator[Progress, None, FolderTexts]:
    """Read all texts in a folder, or in the one of a file; yields the progress after each.

    Raises:
        UserError: there is no such folder, it has fewer than 20,000 characters to read, or more than 128 MiB.
    """
    if not is_folder(folder):
        raise UserError(
            N_("There is no folder “{name}”.").format(name=printable(str(folder))), N_("Choose a folder of texts.")
        )
    used, texts, left_out, n_bytes = [], [], [], 0
    names = text_files(folder)
    for number, name in enumerate(names):
        try:
            text = read_text(folder / name)
            used.append(name)
            texts.append(text)
            n_bytes += len(text.encode())
        except UserError as error:
            left_out.append(f"{printable(name)}: {error}")
        if n_bytes > MAX_BYTES:
            raise UserError(N_("Together, these texts are larger than 128 MiB."), N_("Choose a smaller folder."))
        yield Progress(number / len(names), N_("{n:,} of {all:,} texts read").format(n=number + 1, all=len(names)))
    found = FolderTexts(tuple(used), tuple(texts), tuple(left_out))
    if found.n_characters < MIN_CHARACTERS:
        raise UserError(
            N_("The texts (.txt, .md) in this folder have {n:,} characters that can be read.").format(
                n=found.n_characters
            ),
            N_("Choose a folder with at least {n:,}.").format(n=MIN_CHARACTERS),
        )
    return found


def load_text(path: Path) -> Generator[Progress, None, FolderTexts]:
    """Read one text alone.

    Raises:
        UserError: it is no text, or has fewer than 2,000 characters.
    """
    try:
        text = read_text(path)
    except UserError as error:
        raise UserError(
            N_("“{name}” cannot be learnt from: {why}.").format(name=printable(path.name), why=error.title),
            N_("Choose a text in UTF-8 (.txt, .md)."),
        ) from error
    yield Progress(0.0, N_("{n:,} of {all:,} texts read").format(n=1, all=1))
    if len(text) < MIN_IN_ONE:
        raise UserError(
            N_("The text has {n:,} characters.").format(n=len(text)),
            N_("Choose one with at least {n:,}.").format(n=MIN_IN_ONE),
        )
    return FolderTexts((path.name,), (text,))


def read_text(path: Path) -> str:
    """A text in UTF-8 with plain line ends; raises UserError where it is another thing."""
    with open_regular(path) as file:
        data = file.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise UserError(N_("it is larger than {n} MiB").format(n=MAX_FILE_BYTES >> 20))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(N_("it is not written in UTF-8")) from error
    if "\0" in text:
        raise UserError(N_("it is not text"))
    if not text.strip():
        raise UserError(N_("it is empty"))
    return text.replace("\r\n", "\n").replace("\r", "\n")
