"""XLNet: what each place sees follows from the order, its likelihoods are those of a distribution, in any order."""

from itertools import permutations, product

import numpy as np
import pytest
import torch

from plugins.autoregressive.infill.model.config import XLNetConfig
from plugins.autoregressive.infill.model.infill_decoding import bits_of, log_probabilities, ranks_of
from plugins.autoregressive.infill.model.xlnet import TwoWayAttention, XLNet, both_ways, columns
from plugins.autoregressive.infill.training.objective import order_of

CONFIG = XLNetConfig(n_vocab=3, n_layers=2, n_heads=2, width=8, mlp_width=12, n_context=5)


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(4)
    made = XLNet(CONFIG).eval().requires_grad_(False)
    for weight in made.parameters():
        weight.add_(0.4 * torch.randn_like(weight))
    return made


def sees(network, ranks, place):
    """Which of the tokens have an influence on what is said at a place, by changing each."""
    tokens, where = torch.tensor([[0, 1, 2, 1, 0]]), torch.tensor([[place]])
    before = network(tokens, ranks[None], where)
    found = []
    for other in range(5):
        changed = tokens.clone()
        changed[0, other] = (tokens[0, other] + 1) % 3
        found.append(not torch.equal(network(changed, ranks[None], where), before))
    return found


@pytest.mark.parametrize("order", [*permutations((0, 2, 3)), (4,), (0, 1, 2, 3, 4), (4, 3, 2, 1, 0)])
def test_a_place_sees_what_comes_before_it_in_the_order_and_nothing_else(network, order):
    ranks = ranks_of(5, order)
    for place in order:
        assert sees(network, ranks, place) == [bool(ranks[other] < ranks[place]) for other in range(5)]


def test_by_gradient_it_sees_no_more(network):
    ranks, place, embedded = ranks_of(5, (3, 1, 4)), 1, []

    def kept(module, inputs, output):
        embedded.append(output.requires_grad_(True))
        return output

    with network.tokens.register_forward_hook(kept):
        said = network(torch.tensor([[0, 1, 2, 1, 0]]), ranks[None], torch.tensor([[place]]))
    (gradient,) = torch.autograd.grad(said.square().sum(), embedded[0])
    assert (gradient[0].abs().sum(1) > 0).tolist() == [bool(ranks[other] < ranks[place]) for other in range(5)]


@pytest.mark.parametrize("order", [*permutations((1, 2, 4))])
def test_all_fillings_of_a_gap_together_have_probability_one(network, order):
    total = 0.0
    for filling in product(range(3), repeat=3):
        tokens = [0, 0, 0, 2, 0]
        for place, token in zip((1, 2, 4), filling, strict=True):
            tokens[place] = token
        total += 2 ** -sum(bits_of(network, tokens, order))
    assert total == pytest.approx(1, abs=1e-5)


@pytest.mark.long("computes for long")
def test_one_pass_says_what_a_pass_for_each_token_says(network):
    tokens, order = [0, 1, 2, 1, 0], (3, 0, 2)
    together = log_probabilities(network, tokens, order)
    for turn, place in enumerate(order):
        ranks = ranks_of(5, order)[None]
        ranks[0, list(order[turn:])] = turn + 1  # nobody knows these yet
        hidden = torch.tensor([tokens])
        hidden[0, list(order[turn:])] = 0
        said = network(hidden, ranks, torch.tensor([[place]]))[0, 0].log_softmax(-1)
        torch.testing.assert_close(said, together[turn], atol=1e-5, rtol=1e-5)


def test_distances_are_what_the_formula_says():
    """Scores against (q + u) k + (q + v) W R(i - j), place by place."""
    torch.manual_seed(1)
    attention = TwoWayAttention(CONFIG).requires_grad_(False)
    x, u, v = torch.randn(1, 4, 8), torch.randn(2, 4), torch.randn(2, 4)
    memory = attention.read(x, both_ways(4, 8))
    is_seen = torch.ones(1, 4, 4, dtype=torch.bool)
    looked = attention.look(x, memory, torch.arange(4)[None], is_seen, u, v)
    heads = []
    for head in range(2):
        part = slice(4 * head, 4 * head + 4)
        q, (k, values) = x[0] @ attention.query.weight.T, (x[0] @ attention.key_value.weight.T).chunk(2, -1)
        scores = torch.zeros(4, 4)
        for i, j in product(range(4), range(4)):
            turns = 10000.0 ** -(torch.arange(0, 8, 2.0) / 8)
            r = torch.cat([((i - j) * turns).sin(), ((i - j) * turns).cos()]) @ attention.distance.weight.T
            scores[i, j] = (q[i, part] + u[head]) @ k[j, part] + (q[i, part] + v[head]) @ r[part]
        heads.append((scores / 2).softmax(-1) @ values[:, part])
    torch.testing.assert_close(looked[0], torch.cat(heads, -1) @ attention.out.weight.T, atol=1e-5, rtol=1e-5)


def test_columns_are_where_the_distances_stand():
    table = torch.arange(3, -4, -1)
    places = torch.tensor([[2, 0]])
    found = table[columns(places, 4)]
    assert found.tolist() == [[[2, 1, 0, -1], [0, -1, -2, -3]]]


def test_what_is_left_out_are_gaps_of_so_many_places():
    random = np.random.default_rng(3)
    for _ in range(50):
        order = order_of(random, 40, 13)
        assert len(set(order.tolist())) == 13
        assert order.min() >= 0
        assert order.max() < 40


def test_impossible_sizes_are_refused():
    with pytest.raises(ValueError, match="fit together"):
        XLNetConfig(3, 1, 3, 8, 8, 4)
