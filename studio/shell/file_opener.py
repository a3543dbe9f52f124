"""Opens whatever file a person drops or chooses, or says in a sentence why not."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from studio.compute.job import Policy
from studio.core.error import UserError
from studio.core.text import N_, translate
from studio.registry.target import Understood, understand
from studio.shell.service import Services
from studio.widgets.task_scope import TaskScope


class FileOpener(QObject):
    """Looks into files on the Lane. Signals: understood(Understood), refused(UserError)."""

    understood = Signal(object)
    refused = Signal(object)

    def __init__(self, services: Services, parent: QObject) -> None:
        super().__init__(parent)
        self._catalog = services.catalog
        self._tasks = TaskScope(self, services.lane, services.courier)

    def open_path(self, path: Path) -> None:
        """Find out what the file is; the newest wish counts."""
        self._tasks.run(
            "open",
            lambda: understand(path, self._catalog),
            Policy.RESTART,
            done=self._on_done,
            failed=self._on_failed,
            title=translate(N_("Opening {name}")).format(name=path.name),
        )

    def _on_done(self, understood: Understood) -> None:
        self.understood.emit(understood)

    def _on_failed(self, error: Exception) -> None:
        if not isinstance(error, UserError):
            raise error
        self.refused.emit(error)


def describe(understood: Understood) -> str:
    """One sentence about what a file is."""
    report = understood.report
    if understood.opening is None:
        return translate(report.why_not)
    if report.is_export:
        return translate(N_("Made with {model}, opened where it was made.")).format(model=understood.opening.title)
    size = "" if report.n_params is None else translate(N_(", {n:,} numbers")).format(n=report.n_params)
    return translate(N_("A model: {title}{size}.")).format(title=understood.opening.title, size=size)
