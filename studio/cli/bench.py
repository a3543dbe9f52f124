"""Runs the benchmarks of the source tree and prints their rows."""

import argparse
import importlib
import json
import sys
from pathlib import Path
from typing import Any, Final

from studio.cli import option
from studio.core.error import UserError
from studio.core.translation import N_

SUMMARY = N_("measure the program’s speed and memory on this computer")
ROOT: Final = Path(__file__).parents[2]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare [NAME ...] and --json."""
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help=N_("one benchmark, or with a dot at the end all whose names start that way, such as vae."),
    )
    option.add_json(parser)


def run(options: argparse.Namespace) -> None:
    """Measure and print; a budget that is missed is no failure of the command."""
    suite, machine = _suite()
    say = sys.stderr if options.is_json else sys.stdout
    print(machine.machine(), file=say, flush=True)
    rows = []
    try:
        for row in suite.rows(options.names):
            rows.append(row)
            if not options.is_json:
                print(line(row), flush=True)
    except KeyError as error:
        raise UserError(
            N_("There is no benchmark “{name}”.").format(name=error.args[0]),
            N_("The benchmarks are: {known}.").format(known=", ".join(suite.all_benches())),
        ) from error
    if options.is_json:
        print(json.dumps(rows, indent=1))


def line(row: dict[str, Any]) -> str:
    """One row in plain text."""
    value = "—" if row["value"] is None else f"{row['value']:.4g} {row['unit']}"
    verdict = {True: "within", False: "MISSED", None: ""}[row["within"]]
    budget = "" if row["budget"] is None else f"budget {row['budget']:g}"
    return f"{row['name']:32} {value:>16}  {budget:12} {verdict:7} {row['note']}".rstrip()


def _suite() -> tuple[Any, Any]:
    """The benchmarks lie beside the program in its source tree; an installed package does not carry them."""
    if not (ROOT / "tests" / "bench" / "suite.py").is_file():
        raise UserError(
            N_("The benchmarks are not part of an installed package."),
            N_("They are in tests/bench in the source tree; run `python main.py bench` there."),
        )
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    return importlib.import_module("tests.bench.suite"), importlib.import_module("tests.bench.machine")
