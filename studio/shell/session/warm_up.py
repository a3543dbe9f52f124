"""Imports panels and engines while nobody waits, so that the first click is as quick as the next."""

import logging
from collections.abc import Iterator

from studio.registry.catalog import Catalog

log = logging.getLogger(__name__)


def warm_up(catalog: Catalog) -> Iterator[None]:
    """Import one module between any two yields; what fails here is shown where somebody opens it.

    Of a family that is its usual kind; engines with compiled kernels are left until one of their models is opened.
    """
    for found in catalog.families:
        if found.family is None:
            continue
        kind = found.family.kinds[found.family.usual_kind]
        for name in [kind.panel] if kind.kernels else [kind.panel, kind.engine]:
            try:
                found.load(name)
            except Exception:
                log.info("%s of the family %s cannot be loaded", name, found.id, exc_info=True)
            yield
