"""The start page: a card for each family, recent things, and a place to drop a file."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from studio.core.card import Card
from studio.core.place import plugin_dir
from studio.core.translation import N_, _, translate
from studio.shell.home.drop_zone import DropZone
from studio.shell.home.family_card import BrokenCard, FamilyCard, FamilyItem, WaitingCard, make_cards
from studio.shell.home.own_models import OwnModels
from studio.widgets.controls.button import Button
from studio.widgets.controls.label import Label, set_tip
from studio.widgets.message_bar import MessageBar
from studio.widgets.theme import theme

MARGIN_PX = 60
CARD_WIDTH_PX = 340
MAX_COLUMNS = 3
N_RECENT = 4
RESTORE_KEY = "restore"
_NUMBERS = {
    2: N_("Two ways a machine can imagine"),
    3: N_("Three ways a machine can imagine"),
    4: N_("Four ways a machine can imagine"),
    5: N_("Five ways a machine can imagine"),
    6: N_("Six ways a machine can imagine"),
}


class Home(QScrollArea):
    """Signals: open_requested(model_id), models_requested(family_id, button), path_requested(path as text),
    file_requested(), reload_requested(family), allow_requested(family).
    """

    reload_requested = Signal(str)
    allow_requested = Signal(str)
    open_requested = Signal(str)
    models_requested = Signal(str, QWidget)
    path_requested = Signal(str)
    file_requested = Signal()

    def __init__(
        self, items: Sequence[FamilyItem], broken: Mapping[str, str], waiting: Mapping[str, str] | None = None
    ) -> None:
        """By their names: `broken` says why families do not work, `waiting` where those come from that may not run."""
        super().__init__()
        self.setWidgetResizable(True)
        self.setObjectName("home")
        self.drop_zone = DropZone()
        self.drop_zone.clicked.connect(self.file_requested)
        self.cards: list[QFrame] = []
        self.messages = MessageBar()
        self.messages.action_requested.connect(self._on_message_action)
        self._restore: Callable[[], None] | None = None
        self._recent = RecentCard()
        self._recent.open_requested.connect(self.open_requested)
        self._recent.path_requested.connect(self.path_requested)
        self.own_models = OwnModels()
        self._grid = QGridLayout()
        self._grid.setSpacing(20)
        self._n_columns = 0
        self._heading, self._lead = Label(), Label()
        self._lay_out()
        self.show_families(items, broken, waiting)

    def show_families(
        self, items: Sequence[FamilyItem], broken: Mapping[str, str], waiting: Mapping[str, str] | None = None
    ) -> None:
        """Make a card for each family, in place of those that were there."""
        for old in self.cards:
            old.hide()
            old.deleteLater()
        self.cards = []
        for card in make_cards(items):
            card.open_requested.connect(self.open_requested)
            card.models_requested.connect(self.models_requested)
            self.cards.append(card)
        for kind, texts, wish in (
            (BrokenCard, broken, self.reload_requested),
            (WaitingCard, waiting or {}, self.allow_requested),
        ):
            for name, text in texts.items():
                silent = kind(name, text)
                silent.wanted.connect(wish)
                self.cards.append(silent)
        self._heading.setText(heading_text(len(items)))
        self._lead.setText(lead_text(len(items)))
        self._arrange()

    def _lay_out(self) -> None:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(MARGIN_PX, 32, MARGIN_PX, 32)
        layout.setSpacing(8)
        self._heading.setProperty("role", "heading")
        self._lead.setProperty("role", "lead")
        self._lead.setWordWrap(True)
        layout.addWidget(self.messages)
        layout.addWidget(self._heading)
        layout.addWidget(self._lead)
        layout.addSpacing(8)
        layout.addLayout(self._grid)
        layout.addSpacing(12)
        row = QHBoxLayout()
        row.setSpacing(20)
        row.addWidget(self.drop_zone, 3)
        row.addWidget(self._recent, 2)
        layout.addLayout(row)
        layout.addSpacing(4)
        layout.addWidget(self.own_models)
        layout.addStretch(1)
        self.setWidget(page)

    def show_models(self, cards: Sequence[Card]) -> None:
        """Let each family offer its models among these."""
        for family_card in self.cards:
            if isinstance(family_card, FamilyCard):
                family_id = family_card.item.family.id
                family_card.set_cards([card for card in cards if card.family == family_id])

    def offer_restore(self, restore: Callable[[], None]) -> None:
        """Say that the program did not end well, and offer to open again what was open."""
        self._restore = restore
        self.messages.show_note(
            N_("The program did not close properly last time."),
            N_("What you had open has been kept."),
            key=RESTORE_KEY,
            action=N_("Restore the last session"),
        )

    def _on_message_action(self, key: str) -> None:
        if key == RESTORE_KEY and self._restore is not None:
            self.messages.dismiss(key)
            self._restore()

    def show_recent(self, entries: Sequence[tuple[str, str]]) -> None:
        """List the last opened things, newest first: (model id or path, title)."""
        self._recent.show_entries(entries[:N_RECENT])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put as many cards side by side as the width allows."""
        super().resizeEvent(event)
        if self._columns_that_fit() != self._n_columns:
            self._arrange()

    def _columns_that_fit(self) -> int:
        room_px = self.viewport().width() - 2 * MARGIN_PX
        return min(max(room_px // theme().scaled(CARD_WIDTH_PX), 1), MAX_COLUMNS, max(len(self.cards), 1))

    def _arrange(self) -> None:
        n_columns = self._columns_that_fit()
        for column in range(self._n_columns):
            self._grid.setColumnStretch(column, 0)
        self._n_columns = n_columns
        for place, card in enumerate(self.cards):
            self._grid.addWidget(card, place // n_columns, place % n_columns)
        for column in range(n_columns):
            self._grid.setColumnStretch(column, 1)


def heading_text(n_families: int) -> str:
    """The heading for so many families."""
    if n_families == 0:
        return _("No family of models is installed")
    if n_families == 1:
        return _("A machine that imagines")
    return translate(_NUMBERS.get(n_families, N_("Many ways a machine can imagine")))


def lead_text(n_families: int) -> str:
    """The sentence under the heading."""
    if n_families == 0:
        return _("Put a family’s folder into {folder} and start again.").format(folder=plugin_dir())
    if n_families == 1:
        return _("Open it and start dragging. Everything here runs on this computer.")
    return _("Pick one and start dragging. Everything here runs on this computer.")


class RecentCard(QFrame):
    """Links to the last opened things; hidden while there are none.

    Signals: open_requested(model_id), path_requested(path as text).
    """

    open_requested = Signal(str)
    path_requested = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.setObjectName("recent")
        title = Label(_("Recent"))
        title.setProperty("role", "strong")
        self._links = QHBoxLayout()
        self._links.setSpacing(12)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 10, 16, 10)
        layout.setSpacing(4)
        layout.addWidget(title)
        layout.addLayout(self._links)
        self.hide()

    def show_entries(self, entries: Sequence[tuple[str, str]]) -> None:
        """List (model id or path, title)."""
        while (old := self._links.takeAt(0)) is not None:
            link = old.widget()
            if link is not None:
                link.deleteLater()
        for target, title in entries:
            link = Button(title, kind="link")
            set_tip(link, target)
            link.setProperty("target", target)
            link.clicked.connect(self._on_link_clicked)
            self._links.addWidget(link)
        self._links.addStretch(1)
        self.setVisible(bool(entries))

    def _on_link_clicked(self) -> None:
        target = self.sender().property("target")
        if Path(target).is_absolute():
            self.path_requested.emit(target)
        else:
            self.open_requested.emit(target)
