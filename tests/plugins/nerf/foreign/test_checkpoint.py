"""Checkpoints of nerf-pytorch: both authors' names, both formats of torch, the author's own pictures, hostile ones."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from plugins.nerf.field.model.config import NeRFConfig
from plugins.nerf.field.model.networks import NeRF
from plugins.nerf.field.render.exact import draw_exact
from plugins.nerf.foreign.nerf_pytorch.checkpoint import NeRFWeights, read_checkpoint
from plugins.nerf.foreign.nerf_pytorch.field import open_checkpoint
from plugins.nerf.foreign.nerf_pytorch.occupancy import COARSE, FINE
from plugins.nerf.importers import CheckpointImporter
from plugins.nerf.shared.camera.camera import camera_from_position, rays_of
from studio.core.error import UserError
from studio.core.pausing import result_of
from tests.fixtures.foreign import fixture_path

from .made_foreign import SMALL_NERF, krrish94_root, krrish94_state, make_network, torch_bytes, yenchenlin_state

PAPER = NeRFConfig(4, 2, 16, 8, (4,), 8)


def write(path: Path, root: Any, *, is_legacy: bool = True) -> Path:
    path.write_bytes(torch_bytes(root, is_legacy=is_legacy))
    return path


def assert_same(found: NeRFWeights, network: NeRF) -> None:
    assert found.config == network.config
    for name, value in network.state_dict().items():
        np.testing.assert_array_equal(found.arrays[name], value.numpy())
    assert set(found.arrays) == set(network.state_dict())


@pytest.mark.parametrize("is_legacy", [True, False], ids=["before 2020", "today"])
def test_a_checkpoint_of_krrish94_is_read(tmp_path: Path, is_legacy: bool) -> None:
    scene = read_checkpoint(write(tmp_path / "scene.ckpt", krrish94_root(), is_legacy=is_legacy))
    assert_same(scene.coarse, make_network(SMALL_NERF, 0))
    assert_same(scene.fine, make_network(SMALL_NERF, 1))
    assert (scene.author, scene.n_steps) == ("krrish94", 12)
    assert scene.n_params == 2 * sum(value.numel() for value in make_network(SMALL_NERF).parameters())


@pytest.mark.parametrize("is_legacy", [True, False], ids=["before 2020", "today"])
def test_a_checkpoint_of_yenchenlin_is_read(tmp_path: Path, is_legacy: bool) -> None:
    root = {
        "global_step": 200_000,
        "network_fn_state_dict": {f"module.{k}": v for k, v in yenchenlin_state(make_network(PAPER, 0)).items()},
        "network_fine_state_dict": yenchenlin_state(make_network(PAPER, 1)),
        "optimizer_state_dict": {},
    }
    scene = read_checkpoint(write(tmp_path / "200000.tar", root, is_legacy=is_legacy))
    assert_same(scene.coarse, make_network(PAPER, 0))
    assert_same(scene.fine, make_network(PAPER, 1))
    assert (scene.author, scene.n_steps) == ("yenchenlin", 200_000)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("args.txt", "basedir = ./logs\ndataset_type = llff\nno_ndc = True\n"),
        ("config.txt", "expname = fern\ndataset_type = llff\n"),
        ("config.yml", "dataset:\n  # Which data\n  type: LLFF\n  no_ndc: False\noptimizer:\n  type: Adam\n"),
        ("config.yaml", "no_ndc: false\n"),
    ],
)
def test_a_scene_that_looks_forward_is_not_read_where_a_file_beside_it_tells(tmp_path, name: str, text: str) -> None:
    path = write(tmp_path / "scene.ckpt", krrish94_root())
    assert CheckpointImporter().describe(path).opens
    (tmp_path / name).write_text(text)
    report = CheckpointImporter().describe(path)
    assert not report.opens
    assert "all face forward (LLFF), which cannot be read here" in report.why_not


@pytest.mark.parametrize(
    "settings", [{"dataset_type": "llff"}, {"args": {"no_ndc": False}}, {"dataset": {"ndc": True}}]
)
def test_what_looks_forward_is_not_read_where_the_checkpoint_tells(tmp_path, settings) -> None:
    with pytest.raises(UserError, match="LLFF"):
        read_checkpoint(write(tmp_path / "scene.ckpt", {**krrish94_root(), **settings}))


def test_a_scene_seen_from_all_around_is_read_whatever_else_is_said(tmp_path) -> None:
    (tmp_path / "args.txt").write_text("dataset_type = blender\nno_ndc = False\nllffhold = 8\nwhite_bkgd = True\n")
    read_checkpoint(write(tmp_path / "scene.ckpt", krrish94_root()))


def test_the_paper_has_ten_and_four_frequencies_and_joins_the_position_after_the_fifth_layer(tmp_path: Path) -> None:
    root = {"network_fn_state_dict": yenchenlin_state(NeRF(NeRFConfig()))}
    scene = read_checkpoint(write(tmp_path / "scene.tar", root))
    assert scene.coarse.config == NeRFConfig()
    assert scene.fine is scene.coarse
    assert scene.n_params == 595_844


def test_a_network_without_directions_gives_four_numbers_of_five(tmp_path: Path) -> None:
    network = make_network(NeRFConfig(4, None, 16, 8, (4,)))
    state = yenchenlin_state(network)
    spare = {"views_linears.0.weight": torch.zeros(8, 16), "views_linears.0.bias": torch.zeros(8)}
    wide = {name: torch.cat([state[name], torch.ones_like(state[name][:1])]) for name in state if "output" in name}
    scene = read_checkpoint(write(tmp_path / "scene.tar", {"network_fn_state_dict": {**state, **wide, **spare}}))
    for name, value in network.state_dict().items():
        np.testing.assert_array_equal(scene.coarse.arrays[name], value.numpy())


def test_where_krrish94_joins_the_position_it_stands_behind(tmp_path: Path) -> None:
    network = make_network(NeRFConfig(3, 2, 16, 6, (4,), 8, has_first_relu=False, has_feature_relu=True))
    state = krrish94_state(network)
    theirs = state["layers_xyz.4.weight"]
    state["layers_xyz.4.weight"] = torch.cat([theirs[:, 21:], theirs[:, :21]], dim=1)
    assert_same(read_checkpoint(write(tmp_path / "a.ckpt", {"model_coarse_state_dict": state})).coarse, network)


@pytest.mark.long("waits for compiled kernels")
def test_the_importer_describes_and_loads(tmp_path: Path) -> None:
    path = write(tmp_path / "My Lego.ckpt", krrish94_root(extra=1))
    importer = CheckpointImporter()
    assert importer.sniff(path) > 0.5
    report = importer.describe(path)
    assert report.opens
    assert (report.format, report.family, report.title) == ("nerf-pytorch", "nerf", "My Lego")
    assert report.n_params == read_checkpoint(path).n_params
    assert any("extra" in warning for warning in report.warnings)
    source = result_of(importer.load(path))
    field = open_checkpoint(source)
    assert (source.id, source.card["format"]) == ("nerf/my-lego.ckpt", "nerf-pytorch")
    assert camera_from_position(source.card["camera"]).distance == pytest.approx(4.031, abs=1e-3)
    assert (source.card["near"], source.card["far"], source.card["background"]) == (2.0, 6.0, [1.0, 1.0, 1.0])
    assert field.occupancy.cells.shape == (1, FINE, FINE, FINE)


@pytest.mark.long("computes for long")
def test_grids_are_found_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = result_of(CheckpointImporter().load(write(tmp_path / "a.ckpt", krrish94_root())))
    monkeypatch.setattr(
        "plugins.nerf.foreign.nerf_pytorch.field.measured_grids", lambda scene: pytest.fail("measured again")
    )
    open_checkpoint(source)


@pytest.mark.long("computes for long")
@pytest.mark.parametrize(("name", "n_cells"), [("chair", 64), ("lego", COARSE)])
def test_a_picture_is_the_one_that_the_author_drew(name: str, n_cells: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the thicker one a third of the cells are asked at first; the thinner one needs them all."""
    monkeypatch.setattr("plugins.nerf.foreign.nerf_pytorch.occupancy.COARSE", n_cells)
    views = np.load(fixture_path("nerf-pytorch", f"{name}-views.npz"))
    source = result_of(CheckpointImporter().load(fixture_path("nerf-pytorch", f"{name}.ckpt")))
    field = open_checkpoint(source)
    focal = float(views["focal_px"])
    for matrix, wanted in zip(views["camera_to_world"], views["image"], strict=True):
        rays = rays_of(matrix, (focal, focal), None, (100, 100))
        found = draw_exact(field, rays, shift=(0.0, 0.0))  # the author looks through the corners of pixels
        picture = found.colour + 1 - found.opacity[..., None]
        error = np.square(picture - wanted / 255).mean()
        assert -10 * np.log10(error) > 60
        assert found.n_samples.mean() < 0.4 * 128


Change = Callable[[dict[str, Any]], Any]


def in_coarse(**changes: Any) -> Change:
    """Replace arrays of the coarse network, or leave them out where they are None; "_" stands for a dot."""

    def change(root: dict[str, Any]) -> Any:
        state = {**root["model_coarse_state_dict"], **{name.replace("__", "."): one for name, one in changes.items()}}
        return {**root, "model_coarse_state_dict": {name: one for name, one in state.items() if one is not None}}

    return change


class Call:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("touch canary",)


HOSTILE: dict[str, Change] = {
    "no networks": lambda root: {"loss": torch.ones(2)},
    "a list": lambda root: [1, 2],
    "a number": lambda root: 7,
    "a network that is a list": lambda root: {**root, "model_coarse_state_dict": [1]},
    "a network of numbers": lambda root: {**root, "model_coarse_state_dict": {"layer1.weight": 1.0}},
    "an empty network": lambda root: {**root, "model_fine_state_dict": {}},
    "a call": lambda root: {**root, "loss": Call()},
    "a missing bias": in_coarse(layer1__bias=None),
    "a missing first layer": in_coarse(layer1__weight=None),
    "a missing head": in_coarse(fc_alpha__weight=None, fc_alpha__bias=None),
    "an unknown part": in_coarse(fc_transient__weight=torch.ones(3, 3)),
    "a part of D-NeRF": in_coarse(_time__0__weight=torch.ones(3, 3)),
    "a name without a kind": in_coarse(layer1=torch.ones(3)),
    "weights that are no numbers": in_coarse(fc_rgb__weight=torch.full((3, 8), torch.nan)),
    "infinite weights": in_coarse(fc_rgb__bias=torch.full((3,), torch.inf)),
    "whole numbers": in_coarse(fc_rgb__bias=torch.ones(3, dtype=torch.int64)),
    "a first layer of one dimension": in_coarse(layer1__weight=torch.ones(16)),
    "a first layer of three": in_coarse(layer1__weight=torch.ones(16, 21, 1)),
    "a number as a matrix": in_coarse(layer1__weight=torch.tensor(1.0)),
    "an encoding without the position": in_coarse(layer1__weight=torch.ones(16, 18)),
    "an encoding of 100 frequencies": in_coarse(layer1__weight=torch.ones(16, 603)),
    "a width of none": in_coarse(layer1__weight=torch.ones(0, 21), layer1__bias=torch.ones(0)),
    "a width of thousands": in_coarse(layer1__weight=torch.ones(4096, 21), layer1__bias=torch.ones(4096)),
    "layers that do not fit": in_coarse(layers_xyz__1__weight=torch.ones(16, 17)),
    "a gap between layers": in_coarse(layers_xyz__1__weight=None, layers_xyz__1__bias=None),
    "a hundred layers": in_coarse(**{f"layers_xyz__{i}__weight": torch.ones(16, 16) for i in range(3, 100)}),
    "four colours": in_coarse(fc_rgb__weight=torch.ones(4, 8), fc_rgb__bias=torch.ones(4)),
    "a wide density": in_coarse(fc_alpha__weight=torch.ones(2, 16), fc_alpha__bias=torch.ones(2)),
    "names of both authors": in_coarse(pts_linears__0__weight=torch.ones(16, 21)),
    "a bias that is a number": in_coarse(layers_dir__0__bias=torch.tensor(1.0)),
    "a head that is a number": in_coarse(fc_out__bias=torch.tensor(1.0), fc_out__weight=torch.ones(4, 16)),
}


@pytest.mark.parametrize("is_legacy", [True, False], ids=["before 2020", "today"])
@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_checkpoints_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Change, is_legacy: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    path = write(tmp_path / "scene.ckpt", change(krrish94_root()), is_legacy=is_legacy)
    with pytest.raises(UserError):
        read_checkpoint(path)
    report = CheckpointImporter().describe(path)
    assert not report.opens
    assert report.why_not
    assert not (tmp_path / "canary").exists()
