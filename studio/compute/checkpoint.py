"""Saves and loads the state of a training, so that no crash leaves half a file."""

import io
import os
import pickle
import shutil
from pathlib import Path
from typing import Any, Final

import torch

from studio.core.container.weights.pickle_reader import TENSORS, run_pickle
from studio.core.container.zip_file import open_zip, read_member
from studio.core.error import UserError
from studio.core.translation import N_

MAX_TABLE_BYTES: Final = 64 << 20
"""Of a state without its numbers: names, shapes, and the figures so far."""
MAX_OPERATIONS: Final = 2_000_000
_START: Final = b"PK\3\4"


def save_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Write `state` (tensors, numbers, texts, lists and dicts of them) beside `path`, then put it in its place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".part")
    try:
        with unfinished.open("wb") as file:
            torch.save(state, file)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except (OSError, RuntimeError) as error:  # torch turns some failures of the disk into its own
        unfinished.unlink(missing_ok=True)
        raise UserError(
            N_("The state of the training could not be saved; the previous one is still there."),
            N_("Is the disk full, or the folder read-only?"),
        ) from error


def load_checkpoint(path: Path) -> dict[str, Any]:
    """Read what `save_checkpoint` wrote; see `parse_checkpoint`."""
    return parse_checkpoint(checkpoint_bytes(path))


def checkpoint_bytes(path: Path) -> bytes:
    """The content of a checkpoint; raises UserError where there is none, or the memory cannot hold it."""
    try:
        with path.open("rb") as file:
            start = file.read(len(_START))
            file.seek(0)
            return file.read() if start == _START else start  # what is none may be of any size
    except OSError as error:
        raise UserError(
            N_("There is no saved state of this training to continue from."), N_("Start the training without resuming.")
        ) from error
    except MemoryError as error:
        raise UserError(
            N_("There is not enough memory to continue this training."), N_("Close other programs and try again.")
        ) from error


def parse_checkpoint(data: bytes) -> dict[str, Any]:
    """Read the content of a checkpoint, onto the CPU; executes nothing.

    Raises:
        UserError: it is damaged or no checkpoint.
    """
    try:
        _check(data)
        state = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except (UserError, OSError, RuntimeError, EOFError, ValueError, pickle.UnpicklingError) as error:
        raise UserError(
            N_("The state of the training cannot be read."), N_("Start the training again, without resuming.")
        ) from error
    if not isinstance(state, dict):
        raise UserError(
            N_("This file is not the state of a training."), N_("Choose a checkpoint made by this program.")
        )
    return state


def _check(data: bytes) -> None:
    """Raise UserError where it asks for more than any state holds: torch builds whatever it is told."""
    with open_zip(io.BytesIO(data)) as archive:
        _, name = max((one.endswith("/data.pkl"), one) for one in archive.namelist())
        table = read_member(archive, archive.getinfo(name), MAX_TABLE_BYTES)
        run_pickle(io.BytesIO(table), TENSORS, MAX_OPERATIONS)


def check_room(path: Path, n_bytes: int) -> None:
    """Raise UserError where the disk of `path` has no room for `n_bytes` more."""
    folder = next(parent for parent in path.absolute().parents if parent.is_dir())
    if shutil.disk_usage(folder).free < n_bytes:
        raise UserError(
            N_("There is not enough room on the disk: this training needs about {n:,.0f} MB.").format(n=n_bytes / 1e6),
            N_("Free some space, or choose another folder."),
        )
