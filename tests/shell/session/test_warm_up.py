"""What will be needed is imported before it is asked for; what fails fails later, in its own tab."""

import dataclasses
import subprocess
import sys

import pytest

from studio.shell.session.warm_up import warm_up


def test_panels_and_engines_are_imported_one_by_one(catalog):
    found = catalog.families[0]
    for name in ("panel", "engine"):
        sys.modules.pop(f"{found.package}.{name}", None)
    steps = filter(None, warm_up(catalog))
    next(steps)
    assert f"{found.package}.panel" in sys.modules
    next(steps)
    assert f"{found.package}.engine" in sys.modules
    assert list(steps) == []


def with_kind(found, **changes):
    """The same family, whose kinds are others in some respect."""
    kinds = {name: dataclasses.replace(kind, **changes) for name, kind in found.manifest.kinds.items()}
    return dataclasses.replace(found, family=dataclasses.replace(found.manifest, kinds=kinds))


def test_an_engine_with_kernels_is_left_until_a_model_is_opened(catalog):
    found = catalog.families[0]
    catalog.families = [with_kind(found, kernels="warm_up")]
    assert len(list(filter(None, warm_up(catalog)))) == 1


@pytest.mark.long("starts processes of its own")
def test_nothing_that_is_warmed_up_brings_numba_along():
    """An engine that does has to say so (`Kind.kernels`)."""
    code = (
        "import sys; from studio.registry.catalog import Catalog; from studio.shell.session.warm_up import warm_up; "
        "print(len(list(filter(None, warm_up(Catalog())))), 'numba' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    n_modules, has_numba = found.stdout.split()
    assert int(n_modules) >= 9
    assert has_numba == "False"


def test_a_family_that_fails_stops_nobody(catalog):
    found = catalog.families[0]
    catalog.families = [with_kind(found, panel="nowhere:Panel"), found]
    assert len(list(filter(None, warm_up(catalog)))) == 4
