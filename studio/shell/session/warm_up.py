"""Imports panels and engines while nobody waits, so that the first click is as quick as the next."""

import logging
from collections.abc import Iterator
from functools import partial

from studio.core.pausing import beside
from studio.registry.catalog import Catalog

log = logging.getLogger(__name__)


def warm_up(catalog: Catalog) -> Iterator[str | None]:
    """Import one module after the other beside the Worker, and yield its name; what fails shows where it is opened.

    Of a family that is its usual kind; engines with compiled kernels are left until one of their models is opened.
    """
    for found in catalog.families:
        if found.family is None:
            continue
        kind = found.family.kinds[found.family.usual_kind]
        for name in [kind.panel] if kind.kernels else [kind.panel, kind.engine]:
            try:
                yield from beside(partial(found.load, name))
            except Exception:
                log.info("%s of the family %s cannot be loaded", name, found.id, exc_info=True)
            yield name
