"""What a person does in front of a dreamt game: play it with a key that is held."""

import time
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.bench.driver import Driver
from tests.bench.statistic import percentile

MODEL = "diffusion/arcade"
PLAYED_S = 5.0
WARM_S = 2.0

Result = dict[str, Any]


def arcade_play(driver: Driver) -> Result:
    """Hold an arrow key on the picture, and count the pictures that are dreamt."""
    driver.wait_for_device()
    driver.window.opener.open_model(MODEL)
    driver.wait(driver.has_picture, "the first picture")
    driver.wait_until_idle()
    panel = driver.panel
    QTest.keyPress(panel.canvas, Qt.Key.Key_Left)
    driver.pause(WARM_S)
    started, before = time.perf_counter(), len(panel.timeline.recording)
    driver.heartbeat.start()
    driver.pause(PLAYED_S)
    late_ms = driver.heartbeat.stop()
    passed_s, n_pictures = time.perf_counter() - started, len(panel.timeline.recording) - before
    QTest.keyRelease(panel.canvas, Qt.Key.Key_Left)
    panel.timeline.pause()
    return {"pictures_per_s": n_pictures / passed_s, "gap_p99_ms": percentile(late_ms, 99)}


ALL = (arcade_play,)
