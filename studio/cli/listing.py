"""Prints the models of this computer."""

import argparse
import json
import sys

from studio.cli import option
from studio.core.translation import N_, translate

SUMMARY = N_("list the models on this computer")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare --json."""
    option.add_json(parser)


def run(options: argparse.Namespace) -> None:
    """Print a line for each model, or one JSON list; what could not be loaded is said on the error output."""
    from studio.registry.catalog import Catalog

    catalog = Catalog()
    models = [model.to_json() for model in catalog.list_models()]
    for family in catalog.families:
        if family.error is not None:
            print(f"{family.id}: {translate(family.error)}", file=sys.stderr)
    for failure in catalog.model_failures():
        print(failure, file=sys.stderr)
    if options.is_json:
        print(json.dumps(models, indent=1))
        return
    for model in models:
        size = f"{int(model['size_bytes']) / 1e6:.1f} MB"
        print(f"{model['id']:24} {model['title']:20} {size:>9}  {model['task']}")
    if not models:
        print(N_("There are no models on this computer."))
