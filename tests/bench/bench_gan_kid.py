"""How far the faces of the GAN are from real ones, beside those of the VAE, measured alike on many of each."""

from collections.abc import Callable

import torch
from torch import Tensor

from plugins.gan.people.model.style_gan import StyleGan
from plugins.gan.people.training.evaluation import N_WIDE, wide_distance
from plugins.gan.people.training.style_recipe import seed_faces
from plugins.gan.shared.weights import load_network
from plugins.vae.shared.model.weights import load_model
from plugins.vae.shared.training.recipe import random_places
from studio.api.training import load_judge
from studio.nn.layered.pictures_vae import PicturesVAE
from studio.registry.catalog import Catalog
from tests.bench.suite import Figure, bench

MODEL, PEER = "gan/avatars-style", "vae/avatars"
CPU = torch.device("cpu")


@bench("gan.people_kid", "KID x 1,000")
def people_kid() -> Figure:
    """Faces of the seeds 0 to 19,999 against all test pictures; the VAE's at as many random places have to be worse."""
    mine, theirs = _distance(_forged()), _distance(_decoded())
    return Figure(mine, f"faces of {PEER}", theirs, note=f"{N_WIDE:,} of each, 100 subsets of 2,000")


def _forged() -> Callable[[range], Tensor]:
    model = Catalog().find_model(MODEL)
    generator, frequencies = load_network(model.source.path, StyleGan).generator, model.card.more["frequencies"]
    return lambda seeds: seed_faces(generator, frequencies, seeds, CPU)[0]


def _decoded() -> Callable[[range], Tensor]:
    network = load_model(Catalog().find_model(PEER).source.path)
    assert isinstance(network, PicturesVAE)
    places = random_places(N_WIDE, network.config.n_latent, 22, CPU)
    return lambda seeds: network.decode(places[seeds.start : seeds.stop]) * 2 - 1


def _distance(draw: Callable[[range], Tensor]) -> float:
    run = wide_distance(load_judge("avatars"), draw, N_WIDE)
    while True:
        try:
            next(run)
        except StopIteration as end:
            return float(end.value.mean)
