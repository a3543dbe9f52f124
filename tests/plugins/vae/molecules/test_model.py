"""The network of molecules: its pieces, and that writing one by one is what it learnt all at once."""

import pytest
import torch

from plugins.vae.molecules.model.molecules_vae import MoleculesConfig, MoleculesVAE, piece_nats
from plugins.vae.molecules.model.pieces import END, Pieces, UnknownPieceError, learn_pieces
from plugins.vae.molecules.training.objective import blurred
from studio.datasets.molecules import load_described_molecules
from studio.datasets.split import Split

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
    written = network.decode(z)
    likeliest = network.logits(z, written).argmax(2)
    is_there = (written == END).cumsum(1) <= 1
    assert torch.equal(likeliest[is_there], written[is_there])


def test_what_stands_behind_the_end_changes_nothing(network):
    row = torch.tensor([[4, 9, 2, END]])
    longer = torch.tensor([[4, 9, 2, END, END, END, END]])
    mean, _ = network.encode(row)
    assert torch.allclose(mean, network.encode(longer)[0], atol=1e-5)
    assert torch.allclose(
        piece_nats(network.logits(mean, row), row), piece_nats(network.logits(mean, longer), longer), atol=1e-4
    )


def test_settled_places_are_standard_and_written_alike():
    torch.manual_seed(4)
    network = MoleculesVAE(SMALL).eval().requires_grad_(False)
    rows = torch.randint(1, SMALL.n_pieces, (400, 8))
    before = network.encode(rows)[0]
    written = network.decode(before[:20])
    network.settle_prior(before, torch.ones(len(before)))
    after = network.encode(rows)[0]
    assert torch.allclose(after.T.cov(), torch.eye(SMALL.n_latent), atol=0.05)
    assert torch.equal(network.decode(after[:20]), written)


def test_every_second_place_stays_where_it_is():
    z = torch.ones(6, 3)
    moved = blurred(z)
    assert torch.equal(moved[::2], z[::2])
    assert not torch.isclose(moved[1::2], z[1::2]).any()
