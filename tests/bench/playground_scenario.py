"""What a person does in front of the playground of the GANs: watch it learn with everything drawn."""

import time
from typing import Any

from tests.bench.driver import Driver
from tests.bench.statistic import percentile

MODEL = "gan/playground"
WATCH_S = 5.0
WARM_S = 3.0

Result = dict[str, Any]


def playground_watch(driver: Driver) -> Result:
    """Let the two learn as fast as they can, with map, grid, points and arrows on the canvas."""
    driver.wait_for_device()
    driver.window.opener.open_model(MODEL)
    driver.wait(driver.has_picture, "the first frame")
    panel = driver.panel
    panel.layers.layers_changed.emit(("real", "fake", "map", "grid", "arrows"))
    panel.editor.set_speed("fast")
    driver.pause(WARM_S)
    painted: list[float] = []
    panel.canvas.painted.connect(lambda: painted.append(time.perf_counter()))
    started, before = time.perf_counter(), panel.timeline.recording[-1].scalars["steps"]
    driver.heartbeat.start()
    driver.pause(WATCH_S)
    late_ms = driver.heartbeat.stop()
    passed_s = time.perf_counter() - started
    steps = panel.timeline.recording[-1].scalars["steps"] - before
    side = panel.canvas.content_rect().width()
    panel.timeline.pause()
    return {
        "steps_per_s": steps / passed_s,
        "paints_per_s": len(painted) / passed_s,
        "gap_p99_ms": percentile(late_ms, 99),
        "side_px": side,
    }


ALL = (playground_watch,)
