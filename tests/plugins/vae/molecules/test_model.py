"""The network of molecules: its pieces, and that writing one by one is what it learnt all at once."""

import copy
import dataclasses

import numpy as np
import pytest
import torch

from plugins.vae.molecules.model.flow import Flow
from plugins.vae.molecules.model.molecules_vae import MoleculesConfig, MoleculesVAE, piece_nats
from plugins.vae.molecules.model.pieces import END, Pieces, UnknownPieceError, learn_pieces
from plugins.vae.molecules.training.objective import blurred
from plugins.vae.molecules.training.prior import PriorSettings, fit_prior
from studio.core.error import UserError
from studio.core.pausing import result_of
from studio.datasets.molecules import load_described_molecules
from studio.datasets.split import Split
from studio.nn.network_file import NetworkKind, empty_network

SMALL = MoleculesConfig(n_pieces=40, n_places=12, n_latent=6, width=24, n_heads=2, n_reading=1, n_writing=2, narrow=8)


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(3)
    return MoleculesVAE(SMALL).eval().requires_grad_(False)


def test_molecules_are_cut_into_pieces_and_joined_again():
    smiles = load_described_molecules(Split.TRAIN).smiles[:600]
    pieces = Pieces(learn_pieces(smiles, 120))
    rows = [pieces.encode(text) for text in smiles]
    assert [pieces.decode([*row, END, 5]) for row in rows] == list(smiles)
    assert sum(map(len, rows)) < 0.5 * sum(map(len, smiles))


def test_chlorine_is_never_cut_in_two():
    pieces = Pieces(["C", "CC", "Cl", "B", "Br"])
    assert [pieces.texts[number] for number in pieces.encode("CClCBr")] == ["C", "Cl", "C", "Br"]


def test_an_unknown_sign_has_a_place():
    with pytest.raises(UnknownPieceError) as caught:
        Pieces(["C", "O"]).encode("COX")
    assert caught.value.place == 2


def test_writing_piece_by_piece_is_what_all_at_once_says(network):
    z = torch.randn(5, SMALL.n_latent, generator=torch.Generator().manual_seed(1))
    written = network.decode(z, 1)
    likeliest = network.logits(network.latent(z), written).argmax(2)
    is_there = (written == END).cumsum(1) <= 1
    assert torch.equal(likeliest[is_there], written[is_there])


def test_beams_find_the_likeliest_row_that_all_rows_are_held_against():
    torch.manual_seed(8)
    few = dataclasses.replace(SMALL, n_pieces=4, n_places=4)
    network = MoleculesVAE(few).eval().requires_grad_(False)
    network.piece.weight.mul_(20)
    z = torch.randn(6, few.n_latent)
    rows = torch.cartesian_prod(*[torch.arange(4)] * 4)
    rows = rows[((rows == END).cummax(1).values <= (rows == END)).all(1)]  # nothing stands behind an END
    for one, written in zip(z, network.decode(z, 64), strict=True):
        latent = network.latent(one[None]).expand(len(rows), -1)
        best = rows[piece_nats(network.logits(latent, rows), rows).argmin()]
        assert written.tolist() == best[: len(written)].tolist()
        assert not best[len(written) :].any()


@pytest.mark.parametrize("changes", [{"n_latent": 7}, {"n_heads": 5}, {"n_heads": 0}])
def test_impossible_sizes_are_refused_before_anything_is_computed(changes):
    config = dataclasses.asdict(dataclasses.replace(SMALL, **changes))
    kinds = {"MoleculesVAE": NetworkKind(MoleculesConfig, MoleculesVAE)}
    with pytest.raises(UserError, match="impossible"):
        empty_network(kinds, "MoleculesVAE", config)


def test_what_stands_behind_the_end_changes_nothing(network):
    row = torch.tensor([[4, 9, 2, END]])
    longer = torch.tensor([[4, 9, 2, END, END, END, END]])
    mean, _ = network.posterior(row)
    assert torch.allclose(mean, network.posterior(longer)[0], atol=1e-5)
    assert torch.allclose(
        piece_nats(network.logits(mean, row), row), piece_nats(network.logits(mean, longer), longer), atol=1e-4
    )


def test_settled_places_are_standard_and_written_alike():
    torch.manual_seed(4)
    network = MoleculesVAE(SMALL).eval().requires_grad_(False)
    rows = torch.randint(1, SMALL.n_pieces, (400, 8))
    before = network.encode(rows)
    written = network.decode(before[:20])
    network.settle_prior(network.posterior(rows)[0], torch.ones(len(before)))
    after = network.encode(rows)
    assert torch.allclose(after.T.cov(), torch.eye(SMALL.n_latent), atol=0.05)
    assert torch.equal(network.decode(after[:20]), written)


def test_one_place_of_three_is_blurred_and_teaches_only_what_writes():
    z = torch.ones(6, 3, requires_grad=True)
    moved = blurred(z, 0.7)
    moved.sum().backward()
    assert torch.equal(moved[[0, 1, 3, 4]], z[[0, 1, 3, 4]])
    assert not torch.isclose(moved[[2, 5]], z[[2, 5]]).any()
    assert z.grad is not None
    assert torch.equal(z.grad, torch.tensor([1.0, 1, 0, 1, 1, 0])[:, None].expand(6, 3))
    assert torch.equal(blurred(z, 0.0), z)


@pytest.fixture
def flow():
    torch.manual_seed(5)
    flow = Flow(6, 4, 16)
    for parameter in flow.parameters():
        torch.nn.init.normal_(parameter, std=0.4)
    return flow.requires_grad_(False)


def test_the_flow_leads_there_and_back(flow):
    z = torch.randn(50, 6)
    latents = flow(z)
    back, volume = flow.back(latents)
    assert not torch.allclose(latents, z, atol=0.1)
    assert torch.allclose(back, z, atol=1e-4)
    slopes = [torch.linalg.slogdet(torch.autograd.functional.jacobian(lambda x: flow(x[None])[0], one))[1] for one in z]
    assert torch.allclose(volume, -torch.stack(slopes), atol=1e-4)


def test_densities_of_the_flow_add_up_to_one():
    torch.manual_seed(6)
    flow = Flow(2, 3, 8)
    for parameter in flow.parameters():
        torch.nn.init.normal_(parameter, std=0.4)
    line = torch.linspace(-9, 9, 361)
    plane = torch.cartesian_prod(line, line)
    with torch.no_grad():
        assert float((-flow.nats(plane)).exp().sum()) * 0.05**2 == pytest.approx(1, abs=1e-3)


@pytest.mark.long("trains a network")
def test_a_prior_that_is_fitted_says_how_latents_are_spread(network):
    torch.manual_seed(7)
    network = copy.deepcopy(network)
    network.head.bias[SMALL.n_latent :] = -9  # which leaves what is drawn near the means
    model = copy.deepcopy(network)
    rows = np.concatenate([np.random.default_rng(7).integers(1, 40, (300, 8)), np.zeros((300, 4))], 1).astype(np.uint8)
    result_of(fit_prior(model, rows, PriorSettings(300, 0, 64), 1))
    latents = model.gathered(model.posterior(torch.from_numpy(rows).long())[0])
    before = float(model.flow.nats(latents).mean())
    model = copy.deepcopy(network)
    result_of(fit_prior(model, rows, PriorSettings(300, 120, 64, 3e-3), 1))
    assert float(model.flow.nats(latents).mean()) < before - 0.1
    assert not any(parameter.requires_grad for parameter in model.parameters())
