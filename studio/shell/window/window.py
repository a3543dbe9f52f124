"""The main window: lays out its parts, and does what its commands say."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QEvent, QObject, QSize, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QCloseEvent, QDesktopServices, QIcon, QResizeEvent
from PySide6.QtWidgets import QFileDialog, QSplitter, QVBoxLayout, QWidget

from studio.commands.keymap import Keymap
from studio.core.error import UserError
from studio.core.option import KEYS, RECENT, WINDOW_GEOMETRY, Option
from studio.core.place import asset, log_dir
from studio.core.translation import N_, _, plural, translate
from studio.shell.export.exporter import Exporter
from studio.shell.home.family_card import FamilyItem
from studio.shell.home.home import Home
from studio.shell.live.live import LiveControls
from studio.shell.present.desk import PresentDesk
from studio.shell.session.motion_choice import MotionChoice
from studio.shell.session.recent_picture import keep_picture
from studio.shell.session.service import Services
from studio.shell.session.sound_choice import SoundChoice
from studio.shell.tabs.model_tab import ModelTab
from studio.shell.tabs.opener import ModelOpener
from studio.shell.tabs.tab_set import TabSet
from studio.shell.tour.desk import TourDesk
from studio.shell.training.training import Trainings
from studio.shell.window.about import AboutDialog
from studio.shell.window.compare_with import Comparer
from studio.shell.window.file_drop import DropWindow
from studio.shell.window.finder import Finder
from studio.shell.window.front_steps import FrontSteps
from studio.shell.window.guide import GuidePane
from studio.shell.window.look import Look
from studio.shell.window.menu_bar import MenuBar
from studio.shell.window.panel_command import PanelCommands
from studio.shell.window.preference import PreferencePage
from studio.shell.window.send_to import Sender
from studio.shell.window.shortcut import KeyList, ShortcutMap
from studio.shell.window.status_bar import StatusBar
from studio.shell.window.toast import Toast
from studio.shell.window.top_bar import TopBar
from studio.widgets.question import ask

SIZE_PX = (1440, 900)
FILTERS = N_("All files (*);;Workspaces (*.manifold)")
EXPORT_INTERVAL_MS = 250
MIN_SIZE_PX = (960, 600)
TITLE_BAR_PX = 30


class MainWindow(DropWindow):
    """Signals: first_painted() once, when the window can be seen; closing() before it goes.

    Attributes:
        toast: what is said in passing. steps: those of the tab in front.
        what_is_lost: a sentence about what would be gone with the window, empty where the next start brings it back.
    """

    first_painted = Signal()
    closing = Signal()

    def __init__(self, services: Services, look: Look) -> None:
        super().__init__()
        self._services = services
        self._look = look
        self.installEventFilter(self)
        self.setWindowTitle(_("Manifold Studio"))
        self.setWindowIcon(QIcon(str(asset("icons/manifold-studio.png"))))
        self.setMinimumSize(QSize(*MIN_SIZE_PX).boundedTo(self._room()))
        self.setAcceptDrops(True)
        self.keymap = Keymap(services.commands, services.settings.get(KEYS))
        self.home = Home(*_families(services))
        self.top_bar = TopBar(services.commands)
        self.tabs = TabSet(services, self.top_bar.tabs, self.home, _("Home"))
        self.steps = FrontSteps(self.tabs, self)
        self.guide = GuidePane()
        self.status = StatusBar(services.dispatcher, services.worker)
        self.opener = ModelOpener(services, self.tabs)
        self.exporter = Exporter(services, self.tabs, self)
        self.trainings = Trainings(services, self.tabs, self.home, self.opener, self)
        self.what_is_lost: Callable[[], str] = str
        self._preferences: PreferencePage | None = None
        self._panel_commands = PanelCommands(services.commands)
        # Until the first picture, after each that was computed; not at once: a panel shows it after it is told of it.
        self._export_follows = QTimer(self, singleShot=True, interval=EXPORT_INTERVAL_MS)
        self._export_follows.timeout.connect(self._show_export)
        self.presenting = PresentDesk(services, self.tabs, look, self, (self.top_bar, self.guide, self.status))
        self._lay_out()
        self.toast = Toast(self)
        self._sound = SoundChoice(services.settings, self.say, self)
        self.motion = MotionChoice(services, self)
        self.finder = Finder(services, self.keymap, self.opener, self)
        self.live = LiveControls(services.settings, self.tabs, self)
        self.comparer = Comparer(services, self.tabs, self)
        self.send_to = Sender(services, self.tabs, self.opener, self)
        self.tours = TourDesk(services, self.tabs, self.opener, self.home, self.guide, self._centre)
        self._connect()
        self.menu_bar = MenuBar(services.commands, self.keymap, services.settings)
        self.setMenuBar(self.menu_bar)
        self._shortcuts = ShortcutMap(self, services.commands, self.keymap)
        self._show_recent()
        self._on_front_changed()
        self._restore_geometry()

    def _lay_out(self) -> None:
        self._middle = QSplitter(Qt.Orientation.Horizontal)
        self._middle.setHandleWidth(1)
        self._middle.setChildrenCollapsible(False)
        self._middle.addWidget(self.tabs.stack)
        self._middle.addWidget(self.guide)
        self._middle.setStretchFactor(0, 1)
        self._centre = QWidget()
        layout = QVBoxLayout(self._centre)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.top_bar)
        layout.addWidget(self._middle, 1)
        layout.addWidget(self.status)
        self.setCentralWidget(self._centre)

    def _connect(self) -> None:
        self.home.open_requested.connect(self.opener.open_model)
        self.home.models_requested.connect(self.finder.show_family)
        self.home.chosen.connect(self.finder.note)
        self.home.search_in(self.finder.choices)
        self.home.examples.show_choices(self.finder.examples())
        self.home.file_requested.connect(self.ask_file)
        self.home.reload_requested.connect(lambda name: self._renew_families(self._services.catalog.reload, name))
        self.home.allow_requested.connect(lambda name: self._renew_families(self._services.catalog.allow, name))
        self.opener.failed.connect(self.show_error)
        self.opener.said.connect(self.home.drop_zone.show_text)
        for part in (self.trainings, self.exporter, self.presenting):
            part.failed.connect(self.show_error)
        self.trainings.models_changed.connect(self._show_recent)
        self.exporter.saved.connect(partial(_say_saved, self))
        self.exporter.copied.connect(lambda: self.say(_("The picture is on the clipboard.")))
        self.tabs.front_changed.connect(self._on_front_changed)
        self.tabs.steps_changed.connect(self._show_steps)
        self.tabs.timed.connect(self.status.show_timing)
        self.tabs.closing.connect(self._keep_picture)
        self.tabs.guide_requested.connect(self.show_guide)
        self.guide.closed.connect(self.guide.hide)
        self._services.settings.on_change(self._on_setting_changed)

    # What the commands do

    def connect_server(self) -> None:
        """Ask for a server, and open one of its models."""
        from studio.shell.window.connect import ConnectDialog

        families = [found for found in self._services.catalog.families if found.family and found.family.connector]
        if families:
            dialog = ConnectDialog(self._services, families[0].id, self)
            dialog.chosen.connect(self.opener.open_model)
            dialog.finished.connect(dialog.deleteLater)
            dialog.open()

    def ask_file(self) -> None:
        """Ask for a file and open it."""
        chosen, _filter = QFileDialog.getOpenFileName(self, _("Open a file"), str(Path.home()), _(FILTERS))
        if chosen:
            self.opener.open_path(Path(chosen))

    def can_close_front(self) -> bool:
        """Whether the page in front is not Home."""
        return self.tabs.front is not self.home

    def close_front(self) -> None:
        """Close the page in front."""
        self.tabs.close_page(self.tabs.front)

    def show_preferences(self, option: Option[Any] | None = None) -> None:
        """Open the preferences in a tab, at an `option` where one is named."""
        if self._preferences is None:
            self._preferences = PreferencePage(self._services.settings)
            self._preferences.destroyed.connect(self._on_preferences_gone)
            self.tabs.open_page(self._preferences, _("Preferences"))
        else:
            self.tabs.show_page(self._preferences)
        if option is not None:
            self._preferences.show_option(option)

    def has_guide(self) -> bool:
        """Whether the tab in front belongs to a family with a guide."""
        tab = self.tabs.front_tab
        return tab is not None and tab.guide_path is not None

    def switch_guide(self) -> None:
        """Show the guide of the family in front, or hide it."""
        if self.guide.isVisible():
            self.guide.hide()
        else:
            self.show_guide()

    def show_guide(self) -> None:
        """Show the guide of the family in front."""
        tab = self.tabs.front_tab
        if tab is None or tab.guide_path is None:
            return
        try:
            self.guide.show_guide(translate(tab.family_title), tab.guide_path)
        except UserError as error:
            self.show_error(error)

    def switch_theme(self) -> None:
        """From dark to light or back."""
        self._look.switch()

    def scale_text(self, step: float) -> None:
        """Make all text larger or smaller."""
        self._look.scale_text(step)

    def reset_text(self) -> None:
        """Back to the usual text size."""
        self._look.reset_text()

    def show_keys(self) -> None:
        """List the keyboard shortcuts."""
        dialog = KeyList(self._services.commands, self.keymap, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def show_about(self) -> None:
        """Say what this program is."""
        dialog = AboutDialog(log_dir(), self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def quit(self) -> None:
        """Close the window, which ends the program; ask where something would be given up or interrupted."""
        titles, lost = self.status.jobs.titles(), self.what_is_lost()
        if titles:
            _ask_to_quit(self, titles)
        elif lost:
            ask(self, "ask_quit", _("Quit without saving?"), lost, (_("Quit"), _("Stay")), self.close)
        else:
            self.close()

    def say(self, text: str, detail: str = "", action: str = "", do: Callable[[], object] | None = None) -> None:
        """Say in passing that something is done, with a button where there is something to `do` about it."""
        self.toast.show_text(text, detail, action, do)

    # What happens

    def show_error(self, error: UserError) -> None:
        """Say in the page in front what went wrong and what to do."""
        tab = self.tabs.front_tab
        if tab is not None and tab.panel is not None:
            tab.panel.messages.show_error(error)
            return
        self.tabs.show_home()
        self.home.drop_zone.show_text(f"{translate(error.title)} {translate(error.what_to_do)}".strip())

    def _on_front_changed(self) -> None:
        tab = self.tabs.front_tab
        self._panel_commands.follow(self.tabs.front)
        self._show_steps()
        self._show_export()
        self.status.show_timing(tab.last_timing if tab is not None else None)
        self.top_bar.show_guide(self.has_guide())
        if not self.has_guide():
            self.guide.hide()
        elif self.guide.isVisible():
            self.show_guide()

    def _show_steps(self) -> None:
        self.top_bar.show_undo(self.steps.stack)

    def _show_export(self) -> None:
        is_possible = self.exporter.can_export()
        self.top_bar.show_export(is_possible)
        if not is_possible:
            self.tabs.timed.connect(self._follow_export, Qt.ConnectionType.SingleShotConnection)

    def _follow_export(self) -> None:
        self._export_follows.start()

    def _on_preferences_gone(self) -> None:
        self._preferences = None

    def _on_setting_changed(self, key: str) -> None:
        if key == RECENT.key:
            self._show_recent()

    def _keep_picture(self, page: QWidget) -> None:
        if isinstance(page, ModelTab):
            keep_picture(page, self._services.settings)
        self._show_recent()

    def _show_recent(self) -> None:
        self.home.show_recent(self.finder.recent())

    def _restore_geometry(self) -> None:
        self.resize(QSize(*SIZE_PX).boundedTo(self._room()))
        kept = self._services.settings.get(WINDOW_GEOMETRY)
        if kept:
            self.restoreGeometry(QByteArray.fromBase64(kept.encode()))
            self.resize(self.size().boundedTo(self._room()))  # the screen may have been a larger one

    def _room(self) -> QSize:
        """What the screen leaves to a window with its title bar."""
        return self.screen().availableGeometry().size() - QSize(0, TITLE_BAR_PX)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Tell when the window has been painted for the first time; after that no event passes here."""
        if event.type() is QEvent.Type.Paint:
            self.removeEventFilter(self)
            QTimer.singleShot(0, self, self.first_painted.emit)
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep what lies over the window in its place."""
        super().resizeEvent(event)
        self.toast.follow()

    def _renew_families(self, renew: Callable[[str], None], family_id: str) -> None:
        renew(family_id)
        self.tours.read_guides()
        # The wish comes from a card that goes: let its event end first.
        QTimer.singleShot(0, self.home, self._show_families)

    def _show_families(self) -> None:
        self.home.show_families(*_families(self._services))
        self.home.examples.show_choices(self.finder.examples())

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember the geometry; whoever listens to `closing` saves the rest. A person who closes it may be asked."""
        if event.spontaneous() and (self.status.jobs.titles() or self.what_is_lost()):
            event.ignore()
            self.quit()
            return
        self.presenting.close()
        geometry = self.saveGeometry().toBase64().toStdString()
        self._services.settings.set(WINDOW_GEOMETRY, geometry)
        for tab in self.tabs.model_tabs():
            keep_picture(tab, self._services.settings)
        self.closing.emit()
        self._shortcuts.close()
        super().closeEvent(event)


def _say_saved(window: MainWindow, path: Path, wish: object) -> None:
    show = partial(QDesktopServices.openUrl, QUrl.fromLocalFile(str(path.parent)))
    window.say(_("Saved as {name}.").format(name=path.name), str(path.parent), _("Show in folder"), show)


def _ask_to_quit(window: MainWindow, titles: Sequence[str]) -> None:
    question = plural(N_("Quit while a job is running?"), N_("Quit while {n} jobs are running?"), len(titles))
    consequences = _("{jobs}. Trainings and downloads can go on at the next start; everything else is lost.")
    ask(window, "ask_quit", question, consequences.format(jobs=", ".join(titles)), (_("Quit"), _("Stay")), window.close)


def _families(services: Services) -> tuple[list[FamilyItem], dict[str, str], dict[str, str]]:
    """What Home shows of the families that work, why others do not, and where those come from that may not run yet."""
    items, broken, waiting = [], {}, {}
    for found in services.catalog.families:
        if found.is_waiting:
            waiting[found.id] = translate(found.origin)
        elif found.family is None:
            broken[found.id] = found.error or ""
        else:
            cards = [model.card for model in services.catalog.list_models(found.id)]
            items.append(FamilyItem(found.family, found.file(found.family.thumbnail), cards))
    return items, broken, waiting
