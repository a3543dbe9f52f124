"""Opens shipped models as the program opens them."""

from typing import Any

from studio.compute.device import choose_device
from studio.registry.catalog import Catalog


def opened(model_id: str) -> Any:
    """The engine of a shipped model; UserError where it is not there."""
    catalog = Catalog()
    return catalog.open_engine(catalog.find_model(model_id).source, choose_device())
