"""Keeps the command list in step with the panel in front: its commands hold only while it is there."""

from studio.commands.command import CommandRegistry
from studio.shell.crash import write_down
from studio.shell.model_tab import ModelTab


class PanelCommands:
    """The commands that the front panel added."""

    def __init__(self, commands: CommandRegistry) -> None:
        self._commands = commands
        self._panel: object | None = None
        self._ids: list[str] = []

    def follow(self, tab: ModelTab | None) -> None:
        """Take out the commands of the panel that was in front, and add those of `tab`."""
        panel = tab.panel if tab is not None else None
        if panel is self._panel:
            return
        for command_id in self._ids:
            self._commands.remove(command_id)
        self._ids = []
        self._panel = panel
        if panel is None or tab is None:
            return
        try:
            for command in panel.all_commands():
                self._commands.add(command)
                self._ids.append(command.id)
        except Exception as error:  # a family's mistake costs it its commands, nothing more
            write_down(error)
            tab.show_failure(error)
