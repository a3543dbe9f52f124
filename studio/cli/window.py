"""Opens the window, with a file or a model where one is named."""

import argparse
import os
import sys

from studio.core.error import UserError
from studio.core.text import N_


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare [PATH|MODEL]."""
    parser.add_argument("target", nargs="?", metavar="PATH|MODEL", help=N_("a file, or a model such as vae/digits"))


def run(options: argparse.Namespace) -> None:
    """Open the window and stay until it closes; a target that cannot be opened is refused before."""
    _check_display()
    from studio.app import run as run_window

    run_window(options.target)


def _check_display() -> None:
    """Qt would end the program with a stack of its own words."""
    has_display = any(name in os.environ for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    if sys.platform == "linux" and not has_display:
        raise UserError(
            N_("There is no screen here, so the window cannot open."),
            N_("The verbs of the command line work without one: main.py --help."),
        )
