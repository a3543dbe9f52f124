"""Whoever placed the photos of a folder: the recipe takes it, counts its photos, and learns from them."""

import json
import math

import numpy as np
import pytest

from plugins.nerf.field.training.photos_recipe import PhotosRecipe
from plugins.nerf.foreign.scene_folder import is_scene, read_scene
from studio.core.error import UserError
from studio.core.pausing import result_of
from studio.registry.catalog import Catalog
from studio.registry.target import describe, understand
from tests.plugins.nerf.field.made_scene import cameras, photos_of_ball, write_scene
from tests.plugins.nerf.foreign.made_colmap import Made, write_binary, write_llff, write_text


@pytest.fixture(params=["transforms", "binary", "text", "llff"])
def folder(tmp_path, request):
    """The same nine photos of a ball, placed in four ways."""
    folder = write_scene(tmp_path / "scene", photos_of_ball(9, 16, 0))
    if request.param == "transforms":
        return folder
    table = json.loads((folder / "transforms.json").read_text())
    (folder / "transforms.json").unlink()
    focal = 8 / math.tan(table["camera_angle_x"] / 2)
    if request.param == "llff":
        return write_llff(folder, cameras(9).astype(np.float64), (16, 16, focal), (3, 5))
    photos = [(f"{n:03d}.png", 1, matrix.astype(np.float64)) for n, matrix in enumerate(cameras(9))]
    write = write_binary if request.param == "binary" else write_text
    write(folder / "sparse" / "0", Made({1: ("SIMPLE_PINHOLE", 16, 16, [focal, 8.0, 8.0])}, photos))
    return folder


def test_a_folder_is_taken_and_counted(folder):
    recipe = PhotosRecipe()
    assert recipe.takes_folder(folder)
    assert result_of(recipe.look_into(folder)).sentence == "8 photos to learn from, 1 held back to measure with."
    assert is_scene(folder)


def test_info_says_what_it_is_and_the_window_learns_it(folder):
    report = describe(folder, Catalog())
    assert (report.architecture, report.opens) == ("photos with camera positions", False)
    assert "learn the scene" in report.why_not
    assert result_of(understand(folder, Catalog())).recipe_id == "nerf/photos"


def test_other_folders_are_refused_in_a_sentence(tmp_path):
    assert not is_scene(tmp_path)
    with pytest.raises(UserError, match="no cameras"):
        read_scene(tmp_path)
