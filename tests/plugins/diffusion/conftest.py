"""A diffusion panel on a model without a network: quick, whole, and the same each time."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from plugins.diffusion.engine import DiffusionEngine
from plugins.diffusion.family import FAMILY
from plugins.diffusion.panel import DiffusionPanel
from studio.api.engine import EngineHandle, ModelSource
from studio.commands.undo import UndoStack
from tests.plugins.diffusion.panel_hand import dress
from tests.plugins.diffusion.tiny_model import TinyModel

SIZE_PX = (1100, 800)
CARD = {
    "examples": ["a red fox", "a blue owl"],
    "words": {"objects": ["fox", "owl"], "colours": ["red", "blue"], "words": ["a"]},
    "defaults": {"steps": 4, "guidance": 2.0},
}


class Host:
    """A host that remembers what it was asked for and keeps unexpected errors."""

    hue = "diffusion"

    def __init__(self, lane: Any, courier: Any) -> None:
        self.lane, self.courier, self.undo = lane, courier, UndoStack()
        self.positions = FAMILY.positions
        self.memory: dict[str, Any] = {}
        self.errors: list[BaseException] = []
        self.opened: list[str] = []

    def remember(self, key: str, value: Any) -> None:
        self.memory[key] = json.loads(json.dumps(value))

    def recall(self, key: str, default: Any) -> Any:
        return self.memory.get(key, default)

    def cards(self) -> list[Any]:
        return []

    def open_model(self, model_id: str) -> None:
        self.opened.append(model_id)

    def show_guide(self) -> None:
        raise AssertionError("the panel opened its guide by itself")

    def run_command(self, command_id: str) -> None:
        raise AssertionError(f"the panel ran {command_id} by itself")

    def report(self, error: BaseException) -> None:
        self.errors.append(error)


@pytest.fixture
def make_panel(qtbot: Any, courier: Any) -> Iterator[Callable[[Any], DiffusionPanel]]:
    """Makes the panel on a lane; unexpected errors fail the test."""
    hosts = []
    dress()

    def make(lane: Any, card: dict[str, Any] | None = None, model: Any = None) -> DiffusionPanel:
        host = Host(lane, courier)
        hosts.append(host)
        source = ModelSource("diffusion/tiny", Path(__file__), card or CARD)
        handle = EngineHandle(source, lambda source: DiffusionEngine(source, model or TinyModel()))
        panel = DiffusionPanel(handle, host)
        qtbot.addWidget(panel)
        panel.resize(*SIZE_PX)
        panel.show()
        qtbot.waitExposed(panel)
        return panel

    yield make
    for host in hosts:
        host.undo.close()
        assert host.errors == []


@pytest.fixture
def panel(make_panel: Callable[[Any], DiffusionPanel], sync_lane: Any) -> DiffusionPanel:
    """A panel whose work is done at once."""
    return make_panel(sync_lane)
