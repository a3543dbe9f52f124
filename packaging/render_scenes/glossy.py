"""The scene `glossy`: a kitchen machine, coffee and a golden head, 400 x 400 pixels, 100 + 20 + 10 views."""

from pathlib import Path

from shooting import Shooting, views
from stage import Stage, material

SIZE_PX = 400
PARTS = (("train", 100, 1), ("test", 20, 2), ("val", 10, 3))
"""Name, number of views and seed of each part."""


def render(folder: Path, models: Path, n_threads: int) -> None:
    """Render the scene into a folder; `models` holds the CC0 models."""
    stage = Stage(SIZE_PX, n_threads)
    stage.add_plate((0.55, 0.33, 0.17), (0.85, 0.78, 0.66))
    stage.light("studio", 1.15)
    stage.add_model(models, "kitchenaid", 1.35, (-0.35, 0.3, 0), turn=0.5)
    stage.add_model(models, "caffe_final", 0.62, (0.8, -0.35, 0))
    gold = material("gold", (0.8, 0.4, 0.08), metallic=0.95, roughness=0.18)
    stage.add_head(0.62, (0.15, -0.85, 0.27), -0.35, gold)
    shooting = Shooting(stage, folder)
    for part, n, seed in PARTS:
        for azimuth_rad, elevation_degrees in views(n, seed):
            stage.look_from(azimuth_rad, elevation_degrees)
            shooting.shoot(part)
