"""Lists the data sets that can be built, and builds one into the user's data folder."""

import argparse
import sys
from pathlib import Path

from studio.cli import output
from studio.cli.progress import ProgressLine
from studio.core.translation import N_

SUMMARY = N_("list the data sets that can be built, or build one from public packages")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare NAME or --list, and --to."""
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("name", nargs="?", metavar="NAME", help=N_("a data set, such as digits"))
    what.add_argument("--list", action="store_true", dest="is_list", help=N_("list what is available"))
    parser.add_argument("--to", type=Path, metavar="DIR", help=N_("where to build it, instead of the data folder"))


def run(options: argparse.Namespace) -> None:
    """Print what there is, or build one; raises UserError where that cannot be done here."""
    from studio.datasets.catalogue import DATA_SETS, build_data_set

    if options.is_list:
        for entry in DATA_SETS.values():
            print(f"{entry.name:12} {entry.sentence} ({entry.licence})")
        return
    if options.to is not None:
        output.make_folder(options.to)
    progress = ProgressLine(sys.stderr)
    try:
        for step in build_data_set(options.name, options.to):
            progress.show(step.fraction, step.sentence)
    finally:
        progress.close()
    print(N_("The data set is ready."))
