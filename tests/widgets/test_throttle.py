"""The first request runs at once, the others wait for the interval, and the last is never lost."""

from studio.widgets.throttle import Throttle

INTERVAL_MS = 40


def test_the_first_runs_at_once_and_the_last_is_kept(qtbot, qapp) -> None:
    made: list[int] = []
    seen: list[int] = []
    throttle = Throttle(INTERVAL_MS, lambda: seen.append(made[-1]), qapp)
    for number in range(1, 6):
        made.append(number)
        throttle.request()
    assert seen == [1]
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert seen == [1, 5]


def test_after_a_pause_it_runs_at_once_again(qtbot, qapp) -> None:
    seen: list[int] = []
    throttle = Throttle(0, lambda: seen.append(1), qapp)
    throttle.request()
    throttle.request()
    assert len(seen) == 2
