"""What a person does in front of a text: let it be written to its end, and look on."""

import time
from typing import Any

from studio.registry.target import Opening
from tests.bench.driver import Driver
from tests.bench.statistic import percentile

WATCH_S = 5.0
WARM_S = 1.0

Result = dict[str, Any]


def text_write(driver: Driver) -> Result:
    """Open the shipped model, and click on “To the end” as soon as its example stands there."""
    from tests.bench.text_model import shipped_source  # loads torch, which the window does by itself

    driver.wait_for_device()
    driver.window.opener.open_opening(Opening(shipped_source(), "Text"))
    driver.wait(driver.has_picture, "the first word")
    driver.wait_until_idle()
    driver.pause(WARM_S)
    panel = driver.panel
    driver.show_in_inspector(panel.controls.write.end)
    driver.pause(0.2)
    driver.click(panel.controls.write.end)
    driver.wait(lambda: panel.writing.is_writing, "the first words")
    started, before = time.perf_counter(), len(panel.timeline.recording)
    driver.heartbeat.start()
    driver.pause(WATCH_S)
    late_ms = driver.heartbeat.stop()
    n_written, passed_s = len(panel.timeline.recording) - before, time.perf_counter() - started
    panel.writing.stop()
    driver.wait_until_idle()
    return {
        "gap_p99_ms": percentile(late_ms, 99),
        "gap_worst_ms": max(late_ms),
        "computed_p99_ms": percentile(driver.heartbeat.computed_ms, 99),
        "computed_worst_ms": max(driver.heartbeat.computed_ms),
        "tokens_per_s": n_written / passed_s,
        "n_tokens": n_written,
    }


ALL = (text_write,)
