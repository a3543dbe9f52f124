"""The menu bar: the same commands as in the palette, under the words where people of most systems look for them."""

from functools import partial
from typing import Final

from PySide6.QtWidgets import QMenu, QMenuBar

from studio.commands.command import EDIT, FILE, HELP, VIEW, Command, CommandRegistry
from studio.commands.keymap import Keymap
from studio.core.option import MENU_BAR_SHOWN
from studio.core.setting import Settings
from studio.core.translation import N_, translate
from studio.shell.window.shortcut import shown_key

MODEL: Final = N_("Model")
MENUS: Final = (FILE, EDIT, VIEW, MODEL, HELP)


class MenuBar(QMenuBar):
    """At the top of the screen where the system has it there, else in the window for who wants one."""

    def __init__(self, commands: CommandRegistry, keymap: Keymap, settings: Settings) -> None:
        super().__init__()
        self._commands, self._keymap, self._settings = commands, keymap, settings
        for title in MENUS:
            menu = self.addMenu(translate(title))
            menu.setObjectName(f"menu_{title.lower()}")
            menu.aboutToShow.connect(partial(self._fill, menu, title))
        forget = settings.on_change(lambda key: self._follow() if key == MENU_BAR_SHOWN.key else None)
        self.destroyed.connect(forget)
        self._follow()

    def switch(self) -> None:
        """Show it, or no more."""
        self._settings.set(MENU_BAR_SHOWN, not self._settings.get(MENU_BAR_SHOWN))

    def _follow(self) -> None:
        self.setVisible(self.isNativeMenuBar() or self._settings.get(MENU_BAR_SHOWN))

    def _fill(self, menu: QMenu, title: str) -> None:
        """Put in what can be asked for now; what cannot be done is grey."""
        menu.clear()
        for command in self._commands.all():
            if _menu_of(command) != title:
                continue
            keys = self._keymap.keys_of(command.id)
            words = translate(command.title).replace("&", "&&")
            # No shortcut of its own: the window has it.
            action = menu.addAction("\t".join([words, *map(shown_key, keys[:1])]))
            action.setObjectName(command.id)
            action.setEnabled(command.is_enabled)
            action.triggered.connect(partial(self._commands.run, command.id))


def _menu_of(command: Command) -> str:
    """What a panel can do stands under its model."""
    first = command.menu.partition("/")[0]
    return first if first in MENUS else MODEL
