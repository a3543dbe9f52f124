"""The panel of the family: that of the model's kind."""

from studio.api.engine import EngineHandle
from studio.api.panel import Host, Panel

from .kind import kind_of, load


def open_panel(handle: EngineHandle, host: Host) -> Panel:
    """The panel of a model."""
    panel: Panel = load(kind_of(handle.source.card).panel)(handle, host)
    return panel
