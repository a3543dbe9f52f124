"""Imports panels and engines while nobody waits, so that the first click is as quick as the next."""

import logging
from collections.abc import Iterator
from functools import partial

from studio.core.pausing import beside
from studio.registry.catalog import Catalog

log = logging.getLogger(__name__)


def warm_up(catalog: Catalog) -> Iterator[str | None]:
    """Import one module after the other beside the Worker, and yield its name; what fails shows where it is opened.

    Of a family that is its usual kind. Panels come first: a click waits for them, and a panel for its engine.
    Engines with compiled kernels are left until one of their models is opened.
    """
    kinds = [(one, one.family.kinds[one.family.usual_kind]) for one in catalog.families if one.family is not None]
    panels = [(found, kind.panel) for found, kind in kinds]
    for found, name in [*panels, *((found, kind.engine) for found, kind in kinds if not kind.kernels)]:
        try:
            yield from beside(partial(found.load, name))
        except Exception:
            log.info("%s of the family %s cannot be loaded", name, found.id, exc_info=True)
        yield name
