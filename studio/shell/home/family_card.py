"""The cards on Home: one per family, a wide one when there is only one family."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from studio.api.family import Family
from studio.core.card import Card
from studio.core.translation import N_, _, plural, translate
from studio.shell.home.thumbnail import Thumbnail
from studio.shell.tabs.tab_strip import hue_dot
from studio.widgets.controls.button import Button
from studio.widgets.controls.label import Label, set_tip
from studio.widgets.controls.section_parts import named_button
from studio.widgets.theme import set_hue, theme

THUMBNAIL_HEIGHT_PX = 150
FEATURE_HEIGHT_PX = 360
DOT_PX = 9


@dataclass(frozen=True)
class FamilyItem:
    """What Home shows of a family that works: manifest, animated picture, and the cards of its models."""

    family: Family
    thumbnail: Path | None
    cards: Sequence[Card]


class FamilyCard(QFrame):
    """Thumbnail above, words below.

    Signals: open_requested(model_id); models_requested(family_id, button); tour_requested(family_id).
    """

    open_requested = Signal(str)
    models_requested = Signal(str, QWidget)
    tour_requested = Signal(str)

    def __init__(self, item: FamilyItem) -> None:
        super().__init__()
        self.item = item
        self.setProperty("role", "card")
        self.setObjectName(f"family_{item.family.id}")
        self.setAccessibleName(translate(item.family.title))
        set_hue(self, item.family.hue)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._lay_out()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 14)
        layout.setSpacing(12)
        layout.addWidget(self._picture(QSize(420, theme().scaled(THUMBNAIL_HEIGHT_PX)), "top"))
        words = QVBoxLayout()
        words.setContentsMargins(14, 0, 14, 0)
        words.setSpacing(8)
        words.addLayout(self._heading())
        words.addWidget(self._summary(), 1)
        words.addLayout(self._buttons())
        layout.addLayout(words, 1)

    def _picture(self, size_px: QSize, corners: Literal["top", "left"]) -> Thumbnail:
        self.thumbnail = Thumbnail(self.item.thumbnail, size_px, corners, translate(self.item.family.title))
        self.thumbnail.clicked.connect(self._on_open_clicked)
        return self.thumbnail

    def _heading(self) -> QHBoxLayout:
        family = self.item.family
        dot = Label()
        dot.setPixmap(hue_dot(family.hue, DOT_PX).pixmap(QSize(DOT_PX, DOT_PX), self.devicePixelRatioF()))
        title, subtitle = Label(translate(family.title)), Label(translate(family.subtitle))
        title.setProperty("role", "title")
        subtitle.setProperty("role", "muted")
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(dot)
        row.addWidget(title)
        row.addWidget(subtitle, 1)
        return row

    def _summary(self) -> Label:
        summary = Label(translate(self.item.family.summary))
        summary.setWordWrap(True)
        summary.setAlignment(Qt.AlignmentFlag.AlignTop)
        return summary

    def _buttons(self) -> QHBoxLayout:
        self.open_button = Button(N_("Open"), kind="primary")
        self.open_button.setObjectName("open_family")
        self.open_button.setAccessibleName(_("Open {title}").format(title=self.item.family.title))
        self.open_button.clicked.connect(self._on_open_clicked)
        n_models = len(self.item.cards)
        self.models_button = Button(plural(N_("{n} model"), N_("{n} models"), n_models), kind="link")
        self.models_button.setObjectName("list_models")
        self.models_button.clicked.connect(self._show_models)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self.open_button)
        row.addWidget(self._make_tour_button())
        row.addWidget(self.models_button)
        row.addStretch(1)
        return row

    def _make_tour_button(self) -> Button:
        self.tour_button = named_button("take_tour", N_("Take the tour"))
        self.tour_button.clicked.connect(lambda: self.tour_requested.emit(self.item.family.id))
        self.tour_button.hide()
        return self.tour_button

    def offer_tour(self, text: str) -> None:
        """Offer the family's tour in these words; none where they are empty."""
        self.tour_button.setText(text)
        self.tour_button.setAccessibleName(f"{text}: {translate(self.item.family.title)}")
        self.tour_button.setVisible(bool(text))

    def set_cards(self, cards: Sequence[Card]) -> None:
        """Offer the models that there are now."""
        self.item = replace(self.item, cards=cards)
        self.models_button.setText(plural(N_("{n} model"), N_("{n} models"), len(cards)))

    def _on_open_clicked(self) -> None:
        self.open_requested.emit(self.item.family.default_model)

    def _show_models(self) -> None:
        self.models_requested.emit(self.item.family.id, self.models_button)


class FeatureCard(FamilyCard):
    """The card of the only family: a large thumbnail at the left, words and models at the right."""

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        layout.addWidget(self._picture(QSize(640, theme().scaled(FEATURE_HEIGHT_PX)), "left"), 5)
        words = QVBoxLayout()
        words.setContentsMargins(28, 24, 28, 24)
        words.setSpacing(12)
        words.addLayout(self._heading())
        words.addWidget(self._summary())
        words.addLayout(self._buttons())
        words.addSpacing(8)
        for card in self.item.cards[:4]:
            tile = ModelTile(card)
            tile.clicked.connect(self._on_tile_clicked)
            words.addWidget(tile)
        words.addStretch(1)
        layout.addLayout(words, 4)

    def _on_tile_clicked(self) -> None:
        tile = self.sender()
        if isinstance(tile, ModelTile):
            self.open_requested.emit(tile.model_id)


class ModelTile(QPushButton):
    """One model as a line that opens it."""

    def __init__(self, card: Card) -> None:
        super().__init__()
        self.model_id = card.id
        self.setProperty("kind", "tile")
        self.setObjectName(card.id)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(_("Open {title}").format(title=card.title))
        set_tip(self, translate(card.task))
        title, task = Label(translate(card.title)), Label(translate(card.task))
        title.setProperty("role", "strong")
        task.setProperty("role", "small")
        task.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setSpacing(2)
        for label in (title, task):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            layout.addWidget(label)
        self.setMinimumHeight(layout.sizeHint().height())


class BrokenCard(QFrame):
    """A family that could not be loaded: its name and the reason, in grey. Signals: wanted(name), to try again."""

    wanted = Signal(str)
    _sentence = N_("This family could not be loaded. The others still work.")
    _action = ("reload_family", N_("Try again"), N_("Try again to load {name}"))

    def __init__(self, name: str, reason: str) -> None:
        super().__init__()
        self._name = name
        self.setProperty("role", "card")
        self.setObjectName(f"family_{name}")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        title = Label(name)
        title.setProperty("role", "title")
        title.setEnabled(False)
        sentence = Label(translate(self._sentence))
        sentence.setProperty("role", "muted")
        sentence.setWordWrap(True)
        details = Label(reason)
        details.setProperty("role", "mono")
        details.setWordWrap(True)
        details.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(8)
        for label in (title, sentence, details):
            layout.addWidget(label)
        layout.addStretch(1)
        object_name, text, spoken = self._action
        button = Button(text, kind="link")
        button.setObjectName(object_name)
        button.setAccessibleName(translate(spoken).format(name=name))
        button.clicked.connect(self._on_clicked)
        layout.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)

    def _on_clicked(self) -> None:
        self.wanted.emit(self._name)


class WaitingCard(BrokenCard):
    """A family of somebody else that nobody has allowed to run yet. Signals: wanted(name), to allow it."""

    _sentence = N_(
        "This family was made by somebody else and has not been run yet. It would run with all your rights: it "
        "could read, change and send your files. Allow it only if you trust whoever wrote it."
    )
    _action = ("allow_family", N_("Always allow it"), N_("Always allow {name} to run"))


def make_cards(items: Sequence[FamilyItem]) -> list[FamilyCard]:
    """One card per family; a single family gets the wide one."""
    kind = FeatureCard if len(items) == 1 else FamilyCard
    return [kind(item) for item in items]
