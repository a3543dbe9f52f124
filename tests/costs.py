"""Where the seconds of the tests go, and which lines of the program each test alone runs.

As a plugin it notes every test: `python -m pytest -p tests.costs --costs=FOLDER [--lines]`, in all processes of xdist.
As a program it prints the tables: `python -m tests.costs FOLDER`. Lines are noted by `sys.monitoring`, so on Python
3.12 or later, and only those of the process of the test: a child's are not seen.
"""

import json
import os
import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[1]
PRODUCT: Final = (f"{ROOT}/studio/", f"{ROOT}/plugins/")
N_DEAREST: Final = 50
MONITORING: Final[Any] = getattr(sys, "monitoring", None)
KINDS: Final = {
    "fuzz": "fuzzed",
    "process": "process started",
    "compile": "kernel compiled",
    "backward": "network trained",
    "window": "window built",
    "panel": "panel opened",
    "engine": "model opened",
    "torch": "torch imported",
    "plain": "plain",
}
"""What makes a test dear, dearest first: a test is of the first kind that it has anything of."""
WATCHED: Final = {
    "process": ("subprocess", "Popen", "__init__"),
    "backward": ("torch", "Tensor", "backward"),
    "window": ("studio.shell.window.window", "MainWindow", "__init__"),
    "panel": ("studio.api.panel", "Panel", "__init__"),
    "engine": ("studio.registry.catalog", "Catalog", "open_engine"),
    "compile": ("numba.core.dispatcher", "Dispatcher", "compile"),
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--costs", metavar="FOLDER", help="note there what every test costs")
    parser.addoption("--lines", action="store_true", help="and which lines of the program it runs")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--costs"):
        folder = Path(config.getoption("--costs")).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        config.pluginmanager.register(CostNotes(folder, config.getoption("--lines")))


class CostNotes:
    """Writes a line of JSON for each test into a file of its process."""

    def __init__(self, folder: Path, has_lines: bool) -> None:
        self._out = (folder / f"{os.getpid()}.jsonl").open("a", encoding="utf-8")
        self._counts: Counter[str] = Counter()
        self._wrapped: set[str] = set()
        self._lines: set[tuple[str, int]] = set()
        self._setup_cpu = 0.0
        self._has_lines = has_lines
        if has_lines:
            MONITORING.use_tool_id(MONITORING.COVERAGE_ID, "tests.costs")
            MONITORING.register_callback(MONITORING.COVERAGE_ID, MONITORING.events.LINE, self._on_line)
            MONITORING.set_events(MONITORING.COVERAGE_ID, MONITORING.events.LINE)

    def pytest_unconfigure(self) -> None:
        """Note nothing of how the process ends."""
        if self._has_lines:
            MONITORING.free_tool_id(MONITORING.COVERAGE_ID)

    def _on_line(self, code: Any, line: int) -> Any:
        if code.co_filename.startswith(PRODUCT):
            self._lines.add((code.co_filename[len(str(ROOT)) + 1 :], line))
        return MONITORING.DISABLE

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self._watch()
        self._counts.clear()
        self._lines.clear()
        if self._has_lines:
            MONITORING.restart_events()
        had_torch, began, cpu = "torch" in sys.modules, time.perf_counter(), _cpu_s()
        result = yield
        self._counts["torch"] = int("torch" in sys.modules and not had_torch)
        note = {
            "test": item.nodeid,
            "seconds": time.perf_counter() - began,
            "cpu": _cpu_s() - cpu,
            "setup": self._setup_cpu,
            "counts": {name: n for name, n in self._counts.items() if n},
            "lines": _by_file(self._lines),
        }
        self._out.write(json.dumps(note) + "\n")
        self._out.flush()
        return result

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self) -> Iterator[None]:
        cpu = _cpu_s()
        result = yield
        self._setup_cpu = _cpu_s() - cpu
        return result

    def _watch(self) -> None:
        """Count calls of what is dear, as soon as it was imported."""
        for name, (module, owner, method) in WATCHED.items():
            if name not in self._wrapped and module in sys.modules:
                self._wrapped.add(name)
                holder = getattr(sys.modules[module], owner)
                setattr(holder, method, self._counted(name, getattr(holder, method)))

    def _counted(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*given: Any, **named: Any) -> Any:
            self._counts[name] += 1
            return function(*given, **named)

        return counted


def _cpu_s() -> float:
    """What this process and its ended children have computed."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _by_file(lines: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for file, line in sorted(lines):
        found[file].append(line)
    return found


def read(folder: Path) -> list[dict[str, Any]]:
    """All that was noted."""
    return [json.loads(line) for path in sorted(folder.glob("*.jsonl")) for line in path.open(encoding="utf-8")]


def kind_of(note: dict[str, Any]) -> str:
    """What makes a test dear."""
    if note["test"].startswith("tests/fuzz/"):
        return "fuzz"
    return next((name for name in KINDS if note["counts"].get(name)), "plain")


def folder_of(note: dict[str, Any]) -> str:
    """tests/shell of tests/shell/home/test_card.py; of a family's tests its own folder."""
    parts = note["test"].partition("::")[0].split("/")[:-1]
    return "/".join(parts[: 3 if parts[1:2] == ["plugins"] else 2])


def lines_alone(notes: list[dict[str, Any]]) -> dict[str, int]:
    """By test how many lines of the program no other test runs."""
    owners: dict[tuple[str, int], str | None] = {}
    for note in notes:
        for file, lines in note["lines"].items():
            for line in lines:
                owners[file, line] = None if (file, line) in owners else note["test"]
    return Counter(owner for owner in owners.values() if owner)


def _table(title: str, notes: list[dict[str, Any]], key: Callable[[dict[str, Any]], str]) -> None:
    seconds: Counter[str] = Counter()
    computed: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for note in notes:
        seconds[key(note)] += note["seconds"]
        computed[key(note)] += note["cpu"]
        counts[key(note)] += 1
    print(f"\n{title:58} {'s':>7} {'cpu s':>7} {'tests':>6}")
    for name, value in seconds.most_common(N_DEAREST):
        print(f"{name:58} {value:7.1f} {computed[name]:7.1f} {counts[name]:6}")


def main() -> None:
    """Print the tables of a folder."""
    notes = read(Path(sys.argv[1]))
    total, alone = sum(note["seconds"] for note in notes), lines_alone(notes)
    print(f"{len(notes)} tests, {total:.0f} s in all, {sum(note['cpu'] for note in notes):.0f} s computed")
    for least in (10, 3, 1, 0.3):
        dear = [note["seconds"] for note in notes if note["seconds"] >= least]
        print(f"  of {least} s and more: {len(dear)} tests, {sum(dear):.0f} s")
    _table("kind", notes, lambda note: KINDS[kind_of(note)])
    _table("folder", notes, folder_of)
    _table("file", notes, lambda note: str(note["test"].partition("::")[0]))
    print(f"\n{'the dearest tests':96} {'s':>6} {'lines alone':>11} {'s/line':>7}  kind")
    for note in sorted(notes, key=lambda note: -note["seconds"])[:N_DEAREST]:
        n_alone = alone.get(note["test"], 0)
        price = f"{note['seconds'] / n_alone:7.3f}" if n_alone else "      -"
        print(f"{note['test'][:96]:96} {note['seconds']:6.1f} {n_alone:11} {price}  {KINDS[kind_of(note)]}")


if __name__ == "__main__":
    main()
