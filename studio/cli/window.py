"""Opens the window, with a file or a model where one is named."""

import argparse

from studio.core.translation import N_
from studio.widgets.import_cost import spare_sources


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare [PATH|MODEL]."""
    parser.add_argument("target", nargs="?", metavar="PATH|MODEL", help=N_("a file, or a model such as vae/digits"))


def run(options: argparse.Namespace) -> None:
    """Open the window and stay until it closes; a target that cannot be opened is refused before."""
    spare_sources()
    from studio.app import run as run_window

    run_window(options.target)
