"""Starts the real program in this process, runs one scenario on it and prints what it measured as JSON.

    python -m tests.bench.child SCENARIO

Nothing is imported before it is needed: the time from the start of the process to the window is one of the figures.
"""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from studio.app import Studio


def main(name: str) -> int:
    """Run the scenario of that name; the last line of the output is its result."""
    from studio.cli.main import main as run_command_line

    _watch_window(name)
    return run_command_line([])


def _watch_window(name: str) -> None:
    import time

    from studio.widgets.import_cost import spare_sources

    spare_sources()
    from studio.app import Studio

    begin = Studio.begin

    def begin_and_watch(studio: Studio, opening: object = None) -> None:
        studio.window.first_painted.connect(lambda: _run(studio, name, time.monotonic()))
        _prepare(studio, name)
        begin(studio, None)

    Studio.begin = begin_and_watch  # type: ignore[method-assign, assignment]  # a probe


def _prepare(studio: "Studio", name: str) -> None:
    """The start is measured without anything that only measures."""
    if name != "start":
        from tests.bench.scenario import prepare

        prepare(studio, name)


def _run(studio: "Studio", name: str, painted_at: float) -> None:
    from PySide6.QtCore import QTimer

    from tests.bench.scenario import run

    QTimer.singleShot(0, lambda: run(studio, name, painted_at))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
