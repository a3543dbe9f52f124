"""Runs a long session and prints what it measured, as JSON: python -m tests.soak.session --minutes 30 --actions 5000

Models are opened one after the other, a few at a time; with only Home open the process is read.
"""

import argparse
import dataclasses
import itertools
import json
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from studio.registry.model import ModelInfo
from tests.soak.person import Person
from tests.soak.reading import HoldWatch, Meter, Rest, slope

if TYPE_CHECKING:
    from studio.app import Studio
    from tests.bench.driver import Driver

ACTIONS_PER_MODEL: Final = 25
MODELS_PER_CYCLE: Final = 4
STALL_MS: Final = 50.0
HOLD_MS: Final = 100.0
PAUSE_S: Final = (0.05, 0.35)
FAILURES: Final[list[str]] = []
"""What the program itself did not expect."""
SLOPES: Final = ("memory_mb", "n_threads", "n_descriptors", "n_objects", "n_widgets")


class Session:
    """One person, one window, and what is noted of them."""

    def __init__(self, studio: "Studio", driver: "Driver", options: argparse.Namespace, folder: Path) -> None:
        self._studio, self._driver, self._options = studio, driver, options
        self._person = Person(driver, options.seed, folder)
        self._meter, self._holds = Meter(), HoldWatch()
        self.rests: list[Rest] = []
        self.stalls: list[tuple[float, str]] = []
        self.n_actions = 0

    def run(self) -> dict[str, Any]:
        """Go on until time and actions have been reached; returns the figures."""
        self._driver.wait_for_device()
        ends = time.monotonic() + 60 * self._options.minutes
        for n_rounds, models in self._cycles():
            for model in models:
                self._visit(model)
            self._rest(n_rounds)
            if time.monotonic() > ends and self.n_actions >= self._options.actions:
                break
        return self._figures()

    def _cycles(self) -> Iterator[tuple[int, list[ModelInfo]]]:
        """How often all models were visited before, and the next few of them."""
        order = np.random.default_rng(self._options.seed)
        models = self._studio._catalog.list_models()
        for n_rounds in itertools.count():
            shuffled = [models[place] for place in order.permutation(len(models))]
            yield from (
                (n_rounds, shuffled[i : i + MODELS_PER_CYCLE]) for i in range(0, len(shuffled), MODELS_PER_CYCLE)
            )

    def _visit(self, model: ModelInfo) -> None:
        self._holds.place = model.id
        print(model.id, file=sys.stderr, flush=True)
        self._watched("open", model.id, lambda: self._person.open(model))
        for _ in range(ACTIONS_PER_MODEL):
            self._watched("", model.id, self._person.act)

    def _watched(self, name: str, where: str, deed: Any) -> None:
        self._driver.heartbeat.start()
        done = deed()
        self._driver.pause(float(np.interp(self.n_actions * 0.618 % 1, (0, 1), PAUSE_S)))
        _delete_what_waits()
        worst = max(self._driver.heartbeat.stop())
        if worst > STALL_MS:
            self.stalls.append((worst, f"{where}: {name or done}"))
        self.n_actions += 1
        self._meter.look()

    def _rest(self, n_rounds: int) -> None:
        self._person.close_all()
        self._driver.pause(1.0)
        _delete_what_waits()
        self.rests.append(self._meter.rest(self.n_actions, n_rounds))
        print(self.rests[-1], f"{len(FAILURES)} failures", file=sys.stderr, flush=True)

    def _figures(self) -> dict[str, Any]:
        holds = [hold for times in self._holds.holds_ms.values() for hold in times]
        return {
            "n_actions": self.n_actions,
            "slopes": {name: slope(self.rests, name) for name in SLOPES},
            "first": dataclasses.asdict(self.rests[0]),
            "last": dataclasses.asdict(self.rests[-1]),
            "failures": FAILURES,
            "n_stalls": len(self.stalls),
            "stalls": sorted(self.stalls, reverse=True)[:20],
            "hold_ms": {"median": float(np.median(holds)), "p99": float(np.percentile(holds, 99)), "n": len(holds)},
            "longest_holds": _longest(self._holds.holds_ms),
        }


def _delete_what_waits() -> None:
    """Qt keeps what is to be deleted until the loop goes on in which that was said; the session is inside of it."""
    from PySide6.QtCore import QCoreApplication, QEvent

    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def _longest(holds_ms: dict[str, list[float]]) -> list[tuple[float, str]]:
    return sorted(((max(times), name) for name, times in holds_ms.items() if max(times) > HOLD_MS), reverse=True)[:40]


def main() -> int:
    """Start the real program in this process, with a home of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--actions", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        return _run_in_window(options, Path(folder))


def _run_in_window(options: argparse.Namespace, folder: Path) -> int:
    from studio.app import Studio
    from studio.cli.main import main as run_command_line
    from studio.shell.session.crash import CrashReporter, details_of

    begin, report = Studio.begin, CrashReporter.report

    def begin_and_live(studio: Studio, opening: object = None) -> None:
        from PySide6.QtCore import QTimer

        studio.window.first_painted.connect(lambda: QTimer.singleShot(0, lambda: _live(studio, options, folder)))
        begin(studio, None)

    def report_and_note(crash: CrashReporter, error: BaseException) -> None:
        FAILURES.append(details_of(error)[-1500:])
        report(crash, error)

    CrashReporter.report = report_and_note  # type: ignore[method-assign, assignment]  # a probe
    Studio.begin = begin_and_live  # type: ignore[method-assign, assignment]  # a probe
    return run_command_line([])


def _live(studio: "Studio", options: argparse.Namespace, folder: Path) -> None:
    from PySide6.QtWidgets import QApplication

    from tests.bench.driver import Driver, PaintWatch

    try:
        print(json.dumps(Session(studio, Driver(studio, PaintWatch()), options, folder).run(), indent=1), flush=True)
    except Exception:  # the window would go on and wait
        traceback.print_exc()
        picture = Path(tempfile.gettempdir()) / "manifold-soak-failure.png"
        studio.window.grab().save(str(picture))
        print(f"what was seen: {picture}; the focus: {QApplication.focusWidget()}", file=sys.stderr, flush=True)
        os._exit(1)
    studio.window.close()


if __name__ == "__main__":
    sys.exit(main())
