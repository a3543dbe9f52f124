"""The composition root: builds the long-lived objects, connects them, and ends them in order."""

import contextlib
import locale
import logging
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QLibraryInfo, QLocale, QObject, Qt, QTimer, QTranslator
from PySide6.QtWidgets import QApplication

from studio.commands.command import CommandRegistry
from studio.compute.device import Device
from studio.compute.job import Delivery, Policy
from studio.compute.thread import wait_passively
from studio.compute.worker import Worker, share_heaps
from studio.core.error import UserError
from studio.core.option import GRAPHICS, LANGUAGE, MOTION
from studio.core.place import config_dir, data_dir, log_dir
from studio.core.setting import FILE_NAME, Settings
from studio.core.translation import N_, _, language
from studio.registry.catalog import Catalog
from studio.registry.consent import Consent
from studio.registry.target import Opening, find_opening, find_workspace, typed_params
from studio.shell.download.desk import DownloadDesk
from studio.shell.made.desk import MadeDesk
from studio.shell.session.crash import CrashReporter, start_log
from studio.shell.session.device_start import DeviceStart
from studio.shell.session.display import held_display
from studio.shell.session.graphics_card import GraphicsCard
from studio.shell.session.interrupt import Interrupt
from studio.shell.session.keeper import SessionKeeper
from studio.shell.session.kernel_preparation import KernelPreparation
from studio.shell.session.memory import IdleCollection, MemoryWatch
from studio.shell.session.network_export import NetworkExport
from studio.shell.session.service import Services
from studio.shell.session.warm_up import warm_up
from studio.shell.session.workspace_desk import WorkspaceDesk
from studio.shell.window.action import add_window_commands
from studio.shell.window.language_switch import LanguageSwitch
from studio.shell.window.look import Look
from studio.shell.window.window import MainWindow
from studio.widgets.dispatcher import Dispatcher
from studio.widgets.spoken_role import offer_roles
from studio.widgets.task_scope import TaskScope
from studio.widgets.views.gl_probe import set_default_format

log = logging.getLogger(__name__)

SWITCH_INTERVAL_S = 0.001
SHOT_LIMIT_MS = 120_000
CHECK_INTERVAL_MS = 50
CHECK_SIZE_PX = (1000, 700)
HOME = "home"


def run(target: str | None = None) -> int:
    """Open the window, with a model id or a file where one is named, and stay until it closes.

    Raises UserError, before any window is shown, where the target cannot be opened.
    """
    prepare_process()
    log_path = start_log(log_dir())
    settings = Settings(config_dir() / FILE_NAME)
    catalog = Catalog(consent=Consent(settings))
    opening = find_workspace(target) or find_opening(target, catalog) if target else None
    with held_display():
        app = make_app(settings.get(GRAPHICS))
    interrupt = Interrupt()
    crash = CrashReporter(log_path)
    crash.install()
    status = stay(app, Studio(app, settings, catalog, crash), opening)
    interrupt.end()
    return status


def stay(app: QApplication, studio: "Studio", opening: Opening | Path | None = None) -> int:
    """Until the window closes for good; for another language it comes back with all that was open."""
    studio.begin(opening)
    status = app.exec()
    studio.end()
    while studio.language.is_agreed:
        studio = studio.anew()
        studio.begin()
        status = app.exec()
        studio.end()
    return status


def start_again() -> NoReturn:
    """Become the same program once more: what was open is on the disk and comes back."""
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def prepare_process() -> None:
    """Let background threads wait without burning a core, and let the window's thread have its turn soon.

    Qt by itself waits 5 ms for more to paint before it paints.
    """
    wait_passively()
    os.environ.setdefault("QT_QPA_UPDATE_IDLE_TIME", "0")
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    share_heaps()


def make_app(card: str = "") -> QApplication:
    """The one QApplication; `card` is the graphics card that draws scenes, where one is known.

    Only then OpenGL is loaded with it: that takes time, and broken drivers crash.
    """
    set_default_format()
    if card:
        QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
    app = QApplication(["manifold-studio"])
    keep_plain_letters()
    speak_in_dialogs(app)
    offer_roles()
    app.setApplicationName("manifold-studio")
    app.setApplicationDisplayName(_("Manifold Studio"))
    app.setDesktopFileName("manifold-studio")
    return app


def speak_in_dialogs(app: QApplication) -> None:
    """Let Qt's own dialogs, its menus of text fields and the names of keys be in the language of the program."""
    for old in app.findChildren(QTranslator):
        app.removeTranslator(old)
        old.deleteLater()
    translator = QTranslator(app)
    if translator.load(f"qtbase_{language()}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        app.installTranslator(translator)


def keep_plain_letters() -> None:
    """Take back how the C library writes letters and numbers, which Qt sets to the person's language; texts stay in it.

    In Turkish, where a capital i has a dot, PySide6 would find no property whose name begins with i; in Arabic some
    fields, and no others, would have digits of their own.
    """
    QLocale.setDefault(QLocale.c())
    for kind, names in ((locale.LC_CTYPE, ("C.UTF-8", "UTF-8", "C")), (locale.LC_NUMERIC, ("C",))):
        for name in names:
            with contextlib.suppress(locale.Error):
                locale.setlocale(kind, name)
                break


class Studio(QObject):
    """Everything that lives as long as the window."""

    def __init__(
        self,
        app: QApplication,
        settings: Settings,
        catalog: Catalog,
        crash: CrashReporter,
        is_kept: bool = True,
    ) -> None:
        """`is_kept` says whether the session is restored and saved, and the rest is loaded for later clicks."""
        super().__init__()
        self.settings = settings
        self._app = app
        self.dispatcher = Dispatcher()
        self.worker = Worker(self.dispatcher.deliver)
        self.device = DeviceStart(settings)
        self._crash = crash
        self._catalog = catalog
        self.look = Look(app, settings)
        services = Services(
            settings, catalog, self.worker, self.dispatcher, CommandRegistry(), self.device, crash.report
        )
        self.window = MainWindow(services, self.look)
        add_window_commands(self.window, services.commands)
        self.language = LanguageSwitch(
            settings, self.window, lambda: (self.window.status.jobs.titles(), self.window.what_is_lost())
        )
        self._card = GraphicsCard(settings, self.window, self.window.status)
        self.keeper = SessionKeeper(services, self.window.tabs, config_dir()) if is_kept else None
        self.desk = WorkspaceDesk(services, self.window, self.keeper) if self.keeper is not None else None
        self.made = MadeDesk(services, self.window, data_dir() / "made")
        self.downloads = DownloadDesk(services, self.window)
        desk_commands = self.desk.commands() if self.desk is not None else ()
        for command in (*self.made.commands(), *self.downloads.commands(), *desk_commands):
            services.commands.add(command)
        self._watch = MemoryWatch(self.window.tabs)
        self._collection = IdleCollection(self)
        self._preparation = KernelPreparation(catalog, self) if is_kept else None
        self._export = NetworkExport(self.window.tabs, services.hand) if is_kept else None
        self._tasks = TaskScope(self, self.worker, self.dispatcher)
        self._opening: Opening | Path | None = None
        self._is_anew = False
        self.device.wanted.connect(self._on_device_wanted)
        self.window.first_painted.connect(self._on_first_painted)
        self.window.closing.connect(self._on_closing)

    def begin(self, opening: Opening | Path | None = None) -> None:
        """Show the window; everything else comes after the first paint, what is to be opened too."""
        self._opening = opening
        self.window.show()

    def end(self) -> None:
        """Stop the work, save, and leave at once where a kernel still computes."""
        has_ended = self.worker.close()
        self._collection.end()
        try:
            self.settings.save()
        except UserError as error:
            log.warning("%s", error)
        if not has_ended:
            logging.shutdown()
            if self.language.is_agreed:
                start_again()
            os._exit(0)

    def anew(self) -> "Studio":
        """The same once more, after its end: what was open is on the disk and comes back. This one goes."""
        self.settings.forget_listeners()
        for gone in (self.window, self.look, self):
            gone.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        speak_in_dialogs(self._app)
        studio = Studio(self._app, self.settings, self._catalog, self._crash)
        studio._is_anew = True
        return studio

    def _on_first_painted(self) -> None:
        if self.settings.note:
            self.window.home.messages.show_warning(self.settings.note)
        if self.keeper is not None:
            self._restore(self.keeper)
        if isinstance(self._opening, Opening):
            self.window.opener.open_opening(self._opening)
        elif self._opening is not None and self.desk is not None:
            self.desk.open_path(self._opening)
        if self.keeper is not None:
            self.keeper.begin()
            self.window.trainings.begin()
        if self._is_anew:
            self.window.show_preferences(LANGUAGE)
        self.device.begin()
        self.window.live.begin()
        self.window.motion.begin()

    def _restore(self, keeper: SessionKeeper) -> None:
        if keeper.last.is_closed:
            keeper.restore()
        elif keeper.last.tabs:
            self.window.home.offer_restore(keeper.restore)

    def _on_device_wanted(self) -> None:
        self._tasks.run(
            "start",
            self.device.choose,
            Policy.QUEUE,
            done=self._on_device_ready,
            failed=self._on_device_failed,
        )

    def _on_device_ready(self, device: Device) -> None:
        self.window.status.show_device(device.title)
        if self.keeper is not None:
            self._tasks.run("warm_up", lambda: warm_up(self._catalog), Policy.QUEUE, done=self._on_warmed_up)

    def _on_warmed_up(self, _: None) -> None:
        self._collection.begin()
        if self._preparation is not None:
            self._preparation.told.connect(self.window.status.show_preparation)
            self._preparation.begin()

    def _on_device_failed(self, error: BaseException) -> None:
        if not isinstance(error, UserError):
            self._crash.report(error)
            return
        self.window.status.show_device(_("no device"))
        self.window.home.messages.show_error(error)

    def _on_closing(self) -> None:
        if self.keeper is not None:
            self.keeper.close()


def shot(target: str, settings: Mapping[str, str], size_px: tuple[int, int], out: Path) -> None:
    """Save the window as a person sees it with the model `target`, or with Home, as a PNG.

    Args:
        target: a model id, a path, or "home".
        settings: parameters of the model as text, by name.
        size_px: width and height of the window.

    Raises:
        UserError: the model, a parameter or the file is no good; a UsageError where the model lacks a parameter.
    """
    log_path = _prepare_unseen()
    catalog = Catalog()
    opening = None if target == HOME else find_opening(target, catalog)
    if opening is not None:
        typed_params(catalog, opening, opening.params, settings)
        opening = replace(opening, params={**opening.params, **settings})
    app = make_app()
    studio = _unseen(app, catalog, log_path, size_px)
    studio.begin(opening)
    try:
        Patience(studio).wait(is_model_wanted=opening is not None)
        app.processEvents()
        if not studio.window.grab().save(str(out), "PNG"):
            raise UserError(N_("“{name}” could not be saved.").format(name=out.name))
    finally:
        studio.window.close()
        studio.end()


def problems_of_panels(catalog: Catalog) -> Iterator[str]:
    """Open every model of a catalogue in a window that nobody sees; yield a sentence for all that its panel lacks."""
    log_path = _prepare_unseen()
    app = make_app()
    studio = _unseen(app, catalog, log_path, CHECK_SIZE_PX)
    studio.begin()
    try:
        Patience(studio).wait(is_model_wanted=False)
        for model in catalog.list_models():
            yield from (f"{model.id}: {problem}" for problem in _problems_of_panel(studio, model.id))
    finally:
        studio.window.close()
        studio.end()


def _problems_of_panel(studio: Studio, model_id: str) -> Iterator[str]:
    from studio.shell.window.panel_check import panel_problems  # with the timeline, which a window begins without

    studio.window.opener.open_model(model_id)
    try:
        Patience(studio).wait(is_model_wanted=True)
    except Exception as error:  # whatever a stranger's panel does is what is asked about
        yield str(error) or repr(error)
        return
    tab = studio.window.tabs.front_tab
    if tab is not None and tab.panel is not None:
        yield from panel_problems(tab.panel, tab.found.explained())


def _unseen(app: QApplication, catalog: Catalog, log_path: Path, size_px: tuple[int, int]) -> Studio:
    """A window that nobody sees: nothing moves in it by itself, which would only take time."""
    settings = Settings()
    settings.set(MOTION, "reduced")
    studio = Studio(app, settings, catalog, CrashReporter(log_path), is_kept=False)
    studio.window.resize(*size_px)
    return studio


def _prepare_unseen() -> Path:
    """Make the process ready for a window that nobody sees; returns where its log is."""
    prepare_process()
    if sys.platform == "linux":
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    return start_log(log_dir())


class Patience(QObject):
    """Waits until the window shows what it shall show, or until something fails."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._studio = studio
        self._loop = QEventLoop()
        self._error: BaseException | None = None
        self._is_model_wanted = False
        studio.dispatcher.delivered.connect(self._on_delivered)
        # A job leaves the worker's list a moment after its last delivery, and nothing tells when.
        self._timer = QTimer(self)
        self._timer.setInterval(CHECK_INTERVAL_MS)
        self._timer.timeout.connect(self._check)

    def wait(self, is_model_wanted: bool) -> None:
        """Return when the device is known and nothing is computed any more; raises what went wrong."""
        self._is_model_wanted = is_model_wanted
        QTimer.singleShot(SHOT_LIMIT_MS, self, self._on_timeout)
        self._timer.start()
        self._loop.exec()
        self._timer.stop()
        if self._error is not None:
            raise self._error

    def _on_delivered(self, delivery: Delivery) -> None:
        if delivery.error is not None:
            self._fail(delivery.error)

    def _check(self) -> None:
        window = self._studio.window
        tab = window.tabs.front_tab
        if tab is not None and tab.panel is None:
            self._fail(UserError(N_("The panel of this model could not be opened.")))
        is_settled = tab is None or tab.panel is None or tab.panel.is_settled
        is_shown = (window.exporter.can_export() and is_settled) or not self._is_model_wanted
        if is_shown and window.status.has_device and not self._studio.worker.jobs():
            self._loop.quit()

    def _on_timeout(self) -> None:
        self._fail(UserError(N_("The picture was not ready after two minutes.")))

    def _fail(self, error: BaseException) -> None:
        self._error = self._error or error
        self._loop.quit()
