"""Reads the headers of numpy's .npy and .npz files without numpy's own loader."""

import io
import re
import zipfile
from collections.abc import Callable
from typing import Any, BinaryIO, NamedTuple

from studio.core.container.metadata import MAX_TEXT_BYTES, broken_metadata, parse_metadata
from studio.core.container.source import cut_short, file_size, printable
from studio.core.container.weights.tensor import (
    ITEM_BYTES,
    Contents,
    NumberCheck,
    TensorInfo,
    check_shape,
    unknown_dtype,
)
from studio.core.container.zip_file import read_member
from studio.core.error import UserError
from studio.core.translation import N_

NPY_MAGIC = b"\x93NUMPY"
METADATA_MEMBER = "metadata.npy"
_MAX_HEADER_BYTES = 4096
_KINDS = {"f": "float", "i": "int", "u": "uint", "c": "complex", "b": "bool"}
# The literal that numpy writes: a dictionary of exactly these three entries. Possessive: nothing backtracks.
_HEADER = re.compile(
    r"\{(?:\s*+(?:'descr'\s*+:\s*+'[^']*+'|'fortran_order'\s*+:\s*+(?:True|False)|'shape'\s*+:\s*+\([\d,\s]*+\))"
    r"\s*+,?){3}\s*+\}\s*+"
)
_DESCR = re.compile(r"'descr'\s*+:\s*+'([<>|=]?)([a-zA-Z])(\d{0,7})'")
_SHAPE = re.compile(r"'shape'\s*+:\s*+\(([\d,\s]*+)\)")
Read = Callable[[int], bytes]


class NpyHeader(NamedTuple):
    """What a .npy file says of its array; `n_bytes` is the size of the header itself."""

    dtype: str
    item_bytes: int
    is_big_endian: bool
    shape: tuple[int, ...]
    n_bytes: int


def read_npy(file: BinaryIO) -> Contents:
    """Return the one array of a .npy file, without a name; raises UserError where it is no good."""
    check = NumberCheck()
    tensor = _read_array("", file.read, file_size(file), check)
    return Contents((tensor,), warnings=check.warnings())


def is_npz(archive: zipfile.ZipFile) -> bool:
    """Whether every member looks like an array by its name."""
    names = archive.namelist()
    return bool(names) and all(name.endswith(".npy") for name in names)


def read_npz(archive: zipfile.ZipFile) -> Contents:
    """Return the arrays of an .npz file; raises UserError where one of them is no good."""
    check = NumberCheck()
    tensors = []
    for info in archive.infolist():
        with archive.open(info) as member:
            name = printable(info.filename.removesuffix(".npy"))
            tensors.append(_read_array(name, member.read, info.file_size, check))
    return Contents(tuple(tensors), warnings=check.warnings())


def read_npz_metadata(archive: zipfile.ZipFile) -> dict[str, Any] | None:
    """Return the checked metadata of an archive that was exported here, None for any other.

    Raises UserError where the metadata is broken, too large, or names anything but a model id.
    """
    if METADATA_MEMBER not in archive.NameToInfo:
        return None
    data = read_member(archive, archive.getinfo(METADATA_MEMBER), 4 * MAX_TEXT_BYTES + _MAX_HEADER_BYTES)
    header = read_array_header(io.BytesIO(data).read)
    if header.dtype != "text" or header.shape != ():
        return None
    text = data[header.n_bytes :]
    if len(text) != header.item_bytes:
        raise cut_short()
    try:
        return parse_metadata(text.decode("utf-32-le").rstrip("\0").encode())
    except UnicodeError as error:
        raise broken_metadata() from error


def _read_array(name: str, read: Read, n_bytes: int, check: NumberCheck) -> TensorInfo:
    header = read_array_header(read)
    shape = check_shape(header.shape)
    tensor = TensorInfo(name, header.dtype, shape)
    n_data = tensor.n_elements * header.item_bytes
    if header.n_bytes + n_data > n_bytes:
        raise cut_short()
    if header.n_bytes + n_data < n_bytes:
        raise UserError(N_("The array “{name}” has data that its header does not mention.").format(name=name))
    check.scan(read, n_data, header.dtype, header.is_big_endian)
    return tensor


def read_array_header(read: Read) -> NpyHeader:
    """Read the start of a .npy file; raises UserError where it is broken or of a kind that is not read here."""
    start = read(len(NPY_MAGIC) + 2)
    if start[:6] != NPY_MAGIC or len(start) != len(NPY_MAGIC) + 2 or start[6] not in (1, 2, 3):
        raise _broken_header()
    n_length = 2 if start[6] == 1 else 4
    n_text = int.from_bytes(read(n_length), "little")
    if n_text > _MAX_HEADER_BYTES:
        raise _broken_header()
    text = read(n_text).decode("latin-1")
    shape = _SHAPE.search(text)
    if len(text) != n_text or not _HEADER.fullmatch(text) or shape is None:
        raise _broken_header()
    dtype, item_bytes, is_big_endian = _read_dtype(text)
    try:
        sizes = tuple(int(size) for size in shape[1].split(",") if size.strip())
    except ValueError as error:  # two numbers without a comma, or one of thousands of digits
        raise _broken_header() from error
    return NpyHeader(dtype, item_bytes, is_big_endian, sizes, len(start) + n_length + n_text)


def _read_dtype(text: str) -> tuple[str, int, bool]:
    descr = _DESCR.search(text)
    if descr is None:
        raise _broken_header()
    order, kind, digits = descr.groups()
    if kind == "O":
        raise UserError(N_("The file holds Python objects, which could run a program when read."))
    n_bytes = int(digits or 0)
    if kind in "US":
        return "text", n_bytes * (4 if kind == "U" else 1), False
    dtype = "bool" if kind == "b" else f"{_KINDS.get(kind, '')}{n_bytes * 8}"
    if ITEM_BYTES.get(dtype) != n_bytes:
        raise unknown_dtype(kind + digits)
    return dtype, n_bytes, order == ">"


def _broken_header() -> UserError:
    return UserError(N_("The header of a numpy array is damaged or of a kind that cannot be read here."))
