"""Finds out in which encoding a person's text or table is written: UTF-8, UTF-16 with its mark, or that of Windows."""

import codecs
import re
from pathlib import Path
from typing import Final

from studio.core.error import UserError
from studio.core.translation import N_

UTF_8: Final = "utf-8-sig"
UTF_16: Final = "utf-16"
WINDOWS: Final = "cp1252"
_UTF_16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# What no text of Windows holds: signs that steer old printers, and the five bytes that stand for nothing.
_NO_SIGN: Final = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f\x81\x8d\x8f\x90\x9d]")


def encoding_of(start: bytes) -> str | None:
    """The encoding of a text that begins with these bytes, by its name in Python; None where it is no text.

    The last character may be cut in two. A mark at the beginning (byte order mark) is no part of the text.
    """
    for name in (UTF_16,) if start.startswith(_UTF_16_MARKS) else (UTF_8, WINDOWS):
        text = _decoded(start, name)
        if text is not None and "\0" not in text:
            return name if name != WINDOWS or not _NO_SIGN.search(start) else None
    return None


def text_of(start: bytes) -> str:
    """The text that begins with these bytes, with plain line ends and without its mark; a cut last character goes.

    Raises UserError where it is no text.
    """
    name = encoding_of(start)
    text = None if name is None else _decoded(start, name)
    if text is None:
        raise UserError(N_("This file contains no text."), N_("Save it as plain text in UTF-8."))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def beginning_of(path: Path, most: int) -> str:
    """At most so many characters of a text file, without space around them.

    Raises UserError where it cannot be read, is no text, or says nothing.
    """
    try:
        with path.open("rb") as file:
            content = file.read(4 * most)
    except OSError as error:
        raise UserError(N_("This text cannot be read."), str(error.strerror or "")) from error
    text = text_of(content)[:most].strip()
    if not text:
        raise UserError(N_("This file contains no text."))
    return text


def _decoded(start: bytes, name: str) -> str | None:
    try:
        return codecs.getincrementaldecoder(name)().decode(start)
    except UnicodeError:
        return None
