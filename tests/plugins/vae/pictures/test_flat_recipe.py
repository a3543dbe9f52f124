"""A model of one's own flat pictures: from a folder of drawings to one with layers; photographs are refused."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from plugins.vae.pictures.training.flat_recipe import VaeFlatRecipe
from plugins.vae.pictures.training.layers_data import N_POINTS, LayersBatches
from plugins.vae.shared.engine import VaeEngine
from plugins.vae.shared.model.weights import load_model
from plugins.vae.shared.params import PictureParams
from studio.api.engine import FolderRecipe, ModelSource, TrainOptions
from studio.compute.device import Device
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.datasets.part_maps import PartMaps, packed_map
from studio.nn.layered.layered_vae import LayeredVAE
from studio.registry.catalog import Catalog
from tests.datasets.folder.test_flat import drawing, photograph, put, result
from tests.plugins.vae.model_made import pixels_of
from tests.plugins.vae.pictures.test_model import SMALL

CPU = Device("cpu", "float32", 1)
FEW: Any = {"config": SMALL, "n_pictures": 4, "n_others": 2}


def recipe() -> VaeFlatRecipe:
    found = Catalog().find_recipe("vae/flat-pictures")
    assert isinstance(found, VaeFlatRecipe)
    return replace(found, **FEW)


def options(out: Path, folder: Path, n_steps: int = 3) -> TrainOptions:
    return TrainOptions(out, CPU, n_steps, settings={"data": str(folder)})


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return put(tmp_path_factory.mktemp("drawings"), drawing)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, folder: Path) -> tuple[Path, list[Frame]]:
    """A small model, and the frames that were seen while it was made."""
    out = tmp_path_factory.mktemp("made") / "own.safetensors"
    return out, list(recipe().train(options(out, folder)))


@pytest.mark.long("trains a network")
def test_a_folder_becomes_a_model_that_opens_in_layers(made: tuple[Path, list[Frame]]) -> None:
    out, frames = made
    text = out.with_suffix(".json").read_text("utf-8")
    card = json.loads(text)
    assert card["id"] == "vae/flat-pictures"
    assert card["architecture"] == "LayeredVAE"
    assert "5 shared colours explain" in text
    assert str(out.parent) not in text, "a card tells nobody where files lie"
    assert {check["name"] for check in card["checks"]} >= {
        "Redrawn test pictures, mean error of a colour, 0 to 1",
        "Redrawn test pictures, share of a colour that belongs elsewhere",
    }
    engine = VaeEngine.open(ModelSource("vae/own", out, card), CPU)
    (frame,) = engine.generate(PictureParams(seed=3))
    assert pixels_of(frame.main_view).shape == (512, 512, 3)
    engine.close()
    shown = [pixels_of(frame.main_view) for frame in frames if frame.views]
    assert {pixels.shape for pixels in shown} == {(4 * 128, 8 * 128, 3)}
    assert all(np.array_equal(pixels[:128], shown[0][:128]) for pixels in shown), "the held-out pictures stay"
    assert any("held-out parts wrong" in frame.scalars for frame in frames)


def test_every_layer_keeps_near_a_colour_of_the_palette(made: tuple[Path, list[Frame]]) -> None:
    """White, black, red, blue and grey, the same in all pictures: no place can give a layer another colour."""
    model = load_model(made[0])
    assert isinstance(model, LayeredVAE)
    _, colours = model.layers(3 * torch.randn(4, SMALL.n_latent))
    wanted = torch.tensor([(255, 255, 255), (0, 0, 0), (221, 46, 68), (85, 172, 238), (128, 128, 128)])
    off = (255 * colours[:, :, None] - wanted).abs().amax(3)  # (4, 5, 5)
    assert (off.min(2).values <= 3).all()
    assert (off.argmin(2).sort(1).values == torch.arange(5)).all()


@pytest.mark.long("trains a network")
def test_it_learns_where_the_layers_lie(folder: Path) -> None:
    """Forty steps on the same four pictures: the part that is seen is foreseen far better."""
    network, objective = recipe().network_and_objective(_read(folder), torch.device("cpu"))
    optimiser, nats = torch.optim.Adam(network.parameters(), 3e-3), []
    for _ in range(40):
        loss, parts = objective(network, 0, 0)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        nats.append(float(parts["parts"].detach()))
    assert nats[0] > 0.9 * np.log(5)
    assert nats[-1] < 0.5 * nats[0]


@pytest.mark.long("trains a network")
def test_it_resumes_to_the_same_weights(tmp_path: Path, folder: Path, made: tuple[Path, list[Frame]]) -> None:
    again = tmp_path / "again.safetensors"
    frames = recipe().train(options(again, folder))
    for frame in frames:
        if "loss" in frame.scalars and frame.step == 1:
            break
    frames.close()  # type: ignore[attr-defined]  # a generator
    list(recipe().train(replace(options(again, folder), is_resumed=True)))
    first, second = load_file(made[0]), load_file(again)
    assert first.keys() == second.keys()
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_a_training_does_not_go_on_with_other_colours(tmp_path: Path, folder: Path) -> None:
    network, objective = recipe().network_and_objective(_read(folder), torch.device("cpu"))
    network.sharp.fixed = network.sharp.fixed.roll(1, 0)
    with pytest.raises(UserError, match="other colours"):
        objective(network, 0, 0)


def _read(folder: Path) -> Any:
    return result(recipe().chosen(options(folder, folder)).read(torch.device("cpu")))


@pytest.mark.long("computes for long")
def test_photographs_are_refused_before_the_training(tmp_path: Path) -> None:
    photos = put(tmp_path / "photos", photograph)
    frames = list[Frame]()
    with pytest.raises(UserError, match="not flat"):
        frames.extend(recipe().train(options(tmp_path / "x.safetensors", photos)))
    own = recipe()
    assert isinstance(own, FolderRecipe)
    assert not own.takes_folder(photos)
    with pytest.raises(UserError, match="not flat"):
        list(own.look_into(photos))


def test_a_folder_of_drawings_is_known_and_said_to_be_flat(folder: Path) -> None:
    own = recipe()
    assert isinstance(own, FolderRecipe)
    assert own.takes_folder(folder)
    assert own.takes_folder(folder / "00.png")
    finding = result(own.look_into(folder))
    assert finding.sentence.startswith("24 pictures can be used. 5 shared colours explain")


@pytest.mark.parametrize("map_px", [128, 512])
def test_a_batch_has_points_of_its_maps(map_px: int) -> None:
    random = np.random.default_rng(0)
    parts = random.integers(0, 3, (5, map_px, map_px)).astype(np.uint8)
    maps = PartMaps([packed_map(one) for one in parts], map_px, random.random((5, 3, 3)).astype(np.float32))
    batch = LayersBatches(maps, 6, (3, 2), 0, torch.device("cpu")).draw(4, 1)
    down, right, stride = batch.grid
    assert max(down, right) < stride == map_px // N_POINTS
    for index, seen, colours in zip(batch.chosen.tolist(), batch.parts, batch.colours, strict=True):
        np.testing.assert_array_equal(seen, parts[index, down::stride, right::stride])
        np.testing.assert_array_equal(colours, maps.colours[index])
    assert batch.noise.shape == (3, 6)
    assert batch.others.shape == (2, 6)
