"""A child exports a model for ONNX Runtime, once; whatever opens it later draws with it from the first picture on."""

import os
import shutil
import sys
from typing import Final

from studio.api.engine import Engine, ModelSource
from studio.core.child import child_command, end_with_parent
from studio.registry.exported_files import files_of, folder_of_versions

NICENESS: Final = 19


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
    files = files_of(source, len(parts))
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
    folder = folder_of_versions()
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.parent.iterdir():
        if old != folder:
            shutil.rmtree(old, ignore_errors=True)
