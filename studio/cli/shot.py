"""Paints the panel of a model as a person sees it, into a PNG file."""

import argparse

from studio.cli import option, output
from studio.core.translation import N_
from studio.widgets.import_cost import spare_sources

SUMMARY = N_("save a picture of the window with a model, as a person would see it; “home” is the start page")
DEFAULT_SIZE = "1440x900"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare MODEL, --set, --size and -o."""
    parser.add_argument("model", metavar="MODEL", help=N_("a model such as vae/digits, or home"))
    option.add_settings(parser)
    parser.add_argument(
        "--size", type=option.size, default=DEFAULT_SIZE, metavar="WxH", help=N_("size of the window, in pixels")
    )
    option.add_out(parser, N_("the PNG file to write"))


def run(options: argparse.Namespace) -> None:
    """Write the picture; raises UserError where the model or the file is no good."""
    output.check(options.out, (".png",))
    spare_sources()
    from studio.app import shot

    shot(options.model, option.settings_of(options), options.size, options.out)
