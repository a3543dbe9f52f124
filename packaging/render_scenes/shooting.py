"""Takes the pictures of a scene and writes their cameras down as NeRF-synthetic has them."""

import json
import random
import time
from pathlib import Path
from typing import Any

import bpy
from stage import ANGLE_RAD, Stage

GOLDEN_ANGLE_RAD = 2.399963
LOWEST_DEGREES, RISE_DEGREES, RISE_POWER = 4.0, 68.0, 1.1


def views(n: int, seed: int) -> list[tuple[float, float]]:
    """Azimuth in radians and elevation in degrees of n cameras: evenly spread, in a shuffled order."""
    spread = [
        (index * GOLDEN_ANGLE_RAD + seed, LOWEST_DEGREES + RISE_DEGREES * ((index + 0.5) / n) ** RISE_POWER)
        for index in range(n)
    ]
    random.Random(seed).shuffle(spread)
    return spread


class Shooting:
    """Renders into a folder, and goes on where it was stopped: pictures that are there are not rendered again."""

    def __init__(self, stage: Stage, folder: Path) -> None:
        self._stage = stage
        self._folder = folder
        self._frames: dict[str, list[dict[str, Any]]] = {}
        self._begin = time.monotonic()

    def shoot(self, part: str, **about: Any) -> None:
        """Take the next picture of a part; `about` is written beside its camera."""
        frames = self._frames.setdefault(part, [])
        name = f"{part}/r_{len(frames):03d}"
        path = self._folder / f"{name}.png"
        if not path.exists():
            self._stage.scene.render.filepath = str(path)
            bpy.ops.render.render(write_still=True)
        matrix = [list(row) for row in self._stage.scene.camera.matrix_world]
        frames.append({"file_path": f"./{name}", "transform_matrix": matrix, **about})
        table = {"camera_angle_x": ANGLE_RAD, "frames": frames}
        (self._folder / f"transforms_{part}.json").write_text(json.dumps(table))
        print(f"{name} {time.monotonic() - self._begin:.1f} s", flush=True)
