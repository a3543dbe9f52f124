"""Options that several verbs share, and how their text is read."""

import argparse
import re
from collections.abc import Mapping
from pathlib import Path

from studio.core.translation import N_
from studio.render.export.format import MAX_STILL_SIDE_PX
from studio.render.export.option import MAX_FPS, MIN_FPS, MIN_SIDE_PX

MIN_SHOT_PX, MAX_SHOT_PX = 200, 8000


def add_model(parser: argparse.ArgumentParser) -> None:
    """MODEL: an id or a file."""
    parser.add_argument("model", metavar="MODEL", help=N_("a model such as vae/digits, or a model file"))


def add_settings(parser: argparse.ArgumentParser) -> None:
    """--set name=value, as often as wanted."""
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        type=setting,
        dest="settings",
        metavar="NAME=VALUE",
        help=N_("a setting by its name; can be given several times"),
    )


def add_out(parser: argparse.ArgumentParser, help: str) -> None:
    """-o OUT, required."""
    parser.add_argument("-o", "--out", required=True, type=Path, metavar="OUT", help=help)


def add_json(parser: argparse.ArgumentParser) -> None:
    """--json."""
    parser.add_argument("--json", action="store_true", dest="is_json", help=N_("print JSON for other programs"))


def setting(text: str) -> tuple[str, str]:
    """Read "name=value"; the value may be empty and may hold further equal signs."""
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise argparse.ArgumentTypeError(N_("“{text}” does not have the form NAME=VALUE").format(text=text[:60]))
    return name.strip(), value


def size(text: str) -> tuple[int, int]:
    """Read "1280x720" as width and height in pixels."""
    match = re.fullmatch(r"(\d{1,5})[xX×](\d{1,5})", text)
    if match is None:
        raise argparse.ArgumentTypeError(N_("“{text}” does not have the form 1280x720").format(text=text[:60]))
    width_px, height_px = int(match[1]), int(match[2])
    if not (MIN_SHOT_PX <= width_px <= MAX_SHOT_PX and MIN_SHOT_PX <= height_px <= MAX_SHOT_PX):
        raise argparse.ArgumentTypeError(
            N_("each side must be {low} to {high} pixels").format(low=MIN_SHOT_PX, high=MAX_SHOT_PX)
        )
    return width_px, height_px


def count(text: str) -> int:
    """Read a whole number of at least 1."""
    if not re.fullmatch(r"\d{1,9}", text) or int(text) == 0:
        raise argparse.ArgumentTypeError(N_("“{text}” is not a whole number of 1 or more").format(text=text[:60]))
    return int(text)


def side(text: str) -> int:
    """Read the height of an exported picture in pixels."""
    if not re.fullmatch(r"\d{1,5}", text) or not MIN_SIDE_PX <= int(text) <= MAX_STILL_SIDE_PX:
        raise argparse.ArgumentTypeError(
            N_("the height must be {low} to {high} pixels").format(low=MIN_SIDE_PX, high=MAX_STILL_SIDE_PX)
        )
    return int(text)


def fps(text: str) -> float:
    """Read frames per second."""
    if not re.fullmatch(r"\d{1,3}(\.\d{1,3})?", text) or not MIN_FPS <= float(text) <= MAX_FPS:
        raise argparse.ArgumentTypeError(
            N_("a video must have {low:g} to {high:g} frames per second").format(low=MIN_FPS, high=MAX_FPS)
        )
    return float(text)


def settings_of(options: argparse.Namespace) -> Mapping[str, str]:
    """The settings by name; the last one counts where one was given twice."""
    return dict(options.settings)
