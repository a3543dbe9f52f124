"""Knows the small text that stands in a file's place where Git did not fetch the file itself (Git LFS)."""

from typing import Final

from studio.core.error import UserError
from studio.core.translation import N_

SENTENCE: Final = N_("This is only a Git LFS pointer: the file itself was not downloaded.")
ADVICE: Final = N_("Run “git lfs pull” in its folder, or download the file itself.")
LINE_BYTES: Final = 128
_START: Final = b"version "
_WORD: Final = b"git-lfs"


def is_pointer(start: bytes) -> bool:
    """Whether a file is one, by its first 128 bytes."""
    return start.startswith(_START) and _WORD in start[:LINE_BYTES].partition(b"\n")[0]


def refuse_pointer(start: bytes) -> None:
    """Raise UserError, with what helps, where a file that begins so is only a pointer."""
    if is_pointer(start):
        raise UserError(SENTENCE, ADVICE)
