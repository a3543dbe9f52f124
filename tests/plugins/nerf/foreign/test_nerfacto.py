"""A nerfacto is drawn as nerfstudio 1.1.5 draws it; what is built in another way ends in a sentence."""

import numpy as np
import pytest
import torch

from plugins.nerf.field.model.field import OccupancyGrid
from plugins.nerf.foreign.nerfacto.checkpoint import NerfactoSettings, read_nerfacto, read_settings
from plugins.nerf.foreign.nerfacto.field import NerfactoField
from plugins.nerf.importers import CheckpointImporter, NerfactoImporter
from studio.core.error import UserError
from tests.plugins.nerf.foreign.made_nerfacto import SHAPES, write_run

EYE = np.array([0.3, -1.4, 0.5], np.float32)
WAYS = np.array([[0, 1, 0], [-0.2, 1, -0.3], [0.5, 0.6, 0.1]], np.float32)
# What nerfstudio's own NerfactoModel says of these numbers along these rays.
SEEN = {
    "white": [[0.9662, 0.0218, 0.6342], [0.9744, 0.0187, 0.4096], [0.9646, 0.0187, 0.6703]],
    "last_sample": [[0.9657, 0.0160, 0.6310], [0.9743, 0.0157, 0.4083], [0.9643, 0.0143, 0.6687]],
}
OPACITY = [0.9939, 0.9970, 0.9952]
DEPTH = [4.5600, 5.0332, 4.4024]


def field_of(path):
    cells = OccupancyGrid(np.ones((1, 2, 2, 2), np.uint8), np.full(3, -4, np.float32), np.full(3, 4, np.float32))
    return NerfactoField(read_nerfacto(path), cells)


@pytest.mark.parametrize("background", list(SEEN))
def test_rays_see_what_nerfstudio_sees(tmp_path, background):
    found = field_of(write_run(tmp_path, background)).draw_rays(EYE, WAYS, 0.0)
    assert found.colour + (1 - found.opacity)[:, None] == pytest.approx(np.array(SEEN[background]), abs=1e-4)
    assert found.opacity == pytest.approx(np.array(OPACITY if background == "white" else [1, 1, 1]), abs=1e-4)
    assert found.depth == pytest.approx(np.array(DEPTH), abs=1e-3)


def test_density_is_asked_point_by_point(tmp_path):
    field = field_of(write_run(tmp_path))
    points = np.array([[0.2, 0.1, -0.3], [3.0, 0.0, 0.0]], np.float32)
    density, colour = field.density_colour(points, WAYS[:2])
    assert density == pytest.approx(field.density(points))
    assert (density > 0).all()
    assert ((colour > 0) & (colour < 1)).all()
    assert len(field.density(points[:0])) == 0


def test_the_settings_are_those_of_the_model(tmp_path):
    path = write_run(tmp_path)
    assert read_settings(path) == NerfactoSettings(50.0, (16, 8), 8, 4, (64, 16, 32), 0.1, False, True, False)
    (tmp_path / "config.yml").unlink()
    assert read_settings(path) == NerfactoSettings()


def test_it_is_known_by_its_networks_and_told_apart(tmp_path):
    path = write_run(tmp_path)
    assert NerfactoImporter().sniff(path) == 0.9
    assert CheckpointImporter().sniff(path) == 0
    report = NerfactoImporter().describe(path)
    assert report.opens
    assert report.n_params == sum(int(np.prod(one)) for one in SHAPES.values()) - 8  # but for the looks of two photos
    assert dict(report.metadata)["n_steps"] == 7


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"_model.field.mlp_base.model.params": torch.zeros(8)}, "tiny-cuda-nn"),
        ({"_model.field.mlp_head.layers.2.weight": torch.zeros(4, 8)}, "not one of nerfacto"),
        ({"_model.field.mlp_base.model.0.hash_table": torch.zeros(7, 2)}, "not one of nerfacto"),
        ({"_model.field.mlp_head.layers.2.bias": torch.tensor([0.0, float("nan"), 0.0])}, "not all numbers"),
        ({"_model.field.aabb": torch.zeros(6)}, "not one of nerfacto"),
    ],
)
def test_what_is_built_otherwise_is_refused(tmp_path, changes, words):
    with pytest.raises(UserError, match=words):
        read_nerfacto(write_run(tmp_path, **changes))
