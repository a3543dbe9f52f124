"""The downloads of a window: looks names up, begins downloads, goes on with them, and says what became of them."""

import json
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from studio.compute.job import Policy
from studio.core.error import UserError
from studio.core.option import HOSTS_ALLOWED
from studio.core.translation import N_, _
from studio.registry.consent import HostConsent
from studio.registry.download.apart import look_command
from studio.registry.download.download import Download, begun, discard, unfinished
from studio.registry.download.offer import Offer, offer_of
from studio.registry.model import ModelInfo
from studio.shell.download.live import LiveDownload
from studio.shell.session.service import Services
from studio.shell.window.window import MainWindow
from studio.widgets.child_process import ChildProcess
from studio.widgets.question import ask
from studio.widgets.task_scope import TaskScope

LOOK_LIMIT_MS = 120_000
_NO_ANSWER = N_("There was no answer.")


class Downloads(QObject):
    """Signals:
    changed(): other downloads are under way or can be gone on with.
    got(): a model is here.
    offered(list[Offer]): what was looked up.
    failed(UserError): what was wished cannot be done.
    agreed(str): a host may be asked now, for this name.

    Attributes:
        live: under way in this window.
        unfinished: on the disk, to be gone on with; known after `look`.
        ready: the model that came last, None before.
        dialog: what is asked about stands over it, None where none is open.
    """

    changed = Signal()
    got = Signal()
    offered = Signal(object)
    failed = Signal(object)
    agreed = Signal(str)

    def __init__(self, services: Services, window: MainWindow) -> None:
        super().__init__(window)
        self._services, self._window = services, window
        self._consent = HostConsent(services.settings)
        self._tasks = TaskScope(self, services.worker, services.dispatcher)
        self._tasks.failed.connect(self._on_failed)
        self._looking: ChildProcess | None = None
        self.dialog: QWidget | None = None
        self.live: list[LiveDownload] = []
        self.unfinished: list[Download] = []
        self.ready: ModelInfo | None = None

    def look(self) -> None:
        """Find the downloads that can be gone on with."""
        folder = self._services.catalog.models_folder
        self._tasks.run("look", partial(unfinished, folder), Policy.QUEUE, done=self._on_looked)

    def look_up(self, name: str) -> None:
        """Find out what there is under a name; a host that nobody has agreed to is asked about first."""
        self.forget_look_up()
        hosts: list[str] = self._services.settings.get(HOSTS_ALLOWED)
        child = ChildProcess(look_command(name, hosts), self, LOOK_LIMIT_MS)
        child.said.connect(partial(self._on_said, name))
        child.ended.connect(self._on_look_ended)
        self._looking = child

    def forget_look_up(self) -> None:
        """The answer is not wanted any more."""
        if self._looking is not None:
            self._looking.end()
            self._looking = None

    def begin(self, offer: Offer) -> None:
        """Download it."""
        folder = self._services.catalog.models_folder
        self._tasks.run("begin", partial(begun, offer, folder), Policy.QUEUE, done=self.go_on)

    def go_on(self, download: Download) -> None:
        """Go on with a download."""
        if any(live.download.folder == download.folder for live in self.live):
            return
        self.unfinished = [one for one in self.unfinished if one.folder != download.folder]
        live = LiveDownload(self._services, download, self)
        live.done.connect(partial(self._on_done, live))
        live.stopped.connect(partial(self._leave, live))
        live.failed.connect(partial(self._on_live_failed, live))
        live.changed.connect(self.changed)
        self.live.append(live)
        self.changed.emit()

    def ask_to_discard(self, download: Download) -> None:
        """Delete what is there of a download once a person has agreed."""
        question = _("Discard the download of {title}?").format(title=download.offer.title)
        agreed = partial(self._change, partial(discard, download))
        text = _("What is there of it will be deleted from the disk.")
        ask(self.dialog or self._window, "ask_discard", question, text, (_("Discard"), _("Keep")), agreed)

    def _change(self, change: Callable[[], None]) -> None:
        self._tasks.run("change", change, Policy.QUEUE, done=lambda _: self.look())

    def _on_looked(self, found: list[Download]) -> None:
        here = {live.download.folder for live in self.live}
        self.unfinished = [one for one in found if one.folder not in here]
        self.changed.emit()

    def _on_said(self, name: str, line: bytes) -> None:
        said = json.loads(line)
        self._looking = None
        if "host" in said:
            self._ask_about(said["host"], name)
        elif "offers" in said:
            self.offered.emit([offer_of(one) for one in said["offers"]])
        else:
            self.failed.emit(UserError(*said["refused"]))

    def _ask_about(self, host: str, name: str) -> None:
        text = _(
            "“{name}” is looked up at {host}, and downloaded from there and from where it points to. That host learns "
            "your internet address and what you ask for, nothing else. You are asked once."
        )
        question, text = _("Connect to {host}?").format(host=host), text.format(name=name, host=host)
        self.failed.emit(UserError(N_("Nothing was asked yet.")))
        agreed = partial(self._on_agreed, host, name)
        ask(self.dialog or self._window, "ask_host", question, text, (_("Connect"), _("Not now")), agreed)

    def _on_agreed(self, host: str, name: str, _: object = None) -> None:
        self._consent.give(host)
        self.agreed.emit(name)

    def _on_look_ended(self, is_well: bool, text: str) -> None:
        if self._looking is not None:
            self._looking = None
            self.failed.emit(UserError(_NO_ANSWER))

    def _on_done(self, live: LiveDownload, model_id: str) -> None:
        self._services.catalog.refresh()
        try:
            model = self._services.catalog.find_model(model_id)
        except UserError as error:
            self._on_live_failed(live, error)
            return
        self.ready = model
        self._leave(live)
        self.got.emit()
        self._window.trainings.welcome(model)

    def _on_live_failed(self, live: LiveDownload, error: UserError) -> None:
        self._leave(live)
        self._on_failed(error)

    def _leave(self, live: LiveDownload) -> None:
        self.live.remove(live)
        live.deleteLater()
        self.look()

    def _on_failed(self, error: BaseException) -> None:
        if not isinstance(error, UserError):
            self._services.report(error)
        elif self.dialog is not None:
            self.failed.emit(error)
        else:
            self._window.show_error(error)
