"""The scene `animated`: a biplane that rocks, a head that circles around it; 256 x 256 pixels, 150 + 30 views.

Each view shows a moment of its own, from time 0 to 1.
"""

from math import cos, pi, sin
from pathlib import Path
from typing import Any

from shooting import Shooting, views
from stage import Stage, material

SIZE_PX = 256
PARTS = (("train", 150, 1), ("test", 30, 2))
"""Name, number of views and seed of each part."""
WAY_ROUND = 2 * pi


def render(folder: Path, models: Path, n_threads: int) -> None:
    """Render the scene into a folder; `models` holds the CC0 models."""
    stage = Stage(SIZE_PX, n_threads)
    stage.add_plate((0.25, 0.4, 0.55), (0.85, 0.88, 0.9))
    stage.light("courtyard", 0.8)
    plane = stage.add_model(models, "cartoon_biplane", 1.7, (0, 0, 0.5))
    red = material("red", (0.7, 0.05, 0.05), metallic=0.3, roughness=0.2, coat=1.0)
    head = stage.add_head(0.5, (0.9, 0.9, 0.3), 0.0, red)
    shooting = Shooting(stage, folder)
    for part, n, seed in PARTS:
        for number, (azimuth_rad, elevation_degrees) in enumerate(views(n, seed)):
            time = number / (n - 1)
            _pose(plane, head, time)
            stage.look_from(azimuth_rad, elevation_degrees)
            shooting.shoot(part, time=time)


def _pose(plane: Any, head: Any, time: float) -> None:
    """Put both where they are at a time, 0..1; at 1 they are where they began."""
    angle = WAY_ROUND * time
    plane.rotation_euler = (0.45 * sin(angle), 0.15 * sin(2 * angle), 0.5 * sin(angle))
    plane.location.z = 0.5 + 0.22 * sin(angle)
    head.location = (cos(angle), sin(angle), 0.28 + 0.25 * abs(sin(2 * angle)))
    head.rotation_euler[2] = angle
