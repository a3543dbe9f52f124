"""Reads the table of weights of a torch.save file without torch."""

import re
import zipfile
from typing import Any, NamedTuple

from studio.core.container.source import cut_short
from studio.core.container.weights.pickle_reader import (
    MAX_BYTES,
    PickledTensor,
    Storage,
    broken_pickle,
    read_pickle,
    walk_tensors,
)
from studio.core.container.weights.tensor import ITEM_BYTES, Contents, NumberCheck, TensorInfo
from studio.core.container.zip_file import read_member
from studio.core.error import UserError
from studio.core.translation import N_

# What the format before 2020 starts with: a pickled number agreed on by its authors.
LEGACY_MAGIC = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
_KEY = re.compile(r"[0-9A-Za-z_]{1,64}")
_PICKLE = "data.pkl"


class _Piece(NamedTuple):
    member: zipfile.ZipInfo
    dtype: str


def is_torch_zip(archive: zipfile.ZipFile) -> bool:
    """Whether there is a torch pickle among the members."""
    return any(name.rpartition("/")[2] == _PICKLE for name in archive.namelist())


def read_torch_zip(archive: zipfile.ZipFile) -> Contents:
    """Return what the file holds.

    Raises UserError where the pickle asks for more than weights, weights are missing, short or NaN.
    """
    prefix, root = read_torch_root(archive)
    tensors: list[TensorInfo] = []
    pieces: dict[str, _Piece] = {}
    for name, tensor in walk_tensors(root):
        info = TensorInfo(name, tensor.dtype, tensor.shape)
        member = storage_member(archive, prefix, tensor.storage)
        check_view(tensor, member.file_size // ITEM_BYTES[tensor.dtype])
        pieces[tensor.storage.key] = _Piece(member, tensor.dtype)
        tensors.append(info)
    if not tensors:
        raise UserError(N_("This torch file contains no weights."))
    return Contents(tuple(tensors), warnings=_check_numbers(archive, list(pieces.values())))


def read_torch_root(archive: zipfile.ZipFile) -> tuple[str, Any]:
    """Return what all members' names begin with, and what the pickle describes.

    Raises UserError where it asks for more than weights.
    """
    prefix = _check_members(archive)
    return prefix, read_pickle(read_member(archive, archive.getinfo(prefix + _PICKLE), MAX_BYTES))


def _check_members(archive: zipfile.ZipFile) -> str:
    names = archive.namelist()
    prefixes = [name.removesuffix(_PICKLE) for name in names if name.rpartition("/")[2] == _PICKLE]
    if len(prefixes) != 1:
        raise UserError(N_("This torch file has more than one pickle."))
    (prefix,) = prefixes
    if any(name.startswith(f"{prefix}code/") or name == f"{prefix}constants.pkl" for name in names):
        raise UserError(
            N_("This is a TorchScript file: it contains program code, which is not run here."),
            N_("Ask its author for only the weights, preferably as safetensors."),
        )
    if f"{prefix}byteorder" in names:
        order = read_member(archive, archive.getinfo(f"{prefix}byteorder"), 16)
        if order != b"little":
            raise UserError(N_("This torch file was written on a computer with another byte order."))
    return prefix


def storage_member(archive: zipfile.ZipFile, prefix: str, storage: Storage) -> zipfile.ZipInfo:
    """Return the member that holds a storage; raises UserError where it is missing or of another size."""
    name = f"{prefix}data/{storage.key}"
    if not _KEY.fullmatch(storage.key) or name not in archive.NameToInfo:
        raise UserError(N_("This torch file does not contain all the weights it lists."))
    member = archive.getinfo(name)
    if member.file_size != storage.n_elements * ITEM_BYTES.get(storage.dtype, 1):
        raise cut_short()
    return member


def check_view(tensor: PickledTensor, n_stored: int) -> None:
    """Raise UserError where a tensor reaches beyond the `n_stored` numbers of its storage."""
    if len(tensor.shape) != len(tensor.stride) or tensor.offset < 0:
        raise broken_pickle()
    last = tensor.offset + sum((n - 1) * step for n, step in zip(tensor.shape, tensor.stride, strict=True))
    if 0 not in tensor.shape and last >= n_stored:
        raise UserError(N_("This torch file describes an array that is larger than its data."))


def _check_numbers(archive: zipfile.ZipFile, pieces: list[_Piece]) -> tuple[str, ...]:
    check = NumberCheck()
    for piece in pieces:
        with archive.open(piece.member) as stream:
            check.scan(stream.read, piece.member.file_size, piece.dtype)
    return check.warnings()
