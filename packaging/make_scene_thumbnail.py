"""Makes a scene's living thumbnail on Home from its own model: a slow turn about it.

Usage: python packaging/make_scene_thumbnail.py MODEL.safetensors
"""

import json
import math
import sys
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1]))

from living_webp import encoded

from plugins.nerf.field.model.field import occupied_extent
from plugins.nerf.field.model.weights import load_field
from plugins.nerf.field.render.exact import draw_exact
from plugins.nerf.field.training.evaluation import field_of
from plugins.nerf.shared.camera.viewpoint import orbit_camera

WIDTH_PX, HEIGHT_PX, OVERSAMPLING = 640, 320, 2
N_FRAMES, FRAME_MS = 36, 110
ELEVATION_RAD, FOV_RAD = math.radians(24), math.radians(26)
DISTANCE_IN_RADII = 3.6
BACKGROUND = (1.0, 1.0, 1.0)


def main(path: Path) -> None:
    """Write `thumbnail.webp` beside the model."""
    card = json.loads(path.with_suffix(".json").read_text("utf-8"))
    parts = load_field(path, card)
    field, extent = field_of(parts), occupied_extent(parts.occupancy)
    frames = []
    for number in range(N_FRAMES):
        azimuth = 2 * math.pi * number / N_FRAMES - math.radians(60)
        camera = orbit_camera(
            extent.centre, DISTANCE_IN_RADII * extent.radius, azimuth, ELEVATION_RAD, FOV_RAD, card.get("up", "z")
        )
        rays = camera.ray_grid(WIDTH_PX * OVERSAMPLING, HEIGHT_PX * OVERSAMPLING)
        found = draw_exact(field, rays)
        colour = found.colour + (1 - found.opacity[..., None]) * np.array(BACKGROUND, np.float32)
        picture = Image.fromarray((colour * 255 + 0.5).clip(0, 255).astype(np.uint8))
        frames.append(picture.resize((WIDTH_PX, HEIGHT_PX), Image.Resampling.BOX))
        print(f"frame {number + 1} of {N_FRAMES}", flush=True)
    data = encoded(frames, FRAME_MS)
    (path.parent / "thumbnail.webp").write_bytes(data)
    print(f"thumbnail.webp: {len(data):,} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
