"""Files of splats as the command line and the window understand them."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from plugins.nerf.foreign.splats.reader import FORMATS, write_splats
from plugins.nerf.foreign.splats.scene import clear_box
from plugins.nerf.importers import SPLATS, SplatsImporter
from plugins.nerf.shared.camera.camera import camera_from_position
from plugins.nerf.splats.model.splats import Splats, joined, splats_of
from studio.core.pausing import result_of
from studio.registry.catalog import Catalog
from studio.registry.target import describe, understand
from tests.plugins.nerf.foreign.splats.compared import DATA, random_splats

NAMES = ("inria.ply", "gsply.compressed.ply", "ply2splat.splat", "gsply-v3.spz", "sogpy.sog", "splat-transform.glb")


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog()


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_described_and_makes_a_source(name: str, catalog: Catalog) -> None:
    path = DATA / name
    understood = result_of(understand(path, catalog))
    report = understood.report
    assert (report.opens, report.family, report.format in FORMATS) == (True, "nerf", True)
    assert json.dumps(report.to_json(), allow_nan=False)
    assert understood.opening is not None
    card = json.loads(json.dumps(understood.opening.source.card))
    assert understood.opening.source.path == path
    assert (card["kind"], card["format"], card["up"]) == (SPLATS, SPLATS, "y")
    assert card["n_params"] == (90 if name == "sogpy.sog" else 20) == report.metadata["n_splats"]


def test_a_folder_of_pictures_is_called_by_its_name(tmp_path: Path, catalog: Catalog) -> None:
    folder = tmp_path / "garden"
    shutil.unpack_archive(DATA / "splat-transform.sog", folder, "zip")
    for path in (folder, folder / "meta.json"):
        understood = result_of(understand(path, catalog))
        assert understood.opening is not None
        assert understood.opening.title == understood.opening.source.card["title"] == "garden"


@pytest.mark.parametrize("up", ["y", "z"])
def test_the_first_view_shows_the_scene_upright_and_whole(tmp_path: Path, up: str) -> None:
    splats = random_splats(2000, 0)
    strays = far_away(30)
    path = tmp_path / "a.ply"
    write_splats(path, joined(splats, strays), up)
    card = result_of(SplatsImporter().load(path)).card
    camera = camera_from_position(card["camera"])
    assert card["up"] == up
    upwards = np.eye(3)["xyz".index(up)]
    assert np.linalg.norm(camera.eye) < 20  # the strays a thousand away do not count
    rays = camera.ray_grid(16, 16)
    top, bottom = rays.directions()[0, 8], rays.directions()[-1, 8]
    assert (top - bottom) @ upwards > 0
    middle = rays.directions()[8, 8]
    middle = middle / np.linalg.norm(middle)
    to_centre = -camera.eye / np.linalg.norm(camera.eye)
    assert middle @ to_centre > 0.99


def far_away(n: int) -> Splats:
    arrays = random_splats(n, 0, seed=1).arrays()
    return splats_of(arrays | {"centres": arrays["centres"] + 1000})


def test_a_single_splat_has_a_view(tmp_path: Path) -> None:
    path = tmp_path / "a.splat"
    write_splats(path, random_splats(1, 0))
    card = result_of(SplatsImporter().load(path)).card
    camera = camera_from_position(card["camera"])
    assert 0 < camera.distance < 10
    low, high = clear_box(random_splats(1, 0))
    assert (low < high).all()


def test_a_cloud_of_points_is_named_and_not_read(tmp_path: Path, catalog: Catalog) -> None:
    path = tmp_path / "points.ply"
    path.write_bytes(
        b"ply\nformat ascii 1.0\nelement vertex 1\n"
        b"property float x\nproperty float y\nproperty float z\nproperty uchar red\nend_header\n0 0 0 255\n"
    )
    report = describe(path, catalog)
    assert not report.opens
    assert report.why_not.startswith("This PLY file contains points or a mesh, but no Gaussian splats.")


def test_what_was_left_out_is_told(tmp_path: Path, catalog: Catalog) -> None:
    splats = random_splats(10, 0)
    splats.centres[3] = np.nan
    splats.log_scales[4] = np.inf
    path = tmp_path / "a.ply"
    write_splats(path, splats)
    report = describe(path, catalog)
    assert report.metadata["n_splats"] == 8
    assert report.warnings == ("2 splats have no place or size and are left out.",)
