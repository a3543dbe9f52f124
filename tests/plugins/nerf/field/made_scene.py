"""Small scenes on the disk for tests: a coloured ball before nothing, photographed from all around."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plugins.nerf.field.photos.photos import Photos
from plugins.nerf.shared.camera.camera import look_at
from studio.core.picture import encode_png

RADIUS = 0.8
DISTANCE = 4.0
FOV_RAD = math.radians(40)


def cameras(n: int, distance: float = DISTANCE) -> NDArray[np.float32]:
    """Matrices (n, 4, 4) of cameras around and above the origin, all looking at it."""
    places = [(2.4 * i, math.radians(10 + 50 * (i + 0.5) / n)) for i in range(n)]
    eyes = [(math.cos(a) * math.cos(e), math.sin(a) * math.cos(e), math.sin(e)) for a, e in places]
    return np.stack(
        [look_at(distance * np.array(eye), (0.0, 0.0, 0.0), FOV_RAD).camera_to_world() for eye in eyes]
    ).astype(np.float32)


def ball(photos: Photos) -> NDArray[np.uint8]:
    """Pictures (N, H, W, 4) of a ball whose colour is its normal, opaque, before nothing."""
    n, height, width = photos.pixels.shape[:3]
    grid = np.indices((n, height, width)).reshape(3, -1)
    origins, directions = photos.rays(grid[0], grid[2], grid[1])
    along = -(origins * directions).sum(-1)
    nearest = origins + along[:, None] * directions
    half = RADIUS**2 - (nearest**2).sum(-1)
    hit = half > 0
    surface = origins + (along - np.sqrt(np.maximum(half, 0)))[:, None] * directions
    colours = (surface / RADIUS * 0.5 + 0.5).clip(0, 1)
    rgba = np.concatenate([colours, np.ones((len(colours), 1))], axis=-1) * hit[:, None]
    return (rgba * 255 + 0.5).astype(np.uint8).reshape(n, height, width, 4)


def photos_of_ball(n: int = 12, size_px: int = 32, n_held_out: int = 2) -> Photos:
    """The ball as photos; the last ones are held out."""
    focal = 0.5 * size_px / math.tan(FOV_RAD / 2)
    split = np.array(["train"] * (n - n_held_out) + ["val"] * n_held_out)
    photos = Photos(
        np.zeros((n, size_px, size_px, 4), np.uint8),
        cameras(n),
        np.tile(np.array([focal, focal, size_px / 2, size_px / 2], np.float32), (n, 1)),
        np.zeros((n, 6), np.float32),
        np.zeros(n, np.bool_),
        split,
        tuple(f"{i}.png" for i in range(n)),
    )
    photos.pixels[:] = ball(photos)
    return photos


def write_scene(folder: Path, photos: Photos, **more: Any) -> Path:
    """Write photos as instant-ngp has them: pictures and one transforms.json."""
    (folder / "images").mkdir(parents=True)
    frames = []
    for number in range(len(photos)):
        rgba = photos.pixels[number].copy()
        (folder / "images" / f"{number:03d}.png").write_bytes(encode_png(rgba))
        matrix = photos.camera_to_world[number].tolist()
        frames.append({"file_path": f"images/{number:03d}.png", "transform_matrix": matrix})
    table = {"camera_angle_x": FOV_RAD, "w": photos.width, "h": photos.height, "frames": frames, **more}
    (folder / "transforms.json").write_text(json.dumps(table))
    return folder
