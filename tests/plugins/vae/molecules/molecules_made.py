"""A small model of molecules, trained for no more than a moment, to be opened by engines and panels."""

from pathlib import Path

from plugins.vae.molecules.model.molecules_vae import MoleculesConfig
from plugins.vae.molecules.training import recipe as recipe_module
from plugins.vae.molecules.training.prior import PriorSettings
from plugins.vae.molecules.training.recipe import MoleculesRecipe
from studio.api.engine import ModelSource, TrainOptions
from studio.compute.device import Device
from studio.core.card import read_card
from studio.datasets.molecules import load_described_molecules
from studio.registry.model import card_values

DEVICE = Device("cpu", "float32", 1)
SMALL = MoleculesConfig(
    n_pieces=60, n_places=26, n_latent=8, width=24, n_heads=2, n_reading=1, n_writing=1, narrow=8, n_blocks=2
)
KNOWN = "CC(=O)Nc1ccc(O)cc1"


def few(split):
    """Few molecules of a part."""
    found = load_described_molecules(split)
    assert found.properties is not None
    return type(found)(found.smiles[:150], found.properties[:150], False)


def trained(monkeypatch, folder: Path) -> ModelSource:
    """Train for two steps and write the model with its card."""
    for name in ("load_molecules", "load_described_molecules"):
        monkeypatch.setattr(recipe_module, name, few)
    for name, value in {
        "N_EFFECT_PLACES": 2,
        "N_KNOWN": 40,
        "N_WRITTEN": 20,
        "N_PEER": 50,
        "N_PEER_WRITTEN": 3,
    }.items():
        monkeypatch.setattr(recipe_module, name, value)
    out = folder / "molecules.safetensors"
    list(MoleculesRecipe(config=SMALL, prior=PriorSettings(100, 3, 20)).train(TrainOptions(out, DEVICE, n_steps=2)))
    return ModelSource("vae/molecules", out, card_values(read_card(out.with_suffix(".json"))))
