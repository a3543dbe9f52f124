"""The scene `relit`: a toy bear and a chrome ball under eight skies, 200 x 200 pixels, 25 + 4 views under each."""

from pathlib import Path

from shooting import Shooting, views
from stage import Stage, material

SIZE_PX = 200
PARTS = (("train", 25), ("test", 4))
"""Name of each part, and its views under one sky."""
SKIES = ("studio", "city", "forest", "interior", "night", "courtyard", "sunrise", "sunset")
STRENGTH, NIGHT_STRENGTH = 1.1, 2.2


def render(folder: Path, models: Path, n_threads: int) -> None:
    """Render the scene into a folder; `models` holds the CC0 models."""
    stage = Stage(SIZE_PX, n_threads)
    stage.add_plate((0.55, 0.33, 0.17), (0.85, 0.78, 0.66))
    stage.add_model(models, "teddyBear", 1.4, (-0.1, 0.1, 0))
    stage.add_ball(0.33, (0.85, -0.6, 0.33), material("chrome", (0.9, 0.9, 0.9), metallic=1.0, roughness=0.08))
    shooting = Shooting(stage, folder)
    for number, sky in enumerate(SKIES):
        stage.light(sky, NIGHT_STRENGTH if sky == "night" else STRENGTH)
        for part, n in PARTS:
            for azimuth_rad, elevation_degrees in views(n, 10 * number + len(part)):
                stage.look_from(azimuth_rad, elevation_degrees)
                shooting.shoot(part, lighting=number, lighting_name=sky)
