"""Files of other programs from the drop to the picture, as the window and the command line open them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from plugins.nerf.field.render.exact import draw_exact
from plugins.nerf.field.render.hash_field import HashField
from plugins.nerf.field.render.renderer import open_scene
from plugins.nerf.importers import CheckpointImporter, NgpImporter, OtherSceneImporter, model_id
from plugins.nerf.shared.camera.camera import camera_from_position
from studio.core.container.metadata import is_model_id
from studio.core.error import UserError
from studio.core.pausing import result_of
from studio.registry.catalog import Catalog
from studio.registry.target import describe, understand
from tests.fixtures.foreign import fixture_path
from tests.plugins.nerf.field.made_scene import photos_of_ball, write_scene
from tests.plugins.nerf.foreign.made_foreign import krrish94_root, ngp_values, torch_bytes, with_value, write_ngp


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog()


def written(folder: Path, name: str) -> Path:
    path = folder / name
    if path.suffix in (".ingp", ".msgpack"):
        return write_ngp(path, ngp_values())
    path.write_bytes(torch_bytes(krrish94_root(), is_legacy=path.suffix == ".ckpt"))
    return path


@pytest.mark.long("computes for long")
@pytest.mark.parametrize("name", ["a.ingp", "a.msgpack", "a.ckpt", "a.tar"])
def test_a_dropped_file_opens_and_is_drawn(tmp_path: Path, catalog: Catalog, name: str) -> None:
    path = written(tmp_path, name)
    understood = result_of(understand(path, catalog))
    assert understood.report.opens
    assert understood.opening is not None
    source = understood.opening.source
    assert (source.path, understood.opening.title) == (path, "a")
    json.dumps(source.card)
    scene = open_scene(source)
    assert isinstance(scene.field, HashField) == (path.suffix in (".ingp", ".msgpack"))
    rays = camera_from_position(source.card["camera"]).ray_grid(12, 8)
    found = draw_exact(scene.field, rays)
    assert np.isfinite(found.colour).all()
    assert found.opacity.max() > 0.05


def test_a_renamed_file_is_known_by_its_content(tmp_path: Path, catalog: Catalog) -> None:
    for name in ("a.ingp", "a.ckpt"):
        path = written(tmp_path, name)
        report = describe(path.rename(tmp_path / "photo.png"), catalog)
        assert report.opens
        assert report.family == "nerf"


def test_what_does_not_open_says_why(tmp_path: Path, catalog: Catalog) -> None:
    snapshot = write_ngp(tmp_path / "a.ingp", with_value(ngp_values(), "encoding.otype", "Frequency"))
    checkpoint = tmp_path / "a.ckpt"
    checkpoint.write_bytes(torch_bytes(krrish94_root(model_fine_state_dict={}), is_legacy=True))
    for path, reason in ((snapshot, "HashGrid"), (checkpoint, "NeRF")):
        report = describe(path, catalog)
        assert not report.opens
        assert reason in report.why_not
        assert result_of(understand(path, catalog)).opening is None


def test_files_of_others_are_left_to_others(tmp_path: Path) -> None:
    contents: dict[str, Any] = {
        "noise": np.random.default_rng(0).bytes(5000),
        "empty": b"",
        "gzip": b"\x1f\x8b\x08\x00",
        "text": b"model_coarse_state_dict network_fn_state_dict encoding rgb_network",
        "weights": torch_bytes({"state_dict": {}}, is_legacy=True),
        "new weights": torch_bytes({"state_dict": {}}, is_legacy=False),
    }
    for name, content in contents.items():
        path = tmp_path / name
        path.write_bytes(content)
        assert NgpImporter().sniff(path) == CheckpointImporter().sniff(path) == 0


@pytest.mark.parametrize("name", ["Lego Ä.ckpt", "…", ".ingp", "a" * 200 + ".tar", "..", "x/../y.ingp", "ABC"])
def test_every_name_makes_an_id(name: str) -> None:
    assert is_model_id(model_id(Path(name)))


@pytest.mark.parametrize(("name", "n_cascades"), [("unit-cube", 1), ("large-scene", 3)])
def test_snapshots_of_all_sizes_are_drawn(name: str, n_cascades: int) -> None:
    scene = open_scene(result_of(NgpImporter().load(fixture_path("instant-ngp", f"{name}.ingp"))))
    assert scene.field.occupancy.n_cascades == n_cascades
    rays = scene.facts.home.ray_grid(9, 9)
    found = draw_exact(scene.field, rays)
    for row, column in ((4, 4), (2, 5), (7, 1)):
        direction = rays.directions()[row, column]
        wanted = opacity_along(scene.field, rays.origin, direction)
        assert wanted > 0.1
        assert found.opacity[row, column] == pytest.approx(wanted, abs=0.03)


def opacity_along(field: Any, origin: Any, direction: Any) -> float:
    """1 - exp(-∫ density) along a ray, over what lies in marked cells, by thousands of small steps."""
    t, step = np.linspace(0, 6, 40_000, retstep=True)
    positions = (origin + t[:, None] * direction).astype(np.float32)
    grid = field.occupancy
    from_centre = np.abs((positions - grid.low) / (grid.high - grid.low) - 0.5).max(axis=1)  # in innermost cubes
    cascade = np.ceil(np.log2(np.maximum(from_centre * 2, 1e-9))).clip(0).astype(int)
    is_inside = cascade < grid.n_cascades
    cascade = np.where(is_inside, cascade, 0)
    side = (grid.high - grid.low) * 2.0 ** cascade[:, None]
    cell = ((positions - (grid.low + grid.high) / 2) / side + 0.5) * grid.resolution
    x, y, z = cell.clip(0, grid.resolution - 1).astype(int).T
    marked = is_inside & (grid.cells[cascade, z, y, x] != 0)
    return float(1 - np.exp(-(field.density(positions) * marked).sum(dtype=np.float64) * step))


def test_a_folder_of_photos_with_cameras_is_no_file_but_can_be_learnt_from(tmp_path: Path, catalog: Catalog) -> None:
    folder = write_scene(tmp_path / "scene", photos_of_ball(3, 8, 0))
    for path in (folder, folder / "transforms.json"):
        understood = result_of(understand(path, catalog))
        assert understood.opening is None
        assert understood.recipe_id == "nerf/photos"
        assert understood.report.warnings == ()
    assert result_of(understand(folder / "images", catalog)).recipe_id == ""


@pytest.mark.parametrize(
    ("program", "names"),
    [
        ("TensoRF", ("density_plane.0", "basis_mat.weight")),
        ("DVGO", ("density.grid", "k0.grid")),
        ("torch-ngp", ("encoder.embeddings", "sigma_net.0.weight")),
    ],
)
def test_scenes_that_are_not_read_are_named(tmp_path, program, names):
    path = tmp_path / "a.pth"
    torch.save({"model": {name: torch.zeros(2) for name in names}}, path)
    assert OtherSceneImporter().sniff(path) == 0.9
    assert program in OtherSceneImporter().describe(path).why_not
    with pytest.raises(UserError, match=program):
        result_of(OtherSceneImporter().load(path))
    torch.save({"model": {names[0]: torch.zeros(2)}}, path)
    assert OtherSceneImporter().sniff(path) == 0
