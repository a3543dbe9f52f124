"""What the pictures of a folder are called: by a table beside them, else by the names of files and folders."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import Final

from studio.core.error import UserError
from studio.core.translation import N_

TABLE: Final = "captions.csv"
MAX_BYTES: Final = 32 << 20
MAX_CAPTION: Final = 1000
_WORD: Final = re.compile(r"[^\W\d_]+")
# What cameras and programs call files says nothing about what they show.
_SILENT: Final = frozenset({"img", "dsc", "dscn", "dscf", "pxl", "image", "picture", "photo", "scan", "screenshot"})


def folder_captions(folder: Path, names: Sequence[str]) -> tuple[str, ...]:
    """A caption of each picture by its path within the folder; empty where nothing is known of it.

    The folder's `captions.csv` has a line `file,caption` for each picture; a picture that it leaves out, and every one
    where there is no such table, is called by the words in the names of its folders and its file.

    Raises:
        UserError: the table cannot be read.
    """
    known = _table(folder / TABLE)
    return tuple(known.get(_key(name)) or words_of_path(name) for name in names)


def words_of_path(name: str) -> str:
    """The words in a path: "cats/black_cat-01.png" is "cats black cat"."""
    path = PurePath(name)
    words = [word.lower() for part in (*path.parent.parts, path.stem) for word in _WORD.findall(part)]
    return " ".join(word for word in dict.fromkeys(words) if word not in _SILENT)


def _table(path: Path) -> Mapping[str, str]:
    if not path.is_file():
        return {}
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ValueError("too large")
        rows = list(csv.reader(io.StringIO(path.read_text("utf-8-sig"))))
    except (OSError, UnicodeDecodeError, csv.Error, ValueError) as error:
        raise UserError(
            N_("The captions in {name} cannot be read.").format(name=TABLE),
            N_("It must be a table of lines “file,caption” in UTF-8."),
        ) from error
    return {_key(row[0]): row[1].strip()[:MAX_CAPTION] for row in rows if len(row) >= 2}


def _key(name: str) -> str:
    """A path however it is written: with either slash, or from the folder on."""
    return name.strip().replace("\\", "/").removeprefix("./")
