"""Finds out which program placed the photos of a folder, and reads their cameras."""

from pathlib import Path
from typing import Final

from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.translation import N_

from . import colmap, llff, transforms
from .shots import SceneFile

_READERS: Final = (
    (transforms.is_scene, transforms.read_transforms),
    (colmap.is_colmap, colmap.read_colmap),
    (llff.is_llff, llff.read_llff),
)


def is_scene(path: Path) -> bool:
    """Whether there are cameras in a folder, or the file is one with cameras; quick."""
    return any(knows(path) for knows, _ in _READERS)


def read_scene(path: Path) -> SceneFile:
    """Read the cameras of a folder, or of the folder of a file with cameras; no pixel is read.

    Raises:
        UserError: there are none, they are damaged or too many, or no photo can be used.
    """
    read = next((read for knows, read in _READERS if knows(path)), None)
    if read is None:
        raise UserError(
            N_("There are no cameras in “{name}”.").format(name=printable(path.name)),
            N_("Choose a folder with a transforms.json, a COLMAP model, or LLFF’s poses_bounds.npy."),
        )
    return read(path)
