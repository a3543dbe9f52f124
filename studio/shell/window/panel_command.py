"""Keeps the command list in step with the page in front: its commands hold only while it is there."""

from typing import Protocol, runtime_checkable

from PySide6.QtWidgets import QWidget

from studio.commands.command import Command, CommandRegistry
from studio.shell.session.crash import write_down
from studio.shell.tabs.model_tab import ModelTab


@runtime_checkable
class HasCommands(Protocol):
    """A panel, or another page that can be played."""

    def all_commands(self) -> tuple[Command, ...]:
        """The commands that hold while it is in front."""


class PanelCommands:
    """The commands that the front page added."""

    def __init__(self, commands: CommandRegistry) -> None:
        self._commands = commands
        self._owner: object | None = None
        self._ids: list[str] = []

    def follow(self, page: QWidget) -> None:
        """Take out the commands of what was in front, and add those of this page or of its panel."""
        owner: object = page.panel if isinstance(page, ModelTab) else page
        if owner is self._owner:
            return
        for command_id in self._ids:
            self._commands.remove(command_id)
        self._ids = []
        self._owner = owner
        if not isinstance(owner, HasCommands):
            return
        try:
            for command in owner.all_commands():
                self._commands.add(command)
                self._ids.append(command.id)
        except Exception as error:  # a family's mistake costs it its commands, nothing more
            write_down(error)
            if isinstance(page, ModelTab):
                page.show_failure(error)
