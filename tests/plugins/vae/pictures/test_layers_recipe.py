"""The training of layers, shortened: it begins with a model, writes one that opens, and says all of it in its card."""

from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest
import torch

from plugins.vae.pictures.training import layers_checks, layers_recipe
from plugins.vae.pictures.training.layers_recipe import VaeLayersRecipe
from plugins.vae.shared.card import read_arrays
from plugins.vae.shared.model.weights import load_model
from studio.api.engine import TrainOptions
from studio.compute.device import Device
from studio.core.card import read_card
from studio.datasets.avatar_layers import load_avatar_layers
from studio.datasets.avatars import load_avatars
from studio.nn.layered.layered_vae import LayeredVAE
from studio.registry.catalog import Catalog
from tests.plugins.vae.model_made import pixels_of

SHIPPED = Path(str(files("plugins.vae") / "models" / "avatars.safetensors"))


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Few faces: that the figures are right is tested with the formulas."""

    def few_faces(split):
        faces = load_avatars(split)
        return replace(faces, pictures=faces.pictures[:40], labels=faces.labels[:40])

    def few_layers(split):
        faces = load_avatar_layers(split)
        few = {name: getattr(faces, name)[:6] for name in ("seeds", "pictures", "labels", "packed")}
        return replace(faces, **few)

    monkeypatch.setattr(layers_checks, "load_avatars", few_faces)
    monkeypatch.setattr(layers_checks, "N_SAMPLES", 30)
    monkeypatch.setattr(layers_checks, "N_OUTLINES", 2)
    monkeypatch.setattr(layers_checks, "load_avatar_layers", few_layers)
    monkeypatch.setattr(layers_recipe, "N_VALIDATION", 2)


@pytest.mark.long("trains a network")
def test_a_model_gets_layers_and_keeps_all_else(tmp_path):
    recipe = Catalog().find_recipe("vae/avatars-layers")
    assert isinstance(recipe, VaeLayersRecipe)
    out = tmp_path / "sharp.safetensors"
    options = TrainOptions(out, Device("cpu", "float32", 1), n_steps=2)
    frames = list(replace(recipe, sizes=(2, 1)).train(options))
    shown = [pixels_of(frame.main_view) for frame in frames if frame.views]
    assert shown[-1].shape == (4 * 128, 4 * 128, 3)
    assert any("held-out parts wrong" in frame.scalars for frame in frames)
    before, after = load_model(SHIPPED), load_model(out)
    assert isinstance(before, LayeredVAE)
    assert isinstance(after, LayeredVAE)
    places = torch.randn(2, 48)
    torch.testing.assert_close(before.decode(places), after.decode(places), atol=1e-3, rtol=0)
    for name, value in read_arrays(SHIPPED).items():
        assert (value == read_arrays(out)[name]).all()
    card, known = read_card(out.with_suffix(".json")), read_card(SHIPPED.with_suffix(".json"))
    assert card.id == "vae/avatars"
    assert card.more["axes"] == known.more["axes"]
    assert card.more["layers"]["n_steps"] == 2
    assert card.more["architecture"] == "LayeredVAE"
    floors = {check["name"]: check["floor"] for check in card.more["checks"]}
    assert floors["Redrawn from layers, mouth read right or as in the true picture, share"] == 0.985
    assert floors["Outlines at 512 pixels, width in pixels, median"] == 1.6
    assert len([note for note in card.more["notes"] if "second decoder" in note]) == 1
