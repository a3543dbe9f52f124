"""Prints the models of this computer."""

import argparse
import json

from studio.cli import option
from studio.core.translation import N_

SUMMARY = N_("list the models on this computer")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare --json."""
    option.add_json(parser)


def run(options: argparse.Namespace) -> None:
    """Print a line for each model, or one JSON list."""
    from studio.registry.catalog import Catalog

    models = [model.to_json() for model in Catalog().list_models()]
    if options.is_json:
        print(json.dumps(models, indent=1))
        return
    for model in models:
        size = f"{int(model['size_bytes']) / 1e6:.1f} MB"
        print(f"{model['id']:24} {model['title']:20} {size:>9}  {model['task']}")
    if not models:
        print(N_("There is no model on this computer."))
