"""Says before a download whether the disk has room for it, and in a sentence when it is full after all."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from studio.core.error import UserError
from studio.core.translation import N_

SPARE_BYTES: Final = 200_000_000
"""What is left to everything else on the disk."""
_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def check_room(folder: Path, n_bytes: int) -> None:
    """Raise UserError where the disk of `folder` has no room for so many more bytes."""
    free = shutil.disk_usage(folder).free
    if n_bytes + SPARE_BYTES > free:
        raise UserError(
            N_("The disk has no room for this: {needed:.1f} GB are needed, {free:.1f} GB are free.").format(
                needed=(n_bytes + SPARE_BYTES) / 1e9, free=free / 1e9
            ),
            N_("Free some space, or choose another models folder in the preferences."),
        )


@contextmanager
def saving() -> Iterator[None]:
    """Turn what the disk refuses within the block into a UserError."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise UserError(
                N_("The disk is full."),
                N_("Free some space and start the download again: it goes on where it stopped."),
            ) from error
        raise UserError(
            N_("The download cannot be saved."), N_("Is the models folder read-only? {reason}").format(reason=error)
        ) from error
