"""Opens zip archives of unknown origin within bounds, and reads their members without unpacking to disk."""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.translation import N_

MAX_DIRECTORY_BYTES = 2 << 20
MAX_MEMBERS = 20_000
# What is stored packed may unpack to this many times its size, and to the allowance on top of it.
MAX_RATIO = 20
UNPACK_ALLOWANCE_BYTES = 256 << 20
# Deflate cannot do better; a member that promises more is a lie.
_DEFLATE_LIMIT = 1032
_LOCAL_HEADER_BYTES = 30
_MEMBER_READ_BYTES = 16 << 20
_ENCRYPTED = 0x1
_FAILURES = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    OSError,
    EOFError,
    ValueError,
    RuntimeError,
    OverflowError,
)


class _BoundedFile:
    """Hands a file on to zipfile, which reads a whole directory in one go however large it claims to be."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.limit_bytes = MAX_DIRECTORY_BYTES
        self.seek = file.seek
        self.tell = file.tell
        self.seekable = file.seekable
        self.close = file.close

    def read(self, n_bytes: int = -1) -> bytes:
        data = self._file.read(min(n_bytes, self.limit_bytes + 1) if n_bytes >= 0 else self.limit_bytes + 1)
        if len(data) > self.limit_bytes:
            raise UserError(N_("The directory of this archive is impossibly large."))
        return data


@contextmanager
def open_zip(file: BinaryIO) -> Iterator[zipfile.ZipFile]:
    """Open the archive after checking its directory; whatever is wrong with it comes out as UserError."""
    bounded = _BoundedFile(file)
    try:
        with zipfile.ZipFile(bounded) as archive:
            _check_members(archive.infolist())
            bounded.limit_bytes = _MEMBER_READ_BYTES
            yield archive
    except _FAILURES as error:
        raise UserError(
            N_("This archive is damaged or has been cut short."), N_("Copy or download it again.")
        ) from error


def read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, max_bytes: int) -> bytes:
    """Return the whole member; raises UserError where it is larger than `max_bytes`."""
    if info.file_size > max_bytes:
        raise UserError(N_("“{name}” in this archive is too large.").format(name=printable(info.filename)))
    with archive.open(info) as member:
        return member.read(max_bytes)


def _check_members(infos: list[zipfile.ZipInfo]) -> None:
    if len(infos) > MAX_MEMBERS:
        raise UserError(N_("This archive contains too many files."))
    if len({info.filename for info in infos}) != len(infos):
        raise UserError(N_("This archive contains two files of the same name."))
    packed = [info for info in infos if info.compress_type != zipfile.ZIP_STORED]
    allowed = sum(info.compress_size for info in packed) * MAX_RATIO + UNPACK_ALLOWANCE_BYTES
    if sum(info.file_size for info in packed) > allowed:
        raise UserError(N_("This archive would unpack to an impossible size."))
    end = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        _check_member(info)
        if info.header_offset < end:
            raise UserError(N_("Files in this archive overlap."))
        end = info.header_offset + _LOCAL_HEADER_BYTES + info.compress_size


def _check_member(info: zipfile.ZipInfo) -> None:
    name = printable(info.filename)
    if re.match(r"[A-Za-z]:|[/\\]", info.orig_filename) or ".." in re.split(r"[/\\]", info.orig_filename):
        raise UserError(N_("A file in this archive points outside of it: “{name}”.").format(name=name))
    if info.flag_bits & _ENCRYPTED:
        raise UserError(N_("This archive is encrypted."), N_("Unpack it yourself first."))
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise UserError(N_("This archive uses a compression that cannot be read here."))
    ratio = _DEFLATE_LIMIT if info.compress_type == zipfile.ZIP_DEFLATED else 1
    if info.file_size > info.compress_size * ratio:
        raise UserError(N_("“{name}” in this archive gives the wrong size.").format(name=name))
