"""The encoder against another library's, and what is read off it against brute force over all texts."""

import itertools
import math

import numpy as np
import pytest
import torch

from plugins.transformer.fill_in.model.config import EncoderConfig, encoder_config
from plugins.transformer.fill_in.model.encoder import Encoder
from plugins.transformer.fill_in.model.filling import GapReader, drawn, fit_bits, gap_words, next_places
from plugins.transformer.fill_in.params import BY_CHANCE, LEFTMOST, SUREST
from plugins.transformer.fill_in.training.evaluation import bound_in_nats, hits_of, ranks_in
from plugins.transformer.fill_in.training.objective import masks_of, mean_at_masks
from plugins.transformer.text.model.probe import Probe

CONFIG = EncoderConfig(11, 16, 2, 2, 8, 20, n_segments=2)
MASK = 10


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(3)
    network = Encoder(CONFIG).eval().requires_grad_(False)
    for weight in network.parameters():
        weight.copy_(torch.randn_like(weight) * 0.4)
    return network


@pytest.fixture(scope="module")
def reader(network):
    return GapReader(network, MASK, (0,), (1,), (0, 1, MASK))


def done(work):
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


def test_logits_and_attention_are_those_of_bert_in_transformers(network):
    transformers = pytest.importorskip("transformers")
    config = transformers.BertConfig(
        vocab_size=11,
        hidden_size=8,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=20,
        max_position_embeddings=16,
        type_vocab_size=2,
        attn_implementation="eager",
    )
    bert = transformers.BertForMaskedLM(config).eval()
    _give(network, bert)
    tokens = torch.tensor([[0, 3, MASK, 5, 9, 2, 1], [0, 4, 4, MASK, MASK, 7, 1]])
    probe = Probe()
    with torch.inference_mode():
        theirs = bert(tokens, output_attentions=True)
        assert torch.allclose(network(tokens), theirs.logits, atol=1e-5)
        network(tokens, probe)
    assert torch.allclose(probe.all_attention(), torch.stack(theirs.attentions, 1), atol=1e-6)
    assert torch.allclose(network(tokens), network(tokens, Probe()), atol=1e-5)


@torch.no_grad()
def _give(network, bert):
    """Our weights, by the other library's names."""
    ours, inner = network.state_dict(), bert.bert
    inner.embeddings.word_embeddings.weight.copy_(ours["tokens.weight"])
    inner.embeddings.position_embeddings.weight.copy_(ours["positions.weight"])
    inner.embeddings.token_type_embeddings.weight.copy_(ours["segments.weight"])
    inner.embeddings.LayerNorm.load_state_dict(network.embedding_norm.state_dict())
    for block, layer in zip(network.blocks, inner.encoder.layer, strict=True):
        parts = zip(block.attention.qkv.weight.chunk(3), block.attention.qkv.bias.chunk(3), strict=True)
        theirs = layer.attention.self
        for linear, (weight, bias) in zip((theirs.query, theirs.key, theirs.value), parts, strict=True):
            linear.weight.copy_(weight)
            linear.bias.copy_(bias)
        layer.attention.output.dense.load_state_dict(block.attention.out.state_dict())
        layer.attention.output.LayerNorm.load_state_dict(block.attention_norm.state_dict())
        layer.intermediate.dense.load_state_dict(block.up.state_dict())
        layer.output.dense.load_state_dict(block.down.state_dict())
        layer.output.LayerNorm.load_state_dict(block.mlp_norm.state_dict())
    head = bert.cls.predictions
    head.transform.dense.load_state_dict(network.head.dense.state_dict())
    head.transform.LayerNorm.load_state_dict(network.head.norm.state_dict())
    head.bias.copy_(ours["head.bias"])


def test_what_stands_behind_a_gap_matters(reader):
    one, other = reader.logs([[3, -1, 5], [3, -1, 6]])[:, 1]
    assert not torch.allclose(one, other)


def test_marks_never_fill_a_gap_and_the_rest_is_whole(reader):
    logs = reader.logs([[3, -1, 5]])[0]
    assert torch.isinf(logs[:, [0, 1, MASK]]).all()
    assert torch.allclose(logs.exp().sum(-1), torch.ones(3, dtype=torch.float64))


def test_words_of_a_gap_are_the_likeliest_of_all(reader):
    row, places = [3, -1, -1, 6], (1, 2)
    every: dict[tuple[int, ...], float] = {}
    for first in range(2, MASK):
        start = reader.logs([row])[0, 1, first]
        rest = reader.logs([[3, first, -1, 6]])[0, 2]
        every |= {(first, second): float(start + rest[second]) for second in range(2, MASK)}
    best = sorted(every.items(), key=lambda one: -one[1])[:3]
    found = done(gap_words(reader, row, places))
    for (tokens, logs), (wanted, likely) in zip(found, best, strict=False):
        assert tokens == wanted
        assert logs == pytest.approx(likely, abs=1e-5)


def test_fit_is_what_each_token_costs_with_it_alone_left_out(reader):
    row = [3, 4, -1, 6, 7, 8, 9, 2, 3, 4]
    found = done(fit_bits(reader, row))
    assert set(found) == {place for place, token in enumerate(row) if token >= 0}
    for place, bits in found.items():
        alone = [-1 if at == place else token for at, token in enumerate(row)]
        wanted = -float(reader.logs([alone])[0, place, row[place]]) / math.log(2)
        assert bits == pytest.approx(wanted, abs=1e-5)


def test_the_bound_is_the_mean_over_all_sets_of_masks(network):
    tokens = torch.tensor([[3, 4, 5, 6]])
    sums = []
    for n_masks in range(1, 5):
        masks = [
            torch.tensor([[at in chosen for at in range(4)]]) for chosen in itertools.combinations(range(4), n_masks)
        ]
        sums.append(np.mean([float(mean_at_masks(network, tokens, mask, MASK)) for mask in masks]))
    windows = tokens.repeat(64, 1)
    found = done(bound_in_nats(network, windows, MASK, 40, 1))
    assert found == pytest.approx(float(np.mean(sums)), rel=0.02)


def test_the_bound_is_above_what_any_order_costs_on_average(network):
    """Told in every order, the mean of the logarithms is the bound; so the bound of a sure network is its entropy."""
    tokens, order_costs = [3, 4, 5], []
    for order in itertools.permutations(range(3)):
        cost, row = 0.0, [MASK] * 3
        for place in order:
            logs = network(torch.tensor([row]))[0, place].double().log_softmax(-1)
            cost -= float(logs[tokens[place]])
            row[place] = tokens[place]
        order_costs.append(cost)
    found = done(bound_in_nats(network, torch.tensor([tokens]).repeat(96, 1), MASK, 40, 2))
    assert 3 * found == pytest.approx(np.mean(order_costs), rel=0.03)


def test_every_number_of_masks_is_as_likely():
    random = np.random.default_rng(0)
    counts = np.concatenate([masks_of(random, 8, 8).sum(1) for _ in range(200)])
    assert np.bincount(counts, minlength=9)[1:].tolist() == [200] * 8


def test_a_die_falls_on_tokens_as_wide_as_they_are_likely():
    logs = np.log(np.array([0.2, 0.5, 0.3]))
    assert [drawn(logs, 1.0, roll) for roll in (0.0, 0.49, 0.51, 0.79, 0.81)] == [1, 1, 2, 2, 0]
    assert drawn(logs, 0.05, 0.98) == 1


def test_the_surest_gap_comes_first():
    logs = np.log(np.array([[0.6, 0.4], [0.9, 0.1], [0.5, 0.5]]))
    assert next_places([0, 1, 2], logs, SUREST, 2, 1) == [1, 0]
    assert next_places([0, 1, 2], logs, LEFTMOST, 1, 1) == [0]
    assert sorted(next_places([0, 1, 2], logs, BY_CHANCE, 3, 1)) == [0, 1, 2]


def test_hits_count_from_the_likeliest():
    logits = torch.tensor([[3.0, 1, 2, 0, 0, 0], [0.0, 5, 4, 3, 2, 1]])
    hits = hits_of(ranks_in(logits, torch.tensor([0, 0])))
    assert (hits.first, hits.among) == (50, 50)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"n_vocab": 10},
        {**vars(CONFIG), "n_heads": 3},
        {**vars(CONFIG), "width": 10**9},
        {**vars(CONFIG), "norm_eps": 0.0},
        {**vars(CONFIG), "activation": "swish"},
        {**vars(CONFIG), "n_layers": True},
        {**vars(CONFIG), "more": 1},
    ],
)
def test_sizes_that_no_network_has_are_refused(values):
    with pytest.raises(ValueError, match=r"range|shared|unknown|other fields"):
        encoder_config(values)
