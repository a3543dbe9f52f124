"""Reads the numbers of a torch.save file, of today's format or the one before 2020, without torch; nothing is run."""

import io
import pickletools
import struct
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol
from zipfile import ZipFile

import numpy as np
import numpy.typing as npt

from studio.core.container.git_pointer import LINE_BYTES, refuse_pointer
from studio.core.container.source import cut_short, file_size, open_regular, read_exactly
from studio.core.container.weights.pickle_reader import (
    MAX_BYTES,
    MAX_OPERATIONS,
    PickledTensor,
    Storage,
    broken_pickle,
    read_pickle,
    too_large_pickle,
    walk_tensors,
)
from studio.core.container.weights.tensor import ITEM_BYTES
from studio.core.container.weights.torch_file import LEGACY_MAGIC, check_view, read_torch_root, storage_member
from studio.core.container.zip_file import open_zip
from studio.core.error import UserError
from studio.core.translation import N_

MAX_STORAGE_BYTES: Final = 512 << 20
_PROTOCOL: Final = 1001
_COUNT_BYTES: Final = 8
_DTYPES: Final = {"float64": "<f8", "float32": "<f4", "float16": "<f2"}


class _Stored(Protocol):
    """Hands out the bytes of storages."""

    def read(self, storage: Storage) -> bytes:
        """All bytes of a storage that was checked before."""


@dataclass(frozen=True)
class TorchWeights:
    """An open torch file.

    Attributes:
        root: the dicts, lists, numbers and texts in it; arrays are described by a PickledTensor.
        stored: where their numbers lie.
    """

    root: Any
    stored: _Stored

    def array(self, tensor: PickledTensor) -> npt.NDArray[np.float32]:
        """The numbers of a tensor; raises UserError where they are missing, too many or of another kind."""
        if tensor.dtype not in _DTYPES or tensor.storage.dtype not in (tensor.dtype, ""):
            raise UserError(N_("Weights of the type “{name}” cannot be read.").format(name=tensor.dtype))
        data = self.stored.read(tensor.storage)
        numbers = np.frombuffer(data, _DTYPES[tensor.dtype])
        check_view(tensor, len(numbers))
        if int(np.prod(tensor.shape, dtype=object)) > len(numbers):
            raise broken_pickle()
        strides = [step * numbers.itemsize for step in tensor.stride]
        view = np.lib.stride_tricks.as_strided(numbers[tensor.offset :], tensor.shape, strides, writeable=False)
        return np.array(view, np.float32, order="C")


@contextmanager
def open_torch(path: Path) -> Iterator[TorchWeights]:
    """Open a torch file; raises UserError where it is broken, cut short, or asks for anything but its weights."""
    with open_regular(path) as file, open_torch_stream(file) as weights:
        yield weights


@contextmanager
def open_torch_stream(file: BinaryIO) -> Iterator[TorchWeights]:
    """The same for an open file, which must stay open while arrays are read."""
    start = file.read(LINE_BYTES)
    file.seek(0)
    refuse_pointer(start)
    with ExitStack() as stack:
        if start.startswith(LEGACY_MAGIC):
            yield _open_legacy(file)
            return
        archive = stack.enter_context(open_zip(file))
        prefix, root = read_torch_root(archive)
        yield TorchWeights(root, _ZipStorages(archive, prefix))


@dataclass(frozen=True)
class _ZipStorages:
    """The members of an archive."""

    archive: ZipFile
    prefix: str

    def read(self, storage: Storage) -> bytes:
        info = storage_member(self.archive, self.prefix, storage)
        if info.file_size > MAX_STORAGE_BYTES:
            raise too_large_storage()
        with self.archive.open(info) as member:
            return read_exactly(member, info.file_size)


@dataclass(frozen=True)
class _LegacyStorages:
    """One after the other at the end of the file, each with its length before it."""

    file: BinaryIO
    places: dict[str, int]

    def read(self, storage: Storage) -> bytes:
        self.file.seek(self.places[storage.key])
        return read_exactly(self.file, _n_bytes(storage))


def _open_legacy(file: BinaryIO) -> TorchWeights:
    size = file_size(file)
    start = file.read(MAX_BYTES)
    pickles, begin = [], len(LEGACY_MAGIC)
    for _ in range(4):
        end = end_of_pickle(start, begin)
        pickles.append(read_pickle(start[begin:end]))
        begin = end
    protocol, system, root, keys = pickles
    if protocol != _PROTOCOL or not isinstance(system, dict) or system.get("little_endian") is not True:
        raise UserError(N_("This torch file was written on a computer with another byte order."))
    storages = {tensor.storage.key: tensor.storage for _, tensor in walk_tensors(root)}
    is_list = isinstance(keys, list) and all(isinstance(key, str) for key in keys)
    if not is_list or sorted(keys) != sorted(storages):
        raise UserError(N_("This torch file does not contain all the weights it lists."))
    return TorchWeights(root, _LegacyStorages(file, _places(file, begin, size, [storages[key] for key in keys])))


def end_of_pickle(data: bytes, begin: int, max_operations: int = MAX_OPERATIONS) -> int:
    """Where the pickle that begins at `begin` stops; raises UserError where it has no end or too many operations."""
    stream = io.BytesIO(data)
    stream.seek(begin)
    try:
        for n_done, _ in enumerate(pickletools.genops(stream)):
            if n_done >= max_operations:
                raise too_large_pickle()
    except (ValueError, struct.error, LookupError, OverflowError, EOFError, DeprecationWarning) as error:
        raise broken_pickle() from error
    return stream.tell()


def _places(file: BinaryIO, begin: int, size: int, storages: list[Storage]) -> dict[str, int]:
    """Where the bytes of each storage begin; all of them must lie in the file."""
    places: dict[str, int] = {}
    for storage in storages:
        file.seek(begin)
        n_elements = int.from_bytes(read_exactly(file, _COUNT_BYTES), "little", signed=True)
        if n_elements != storage.n_elements or n_elements < 0:
            raise UserError(N_("This torch file describes an array that is larger than its data."))
        places[storage.key] = begin + _COUNT_BYTES
        begin += _COUNT_BYTES + _n_bytes(storage)
        if begin > size:
            raise cut_short()
    return places


def _n_bytes(storage: Storage) -> int:
    n_bytes = storage.n_elements * ITEM_BYTES.get(storage.dtype, 1)
    if n_bytes > MAX_STORAGE_BYTES:
        raise too_large_storage()
    return n_bytes


def too_large_storage() -> UserError:
    """What to say about an array beyond all bounds."""
    return UserError(N_("An array in this torch file is too large to open."))
