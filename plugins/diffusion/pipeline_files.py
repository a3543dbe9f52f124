"""Finds the weights of a component of a pipeline folder, without running anything."""

from pathlib import Path

from studio.core.container.source import is_folder, printable
from studio.core.container.weight_files import find_weights
from studio.core.error import UserError
from studio.core.text import N_


def find_component(folder: Path, stem: str) -> tuple[Path, ...]:
    """The safetensors files of a component whose weights are called `stem`; raises UserError where there are none."""
    if not is_folder(folder):
        raise UserError(N_("The folder “{name}” of this pipeline is missing.").format(name=printable(folder.name)))
    return find_weights(folder, stem)
