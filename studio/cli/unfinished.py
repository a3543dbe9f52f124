"""Lets a training write beside its place and not into it: what is there is a whole model at any time, or none."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from studio.core.error import UserError
from studio.core.translation import N_

CHECKPOINT_SUFFIX: Final = ".checkpoint"


@contextmanager
def unfinished(out: Path, is_resumed: bool, is_first: bool) -> Iterator[Path]:
    """Hand out where a training shall write what belongs at `out`: a file in a hidden folder beside it.

    Weights are written before they are measured for their card, and nobody opens them without it. The folder stays
    where the training is stopped or killed, and a resumed one goes on in it; `finish` puts all of it in its place.

    Args:
        is_first: whether this is the process that writes, of several that train together.

    Raises:
        UserError: the folder cannot be made.
    """
    folder = folder_of(out)
    try:
        if is_first:
            _prepare(folder, out, is_resumed)
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise UserError(
            N_("The training cannot be saved: its folder cannot be created."),
            N_("Is the disk full, or the folder {folder} read-only?").format(folder=out.parent),
        ) from error
    try:
        yield folder / out.name
    finally:
        if is_first:
            with suppress(OSError):  # it holds something, as after a stop
                folder.rmdir()


def finish(out: Path) -> None:
    """Put a finished model in its place, the weights last; raises UserError where the disk refuses."""
    folder = folder_of(out)
    try:
        for path in sorted(folder.iterdir(), key=lambda one: one.name == out.name):
            path.replace(out.with_name(path.name))
    except OSError as error:
        raise UserError(
            N_("The trained model could not be moved to its place."), N_("It is in {folder}.").format(folder=folder)
        ) from error


def folder_of(out: Path) -> Path:
    """The hidden folder."""
    return out.with_name(f".{out.stem}.unfinished")


def _prepare(folder: Path, out: Path, is_resumed: bool) -> None:
    """Bring the state of a finished training to where a resumed one looks for it; a new one begins with nothing."""
    if not is_resumed:
        shutil.rmtree(folder, ignore_errors=True)
        return
    folder.mkdir(exist_ok=True)
    for path in list(out.parent.iterdir()):
        is_state = path.name.startswith(f"{out.stem}.") and path.suffix == CHECKPOINT_SUFFIX
        if is_state and not (folder / path.name).exists():
            path.replace(folder / path.name)
