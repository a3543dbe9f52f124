"""Exports without the dialog, for tests of what happens before and after."""

from pathlib import Path

from studio.core.recording.clip import Clip
from studio.render.export.format import FORMATS
from studio.render.export.option import ExportOptions
from studio.shell.export.exporter import Wish
from studio.shell.export.source import source_of
from studio.shell.tabs.model_tab import ModelTab
from studio.shell.window.window import MainWindow


def export_picture(window: MainWindow, tab: ModelTab, path: Path, may_replace: bool = True) -> None:
    """Save what the tab shows as a PNG."""
    snapshot = tab.snapshot()
    assert snapshot is not None
    clip = source_of(snapshot, None).still
    window.exporter.save(Wish(FORMATS[0], clip, ExportOptions(), path, may_replace))


def wish_for(format_id: str, clip: Clip, path: Path) -> Wish:
    """An export that the person agreed to."""
    return Wish(next(one for one in FORMATS if one.id == format_id), clip, ExportOptions(48), path, True)
