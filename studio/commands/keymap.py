"""Which key runs which command: the defaults of the commands, changed by the person's own choices."""

import logging
from collections.abc import Mapping, Sequence
from functools import cache

from studio.commands.command import Command, CommandRegistry

log = logging.getLogger(__name__)

_MODIFIERS = ("Meta", "Ctrl", "Alt", "Shift")  # the order in which Qt writes them
_NAMES = (
    *("Space", "Tab", "Return", "Enter", "Esc", "Backspace", "Del", "Ins", "Home", "End", "PgUp", "PgDown"),
    *("Left", "Right", "Up", "Down", "Pause", "Print", "Menu"),
)
_ALIASES = {"escape": "Esc", "delete": "Del", "insert": "Ins", "pageup": "PgUp", "pagedown": "PgDown"}
_KEYS = {name.lower(): name for name in (*_NAMES, *(f"F{n}" for n in range(1, 25)))} | _ALIASES


@cache
def normal_key(text: str) -> str:
    """Return a key in its one spelling: "shift+ctrl+z" becomes "Ctrl+Shift+Z", as Qt's portable text has it.

    Raises ValueError where `text` is no key with modifiers.
    """
    text = text.strip()
    head, _, tail = ("", "", text) if len(text) == 1 else text.rpartition("+")
    if not tail and text.endswith("++"):  # "Ctrl++" is the plus key
        head, tail = text[:-2], "+"
    given = [word.strip().capitalize() for word in head.split("+")] if head else []
    if not tail or len(set(given)) != len(given) or not set(given) <= set(_MODIFIERS):
        raise ValueError(f"{text!r} is no key")
    return "+".join([*(name for name in _MODIFIERS if name in given), _key_name(tail.strip())])


def _key_name(text: str) -> str:
    if len(text) == 1 and text.isprintable():
        return text.upper()
    if text.lower() not in _KEYS:
        raise ValueError(f"{text!r} is no key")
    return _KEYS[text.lower()]


class Keymap:
    """The keys of all commands.

    Commands of different panels may share a key, each with its own `when`: the one that can be run now is
    meant. So the window makes one shortcut for each of `keys()` and asks `command_for` when it is pressed.
    """

    def __init__(self, commands: CommandRegistry, overrides: Mapping[str, Sequence[str]] | None = None) -> None:
        """`overrides`: the keys that the person chose, by command id; an empty list takes all keys away."""
        self._commands = commands
        self._overrides = {
            command_id: keys
            for command_id, wished in (overrides or {}).items()
            if (keys := _own_keys(command_id, wished)) is not None
        }

    def keys_of(self, command_id: str) -> tuple[str, ...]:
        """Return the keys of a command, the one to show in menus first."""
        return self._keys(self._commands.get(command_id))

    def keys(self) -> list[str]:
        """Return every key that some command wants, sorted."""
        return sorted({key for command in self._commands.all() for key in self._keys(command)})

    def command_for(self, key: str) -> str | None:
        """Return the id of the command that `key` runs now; commands with a condition go first."""
        wished = normal_key(key)
        found = [command for command in self._commands.all() if wished in self._keys(command) and command.is_enabled]
        return min(found, key=lambda command: command.when is None).id if found else None

    def _keys(self, command: Command) -> tuple[str, ...]:
        if command.id in self._overrides:
            return self._overrides[command.id]
        return tuple(dict.fromkeys(normal_key(key) for key in command.keys))


def _own_keys(command_id: str, wished: Sequence[str]) -> tuple[str, ...] | None:
    try:
        return tuple(dict.fromkeys(normal_key(key) for key in wished))
    except ValueError as error:
        log.warning("The keys for %s in the settings are not used: %s", command_id, error)
        return None
