"""Lists the data sets that can be built, and builds one into the user's data folder."""

import argparse
from pathlib import Path

from studio.cli import option
from studio.core.text import N_

SUMMARY = N_("list the data sets that can be built, or build one")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare [NAME], --list and --to."""
    parser.add_argument("name", nargs="?", metavar="NAME", help=N_("a data set, such as digits"))
    parser.add_argument("--list", action="store_true", dest="is_list", help=N_("say what there is"))
    parser.add_argument("--to", type=Path, metavar="DIR", help=N_("instead of the data folder"))


def run(options: argparse.Namespace) -> None:
    """List or build."""
    raise NotImplementedError(option)
