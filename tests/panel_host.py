"""A host for one panel, in place of the window's tab."""

import json
from collections.abc import Sequence
from typing import Any

from studio.api.panel import UndoStack
from studio.core.card import Card


class PanelHost:
    """A host that remembers what it was asked for and keeps unexpected errors.

    Attributes:
        memory: what it remembers, as JSON gives it back. known: the cards that it offers.
        handles: other models by their ids.
        opened, commands: the models that were to be opened and the commands that were to be run, in order.
        errors: what was reported.
    """

    def __init__(self, manifest: Any, worker: Any, dispatcher: Any, known: Sequence[Card] = ()) -> None:
        self.hue, self.family = manifest.hue, manifest
        self.worker, self.dispatcher, self.undo, self.known = worker, dispatcher, UndoStack(), list(known)
        self.memory: dict[str, Any] = {}
        self.errors: list[BaseException] = []
        self.opened: list[str] = []
        self.handles: dict[str, Any] = {}
        self.commands: list[str] = []

    def remember(self, key: str, value: Any) -> None:
        self.memory[key] = json.loads(json.dumps(value))

    def recall(self, key: str, default: Any) -> Any:
        return self.memory.get(key, default)

    def cards(self) -> list[Card]:
        return self.known

    def handle_of(self, model_id: str) -> Any:
        return self.handles[model_id]

    def open_model(self, model_id: str) -> None:
        self.opened.append(model_id)

    def show_guide(self) -> None:
        raise AssertionError("the panel opened its guide by itself")

    def run_command(self, command_id: str) -> None:
        self.commands.append(command_id)

    def report(self, error: BaseException) -> None:
        self.errors.append(error)

    def close(self) -> None:
        """End the test's use of it: nothing unexpected may have happened, nor a command be left that no test took."""
        self.undo.close()
        assert (self.errors, self.commands) == ([], [])
