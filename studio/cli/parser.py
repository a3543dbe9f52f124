"""The words of the command line, with their help."""

import argparse
from collections.abc import Mapping, Sequence
from importlib import metadata
from typing import Final, Protocol

from studio.cli import bench, check, data, get, info, kernels, listing, sample, shot, train, window
from studio.core.translation import N_


class Verb(Protocol):
    """What a module of this package has to offer for one word."""

    SUMMARY: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options of the verb."""

    def run(self, options: argparse.Namespace) -> int | None:
        """Do it; raises UserError where it cannot be done."""


VERBS: Final[Mapping[str, Verb]] = {
    "list": listing,
    "info": info,
    "check": check,
    "get": get,
    "sample": sample,
    "train": train,
    "data": data,
    "shot": shot,
    "bench": bench,
    "kernels": kernels,
}
EPILOG: Final = N_(
    "Without a command the window opens, with a file or model if you name one. Exit status: 0 done, 1 failed with "
    "one sentence on standard error, 2 wrong usage."
)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options with `run`, the function that does it; wrong usage leaves with status 2."""
    first = arguments[0] if arguments else ""
    if first in VERBS or first in ("-h", "--help", "--version"):
        return _verb_parser().parse_args(arguments)
    return _window_parser().parse_args(arguments)


def version() -> str:
    """The version of the installed program."""
    try:
        return metadata.version("manifold-studio")
    except metadata.PackageNotFoundError:
        return "from a source tree that is not installed"


def _window_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="main.py", usage="main.py [PATH|MODEL]", epilog=EPILOG)
    window.add_arguments(parser)
    parser.set_defaults(run=window.run)
    return parser


def _verb_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="main.py",
        usage="main.py [PATH|MODEL]\n       main.py COMMAND ...",
        description=N_("Open any generative model and steer it with your hands."),
        epilog=EPILOG,
    )
    parser.add_argument("--version", action="version", version=f"Manifold Studio {version()}")
    verbs = parser.add_subparsers(title="commands", prog="main.py", metavar="COMMAND", required=True)
    for name, verb in VERBS.items():
        child = verbs.add_parser(name, help=verb.SUMMARY, description=verb.SUMMARY)
        verb.add_arguments(child)
        child.set_defaults(run=verb.run)
    return parser
