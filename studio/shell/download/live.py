"""A download that goes on in a process of its own, told in the list of what is under way."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal

from studio.compute.job import Delivery, Job
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.translation import N_, _
from studio.registry.download.apart import bring_command
from studio.registry.download.download import Download
from studio.shell.session.service import Services
from studio.widgets.child_process import ChildProcess

_BROKE_OFF = N_("The download broke off.")
_KEPT = N_("What was downloaded is kept: start it again to go on.")


@dataclass(eq=False)
class DownloadJob(Job):
    """What the list of jobs shows of it, though no Worker does it; `stop` is told when a person ends it there."""

    stop: Callable[[], None] = lambda: None

    def cancel(self) -> None:
        """End it at once; what is there is kept."""
        super().cancel()
        self.stop()


class LiveDownload(QObject):
    """Signals: changed() with each news; stopped(); done(model_id); failed(UserError).

    Attributes:
        frame: how far it is, None before the first news.
    """

    changed = Signal()
    stopped = Signal()
    done = Signal(str)
    failed = Signal(object)

    def __init__(self, services: Services, download: Download, parent: QObject) -> None:
        super().__init__(parent)
        self.download = download
        self.frame: Frame | None = None
        self._deliver = services.dispatcher.deliver
        title = _("Downloading {title}").format(title=download.offer.title)
        self._job = DownloadJob(("download", str(download.folder)), lambda: None, title=title, stop=self._on_stopped)
        self._job.is_started = True
        self._n_events, self._is_over = 0, False
        self._child = ChildProcess(bring_command(download.folder, services.catalog), self)
        self._child.said.connect(self._on_said)
        self._child.ended.connect(self._on_ended)
        self._deliver(Delivery(self._job, 0, None))

    def stop(self) -> None:
        """End it at once; what is there is kept."""
        self._job.cancel()

    def _on_said(self, line: bytes) -> None:
        said: dict[str, Any] = json.loads(line)
        if "progress" in said:
            self.frame = Frame(*said["progress"])
            self._n_events += 1
            self._deliver(Delivery(self._job, self._n_events, self.frame))
            self.changed.emit()
        elif "model" in said:
            self._end()
            self.done.emit(said["model"])
        elif "refused" in said:
            self._end()
            self.failed.emit(UserError(*said["refused"]))

    def _on_ended(self, is_well: bool, text: str) -> None:
        if not self._is_over:
            self._end()
            self.failed.emit(UserError(_BROKE_OFF, _KEPT))

    def _on_stopped(self) -> None:
        if not self._is_over:
            self._child.end()
            self._end()
            self.stopped.emit()

    def _end(self) -> None:
        self._is_over = True
        self._deliver(Delivery(self._job, self._n_events, self.frame, is_finished=True))
