"""Puts each seeded fault into a copy of the tree and notes which test finds it: python -m tests.seeded.run [NAME ...].

The copy lies at one place, so that kernels stay compiled. In the end the tests that found something run without any
fault: those that fail all the same are named, and do not count. Faults that found.md knows are left out unless they are
named; one that slipped through and is found now says so there.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Final

from tests.reach import ROOT, Tree

TREE: Final = Tree()
FOUND: Final = Path(__file__).with_name("found.md")
COPY: Final = Path(tempfile.gettempdir()) / "manifold-seeded"
TIERS: Final = {"quick": "not long", "long": "long"}
NOTHING, ADDED = "nothing", " (added for it)"
_NOT_COPIED: Final = shutil.ignore_patterns(".git", ".venv*", ".*_cache", ".hypothesis", "__pycache__", "*.egg-info")
_HEAD: Final = "| fault | kind | file | found by | tier | seconds |\n|---|---|---|---|---|---|\n"
_FAILED: Final = re.compile(r"^(?:FAILED|ERROR) (\S+(?:\[.*?\](?= - |$))?)", re.MULTILINE)


@dataclass(frozen=True)
class Fault:
    """A slip in one file, and what a person would notice of it."""

    name: str
    file: str
    kind: str
    notice: str
    original: str
    replacement: str

    def put_into(self, text: str) -> str:
        """The text of the file with the fault in it."""
        return text.replace(self.original, self.replacement)


@dataclass(frozen=True)
class Row:
    """What came of one fault; all as it stands in the table."""

    name: str
    kind: str
    file: str
    found_by: str
    tier: str
    seconds: str


def known_faults() -> dict[str, Fault]:
    """All seeded faults by name."""
    table = tomllib.loads(Path(__file__).with_name("faults.toml").read_text(encoding="utf-8"))
    return {name: Fault(name, **given) for name, given in table.items()}


def reaching(file: Path) -> Iterator[list[str]]:
    """Arguments for pytest: the tests that can reach a file, what is nearest to it first."""
    layer = file.parts[1:-1] if file.parts[0] == "studio" else file.parts[:-1]
    folder = next(place for n in range(len(layer), -1, -1) if (place := ROOT.joinpath("tests", *layer[:n])).is_dir())
    reach = TREE.reached_by([str(file)])
    families = [f"--families={','.join(sorted(reach.families))}"] if reach.families else []
    near = {test for test in reach.files if test.startswith(f"{folder.relative_to(ROOT)}/")}
    for group in (near, reach.files - near):
        if group:
            yield [*families, *sorted(group)]


def failing(arguments: Sequence[str]) -> list[str]:
    """Run tests in the copy; the names of those that fail."""
    # What was compiled of Python is kept: some environments forbid it, and then each process compiles torch anew.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    kernels = {"NUMBA_CACHE_DIR": str(ROOT / ".pytest_cache" / "kernels"), **kept}
    command = [sys.executable, "-m", "pytest", "-q", "--tb=no", "-p", "no:cacheprovider", *arguments]
    environment = {**kernels, "PYTHONPATH": str(COPY)}
    done = subprocess.run(command, cwd=COPY, env=environment, capture_output=True, text=True, check=False)
    failed = _FAILED.findall(done.stdout)
    return failed if failed or done.returncode in (0, 5) else [f"the end of pytest, {done.returncode}"]


def hunted(fault: Fault) -> Row:
    """Which test finds a fault, in which tier and after how long."""
    path, start = COPY / fault.file, time.monotonic()
    sound = path.read_text(encoding="utf-8")
    path.write_text(fault.put_into(sound), encoding="utf-8")
    found = (
        (failed[0], tier)
        for tier, marked in TIERS.items()
        for arguments in reaching(Path(fault.file))
        if (failed := failing(["-x", "-m", marked, *arguments]))
    )
    test, tier = next(found, (NOTHING, "–"))
    path.write_text(sound, encoding="utf-8")
    return Row(fault.name, fault.kind, fault.file, test, tier, f"{time.monotonic() - start:.0f}")


def known_rows() -> dict[str, Row]:
    """The rows of found.md by the name of the fault."""
    lines = FOUND.read_text(encoding="utf-8").splitlines() if FOUND.exists() else []
    cells = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines if line.startswith("| ")]
    return {row[0]: Row(*row) for row in cells[1:] if len(row) == len(fields(Row))}


def write(rows: dict[str, Row]) -> None:
    """Write found.md: what each tier finds, how much of it by tests that were added for it, and all rows."""
    n_quick, n_long = (sum(row.tier == tier for row in rows.values()) for tier in TIERS)
    n_added = sum(row.found_by.endswith(ADDED) for row in rows.values())
    n, n_both = len(rows), n_quick + n_long
    text = (
        f"Of {n} seeded faults the quick tier finds {n_quick} ({n_quick / n:.1%}), both together {n_both} "
        f"({n_both / n:.1%}). {n_added} of them are found by tests that were added for them.\n\n{_HEAD}"
    )
    lines = [f"| {' | '.join(vars(row).values())} |\n" for row in rows.values()]
    FOUND.write_text(text + "".join(lines), encoding="utf-8")


def main() -> int:
    """Hunt the faults that are named, else all that are not in the table; returns how many slip through."""
    faults, rows = known_faults(), known_rows()
    wanted = sys.argv[1:] or [name for name in faults if name not in rows]
    shutil.rmtree(COPY, ignore_errors=True)
    shutil.copytree(ROOT, COPY, ignore=_NOT_COPIED, symlinks=True)
    for name in wanted:
        row, before = hunted(faults[name]), rows.get(name)
        if before is not None and before.found_by.endswith((NOTHING, ADDED)) and row.found_by != NOTHING:
            row = replace(row, found_by=row.found_by + ADDED)
        rows[name] = row
        write({one: rows[one] for one in faults if one in rows})
        print(f"{name}: {row.found_by}, {row.seconds} s", flush=True)
    tests = {rows[name].found_by.removesuffix(ADDED) for name in wanted} - {NOTHING}
    for test in failing(sorted(one for one in tests if "::" in one)) if tests else []:
        print(f"{test} fails without any fault")
        rows = {name: row for name, row in rows.items() if row.found_by.removesuffix(ADDED) != test}
    write({one: rows[one] for one in faults if one in rows})
    shutil.rmtree(COPY)
    return sum(row.found_by == NOTHING for row in rows.values())


if __name__ == "__main__":
    sys.exit(main())
