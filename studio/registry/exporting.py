"""Keeps what ONNX Runtime draws single pictures from in the user's cache, by the weights and all versions.

A child exports it once (`main`); whatever opens the model after that draws with it from its first picture on.
"""

import hashlib
import logging
import os
import shutil
import sys
from pathlib import Path
from typing import Final

from studio.api.engine import Engine, ModelSource
from studio.core.child import child_command, end_with_parent
from studio.core.place import cache_dir

log = logging.getLogger(__name__)

FOLDER: Final = "networks"
NICENESS: Final = 19


def take_exported(engine: Engine, source: ModelSource) -> None:
    """Let ONNX Runtime draw an engine's single pictures where that was exported; else the engine says so."""
    if not (parts := engine.exportable()):
        return
    from studio.nn.exported import runtime_name, swap_in

    files = _files(source, len(parts))
    if all(file.is_file() for file in files):
        try:
            swap_in(parts, files)
            engine.made_by = {**engine.made_by, "networks": runtime_name()}
            return
        except Exception as error:  # of the runtime's own kinds: torch draws until it is exported anew
            log.warning("what was exported of %s is of no use: %s", source.id, error)
    engine.is_to_export = True


def export_command(source: ModelSource) -> list[str]:
    """What starts a child that exports a model of the catalogue."""
    return child_command(f"{__name__}:main", source.id)


def main() -> None:
    """A child's whole work: it fails where something of the model cannot be exported, or draws something else then."""
    end_with_parent()
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    from studio.compute.device import choose_device
    from studio.core.place import config_dir
    from studio.core.setting import FILE_NAME, Settings
    from studio.registry.catalog import Catalog
    from studio.registry.consent import Consent

    catalog = Catalog(consent=Consent(Settings(config_dir() / FILE_NAME)))
    source = catalog.find_model(sys.argv[1]).source
    export_parts(catalog.open_engine(source, choose_device("cpu", 1)), source)


def export_parts(engine: Engine, source: ModelSource) -> None:
    """Export all parts of an engine, compare each with torch, and forget what other versions had exported."""
    from studio.nn.exported import Exported, export

    parts = engine.exportable()
    files = _files(source, len(parts))
    _make_folder()
    for part, file in zip(parts, files, strict=True):
        draft = file.with_suffix(f".{os.getpid()}")
        try:
            export(part, draft)
            Exported(part, draft)
            draft.replace(file)
        finally:
            draft.unlink(missing_ok=True)


def _make_folder() -> None:
    """Make the folder of these versions the only one."""
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.parent.iterdir():
        if old != folder:
            shutil.rmtree(old, ignore_errors=True)


def _folder() -> Path:
    from studio.nn.exported import made_with

    return cache_dir() / FOLDER / hashlib.sha256(made_with().encode()).hexdigest()[:16]


def _files(source: ModelSource, n_parts: int) -> list[Path]:
    """Where each part of a model is kept, whether it is there or not."""
    return [_folder() / f"{source.content_hash[:32]}-{number}.onnx" for number in range(n_parts)]
