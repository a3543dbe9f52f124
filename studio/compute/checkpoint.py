"""Saves and loads the state of a training, so that no crash leaves half a file."""

import os
import pickle
import zipfile
from pathlib import Path
from typing import Any

import torch

from studio.core.error import UserError
from studio.core.text import N_


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
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise UserError(
            N_("The state of the training could not be saved."), N_("Is the disk full, or the folder read-only?")
        ) from error


def load_checkpoint(path: Path) -> dict[str, Any]:
    """Read what `save_checkpoint` wrote, on the CPU; executes nothing.

    Raises:
        UserError: the file is missing, damaged or no checkpoint.
    """
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, ValueError, pickle.UnpicklingError, zipfile.BadZipFile) as error:
        raise UserError(
            N_("The state of the training cannot be read."), N_("Start the training again, without resuming.")
        ) from error
    if not isinstance(state, dict):
        raise UserError(N_("This file is not the state of a training."), N_("Choose a checkpoint of this program."))
    return state
