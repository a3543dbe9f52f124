"""Says what a file is, without running anything from it."""

import argparse
import json
from pathlib import Path

from studio.cli import option
from studio.core.inspection import WORKSPACE, FileReport
from studio.core.translation import N_, plural

SUMMARY = N_("say what a file or folder is, without running anything from it")
MAX_TENSORS_SHOWN = 12


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare PATH and --json."""
    parser.add_argument("path", metavar="PATH", help=N_("any file or folder"))
    option.add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Print the report; a file that does not open is described like any other, and the exit status is 1."""
    from studio.registry.catalog import Catalog
    from studio.registry.target import describe

    report = describe(Path(options.path), Catalog())
    if options.is_json:
        print(json.dumps(report.to_json(), indent=1))
    else:
        print(*lines(report), sep="\n")
    return 0 if report.opens else 1


def lines(report: FileReport) -> list[str]:
    """The report in plain words."""
    facts = {
        N_("Format"): report.format,
        N_("Title"): report.title,
        N_("Family"): report.family,
        N_("Architecture"): report.architecture,
        N_("Numbers"): None if report.n_params is None else f"{report.n_params:,} ({report.dtype})",
        N_("About"): _summary(report),
        N_("Opens"): N_("yes") if report.opens else report.why_not,
    }
    about = [f"{name}: {value}" for name, value in facts.items() if value]
    shown = [f"  {one.name} {one.dtype} {list(one.shape)}" for one in report.tensors[:MAX_TENSORS_SHOWN]]
    n_more = len(report.tensors) - len(shown)
    more = [N_("  and {n} more arrays").format(n=n_more)] if n_more > 0 else []
    return [*about, *shown, *more, *(N_("Note: {text}").format(text=text) for text in report.warnings)]


def _summary(report: FileReport) -> str:
    """What the family that knows a file of other people says of it in a sentence, where it does."""
    if report.format == WORKSPACE:
        tabs = plural(N_("{n} tab"), N_("{n} tabs"), report.metadata["n_tabs"])
        runs = plural(N_("{n} recording"), N_("{n} recordings"), report.metadata["n_runs"])
        return ", ".join([tabs, runs, *dict.fromkeys(report.metadata["models"])])
    text = report.metadata.get("summary")
    return text if isinstance(text, str) and report.family and not report.is_export else ""
