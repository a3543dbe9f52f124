"""The start page: a card for each family, recent things, and a place to drop a file."""

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from studio.core.card import Card
from studio.core.place import plugin_dir
from studio.core.translation import N_, _, translate
from studio.shell.home.drop_zone import DropZone
from studio.shell.home.family_card import BrokenCard, FamilyCard, FamilyItem, WaitingCard, make_cards
from studio.shell.home.own_models import OwnModels
from studio.shell.home.picture_row import PictureRow
from studio.shell.home.wish import Found, WishField
from studio.widgets.controls.label import Label
from studio.widgets.controls.section_parts import named_button
from studio.widgets.gallery.choice import Choice
from studio.widgets.message_bar import MessageBar
from studio.widgets.theme import theme

MARGIN_PX = 60
CARD_WIDTH_PX = 340
MAX_COLUMNS = 3
EXAMPLE_WIDTH_PX = 270
MAX_EXAMPLE_COLUMNS = 4
RECENT_WIDTH_PX = 180
N_RECENT = 6
RESTORE_KEY = "restore"
GRAND_TOUR = "grand"
_NUMBERS = {
    2: N_("Two ways a machine can imagine"),
    3: N_("Three ways a machine can imagine"),
    4: N_("Four ways a machine can imagine"),
    5: N_("Five ways a machine can imagine"),
    6: N_("Six ways a machine can imagine"),
}


class Home(QScrollArea):
    """Signals: open_requested(model_id), models_requested(family_id, button), file_requested(),
    get_requested(), reload_requested(family), allow_requested(family), tour_requested(tour), chosen(str) with the id of
    what a picture or the search ran.
    """

    reload_requested = Signal(str)
    allow_requested = Signal(str)
    tour_requested = Signal(str)
    open_requested = Signal(str)
    models_requested = Signal(str, QWidget)
    file_requested = Signal()
    get_requested = Signal()
    chosen = Signal(str)

    def __init__(
        self, items: Sequence[FamilyItem], broken: Mapping[str, str], waiting: Mapping[str, str] | None = None
    ) -> None:
        """By their names: `broken` says why families do not work, `waiting` where those come from that may not run."""
        super().__init__()
        self.setWidgetResizable(True)
        self.setObjectName("home")
        self.drop_zone = DropZone()
        self.drop_zone.clicked.connect(self.file_requested)
        self.get_button = named_button(
            "get_model", N_("Get a model…"), N_("Download a model of other people"), "plus", self.get_requested
        )
        self.cards: list[QFrame] = []
        self.messages = MessageBar()
        self.messages.action_requested.connect(self._on_message_action)
        self._restore: Callable[[], None] | None = None
        self.examples = PictureRow(_("Begin with an example"), EXAMPLE_WIDTH_PX, MAX_EXAMPLE_COLUMNS, n_lines=2)
        self.recent = PictureRow(_("Recent"), RECENT_WIDTH_PX, N_RECENT, n_lines=0)
        self.recent.setObjectName("recent")
        self.found = Found()
        self.wish = WishField(self.found)
        self.own_models = OwnModels()
        self._grid = QGridLayout()
        self._grid.setSpacing(20)
        self._n_columns = 0
        self._heading, self._lead = Label(), Label()
        self._tours: Mapping[str, str] = {}
        self.grand_tour = named_button("grand_tour", N_("Take the grand tour"))
        self.grand_tour.clicked.connect(lambda: self.tour_requested.emit(GRAND_TOUR))
        self._lay_out()
        for source in (self.examples, self.recent, self.found):
            source.chosen.connect(self.chosen)
        self.found.searching.connect(self._on_searching)
        self.found.view.current_changed.connect(self._show_current)
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
            card.tour_requested.connect(self.tour_requested)
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
        self.offer_tours(self._tours)

    def offer_tours(self, texts: Mapping[str, str]) -> None:
        """Offer the tours with these names, in these words; the card of a family offers the one with its name."""
        self._tours = texts
        self.grand_tour.setText(texts.get(GRAND_TOUR, ""))
        self.grand_tour.setAccessibleName(self.grand_tour.text())
        self.grand_tour.setVisible(GRAND_TOUR in texts)
        for card in self.cards:
            if isinstance(card, FamilyCard):
                card.offer_tour(texts.get(card.item.family.id, ""))

    def _lay_out(self) -> None:
        self._page = page = QWidget()
        self._content = QWidget()
        self._fill()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(MARGIN_PX, 32, MARGIN_PX, 32)
        layout.setSpacing(8)
        self._heading.setProperty("role", "heading")
        self._lead.setProperty("role", "lead")
        for label in (self._heading, self._lead):
            label.setWordWrap(True)
        layout.addWidget(self.messages)
        layout.addLayout(self._top())
        layout.addSpacing(8)
        layout.addWidget(self.found)
        layout.addWidget(self._content, 1)
        layout.addStretch(0)
        self.setWidget(page)

    def _top(self) -> QHBoxLayout:
        words = QVBoxLayout()
        words.setSpacing(8)
        words.addWidget(self._heading)
        words.addWidget(self._lead)
        row = QHBoxLayout()
        row.setSpacing(20)
        row.addLayout(words, 1)
        row.addWidget(self.grand_tour, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.wish, 0, Qt.AlignmentFlag.AlignVCenter)
        return row

    def _fill(self) -> None:
        column = QVBoxLayout(self._content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(20)
        column.addLayout(self._grid)
        for part in (self.recent, self.examples, self._files(), self.own_models):
            column.addWidget(part)
        column.addStretch(1)

    def _files(self) -> QWidget:
        """Where models come from that are not here yet: a file, or a download."""
        row = QHBoxLayout(files := QWidget())
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(20)
        row.addWidget(self.drop_zone, 1)
        row.addWidget(self.get_button)
        return files

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

    def show_recent(self, choices: Sequence[Choice]) -> None:
        """Show the last opened things, newest first."""
        self.recent.show_choices(choices[:N_RECENT])

    def search_in(self, choices: Callable[[], Sequence[Choice]]) -> None:
        """Look for what a person wishes among these."""
        self.found.search_in(choices)

    def _on_searching(self, is_searching: bool) -> None:
        self._content.setVisible(not is_searching)
        self.found.setVisible(is_searching)
        self.verticalScrollBar().setValue(0)

    def _show_current(self) -> None:
        view = self.found.view
        place = view.visualItemRect(view.currentItem()).translated(view.mapTo(self._page, QPoint()))
        self.ensureVisible(place.center().x(), place.center().y(), 0, place.height() // 2 + 8)

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
