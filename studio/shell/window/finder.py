"""What is offered to be found: everything in the palette and on Home, models in a gallery."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent, QHideEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QVBoxLayout, QWidget

from studio.commands.keymap import Keymap
from studio.core.option import RECENT, RECENT_COMMANDS
from studio.core.translation import N_, _
from studio.shell.session.recent_picture import kept_picture
from studio.shell.session.service import Services
from studio.shell.tabs.opener import ModelOpener
from studio.shell.window.choice import (
    command_choices,
    example_choices,
    gallery_choices,
    model_choices,
    recent_choices,
)
from studio.widgets.controls.label import Label
from studio.widgets.gallery.choice import Choice
from studio.widgets.gallery.delegate import ROW_PX
from studio.widgets.gallery.gallery import NOTHING, Gallery
from studio.widgets.gallery.view import N_VISIBLE, ChoiceView
from studio.widgets.theme import theme

WIDTH_PX = 600
TOP_PX = 72
# Another program's window or the field's own menu comes and goes: the palette stays.
_PASSING = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)


class Palette(QFrame):
    """An overlay at the top of the window. Signals: chosen(str) with the id of the entry that was run."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self.setProperty("role", "palette")
        self.setAccessibleName(_("Command palette"))
        self.field = QLineEdit()
        self.field.setPlaceholderText(_("Search or run a command"))
        self.field.setAccessibleName(_("Search or run a command"))
        self.field.setClearButtonEnabled(True)
        self.field.textChanged.connect(self._on_text_changed)
        self.field.installEventFilter(self)
        self.list = ChoiceView(has_tiles=False)
        self.list.chosen.connect(self._on_chosen)
        self.list.current_changed.connect(self.field.setAccessibleDescription)
        self._nothing = Label(_(NOTHING))
        self._nothing.setProperty("role", "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(8)
        for part in (self.field, self.list, self._nothing):
            layout.addWidget(part)
        self.hide()

    def open(self, choices: Sequence[Choice], query: str = "") -> None:
        """Show these choices, last used first, with `query` typed already."""
        self.list.offer(choices, query)
        self.field.setText(query)
        self._fit()
        self._window.installEventFilter(self)
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)
        self.field.selectAll()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Move in the list while the field has the focus; close when it goes; follow the window's size while open."""
        if watched is self._window:
            if event.type() is QEvent.Type.Resize:
                self._place()
            return False
        if isinstance(event, QFocusEvent) and event.lostFocus() and event.reason() not in _PASSING:
            self.hide()
        return isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress and self._take_key(event.key())

    def hideEvent(self, event: QHideEvent) -> None:
        """The window may do as it likes."""
        super().hideEvent(event)
        self._window.removeEventFilter(self)

    def _take_key(self, key: int) -> bool:
        if key == Qt.Key.Key_Escape:
            self._leave()
            return True
        return self.list.take_key(key)

    def _leave(self) -> None:
        self.hide()
        self._window.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_chosen(self, choice: Choice) -> None:
        self._leave()
        self.chosen.emit(choice.entry.id)
        choice.run()

    def _on_text_changed(self, query: str) -> None:
        self.list.search(query)
        self._fit()

    def _fit(self) -> None:
        n_found = self.list.count()
        self.list.setVisible(n_found > 0)
        self._nothing.setVisible(n_found == 0)
        self._place()

    def _place(self) -> None:
        look = theme()
        n_rows = min(max(self.list.count(), 1), N_VISIBLE)
        self.list.setFixedHeight(n_rows * look.scaled(ROW_PX) + 4)
        width_px = min(look.scaled(WIDTH_PX), self._window.width() - 32)
        self.setFixedWidth(width_px)
        self.adjustSize()
        self.move((self._window.width() - width_px) // 2, TOP_PX)


class Finder(QObject):
    """Opens the palette over a window, and galleries beside what asks for them.

    Attributes:
        palette: the one of the window.
    """

    def __init__(self, services: Services, keymap: Keymap, opener: ModelOpener, window: QWidget) -> None:
        super().__init__(window)
        self._services = services
        self._keymap = keymap
        self._opener = opener
        self._window = window
        self.palette = Palette(window)
        self.palette.chosen.connect(self.note)

    def choices(self) -> list[Choice]:
        """Everything that can be done or opened now."""
        services, opener = self._services, self._opener
        return [
            *command_choices(services.commands, self._keymap, services.settings),
            *model_choices(services.catalog, services.settings, opener.open_model),
            *example_choices(services.catalog, opener.open_example),
            *recent_choices(services.settings, opener.open_path),
        ]

    def examples(self) -> list[Choice]:
        """What the families offer to begin with."""
        return example_choices(self._services.catalog, self._opener.open_example)

    def recent(self) -> list[Choice]:
        """The models and files that were opened last, newest first; what is not there any more is left out."""
        services, opener = self._services, self._opener
        used = services.settings.get(RECENT)
        known = [
            *model_choices(services.catalog, services.settings, opener.open_model),
            *recent_choices(services.settings, opener.open_path),
        ]
        found = {choice.entry.id: choice for choice in known}
        return [_as_it_was(found[entry_id]) for entry_id in used if entry_id in found]

    def show_palette(self) -> None:
        """Offer everything in the palette."""
        self.palette.open(self.choices())

    def show_models(self, anchor: QWidget) -> None:
        """Offer every model beside `anchor`."""
        self._show_gallery(N_("Open a model"), anchor, "")

    def show_family(self, family_id: str, anchor: QWidget) -> None:
        """Offer the models of one family beside `anchor`."""
        self._show_gallery(N_("Choose a model"), anchor, family_id)

    def note(self, entry_id: str) -> None:
        """What was chosen comes first the next time."""
        self._services.settings.push_recent(RECENT_COMMANDS, entry_id)

    def _show_gallery(self, title: str, anchor: QWidget, family_id: str) -> None:
        choices = gallery_choices(self._services.catalog, self._opener.open_model, family_id)
        Gallery(title, choices, self._window).open_at(anchor)


def _as_it_was(choice: Choice) -> Choice:
    """With the picture that was on screen the last time, where one was kept."""
    return replace(choice, picture=kept_picture(choice.entry.id) or choice.picture)
