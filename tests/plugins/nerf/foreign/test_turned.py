"""Photos that a phone stored on their side: the camera was measured on what is stored, or on the upright picture."""

import io

import numpy as np
import pytest
from PIL import Image
from PIL.ExifTags import Base

from plugins.nerf.field.photos.reader import read_photos
from plugins.nerf.foreign.colmap import read_colmap
from studio.core.pausing import result_of
from tests.plugins.nerf.field.made_scene import cameras
from tests.plugins.nerf.foreign.made_colmap import Made, write_binary

WIDTH, HEIGHT = 12, 16
STORED = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}
"""What makes an upright picture what is stored, by the EXIF orientation that undoes it."""
ROLL = {1: 0, 3: 180, 6: 90, 8: -90}
"""By how many degrees the stored picture is turned anticlockwise against the upright one."""


def jpeg(orientation):
    """A portrait whose upper half is red, stored as the orientation says."""
    pixels = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    pixels[: HEIGHT // 2, :, 0] = 255
    image = Image.fromarray(pixels)
    image = image.transpose(STORED[orientation]) if orientation in STORED else image
    exif = Image.Exif()
    exif[Base.Orientation] = orientation
    data = io.BytesIO()
    image.save(data, "JPEG", exif=exif, quality=95, subsampling=0)
    return data.getvalue()


def scene(folder, orientation, is_stored):
    """Nine portraits, placed by what is stored or by the upright pictures."""
    angle = np.radians(ROLL[orientation]) if is_stored else 0.0
    roll = np.eye(4)
    roll[:2, :2] = [[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]
    photos = [(f"{n}.jpg", 1, matrix.astype(float) @ roll) for n, matrix in enumerate(cameras(9))]
    size = (HEIGHT, WIDTH) if is_stored and orientation in (6, 8) else (WIDTH, HEIGHT)
    (folder / "images").mkdir()
    for name, *_ in photos:
        (folder / "images" / name).write_bytes(jpeg(orientation))
    made = Made({1: ("SIMPLE_PINHOLE", *size, [20.0, size[0] / 2, size[1] / 2])}, photos)
    write_binary(folder / "sparse" / "0", made)
    return folder


def red_ray(photos):
    """The mean direction (3,) of the rays through what is red in the first photo, less that of the others."""
    rows, columns = np.indices(photos.pixels.shape[1:3]).reshape(2, -1)
    _, directions = photos.rays(np.zeros(len(rows), np.int64), columns, rows)
    is_red = photos.pixels[0, rows, columns, 0] > 128
    return directions[is_red].mean(0) - directions[~is_red].mean(0)


@pytest.mark.parametrize("is_stored", [True, False])
@pytest.mark.parametrize("orientation", [1, 6, 8])
def test_up_is_up_in_the_scene_and_in_the_photo(tmp_path, orientation, is_stored):
    photos, _ = result_of(read_photos(read_colmap(scene(tmp_path, orientation, is_stored)), 64))
    is_on_its_side = is_stored and orientation != 1
    assert photos.pixels.shape[1:3] == ((WIDTH, HEIGHT) if is_on_its_side else (HEIGHT, WIDTH))
    assert red_ray(photos)[2] > 0.2


def test_a_photo_taken_upside_down(tmp_path):
    photos, _ = result_of(read_photos(read_colmap(scene(tmp_path, 3, True)), 64))
    assert red_ray(photos)[2] > 0.2
