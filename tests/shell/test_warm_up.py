"""What will be needed is imported before it is asked for; what fails fails later, in its own tab."""

import dataclasses
import sys

from studio.shell.warm_up import warm_up


def test_panels_and_engines_are_imported_one_by_one(catalog):
    found = catalog.families[0]
    for name in ("panel", "engine"):
        sys.modules.pop(f"{found.package}.{name}", None)
    steps = warm_up(catalog)
    next(steps)
    assert f"{found.package}.panel" in sys.modules
    next(steps)
    assert f"{found.package}.engine" in sys.modules
    assert list(steps) == []


def test_a_family_that_fails_stops_nobody(catalog):
    found = catalog.families[0]
    broken = dataclasses.replace(found, family=dataclasses.replace(found.manifest, panel="nowhere:Panel"))
    catalog.families = [broken, found]
    assert len(list(warm_up(catalog))) == 4
