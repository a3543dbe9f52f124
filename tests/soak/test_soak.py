"""The net of long sessions: what it measures, a short session, and a few of the kills."""

from pathlib import Path

import pytest

from tests.soak.kill import DEEDS, kill
from tests.soak.reading import Rest, slope


def rest(place: int, memory_mb: float) -> Rest:
    return Rest(100 * place, place // 4, memory_mb, 1, 1, 1, 1)


def test_the_slope_is_that_of_the_lowest_of_each_whole_round_after_the_first() -> None:
    rests = [rest(place, 300.0 + 2.0 * (place // 4) + 50 * (place % 4)) for place in range(4, 17)]
    assert slope([rest(0, 900.0), *rests[:-1], rest(16, 9000.0)], "memory_mb") == pytest.approx(5.0)
    assert slope(rests, "n_threads") == pytest.approx(0.0, abs=1e-9)
    assert slope(rests[:8], "memory_mb") is None


@pytest.mark.long("starts processes of its own")
@pytest.mark.parametrize("name", DEEDS)
def test_a_kill_at_any_moment_loses_nothing(name: str, tmp_path: Path) -> None:
    for moment_s in (0.0, 0.07, 0.4):
        assert kill(DEEDS[name], tmp_path, moment_s) == ""
