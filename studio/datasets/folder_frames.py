"""The reading of a folder as the first frames of a training that learns from it."""

from collections.abc import Generator
from pathlib import Path
from typing import TypeVar

from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.text import N_
from studio.datasets.folder import FolderPictures, load_folder, skipped_sentence
from studio.datasets.progress import Progress

Loaded = TypeVar("Loaded")

def reading_frames(
    loading: Generator[Progress, None, Loaded], n_steps: int
) -> Generator[Frame, None, Loaded]:
    """Show the progress of a reading as frames of a training of n_steps that has not begun; return what is read."""
    while True:
        try:
            progress = next(loading)
        except StopIteration as end:
            loaded: Loaded = end.value
            return loaded
        yield Frame(0, n_steps, progress.sentence)


def read_pictures(data: str, size_px: int, framing: str, n_steps: int) -> Generator[Frame, None, FolderPictures]:
    """Read a person's folder, "fit" or "crop", and say what is left out; raises UserError where none is named."""
    if not data:
        raise UserError(
            N_("This model learns from a folder of your own pictures."), N_("Name it with --set data=FOLDER.")
        )
    loading = load_folder(Path(data).expanduser(), size_px, "fit" if framing == "fit" else "crop")
    pictures = yield from reading_frames(loading, n_steps)
    left_out = skipped_sentence(pictures)
    if left_out:
        yield Frame(0, n_steps, left_out)
    return pictures
