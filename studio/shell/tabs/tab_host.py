"""What the program hands to the panel in a tab."""

from collections.abc import Callable, Sequence
from typing import Any

from studio.api.engine import EngineHandle
from studio.commands.undo import UndoStack
from studio.core.card import Card
from studio.registry.family import FoundFamily
from studio.shell.session.service import Services


class TabHost:
    """One panel's `Host` (studio.api.panel); made anew with the panel."""

    def __init__(
        self,
        services: Services,
        found: FoundFamily,
        hue: str,
        *,
        open_model: Callable[[str], None],
        show_guide: Callable[[], None],
        report: Callable[[BaseException], None],
    ) -> None:
        self.worker = services.worker
        self.dispatcher = services.dispatcher
        self.undo = UndoStack()
        self.undo.on_touch(services.hand.move)
        self.hue = hue
        self.family = found.manifest
        self.open_model = open_model
        self.show_guide = show_guide
        self.report = report
        self._catalog = services.catalog
        self._commands = services.commands
        self._family_id = found.id
        self._choose_device = services.device.choose
        self._handles: dict[str, EngineHandle] = {}
        self._memory = services.settings.section(found.id)

    def remember(self, key: str, value: Any) -> None:
        """Keep a plain JSON value for this family until the next start."""
        self._memory.set(key, value)

    def recall(self, key: str, default: Any) -> Any:
        """Return what was kept under `key`."""
        return self._memory.get(key, default)

    def run_command(self, command_id: str) -> None:
        """Do what a key or a menu of the window does; nothing while that cannot be done."""
        self._commands.run(command_id)

    def handle_of(self, model_id: str) -> EngineHandle:
        """Another model of this family beside the tab's own; opened when it is first needed."""
        if model_id not in self._handles:
            source = self._catalog.find_model(model_id).source
            self._handles[model_id] = self._catalog.make_handle(source, self._choose_device)
        return self._handles[model_id]

    @property
    def handles(self) -> Sequence[EngineHandle]:
        """The models that were handed out beside the tab's own."""
        return tuple(self._handles.values())

    def cards(self) -> Sequence[Card]:
        """The cards of all models of this family."""
        return [model.card for model in self._catalog.list_models(self._family_id)]
