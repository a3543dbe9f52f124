"""Saves what the panel in front shows as a PNG that remembers what made it."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.compute.job import Policy
from studio.core.atomic import atomic_write
from studio.core.error import UserError
from studio.core.text import N_, translate
from studio.render.still import still_png
from studio.shell.service import Services
from studio.widgets.task_scope import TaskScope

if TYPE_CHECKING:
    from studio.api.panel import Snapshot


class Exporter(QObject):
    """Encodes and writes on the Lane. Signals: saved(Path), failed(UserError)."""

    saved = Signal(object)
    failed = Signal(object)

    def __init__(self, services: Services, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._report = services.report
        self._tasks = TaskScope(self, services.lane, services.courier)

    def ask(self, snapshot: "Snapshot") -> None:
        """Ask for a file name, then save."""
        name = f"{re.sub(r'[^a-z0-9_-]+', '-', snapshot.model_id)}-{snapshot.seed}.png"
        chosen, _ = QFileDialog.getSaveFileName(
            self._window,
            translate(N_("Save the picture")),
            str(Path.home() / name),
            translate(N_("PNG pictures (*.png)")),
        )
        if chosen:
            path = Path(chosen)
            self.save(snapshot, path if path.suffix.lower() == ".png" else path.with_name(path.name + ".png"))

    def save(self, snapshot: "Snapshot", path: Path) -> None:
        """Save to `path`, on the Lane."""
        self._tasks.run(
            "export",
            lambda: write_still(snapshot, path),
            Policy.QUEUE,
            done=self.saved.emit,
            failed=self._on_failed,
        )

    def _on_failed(self, error: Exception) -> None:
        if isinstance(error, UserError):
            self.failed.emit(error)
        else:
            self._report(error)


def write_still(snapshot: "Snapshot", path: Path) -> Path:
    """Write the PNG and return its path; raises UserError where the disk refuses."""
    atomic_write(
        path, still_png(snapshot.frame, snapshot.model_id, snapshot.seed, snapshot.params, snapshot.state)
    )
    return path
