"""Checks a family: says in plain sentences what it lacks, before it is put into the plugin folder."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from studio.core.error import UserError
from studio.core.place import plugin_dir
from studio.core.translation import N_, plural
from studio.registry.catalog import Catalog
from studio.registry.family import FoundFamily, find_families
from studio.registry.place import MANIFEST, folder_places

SUMMARY = N_("say what is missing from a family of models in a folder, if anything")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare FOLDER."""
    parser.add_argument("folder", type=Path, metavar="FOLDER", help=N_("the folder of a family, with its family.py"))


def run(options: argparse.Namespace) -> None:
    """Print a sentence for each promise that is not kept; raises UserError where there is one."""
    folder = options.folder.resolve()
    places = [place for place in folder_places(folder.parent, str(folder.parent)) if place.name == folder.name]
    if not places:
        raise UserError(N_("There is no {name} in this folder.").format(name=f"{MANIFEST}.py"))
    (found,) = find_families(places)
    catalog = Catalog(folder.parent, folder / "models of nobody")  # only what comes along is checked
    catalog.families = [found]
    n_problems = 0
    for problem in problems(found, catalog):
        print(problem, flush=True)
        n_problems += 1
    if n_problems:
        raise UserError(plural(N_("{n} thing is missing."), N_("{n} things are missing."), n_problems))
    n_models = len(catalog.list_models())
    print(plural(N_("{n} model: everything is in order."), N_("{n} models: everything is in order."), n_models))
    print(N_("Put your own families in {folder}.").format(folder=plugin_dir()))


def problems(found: FoundFamily, catalog: Catalog) -> Iterator[str]:
    """Look at all of a family, the cheapest first; what cannot be loaded is not looked at any further."""
    from studio.registry.contract import engine_problems, family_problems, kind_problems

    yield from family_problems(found, catalog)
    of_kinds = [] if found.error is not None else list(kind_problems(found))
    yield from of_kinds
    if found.error is not None or of_kinds:
        return
    from studio.compute.device import choose_device

    device = choose_device("cpu", 1)
    for model in catalog.list_models():
        yield from (f"{model.id}: {problem}" for problem in engine_problems(catalog, model, device))
    from studio.app import problems_of_panels

    yield from problems_of_panels(catalog)
