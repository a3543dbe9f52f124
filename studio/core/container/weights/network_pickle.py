"""Reads pickled networks of NVIDIA's StyleGAN2-ADA and StyleGAN3 as plain data; nothing in them is run.

Such a file is a pickle of a dictionary. Each part of a network says which class of which program text would make it,
which is left aside here, and what it holds: parameters, buffers, further parts. The numbers of each array are a file of
torch.save inside the pickle; they stay on the disk until they are asked for.
"""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final

from studio.core.container.source import cut_short, file_size, open_regular, printable, read_exactly
from studio.core.container.weights.pickle_reader import (
    TENSOR_REBUILDERS,
    Dialect,
    PickledTensor,
    Storage,
    broken_pickle,
    read_pickle,
    run_pickle,
    too_large_pickle,
)
from studio.core.container.weights.pickled_numpy import NUMPY_NAMES, NUMPY_REBUILDERS
from studio.core.container.weights.tensor import ITEM_BYTES, Contents, NumberCheck, TensorInfo, check_count
from studio.core.container.weights.torch_file import LEGACY_MAGIC, check_view
from studio.core.container.weights.torch_weights import (
    MAX_STORAGE_BYTES,
    TorchWeights,
    end_of_pickle,
    open_torch_stream,
    too_large_storage,
)
from studio.core.error import UserError
from studio.core.translation import N_

MAX_FILE_BYTES: Final = 4 << 30
MAX_NETWORK_OPERATIONS: Final = 400_000
MAX_STORAGES: Final = 5_000
_MAX_KEPT_BYTES: Final = 48 << 20
_MAX_LINE_BYTES: Final = 64 << 10
_MAX_PARTS: Final = 20_000
_MAX_DEPTH: Final = 16
_LAZY_BYTES: Final = 4 << 10
_INNER_OPERATIONS: Final = 200
_INNER_START_BYTES: Final = 4 << 10
_COUNT_BYTES: Final = 8
# BINBYTES, BINBYTES8: what follows them is numbers, which are left in the file where there are many.
_BYTES_CODES: Final = (b"B", b"\x8e")
_PERSISTENT: Final = "torch_utils.persistence._reconstruct_persistent_obj"
_EASY_DICT: Final = "dnnlib.util.EasyDict"
_MOVED: Final = re.compile(r"(?:\w+\.)*(torch_utils\.persistence\._reconstruct_persistent_obj|dnnlib\.util\.EasyDict)")


class Blob:
    """Bytes that were left in the file."""

    def __init__(self, file: BinaryIO, begin: int, n_bytes: int) -> None:
        self._file, self.begin, self._n_bytes = file, begin, n_bytes

    def __len__(self) -> int:
        return self._n_bytes

    def read(self, begin: int, n_bytes: int) -> bytes:
        """So many bytes from `begin` on; raises UserError where there are fewer."""
        if begin < 0 or n_bytes < 0 or begin + n_bytes > self._n_bytes:
            raise cut_short()
        place = self._file.tell()
        self._file.seek(self.begin + begin)
        data = read_exactly(self._file, n_bytes)
        self._file.seek(place)
        return data


class _FrugalStream:
    """Hands a pickle to its interpreter without the numbers in it, within bounds."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self._size = file, size
        self._code = b""
        self._n_kept = 0
        self.tell = file.tell

    def read(self, n_bytes: int) -> Any:
        if n_bytes > self._size - self._file.tell():
            raise cut_short()
        if n_bytes > _LAZY_BYTES and self._code in _BYTES_CODES:
            blob = Blob(self._file, self._file.tell(), n_bytes)
            self._file.seek(n_bytes, io.SEEK_CUR)
            return blob
        self._keep(n_bytes)
        data = self._file.read(n_bytes)
        if n_bytes == 1:
            self._code = data
        return data

    def readline(self) -> bytes:
        line = self._file.readline(_MAX_LINE_BYTES)
        self._keep(len(line))
        return line

    def _keep(self, n_bytes: int) -> None:
        self._n_kept += n_bytes
        if self._n_kept > _MAX_KEPT_BYTES:
            raise too_large_pickle()


class _BlobStorages:
    """The numbers of arrays, each a file of torch.save inside the pickle."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Any, Storage]] = {}  # by identity; what is known is kept, so none is given twice
        self._places: dict[str, tuple[Blob | bytes, int]] = {}

    def add(self, arguments: tuple[Any, ...]) -> Storage:
        """Stand in for `torch.storage._load_from_bytes`: look at the start of the inner file."""
        match arguments:
            case (Blob() | bytes() | bytearray() as blob,):
                pass
            case _:
                raise broken_pickle()
        if id(blob) not in self._known:
            if len(self._known) >= MAX_STORAGES:
                raise too_large_pickle()
            self._known[id(blob)] = blob, self._open(bytes(blob) if isinstance(blob, bytearray) else blob)
        return self._known[id(blob)][1]

    def read(self, storage: Storage) -> bytes:
        """All bytes of a storage."""
        blob, begin = self._places[storage.key]
        n_bytes = storage.n_elements * ITEM_BYTES.get(storage.dtype, 1)
        return _slice(blob, begin, n_bytes)

    def _open(self, blob: Blob | bytes) -> Storage:
        start = _slice(blob, 0, min(len(blob), _INNER_START_BYTES))
        if start.startswith(LEGACY_MAGIC):
            found, begin = _read_inner(start)
        else:
            found, blob, begin = _read_inner_zip(blob)
        n_bytes = found.n_elements * ITEM_BYTES.get(found.dtype, 1)
        if found.n_elements < 0 or begin + n_bytes > len(blob):
            raise UserError(N_("This file describes an array that is larger than its data."))
        if n_bytes > MAX_STORAGE_BYTES:
            raise too_large_storage()
        key = str(len(self._places))
        self._places[key] = blob, begin
        return Storage(key, found.dtype, found.n_elements)


def _slice(blob: Blob | bytes, begin: int, n_bytes: int) -> bytes:
    if isinstance(blob, Blob):
        return blob.read(begin, n_bytes)
    if begin + n_bytes > len(blob):
        raise cut_short()
    return blob[begin : begin + n_bytes]


def _read_inner(start: bytes) -> tuple[Storage, int]:
    """What the old format of torch.save says of its one storage, and where its numbers begin."""
    parts, begin = [], len(LEGACY_MAGIC)
    for _ in range(4):
        end = end_of_pickle(start, begin, _INNER_OPERATIONS)
        parts.append(read_pickle(start[begin:end]))
        begin = end
    match parts:
        case (1001, {"little_endian": True}, Storage() as storage, [str(key)]) if key == storage.key:
            n_elements = int.from_bytes(start[begin : begin + _COUNT_BYTES], "little", signed=True)
            if n_elements == storage.n_elements:
                return storage, begin + _COUNT_BYTES
    raise broken_pickle()


def _read_inner_zip(blob: Blob | bytes) -> tuple[Storage, bytes, int]:
    """The same of today's format, whose numbers are unpacked."""
    if len(blob) > MAX_STORAGE_BYTES:
        raise too_large_storage()
    with open_torch_stream(io.BytesIO(_slice(blob, 0, len(blob)))) as inner:
        if not isinstance(inner.root, Storage):
            raise broken_pickle()
        return inner.root, inner.stored.read(inner.root), 0


@contextmanager
def open_network_pickle(path: Path) -> Iterator[TorchWeights]:
    """Open a pickle of networks.

    The root holds dicts, lists, numbers, texts and arrays; a part of a network is {"class_name": str, "state": dict}.

    Raises UserError where it is broken, too large, or asks for anything else, by its name.
    """
    with open_regular(path) as file:
        yield read_network_pickle(file)


def read_network_pickle(file: BinaryIO) -> TorchWeights:
    """The same of an open file, which must stay open while arrays are read."""
    size = file_size(file)
    if size > MAX_FILE_BYTES:
        raise too_large_pickle()
    stored = _BlobStorages()
    rebuilders = {
        **TENSOR_REBUILDERS,
        **NUMPY_REBUILDERS,
        "torch.storage._load_from_bytes": stored.add,
        "_codecs.encode": _rebuild_bytes,
        _PERSISTENT: _rebuild_part,
    }
    dialect = Dialect(rebuilders, {_EASY_DICT: _make_dict}, NUMPY_NAMES, _plain_name, has_members=False)
    stream: Any = _FrugalStream(file, size)
    return TorchWeights(run_pickle(stream, dialect, MAX_NETWORK_OPERATIONS), stored)


def read_networks(file: BinaryIO) -> Contents:
    """Return the arrays of all networks in a pickle.

    Raises UserError where it asks for anything else, holds no network, arrays are short or NaN.
    """
    weights = read_network_pickle(file)
    root = weights.root if isinstance(weights.root, dict) else {}
    networks = {printable(str(key)): value for key, value in root.items() if is_part(value)}
    if not networks:
        raise UserError(
            N_("This is a Python pickle, a format that can run programs, so it is not opened."),
            N_("Save its weights as safetensors."),
        )
    tensors: list[TensorInfo] = []
    storages: dict[str, Storage] = {}
    for key, part in networks.items():
        for name, tensor in part_tensors(part).items():
            check_view(tensor, tensor.storage.n_elements)
            storages[tensor.storage.key] = tensor.storage
            tensors.append(TensorInfo(printable(f"{key}.{name}"), tensor.dtype, tensor.shape))
    return Contents(tuple(tensors), warnings=_check_numbers(weights, list(storages.values())))


def _check_numbers(weights: TorchWeights, storages: list[Storage]) -> tuple[str, ...]:
    check = NumberCheck()
    for storage in storages:
        data = weights.stored.read(storage)
        check.scan(io.BytesIO(data).read, len(data), storage.dtype)
    return check.warnings()


def _plain_name(name: str) -> str:
    """Programs that took these functions over keep them in folders of their own."""
    match = _MOVED.fullmatch(name)
    return match[1] if match else name


def _make_dict(arguments: tuple[Any, ...]) -> dict[Any, Any]:
    if arguments:
        raise broken_pickle()
    return {}


def _rebuild_bytes(arguments: tuple[Any, ...]) -> bytes:
    """Bytes that Python 2 could read are written as a text."""
    match arguments:
        case (str(text), "latin1"):
            return text.encode("latin-1")
    raise broken_pickle()


def _rebuild_part(arguments: tuple[Any, ...]) -> dict[str, Any]:
    match arguments:
        case ({"type": "class", "class_name": str(name), "state": dict() | None as state},):
            return {"class_name": name, "state": state or {}}
    raise broken_pickle()


def is_part(value: Any) -> bool:
    """Whether a value of the root is a part of a network."""
    match value:
        case {"class_name": str(), "state": {"_modules": dict()}}:
            return True
    return False


def walk_parts(part: Any) -> Iterator[tuple[str, dict[Any, Any]]]:
    """Yield the dotted name and the state of a network and of all its parts; raises UserError for too many of them."""
    waiting = [("", part, 0)]
    for n_done in range(_MAX_PARTS):
        if not waiting:
            return
        name, value, depth = waiting.pop()
        if depth > _MAX_DEPTH or n_done + len(waiting) > _MAX_PARTS:
            break
        if not is_part(value):
            raise UserError(N_("A network in this file has a part that cannot be read."))
        yield name, value["state"]
        children = reversed(value["state"]["_modules"].items())  # the last one that is put down is taken up first
        waiting += [(f"{name}.{key}" if name else str(key), child, depth + 1) for key, child in children if child]
    raise too_large_pickle()


def part_tensors(part: Any) -> dict[str, PickledTensor]:
    """All arrays of a network by the names that torch gives them; raises UserError where there are too many."""
    found: dict[str, PickledTensor] = {}
    for name, state in walk_parts(part):
        for group in ("_parameters", "_buffers"):
            held = state.get(group)
            for key, value in held.items() if isinstance(held, dict) else ():
                if isinstance(value, PickledTensor):
                    found[f"{name}.{key}" if name else str(key)] = value
                    check_count(len(found))
    return found
