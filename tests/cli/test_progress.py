"""The progress line on a terminal and elsewhere."""

import io
import re

import pytest

from studio.cli.progress import ProgressLine, figures


class Screen(io.StringIO):
    """A stream that says whether it is a terminal."""

    def __init__(self, is_terminal: bool) -> None:
        super().__init__()
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


class Clock:
    """The time that a test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("studio.cli.progress.time.monotonic", clock.monotonic)
    monkeypatch.setenv("COLUMNS", "100")
    return clock


def test_elsewhere_a_plain_line_now_and_then_and_the_last_one(clock):
    screen = Screen(False)
    progress = ProgressLine(screen)
    for step in range(100):
        clock.now += 0.25
        progress.show((step + 1) / 100, f"step {step + 1}")
    progress.close()
    lines = screen.getvalue().splitlines()
    shown = [found[0] for line in lines if (found := re.search(r"step \d+", line))]
    assert shown == ["step 1", "step 21", "step 41", "step 61", "step 81", "step 100"]
    assert "\r" not in screen.getvalue()
    assert lines[-1].startswith("100%")


def test_a_terminal_gets_one_line_that_is_rewritten(clock):
    screen = Screen(True)
    progress = ProgressLine(screen)
    for step in range(10):
        clock.now += 1.0
        progress.show((step + 1) / 10, "working")
    progress.close()
    text = screen.getvalue()
    assert text.count("\n") == 1
    assert text.endswith("\n")
    assert text.count("\r") == 10
    assert f"[{'#' * 24}] 100%" in text
    assert all(len(part) < 100 for part in text.strip().split("\r"))


def test_a_terminal_is_not_written_more_often_than_ten_times_a_second(clock):
    screen = Screen(True)
    progress = ProgressLine(screen)
    for step in range(1000):
        clock.now += 0.001
        progress.show(step / 1000, "working")
    assert screen.getvalue().count("\r") <= 11


def test_the_time_left_counts_from_where_a_resumed_run_began(clock):
    screen = Screen(False)
    progress = ProgressLine(screen)
    progress.show(0.5, "resumed")
    clock.now += 60.0
    progress.show(0.75, "later")
    assert screen.getvalue().splitlines()[-1].endswith("1:00 left")


def test_nothing_shown_means_nothing_written():
    for is_terminal in (True, False):
        screen = Screen(is_terminal)
        ProgressLine(screen).close()
        assert screen.getvalue() == ""


def test_figures_in_a_few_words():
    assert figures({"loss": 153.24567, "kl": 6.0}) == "loss 153.2, kl 6"
    assert figures({}) == ""
