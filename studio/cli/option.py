"""Options that several verbs share, and how their text is read."""

import argparse
import re
from collections.abc import Mapping
from pathlib import Path

from studio.core.text import N_

MIN_SIDE_PX, MAX_SIDE_PX = 200, 8000


def add_model(parser: argparse.ArgumentParser) -> None:
    """MODEL: an id or a file."""
    parser.add_argument("model", metavar="MODEL", help=N_("a model such as vae/digits, or the file of one"))


def add_settings(parser: argparse.ArgumentParser) -> None:
    """--set name=value, as often as wanted."""
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        type=setting,
        dest="settings",
        metavar="NAME=VALUE",
        help=N_("a setting by its name; may be given several times"),
    )


def add_out(parser: argparse.ArgumentParser, help: str) -> None:
    """-o OUT, required."""
    parser.add_argument("-o", "--out", required=True, type=Path, metavar="OUT", help=help)


def add_json(parser: argparse.ArgumentParser) -> None:
    """--json."""
    parser.add_argument("--json", action="store_true", dest="is_json", help=N_("print JSON for programs"))


def setting(text: str) -> tuple[str, str]:
    """Read "name=value"; the value may be empty and may hold further equal signs."""
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise argparse.ArgumentTypeError(N_("“{text}” is not of the form NAME=VALUE").format(text=text[:60]))
    return name.strip(), value


def size(text: str) -> tuple[int, int]:
    """Read "1280x720" as width and height in pixels."""
    match = re.fullmatch(r"(\d{1,5})[xX×](\d{1,5})", text)
    if match is None:
        raise argparse.ArgumentTypeError(N_("“{text}” is not of the form 1280x720").format(text=text[:60]))
    width_px, height_px = int(match[1]), int(match[2])
    if not (MIN_SIDE_PX <= width_px <= MAX_SIDE_PX and MIN_SIDE_PX <= height_px <= MAX_SIDE_PX):
        raise argparse.ArgumentTypeError(
            N_("each side must have {low} to {high} pixels").format(low=MIN_SIDE_PX, high=MAX_SIDE_PX)
        )
    return width_px, height_px


def count(text: str) -> int:
    """Read a whole number of at least 1."""
    if not re.fullmatch(r"\d{1,9}", text) or int(text) == 0:
        raise argparse.ArgumentTypeError(N_("“{text}” is no whole number from 1 on").format(text=text[:60]))
    return int(text)


def settings_of(options: argparse.Namespace) -> Mapping[str, str]:
    """The settings by name; the last one counts where one was given twice."""
    return dict(options.settings)
