"""Runs the benchmarks of the source tree and prints their rows."""

import argparse
import datetime as dt
import importlib
import json
import math
import os
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from studio.cli import option, output
from studio.core.container.source import printable
from studio.core.error import UsageError, UserError
from studio.core.translation import N_

SUMMARY = N_("measure the program’s speed and memory on this computer")
ROOT: Final = Path(__file__).parents[2]

Row = dict[str, Any]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare [NAME ...], --json, --quick, --repeat, --against and --write."""
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help=N_("one benchmark, or with a dot at the end all whose names start that way, such as vae."),
    )
    option.add_json(parser)
    parser.add_argument(
        "--quick",
        action="store_true",
        dest="is_quick",
        help=N_("measure less, in about three minutes: one benchmark for each budget, or those that you name"),
    )
    parser.add_argument(
        "--repeat",
        type=option.count,
        default=1,
        dest="n_runs",
        metavar="N",
        help=N_("measure everything N times and print the medians; from three on, how much they vary is known"),
    )
    parser.add_argument(
        "--against",
        type=Path,
        metavar="TABLE",
        help=N_("say what got worse or better by more than its noise since TABLE: printed JSON, or docs/figures.md"),
    )
    parser.add_argument(
        "--write", type=Path, metavar="TABLE", help=N_("put what was measured into a table such as docs/figures.md")
    )


def run(options: argparse.Namespace) -> None:
    """Measure and print; a budget that is missed is no failure of the command."""
    if options.is_quick and options.write:
        raise UsageError(N_("Quick figures are not written into a table."), N_("Leave out --quick or --write."))
    suite, machine, table, quick = _modules(options.is_quick)
    benches = _chosen(suite, options.names or (list(quick.ROWS.values()) if options.is_quick else []))
    earlier = [] if options.against is None else _read(table, options.against)
    if options.write is not None:
        output.check(options.write, (".md",))
        if options.write.exists():
            _read(table, options.write)
    print(machine.machine(), file=sys.stderr if options.is_json else sys.stdout, flush=True)
    until = time.monotonic() + quick.LIMIT_S if options.is_quick and not options.names else math.inf
    rows = _measured(suite, benches, options, until, partial(_keep, table, machine.short(), options.write))
    if options.is_json:
        print(json.dumps(rows, indent=1))
    if options.against is not None:
        print("\n".join(table.compared(rows, earlier)), file=sys.stderr if options.is_json else sys.stdout)


def _measured(
    suite: Any,
    benches: Sequence[Any],
    options: argparse.Namespace,
    until: float,
    keep: Callable[[list[Row]], None],
) -> list[Row]:
    """Measure all of them as often as is wanted; each row is printed and kept at once, the medians come at the end."""
    runs: list[list[Row]] = []
    for run in range(options.n_runs):
        suite.begin_run()
        runs.append([])
        for number, bench in enumerate(benches, 1):
            place = f"{number} of {len(benches)}" + (f", run {run + 1}" if options.n_runs > 1 else "")
            print(f"{place}: {bench.name} …", file=sys.stderr, flush=True)
            runs[-1].append(bench.row(until))
            if not options.is_json:
                print(line(runs[-1][-1]), flush=True)
            keep(suite.median_rows(runs))
    rows: list[Row] = suite.median_rows(runs)
    if options.n_runs > 1 and not options.is_json:
        print("", *map(line, rows), sep="\n", flush=True)
    return rows


def _keep(table: Any, machine: str, path: Path | None, rows: list[Row]) -> None:
    if path is not None:
        path.write_text(table.merged(path, rows, dt.date.today().isoformat(), machine), "utf-8")


def line(row: Row) -> str:
    """One row in plain text."""
    value = "—" if row["value"] is None else f"{row['value']:.4g} {row['unit']}"
    verdict = {True: "within", False: "MISSED", None: ""}[row["within"]]
    budget = "" if row["budget"] is None else f"budget {row['budget']:g}"
    return f"{row['name']:32} {value:>16}  {budget:12} {verdict:7} {row['note']}".rstrip()


def _chosen(suite: Any, names: Sequence[str]) -> list[Any]:
    try:
        found: list[Any] = suite.chosen(names)
    except KeyError as error:
        raise UserError(
            N_("There is no benchmark “{name}”.").format(name=error.args[0]),
            N_("The benchmarks are: {known}.").format(known=", ".join(suite.all_benches())),
        ) from error
    return found


def _read(table: Any, path: Path) -> list[Row]:
    try:
        rows: list[Row] = table.read_rows(path)
    except (OSError, ValueError) as error:
        raise UserError(
            N_("“{name}” does not hold a table of benchmarks.").format(name=printable(str(path))),
            N_("`main.py bench --json` prints one, and docs/figures.md is one."),
        ) from error
    return rows


def _modules(is_quick: bool) -> Sequence[Any]:
    """The benchmarks lie beside the program in its source tree; an installed package does not carry them."""
    if not (ROOT / "tests" / "bench" / "suite.py").is_file():
        raise UserError(
            N_("The benchmarks are not part of an installed package."),
            N_("They are in tests/bench in the source tree; run `python main.py bench` there."),
        )
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    quick = importlib.import_module("tests.bench.quick")
    if is_quick:
        os.environ[quick.VARIABLE] = "1"  # before the benchmarks are read, and for the programs that they start
    suite, machine, table = (importlib.import_module(f"tests.bench.{name}") for name in ("suite", "machine", "table"))
    return suite, machine, table, quick
