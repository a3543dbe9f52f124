"""The shipped networks, opened with packed weights, against the same ones as they were learnt."""

import numpy as np
import pytest
import torch

from plugins.vae.molecules.model.molecules_vae import MoleculesVAE
from plugins.vae.pictures.model.beta_vae import BetaVAE
from plugins.vae.shared.engine import VaeEngine
from plugins.vae.shared.model.vae import LetterformsVAE
from plugins.vae.shared.model.weights import load_model
from studio.api.engine import Device
from studio.nn.layered.layered_vae import LayeredVAE
from studio.nn.packed_conv import PackedConv2d
from studio.registry.catalog import Catalog


@pytest.mark.parametrize("name", ["vae/letterforms", "vae/avatars", "vae/digits"])
def test_a_picture_is_the_learnt_one_and_a_batch_is_it_to_the_bit(name: str) -> None:
    source = Catalog().find_model(name).source
    engine, network = VaeEngine.open(source, Device("cpu", "float32", 1)), load_model(source.path)
    assert not isinstance(network, BetaVAE | MoleculesVAE)
    learnt = VaeEngine(source, engine.device, network, engine.atlas)
    letters = "gR" if isinstance(engine.model, LetterformsVAE) else ""
    places = np.random.default_rng(7).standard_normal((2, engine.n_latent), np.float32)
    assert any(isinstance(layer, PackedConv2d) for layer in engine.model.modules())
    one, known = (each.decode(places[:1], letters[:1]) for each in (engine, learnt))
    np.testing.assert_allclose(one, known, rtol=0, atol=1e-5)
    assert np.array_equal(engine.decode(places, letters), learnt.decode(places, letters))


def test_the_layers_of_a_face_are_the_learnt_ones() -> None:
    source = Catalog().find_model("vae/avatars").source
    packed, learnt = VaeEngine.open(source, Device("cpu", "float32", 1)).model, load_model(source.path)
    assert isinstance(packed, LayeredVAE)
    assert isinstance(learnt, LayeredVAE)
    place = torch.from_numpy(np.random.default_rng(7).standard_normal((1, 48), np.float32))
    with torch.inference_mode():
        for found, wanted in zip(packed.layers(place), learnt.layers(place), strict=True):
            assert (found - wanted).abs().max() <= 1e-5 * wanted.abs().max().clamp_min(1)
