"""What a person does in front of a NeRF scene, one function for each visit."""

import itertools
import math
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from studio.render.export.option import ExportOptions
from studio.shell.export.memory import ExportChoice, keep_choice
from tests.bench.driver import Driver
from tests.bench.quick import less
from tests.bench.statistic import percentile
from tests.fixtures.foreign import foreign_folder

FAMILY = "nerf"
MOVING = "nerf/animated"
BAKING_LIMIT_S = 400.0
SIDE_PX = 512
TURN_S = less(5.0, 2.0)
LEARN_S = less(10.0, 3.0)  # until the scene can be told
N_LEAST = 2  # pictures in a turn
DEGREES_PER_S = 60.0
FIXTURE = "lego.ckpt"
EXPORT_LIMIT_S = 400.0
SHARE_PX = SIDE_PX / 360  # of one degree: a drag as long as the viewport is high turns the scene once

Result = dict[str, Any]


def nerf_orbit(driver: Driver) -> Result:
    """Turn the shipped scene at a steady rate, by hand."""
    driver.wait_for_device()
    driver.open_family(FAMILY)
    return _turn(driver, is_baked=True)


def nerf_orbit_moving(driver: Driver) -> Result:
    """The same with the scene that moves, while its time goes by."""
    driver.wait_for_device()
    driver.window.opener.open_model(MOVING)
    driver.wait(driver.has_picture, "the first picture")
    driver.wait(lambda: not driver.panel.baking.is_on, "the baking", limit_s=BAKING_LIMIT_S)
    driver.wait_until_idle()
    driver.click(driver.panel.controls.time.play)
    found = _turn(driver, is_baked=False)
    assert driver.panel.time_desk.is_playing
    return found


def nerf_orbit_import(driver: Driver) -> Result:
    """The same with a checkpoint of another program."""
    path = foreign_folder() / "nerf-pytorch" / FIXTURE
    driver.wait_for_device()
    driver.window.opener.open_path(path)
    return _turn(driver, is_baked=True)


def nerf_orbit_training(driver: Driver) -> Result:
    """Turn a scene while it is being learnt."""
    driver.wait_for_device()
    driver.open_family(FAMILY)
    driver.wait(driver.has_picture, "the first picture")
    panel = driver.panel
    driver.show_in_inspector(panel.controls.learn.learn)
    driver.pause(0.3)
    driver.click(panel.controls.learn.learn)
    driver.wait(lambda: panel.learn_desk.training_id, "the training")
    driver.pause(LEARN_S)
    return _turn(driver, is_baked=False)


def nerf_turntable(driver: Driver) -> Result:
    """Ask for the turntable video of the shipped scene, and take it as an MP4 as soon as the dialog stands."""
    driver.wait_for_device()
    driver.open_family(FAMILY)
    driver.wait(driver.has_picture, "the first picture")
    panel, exporter = driver.panel, driver.window.exporter
    driver.wait(lambda: not panel.baking.is_on, "the baking")
    panel.editor.set_picture_size(SIDE_PX, SIDE_PX)
    driver.wait_until_idle()
    with tempfile.TemporaryDirectory() as folder:
        keep_choice(driver.studio.settings, ExportChoice("mp4", ExportOptions(SIDE_PX), folder))
        driver.show_in_inspector(panel.take.turntable)
        driver.pause(0.3)
        before = os.times()
        started = driver.click(panel.take.turntable)
        driver.wait(lambda: exporter.dialog is not None and exporter.dialog.export.isEnabled(), "the dialog")
        assert exporter.dialog is not None
        QTest.mouseClick(exporter.dialog.export, Qt.MouseButton.LeftButton)
        driver.wait(driver.window.toast.isVisible, "the video", limit_s=EXPORT_LIMIT_S)
        export_s, after = time.perf_counter() - started, os.times()
        (path,) = Path(folder).iterdir()
        size_mb = path.stat().st_size / 1e6
    processor_s = sum(after[:4]) - sum(before[:4])
    n_frames = panel.timeline.n_frames
    return {"export_s": export_s, "processor_s": processor_s, "n_frames": n_frames, "size_mb": size_mb}


def _turn(driver: Driver, is_baked: bool) -> Result:
    driver.wait(driver.has_picture, "the first picture")
    panel = driver.panel
    driver.wait(lambda: not panel.is_preparing, "the kernels", limit_s=BAKING_LIMIT_S)
    panel.canvas.setFixedSize(SIDE_PX, SIDE_PX)
    if is_baked:
        driver.wait(lambda: not panel.baking.is_on, "the baking")
        driver.wait_until_idle()
    driver.pause(0.5)
    seen: list[tuple[float, float]] = []  # when, and the side of its square
    _note_pictures(panel, seen)
    middle = driver.place(panel.canvas)
    way_px = DEGREES_PER_S * SHARE_PX

    def point_at(passed_s: float) -> QPoint:
        return middle + QPoint(round(way_px * (passed_s - TURN_S / 2)), 0)

    driver.drag(point_at, 1.0)  # the size of the pictures settles
    seen.clear()
    driver.heartbeat.start()
    driver.drag(point_at, TURN_S)
    late_ms = driver.heartbeat.stop()
    if len(seen) < N_LEAST:
        raise RuntimeError(f"{len(seen)} pictures came while the scene was turned for {TURN_S:.0f} s")
    inside = [side_px for _, side_px in seen]
    gaps_ms = [1000 * (b - a) for (a, _), (b, _) in itertools.pairwise(seen)]
    return {
        "fps": len(seen) / TURN_S,
        "inside_px": sum(inside) / len(inside),
        "least_px": min(inside),
        "frame_gap_p95_ms": percentile(gaps_ms, 95),
        "gap_p99_ms": percentile(late_ms, 99),
        "gap_worst_ms": max(late_ms),
    }


def _note_pictures(panel: Any, seen: list[tuple[float, float]]) -> None:
    """Note each picture that a moving camera gets: of the engine, or at once where the graphics card draws it."""

    def note_view(view: Any) -> None:
        if view.stage in ("draft", "learning"):
            seen.append((time.perf_counter(), math.sqrt(view.pixels.shape[0] * view.pixels.shape[1])))

    panel.loop.viewed.connect(note_view)
    shows_at_once = panel.loop._shows_at_once
    if shows_at_once is None:
        return

    def note_shown(request: Any) -> bool:
        is_shown = bool(shows_at_once(request))
        if is_shown:
            seen.append((time.perf_counter(), math.sqrt(request.width * request.height)))
        return is_shown

    panel.loop.set_shortcut(note_shown)


ALL = (nerf_orbit, nerf_orbit_moving, nerf_orbit_import, nerf_orbit_training, nerf_turntable)
