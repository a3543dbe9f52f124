"""What a person does on a map of fifty thousand faces: open it, and drag it about; then the same on a peer's."""

import math
import time
from collections.abc import Callable
from importlib import import_module
from itertools import pairwise
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from studio.datasets.small import AVATARS_NAME, read_small
from studio.registry.catalog import Catalog
from studio.registry.target import Opening
from tests.bench.driver import Driver
from tests.bench.statistic import percentile

MODEL: Final = "vae/avatars"
N_PICTURES: Final = 50_000
PAN_S: Final = 5.0
RADIUS_PX: Final = 150
MOVE_MS: Final = 8
ZOOM: Final = 6.0

Result = dict[str, Any]


def everything(driver: Driver) -> Result:
    """Keep fifty thousand places where the program looks for them, then open the map and move it about."""
    driver.wait_for_device()
    driver.window.opener.open_opening(Opening(Catalog().find_model(MODEL).source, MODEL))
    driver.wait(driver.has_picture, "the first picture")
    driver.wait_until_idle()
    _keep_many(driver)
    panel = driver.panel
    canvas, painted = panel.everything.page.canvas, list[float]()
    canvas.painted.connect(lambda is_whole: painted.append(time.perf_counter()) if is_whole else None)
    button = panel.findChild(QAbstractButton, "everything")
    driver.show_in_inspector(button)
    driver.pause(1.0)
    started = driver.click(button)
    driver.wait(lambda: painted and not panel.tasks.is_running("everything"), "the map")
    opened_s = painted[0] - started
    n_shown = len(panel.everything._layout.positions)
    if n_shown != N_PICTURES:
        raise RuntimeError(f"{n_shown} pictures are on the map, and not those that were kept")
    driver.pause(1.0)
    canvas.view = canvas.view.zoomed(ZOOM, (0.1, 0.1))
    canvas.update()
    driver.pause(1.0)
    frames = list[float]()
    canvas.painted.connect(lambda _is_whole: frames.append(time.perf_counter()))
    size = {"wide_px": canvas.width(), "high_px": canvas.height()}
    ours = _moved(driver, canvas, frames, Qt.MouseButton.RightButton)
    theirs = _peer(driver, canvas, panel.everything._layout.positions)
    return {"opened_s": opened_s, **size, **ours, **{f"peer_{name}": value for name, value in theirs.items()}}


def _keep_many(driver: Driver) -> None:
    """What an encoding of so many faces would have kept: the faces that come along, ten times, at places by chance."""
    from plugins.vae.shared.representation.encoded import Encoded, Label, keep
    from plugins.vae.shared.representation.encoding import key_for, sprites_of
    from plugins.vae.shared.representation.sources import Shipped
    from studio.core.pausing import result_of

    source, random = driver.panel.handle.source, np.random.default_rng(0)
    arrays = read_small(AVATARS_NAME)
    chosen = random.integers(0, len(arrays["pictures"]), N_PICTURES)
    small = np.concatenate(
        [sprites_of((part / 255).astype(np.float32)) for part in np.array_split(arrays["pictures"], 20)]
    )
    content = result_of(Shipped("avatars").content())
    label = Label(tuple(map(str, range(4))), arrays["labels"][chosen, 0].astype(np.uint16))
    names = tuple(map(str, range(N_PICTURES)))
    z = random.normal(0, 1, (N_PICTURES, 48)).astype(np.float32) * np.linspace(2, 0.5, 48, dtype=np.float32)
    errors, is_held_out = np.zeros(N_PICTURES, np.float32), arrays["splits"][chosen] != "train"
    key = key_for(source, None, content)
    keep(Encoded(key, z, small[chosen], errors, is_held_out, names, "", {"Hair": label}))


def _moved(driver: Driver, widget: QWidget, frames: list[float], button: Qt.MouseButton) -> Result:
    """Drag in circles; how many frames were painted each second, and how long the longest ones took."""
    started, timer = time.perf_counter(), QTimer(timerType=Qt.TimerType.PreciseTimer)

    def at() -> QPointF:
        turn = math.tau * (time.perf_counter() - started)
        middle = widget.rect().center()
        return QPointF(middle + QPoint(round(RADIUS_PX * math.cos(turn)), round(RADIUS_PX * math.sin(turn))))

    def send(kind: QEvent.Type, pressed: Qt.MouseButton) -> None:
        point, none = at(), Qt.KeyboardModifier.NoModifier
        event = QMouseEvent(kind, point, QPointF(widget.mapToGlobal(point)), pressed, button, none)
        QApplication.sendEvent(widget, event)

    send(QEvent.Type.MouseButtonPress, button)
    timer.timeout.connect(lambda: send(QEvent.Type.MouseMove, Qt.MouseButton.NoButton))
    frames.clear()
    timer.start(MOVE_MS)
    driver.pause(PAN_S)
    timer.stop()
    found = list(frames)
    send(QEvent.Type.MouseButtonRelease, button)
    gaps = [1000 * (b - a) for a, b in pairwise(found)]
    return {"fps": len(found) / PAN_S, "p95_ms": percentile(gaps, 95), "n_frames": len(found)}


def _peer(driver: Driver, canvas: QWidget, positions: Any) -> Result:
    """The same points as plain dots of pyqtgraph's scatter plot, as large on the screen, at the same zoom."""
    pyqtgraph: Any = import_module("pyqtgraph")  # a peer here, and no drawing of ours
    plot = pyqtgraph.PlotWidget()
    plot.addItem(pyqtgraph.ScatterPlotItem(positions[:, 0], positions[:, 1], size=5, pen=None))
    plot.resize(canvas.size())
    plot.setRange(xRange=(-1 / ZOOM, 1 / ZOOM), yRange=(-1 / ZOOM, 1 / ZOOM), padding=0)
    plot.show()
    frames = list[float]()
    paint: Callable[[Any], None] = plot.paintEvent

    def paint_and_note(event: Any) -> None:
        paint(event)
        frames.append(time.perf_counter())

    plot.paintEvent = paint_and_note
    driver.pause(2.0)
    result = _moved(driver, plot.viewport(), frames, Qt.MouseButton.LeftButton)
    plot.close()
    return result


ALL = (everything,)
