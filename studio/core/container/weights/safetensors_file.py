"""Reads the header of a safetensors file and checks that it keeps its promises."""

from typing import Any, BinaryIO, NamedTuple

from studio.core.container.git_pointer import LINE_BYTES, refuse_pointer
from studio.core.container.json_text import MAX_BYTES, parse_json
from studio.core.container.source import cut_short, file_size, printable, read_exactly
from studio.core.container.weights.tensor import (
    ITEM_BYTES,
    Contents,
    NumberCheck,
    TensorInfo,
    check_count,
    check_shape,
    unknown_dtype,
)
from studio.core.error import UserError
from studio.core.translation import N_

LENGTH_BYTES = 8
_DTYPES = {
    "F64": "float64",
    "F32": "float32",
    "F16": "float16",
    "BF16": "bfloat16",
    "F8_E4M3": "float8_e4m3fn",
    "F8_E5M2": "float8_e5m2",
    "I64": "int64",
    "I32": "int32",
    "I16": "int16",
    "I8": "int8",
    "U64": "uint64",
    "U32": "uint32",
    "U16": "uint16",
    "U8": "uint8",
    "BOOL": "bool",
    "C64": "complex64",
}


class _Entry(NamedTuple):
    begin: int
    end: int
    tensor: TensorInfo


def header_length(start: bytes) -> int:
    """The length of the header in bytes that the first eight bytes of a file announce."""
    return int.from_bytes(start[:LENGTH_BYTES], "little")


def read_safetensors(file: BinaryIO, check: NumberCheck | None = None) -> Contents:
    """Return what the file holds; `check` is the look for values that are no numbers, a fresh one where None.

    Raises UserError where the header is broken, offsets overlap, leave the file or a gap, weights are NaN, or only a
    pointer of Git stands there.
    """
    size = file_size(file)
    n_header = header_length(read_exactly(file, LENGTH_BYTES))
    if n_header > MAX_BYTES:
        file.seek(0)
        refuse_pointer(file.read(LINE_BYTES))
        raise UserError(N_("The header of this safetensors file claims an impossible length."))
    if n_header > size - LENGTH_BYTES:
        raise cut_short()
    header = parse_json(read_exactly(file, n_header))
    if not isinstance(header, dict):
        raise UserError(N_("The header of this safetensors file is damaged."))
    metadata = _read_metadata(header.pop("__metadata__", {}))
    check_count(len(header))
    data_start = LENGTH_BYTES + n_header
    entries = sorted(_read_entry(name, fields) for name, fields in header.items())
    _check_layout(entries, size - data_start)
    check = check or NumberCheck()
    for entry in entries:
        file.seek(data_start + entry.begin)
        check.scan(file.read, entry.end - entry.begin, entry.tensor.dtype)
    return Contents(tuple(entry.tensor for entry in entries), metadata, check.warnings())


def _read_metadata(values: Any) -> dict[str, str]:
    if not isinstance(values, dict) or not all(isinstance(text, str) for text in values.values()):
        raise UserError(N_("The metadata of this safetensors file is damaged."))
    return values


def _read_entry(name: str, fields: Any) -> _Entry:
    match fields:
        case {"dtype": str(code), "shape": list(shape), "data_offsets": [int(begin), int(end)]}:
            sizes = check_shape(shape)
        case _:
            raise UserError(N_("The header of this safetensors file is damaged."))
    if code not in _DTYPES:
        raise unknown_dtype(code)
    tensor = TensorInfo(printable(name), _DTYPES[code], sizes)
    if begin < 0 or end < begin or end - begin != tensor.n_elements * ITEM_BYTES[tensor.dtype]:
        raise UserError(N_("The header contradicts itself about “{name}”.").format(name=tensor.name))
    return _Entry(begin, end, tensor)


def _check_layout(entries: list[_Entry], n_data: int) -> None:
    position = 0
    for entry in entries:
        if entry.begin < position:
            raise UserError(N_("Two arrays of this safetensors file overlap."))
        if entry.begin > position:
            raise UserError(N_("This safetensors file has a gap between two arrays."))
        position = entry.end
    if position > n_data:
        raise cut_short()
    if position < n_data:
        raise UserError(N_("This safetensors file has data that its header does not mention."))
