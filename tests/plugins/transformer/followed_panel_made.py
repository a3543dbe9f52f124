"""Panels whose run is followed, on small random networks."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from plugins.transformer.family import FAMILY
from studio.api.engine import EngineHandle, ModelSource
from tests.panel_host import PanelHost


@contextmanager
def shown_panel(
    qtbot: Any,
    dispatcher: Any,
    sync_worker: Any,
    panel_type: Any,
    engine: Any,
    card: Mapping[str, Any],
    height: int = 900,
) -> Iterator[Any]:
    """A panel of a card at rest, 1200 pixels wide; unexpected errors fail the test."""
    host = PanelHost(FAMILY, sync_worker, dispatcher)
    panel = panel_type(EngineHandle(ModelSource(str(card["id"]), Path(__file__), dict(card)), lambda _: engine), host)
    qtbot.addWidget(panel)
    panel.resize(1200, height)
    panel.show()
    qtbot.waitExposed(panel)
    settle(qtbot, panel)
    yield panel
    panel.timeline.close()
    host.close()


def settle(qtbot: Any, panel: Any) -> None:
    """Wait until all that was asked for is on screen."""
    qtbot.waitUntil(lambda: panel.is_settled and panel.presenter.trace is not None)
