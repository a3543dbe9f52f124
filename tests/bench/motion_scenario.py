"""A click on each shipped model in a fresh home: when something has moved on the screen."""

import time
from collections.abc import Callable
from typing import Final

from studio.api.preview import PreviewView
from studio.registry.catalog import Catalog
from studio.widgets.views.canvas import InteractiveCanvas
from tests.bench.driver import Driver

N_DIFFERENT: Final = 2

Result = dict[str, float]


def scenario(model_id: str) -> Callable[[Driver], Result]:
    """The visit to one model."""

    def motion(driver: Driver) -> Result:
        painted: dict[bytes, float] = {}

        def note(canvas: InteractiveCanvas) -> None:
            if isinstance(canvas, PreviewView) and canvas.pixels is not None:
                painted.setdefault(canvas.pixels.tobytes(), time.perf_counter())

        driver.paints.on_paint = note
        driver.heartbeat.start()
        clicked = time.perf_counter()
        driver.window.opener.open_model(model_id)
        driver.wait(lambda: len(painted) >= N_DIFFERENT, "something that moves")
        gap_ms = max(driver.heartbeat.stop())
        driver.wait_for_device()  # a process that ends while torch is being loaded ends badly
        return {"motion_s": sorted(painted.values())[N_DIFFERENT - 1] - clicked, "gap_ms": gap_ms}

    motion.__name__ = f"motion {model_id}"
    return motion


ALL = tuple(scenario(model.id) for model in Catalog().list_models())
