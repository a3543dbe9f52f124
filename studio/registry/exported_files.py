"""Where what ONNX Runtime draws single pictures from is kept in the user's cache: by the weights and all versions."""

import hashlib
import logging
from pathlib import Path
from typing import Final

from studio.api.engine import Engine, ModelSource
from studio.core.place import cache_dir

log = logging.getLogger(__name__)

FOLDER: Final = "networks"


def take_exported(engine: Engine, source: ModelSource) -> None:
    """Let ONNX Runtime draw an engine's single pictures where that was exported; else the engine says so."""
    if not (parts := engine.exportable()):
        return
    from studio.nn.exported import runtime_name, swap_in

    files = files_of(source, len(parts))
    if all(file.is_file() for file in files):
        try:
            swap_in(parts, files)
            engine.made_by = {**engine.made_by, "networks": runtime_name()}
            return
        except Exception as error:  # of the runtime's own kinds: torch draws until it is exported anew
            log.warning("what was exported of %s is of no use: %s", source.id, error)
    engine.is_to_export = True


def folder_of_versions() -> Path:
    """The folder for the versions that are installed."""
    from studio.nn.exported import made_with

    return cache_dir() / FOLDER / hashlib.sha256(made_with().encode()).hexdigest()[:16]


def files_of(source: ModelSource, n_parts: int) -> list[Path]:
    """Where each part of a model is kept, whether it is there or not."""
    return [folder_of_versions() / f"{source.content_hash[:32]}-{number}.onnx" for number in range(n_parts)]
