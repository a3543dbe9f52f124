"""Saves recordings as .frames and loads them: a zip of JSON and of numpy arrays, in parts of 64 frames.

`manifest.json` says what made the run. `frames/00000.json` describes 64 frames; their arrays lie end to end in
`frames/00000.TYPE.npy`, one file for each type of number, and their figures in `frames/00000.scalars.npy`. numpy.load
opens the whole file. Nothing in it is ever executed, and a recording needs no model to be shown.
"""

from collections.abc import Generator
from pathlib import Path

from studio.core.atomic import atomic_file
from studio.core.container.source import open_regular
from studio.core.container.zip_file import open_zip
from studio.core.generator import result_of
from studio.core.recording import Recording
from studio.core.recording_reader import read_recording
from studio.core.recording_writer import write_recording


def save_recording(recording: Recording, path: str | Path) -> None:
    """Write what `recording` holds now; afterwards the whole new file is there, or what was there before.

    Equal recordings give equal bytes. Raises UserError where it cannot be written.
    """
    for _ in saving(recording, path):
        pass


def load_recording(path: str | Path) -> Recording:
    """Read a recording, which is finished; raises UserError where it is broken or too new."""
    return result_of(loading(path))


def saving(recording: Recording, path: str | Path) -> Generator[float, None, None]:
    """Save piece by piece; yields the share that is done. Closed before its end it leaves what was there before."""
    with atomic_file(path) as draft:
        yield from write_recording(recording, draft)


def loading(path: str | Path) -> Generator[float, None, Recording]:
    """Load piece by piece; yields the share that is done and returns the recording."""
    with open_regular(Path(path)) as file, open_zip(file) as archive:
        return (yield from read_recording(archive))
