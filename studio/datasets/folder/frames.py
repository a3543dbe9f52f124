"""The reading of a folder as the first frames of a training that learns from it."""

from collections.abc import Generator
from pathlib import Path
from typing import Protocol, TypeVar

from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.translation import N_
from studio.datasets.folder.flat import FlatPictures, load_flat
from studio.datasets.folder.pictures import FolderPictures, Framing, left_out_sentence, load_folder, skipped_sentence
from studio.datasets.folder.sounds import FolderSounds, load_sounds
from studio.datasets.folder.texts import FolderTexts, load_texts

Loaded = TypeVar("Loaded")


class Told(Protocol):
    """A step of reading that says what it is."""

    @property
    def sentence(self) -> str:
        """What is being done now, in plain words."""


def reading_frames(loading: Generator[Told, None, Loaded], n_steps: int) -> Generator[Frame, None, Loaded]:
    """Show the progress of a reading as frames of a training of n_steps that has not begun; return what is read."""
    while True:
        try:
            progress = next(loading)
        except StopIteration as end:
            loaded: Loaded = end.value
            return loaded
        yield Frame(0, n_steps, progress.sentence)


def read_pictures(
    data: str, size_px: int, framing: str, n_steps: int, enlarges: bool = False
) -> Generator[Frame, None, FolderPictures]:
    """Read a person's folder, "fit" or "crop", and say what is left out; raises UserError where none is named.

    Small pictures are left out, or enlarged where it `enlarges`.
    """
    if not data:
        raise UserError(
            N_("This model learns from a folder of your own pictures."), N_("Name the folder with --set data=FOLDER.")
        )
    loading = load_folder(Path(data).expanduser(), size_px, "fit" if framing == "fit" else "crop", enlarges)
    pictures = yield from reading_frames(loading, n_steps)
    left_out = skipped_sentence(pictures)
    if left_out:
        yield Frame(0, n_steps, left_out)
    return pictures


def read_flat_pictures(data: str, size_px: int, framing: Framing, n_steps: int) -> Generator[Frame, None, FlatPictures]:
    """Read a person's folder of flat pictures with their parts; raises UserError where they are none."""
    pictures = yield from read_pictures(data, size_px, framing, n_steps)
    return (yield from reading_frames(load_flat(Path(data).expanduser(), pictures, framing), n_steps))


def read_sounds(data: str, n_samples: int, rate_hz: int, n_steps: int) -> Generator[Frame, None, FolderSounds]:
    """Read a person's folder, and say what is left out; raises UserError where none is named."""
    if not data:
        raise UserError(
            N_("This model learns from a folder of your own sounds."), N_("Name the folder with --set data=FOLDER.")
        )
    sounds = yield from reading_frames(load_sounds(Path(data).expanduser(), n_samples, rate_hz), n_steps)
    if sounds.left_out:
        yield Frame(0, n_steps, left_out_sentence(sounds.left_out))
    return sounds


def read_texts(data: str, n_steps: int) -> Generator[Frame, None, FolderTexts]:
    """Read a person's folder, and say what is left out; raises UserError where none is named."""
    if not data:
        raise UserError(
            N_("This model learns from a folder of your own texts."), N_("Name the folder with --set data=FOLDER.")
        )
    texts = yield from reading_frames(load_texts(Path(data).expanduser()), n_steps)
    if texts.left_out:
        yield Frame(0, n_steps, left_out_sentence(texts.left_out))
    return texts
