"""What is offered to be found: everything in the palette and on Home, models in a gallery."""

from dataclasses import replace

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from studio.commands.keymap import Keymap
from studio.core.option import RECENT, RECENT_COMMANDS
from studio.core.translation import N_
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
from studio.shell.window.palette import Palette
from studio.widgets.gallery.choice import Choice
from studio.widgets.gallery.gallery import Gallery


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
