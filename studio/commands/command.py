"""A command is declared once, as data; buttons, menus, shortcuts and the palette refer to its id."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from studio.core.listener import Listeners
from studio.core.translation import N_

_ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+")

FILE, EDIT, VIEW, HELP = N_("File"), N_("Edit"), N_("View"), N_("Help")


@dataclass(frozen=True)
class Command:
    """Something that a person can ask for.

    Attributes:
        id: `area.verb` in lower case ("view.toggle_inspector"); a family's commands start with its id.
        title: what menus and the palette show.
        run: does it, on the main thread.
        keys: default shortcuts, such as "Ctrl+K" or "Space".
        menu: where it stands, such as "Edit" or "View/Panels"; empty means in no menu.
        when: whether it can be run now; None means always.
        help: one plain sentence for tooltips and the palette.
    """

    id: str
    title: str
    run: Callable[[], None]
    keys: tuple[str, ...] = ()
    menu: str = ""
    when: Callable[[], bool] | None = None
    help: str = ""

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise ValueError(f"a command id looks like area.verb, not {self.id!r}")
        if not self.title:
            raise ValueError(f"the command {self.id} has no title")

    @property
    def is_enabled(self) -> bool:
        """Whether it can be run now."""
        return self.when is None or self.when()


class CommandRegistry:
    """All commands by id, in the order in which they were added."""

    def __init__(self) -> None:
        self._commands: dict[str, Command] = {}
        self._changed: Listeners[[]] = Listeners()
        self._is_held = False

    def hold(self, is_held: bool) -> None:
        """Run nothing by its id for the moment, or again."""
        self._is_held = is_held

    def add(self, command: Command) -> None:
        """Take in a command; raises ValueError where its id is taken."""
        if command.id in self._commands:
            raise ValueError(f"there is a command {command.id} already")
        self._commands[command.id] = command
        self._changed.notify()

    def remove(self, command_id: str) -> None:
        """Forget a command; raises KeyError where there is none."""
        del self._commands[command_id]
        self._changed.notify()

    def get(self, command_id: str) -> Command:
        """Return the command; raises KeyError where there is none."""
        return self._commands[command_id]

    def all(self) -> list[Command]:
        """Return every command, oldest first."""
        return list(self._commands.values())

    def run(self, command_id: str) -> bool:
        """Run a command if it can be run now; returns whether it was. Raises KeyError where there is none."""
        command = self._commands[command_id]
        if self._is_held or not command.is_enabled:
            return False
        command.run()
        return True

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after commands came or went; returns a function that ends this."""
        return self._changed.add(listener)
