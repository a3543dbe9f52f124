"""The net of long sessions: what it measures, a short session, and a few of the kills."""

from pathlib import Path

import pytest

from tests.soak.kill import DEEDS, kill
from tests.soak.reading import Rest, slope


def rest(n_actions: int, memory_mb: float) -> Rest:
    return Rest(n_actions, memory_mb, 1, 1, 1, 1)


def test_the_slope_is_that_of_a_line_after_the_first_quarter() -> None:
    rests = [rest(0, 900.0), *(rest(100 * n, 300.0 + 0.5 * n) for n in range(1, 8))]
    assert slope(rests, "memory_mb") == pytest.approx(5.0)
    assert slope(rests, "n_threads") == pytest.approx(0.0, abs=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("name", DEEDS)
def test_a_kill_at_any_moment_loses_nothing(name: str, tmp_path: Path) -> None:
    for moment_s in (0.0, 0.07, 0.4):
        assert kill(DEEDS[name], tmp_path, moment_s) == ""
