"""Transformer-XL: relative positions by their formula, memory as one long segment, causality, tokens one by one."""

import math
from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest
import torch

from plugins.autoregressive.text.model.reader import XLMemory, XLReader
from plugins.autoregressive.text.model.transformer_xl import XLConfig, later, remembered, shifted, sinusoids
from plugins.autoregressive.text.training.objective import segments
from tests.plugins.autoregressive.text.xl_made import made_network, tiny_config

TOKENS = torch.randint(0, 280, (1, 24), generator=torch.Generator().manual_seed(5))


def read_in_segments(network, tokens, n_memory):
    """Logits (B, T, V) of tokens (B, T), segment after segment."""
    longer = torch.cat([tokens, tokens[:, :1]], 1)
    return torch.cat([logits for logits, _ in segments(network, longer, n_memory)], 1)


@pytest.mark.parametrize(("n_new", "n_past"), [(1, 0), (4, 0), (4, 3), (1, 5), (5, 5)])
def test_weights_follow_the_explicit_formula(n_new, n_past):
    network = made_network()
    attention: Any = network.blocks[0].attention
    config = network.config
    x, past = torch.randn(2, n_new, config.width), torch.randn(2, n_past, config.width)
    distances = sinusoids(n_past + n_new, config.width)
    found, _ = attention.weights(x, past, distances, network.u, network.v)
    keys, far = attention.key_value(torch.cat([past, x], 1))[..., : config.width], attention.distance(distances)
    width = config.head_width
    for head in range(config.n_heads):
        part = slice(head * width, (head + 1) * width)
        for row in range(n_new):
            query, place = attention.query(x[1, row])[part], n_past + row
            scores = [
                (query + network.u[head]) @ keys[1, j, part]
                + (query + network.v[head]) @ far[n_past + n_new - 1 - (place - j), part]
                for j in range(place + 1)
            ]
            expected = (torch.stack(scores) / math.sqrt(width)).softmax(0)
            torch.testing.assert_close(found[1, head, row, : place + 1], expected, atol=1e-5, rtol=1e-4)
            assert not found[1, head, row, place + 1 :].any()


def test_sinusoids_are_those_of_the_distance():
    table = sinusoids(5, 6)
    for row, distance in enumerate((4, 3, 2, 1, 0)):
        turns = [distance / 10000 ** (2 * k / 6) for k in range(3)]
        expected = [math.sin(turn) for turn in turns] + [math.cos(turn) for turn in turns]
        np.testing.assert_allclose(table[row], expected, atol=1e-6)


def test_the_shift_puts_each_distance_under_its_token():
    n_new, n_all = 3, 7
    by_distance = torch.arange(n_all - 1, -1, -1.0).repeat(n_new, 1)[None]  # each column says its distance
    found = shifted(by_distance)[0]
    is_later = later(n_new, n_all, torch.device("cpu"))
    for row in range(n_new):
        for column in range(n_all):
            distance = n_all - n_new + row - column
            assert bool(is_later[row, column]) == (distance < 0)
            assert distance < 0 or found[row, column] == distance


def test_memory_of_all_before_is_one_long_segment():
    cut, whole = made_network(n_segment=4), made_network(n_segment=24)
    torch.testing.assert_close(read_in_segments(cut, TOKENS, 24), whole(TOKENS)[0], atol=1e-4, rtol=1e-4)
    assert not torch.allclose(read_in_segments(cut, TOKENS, 4), whole(TOKENS)[0], atol=1e-3)


def test_without_memory_each_segment_stands_alone():
    network = made_network()
    alone = torch.cat([network(TOKENS[:, first : first + 4])[0] for first in range(0, 24, 4)], 1)
    torch.testing.assert_close(read_in_segments(network, TOKENS, 0), alone)


def test_memory_is_what_was_read_last_without_gradient():
    old, new = torch.randn(2, 1, 6, 3), torch.randn(2, 1, 4, 3, requires_grad=True)
    kept = remembered(old, new, 5)
    torch.testing.assert_close(kept, torch.cat([old[:, :, 5:], new], 2))
    assert not kept.requires_grad
    assert remembered(None, new, 0).shape == (2, 1, 0, 3)


@pytest.mark.parametrize("n_memory", [0, 4, 8])
def test_a_token_changes_nothing_before_itself(n_memory):
    network = made_network()
    before = read_in_segments(network, TOKENS, n_memory)
    for place in range(TOKENS.shape[1]):
        changed = TOKENS.clone()
        changed[0, place] = (changed[0, place] + 7) % 280
        after = read_in_segments(network, changed, n_memory)
        assert torch.equal(after[:, :place], before[:, :place])
        assert not torch.equal(after[:, place], before[:, place])


def test_gradient_flows_from_the_own_segment_up_to_the_token_and_no_further(monkeypatch):
    network = made_network()
    into = network.embedded(TOKENS).requires_grad_()  # (1, T, D)
    parts = iter(into.split(4, 1))
    monkeypatch.setattr(network, "embedded", lambda _: next(parts))
    said = read_in_segments(network, TOKENS, 8)
    for place in range(TOKENS.shape[1]):
        (gradient,) = torch.autograd.grad(said[0, place, 3], into, retain_graph=True)
        reached = gradient[0].abs().sum(1).nonzero()[:, 0].tolist()
        assert reached == list(range(place // 4 * 4, place + 1))


@pytest.mark.parametrize(("n_memory", "n_segment"), [(0, 4), (4, 4), (8, 4), (8, 8)])
def test_tokens_one_by_one_say_what_segments_do(n_memory, n_segment):
    network = made_network(n_segment=n_segment)
    reader = XLReader(network, XLMemory(n_memory))
    found = np.stack([reader.read(token).log_probabilities for token in TOKENS[0].tolist()])
    expected = read_in_segments(network, TOKENS, n_memory)[0].log_softmax(-1)
    np.testing.assert_allclose(found, expected, atol=2e-5)


def test_a_reader_looks_at_its_memory_and_its_segment_alone():
    network = made_network()
    reader = XLReader(network, XLMemory(8, cut=12))
    seen = []
    for place, token in enumerate(TOKENS[0].tolist()):
        reading = reader.read(token)
        n_seen = reading.attention.shape[2]
        seen.append((reading.first, reading.first + n_seen - 1))
        assert seen[-1][1] == place
        np.testing.assert_allclose(reading.attention.sum(2, dtype=np.float32), 1, atol=2e-3)
    firsts = [first for first, _ in seen]
    assert firsts == [0] * 12 + [12] * 12


def test_what_is_cut_off_says_nothing_any_more():
    network = made_network()
    other = TOKENS[0].tolist()
    other[2], other[7] = 3, 5
    said = []
    for tokens in (TOKENS[0].tolist(), other):
        reader = XLReader(network, XLMemory(8, cut=12))
        said.append([reader.read(token).log_probabilities for token in tokens])
    assert all(np.array_equal(one, two) for one, two in zip(said[0][12:], said[1][12:], strict=True))
    assert not np.allclose(said[0][11], said[1][11])


def test_a_long_text_makes_room():
    network = made_network()
    reader = XLReader(network, XLMemory(8))
    said = [reader.read(token % 280).log_probabilities for token in range(300)]
    again = XLReader(network, XLMemory(8))
    assert all(np.array_equal(again.read(token % 280).log_probabilities, said[token]) for token in range(300))


@pytest.mark.long("computes for long")
@pytest.mark.parametrize("n_memory", [0, 2, 4])
def test_all_texts_of_a_tiny_model_are_certain_together(n_memory):
    network, total = made_network(n_vocab=3, n_segment=2, n_memory=4), 0.0
    for text in product(range(3), repeat=5):
        reader, bits = XLReader(network, XLMemory(n_memory)), 0.0
        for token, following in pairwise((0, *text)):
            bits += reader.read(token).log_probabilities[following]
        total += math.exp(bits)
    assert total == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("sizes", [{"width": 15}, {"n_heads": 0}, {"n_segment": 0}, {"n_heads": 3}])
def test_impossible_sizes_are_refused(sizes):
    with pytest.raises(ValueError, match="fit"):
        tiny_config(**sizes)
    assert XLConfig(8, 1, 1, 4, 4, 2, 2).n_seen == 4
