"""A diffusion panel on a model without a network: quick, whole, and the same each time."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from plugins.diffusion.family import FAMILY
from plugins.diffusion.shared.engine import DiffusionEngine
from plugins.diffusion.shared.panel.panel import DiffusionPanel
from studio.api.engine import EngineHandle, ModelSource
from studio.compute.device import choose_device
from tests.panel_host import PanelHost
from tests.plugins.diffusion.panel_hand import dress
from tests.plugins.diffusion.tiny_model import TinyModel

SIZE_PX = (1100, 800)
CARD = {
    "examples": ["a red fox", "a blue owl"],
    "words": {"objects": ["fox", "owl"], "colours": ["red", "blue"], "words": ["a"]},
    "defaults": {"steps": 4, "guidance": 2.0},
}


@pytest.fixture
def make_panel(qtbot: Any, dispatcher: Any) -> Iterator[Callable[[Any], DiffusionPanel]]:
    """Makes the panel on a worker; unexpected errors fail the test."""
    hosts = []
    dress()

    def make(
        worker: Any, card: dict[str, Any] | None = None, model: Any = None, file: ModelSource | None = None
    ) -> DiffusionPanel:
        host = PanelHost(FAMILY, worker, dispatcher)
        hosts.append(host)
        source = file or ModelSource("diffusion/tiny", Path(__file__), card or CARD)
        tiny = partial(DiffusionEngine, model=model or TinyModel())
        handle = EngineHandle(source, open_file if file else tiny)
        panel = DiffusionPanel(handle, host)
        qtbot.addWidget(panel)
        panel.resize(*SIZE_PX)
        panel.show()
        qtbot.waitExposed(panel)
        return panel

    yield make
    for host in hosts:
        host.close()


def open_file(source: ModelSource) -> DiffusionEngine:
    """The model in a file, on one core."""
    return DiffusionEngine.open(source, choose_device("cpu", 1))


@pytest.fixture
def panel(make_panel: Callable[[Any], DiffusionPanel], sync_worker: Any) -> DiffusionPanel:
    """A panel whose work is done at once."""
    return make_panel(sync_worker)
