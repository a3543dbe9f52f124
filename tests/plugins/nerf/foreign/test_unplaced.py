"""Photos that nobody placed: they are placed here where COLMAP is installed, else a sentence says what to install."""

from importlib.util import find_spec
from itertools import islice

import numpy as np
import pytest
from PIL import Image

from plugins.nerf.field.training.photos_recipe import PhotosRecipe
from plugins.nerf.foreign import unplaced
from plugins.nerf.foreign.transforms import read_transforms
from plugins.nerf.foreign.unplaced import ADVICE, has_unplaced, known_scene, scene_of
from studio.core.error import UserError
from studio.core.pausing import result_of
from studio.registry.catalog import Catalog
from studio.registry.target import describe, understand
from tests.fixtures.foreign import fixture_path
from tests.plugins.nerf.foreign.made_colmap import write_photo
from tests.plugins.nerf.foreign.test_video import video

needs_colmap = pytest.mark.skipif(find_spec("pycolmap") is None, reason="the extra “photos” is not installed")


@pytest.fixture
def photos(tmp_path):
    for number in range(8):
        write_photo(tmp_path / "photos" / f"{number}.png", grey=20 * number)
    return tmp_path / "photos"


def test_what_can_be_placed(photos, tmp_path):
    assert has_unplaced(photos)
    assert has_unplaced(video(tmp_path / "a.mp4", {0}, 3))
    assert not has_unplaced(tmp_path)
    assert not has_unplaced(tmp_path / "nothing")


def test_without_colmap_a_sentence_says_what_to_install(photos, monkeypatch):
    monkeypatch.setattr(unplaced, "find_spec", lambda name: None)
    for steps in (scene_of(photos), PhotosRecipe().look_into(photos)):
        with pytest.raises(UserError, match="pip install pycolmap"):
            result_of(steps)


def test_too_many_photos_are_refused(photos, monkeypatch):
    monkeypatch.setattr(unplaced, "check_installed", lambda: None)
    monkeypatch.setattr(unplaced, "MAX_PHOTOS", 7)
    with pytest.raises(UserError, match="8 photos"):
        result_of(scene_of(photos))


def test_a_video_is_taken_and_any_pictures_are_not(photos, tmp_path):
    recipe, path = PhotosRecipe(), video(tmp_path / "a.mov", {0}, 3)
    assert recipe.takes_folder(path)
    assert not recipe.takes_folder(photos)  # other models learn from any pictures, and come first
    assert "Drop it on the window" in describe(path, Catalog()).why_not
    assert result_of(understand(path, Catalog())).recipe_id == "nerf/photos"


def test_photos_never_placed_are_no_scene(photos):
    with pytest.raises(UserError, match="no cameras"):
        known_scene(photos)


@needs_colmap
def test_photos_that_show_nothing_are_not_placed(photos):
    with pytest.raises(UserError, match="0 of 8") as refusal:
        result_of(scene_of(photos))
    assert refusal.value.what_to_do == ADVICE


@needs_colmap
def test_a_placing_is_ended_with_its_generator(photos):
    steps = scene_of(photos)
    assert [step.fraction for step in islice(steps, 3)] == [0, 0, 0]
    steps.close()  # which waits for the process
    assert not list(unplaced._kept(photos).glob("placed.json"))


@pytest.mark.long("COLMAP looks for cameras")
@needs_colmap
def test_known_cameras_are_found_again(tmp_path):
    """Real photos of two sizes: places are those that others found; one without anything sharp is named."""
    known = read_transforms(fixture_path("fox")).shots[:12]
    for number, shot in enumerate(known):
        with Image.open(shot.path) as photo:
            photo.reduce(3 if number == 5 else 2).save(tmp_path / shot.path.name)
    write_photo(tmp_path / "wall.png", grey=90)
    scene = result_of(scene_of(tmp_path))
    assert [one for one in scene.left_out if "hold still" not in one or "wall" not in one] == []
    found = {shot.path.name: shot.camera_to_world for shot in scene.shots}
    pairs = [(found[shot.path.name], shot.camera_to_world) for shot in known]
    turns_deg, distances = misfit(*(np.stack(side) for side in zip(*pairs, strict=True)))
    assert np.median(turns_deg) < 1
    assert np.median(distances) < 0.02
    assert len(known_scene(tmp_path).shots) == len(known)


def misfit(a, b):
    """How far cameras (N, 4, 4) are from others after the best similarity (Umeyama): in degrees, and by the extent."""
    x, y = (side[:, :3, 3] - side[:, :3, 3].mean(0) for side in (a, b))
    u, singular, vt = np.linalg.svd(x.T @ y)
    signs = np.array([1, 1, np.sign(np.linalg.det(u @ vt))])
    turn, scale = ((u * signs) @ vt).T, (singular * signs).sum() / (x**2).sum()
    cosines = (np.einsum("nij,nij->n", turn @ a[:, :3, :3], b[:, :3, :3]) - 1) / 2
    distances = np.linalg.norm(scale * x @ turn.T - y, axis=-1) / np.linalg.norm(np.ptp(y, axis=0))
    return np.degrees(np.arccos(np.clip(cosines, -1, 1))), distances
