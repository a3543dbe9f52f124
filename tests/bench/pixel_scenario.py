"""What a person does in front of a growing picture: has it finished in other ways again and again, and looks on."""

import time
from typing import Any

from tests.bench.driver import Driver
from tests.bench.statistic import percentile

WATCH_S = 5.0
WARM_S = 1.0

Result = dict[str, Any]


def pixels_grow(driver: Driver) -> Result:
    """Open the family; four endings grow, and whenever they are whole “Again” is pressed."""
    driver.wait_for_device()
    driver.open_family("autoregressive")
    driver.wait(lambda: driver.panel.is_settled, "the end of the first picture")
    driver.pause(WARM_S)
    panel, n_pictures = driver.panel, 0
    driver.heartbeat.start()
    started = time.perf_counter()
    while time.perf_counter() - started < WATCH_S:
        panel.again()
        driver.wait(lambda: panel.is_settled, "the end of a picture")
        n_pictures += 1
    late_ms = driver.heartbeat.stop()
    return {
        "gap_p99_ms": percentile(late_ms, 99),
        "gap_worst_ms": max(late_ms),
        "n_pictures": n_pictures,
    }


ALL = (pixels_grow,)
