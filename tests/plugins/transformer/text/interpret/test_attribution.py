"""Leaving words out in few passes against muting each in a pass of its own; ways on against texts of their own."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from plugins.transformer.text.interpret import attribution
from plugins.transformer.text.interpret.attribution import stretches, token_attribution
from plugins.transformer.text.interpret.readout import logit_lens_at_end, next_probabilities
from plugins.transformer.text.interpret.tree_search import MAX_WAYS, continuation_tree
from plugins.transformer.text.model.ablation_mask import AblationMask
from plugins.transformer.text.model.attention_mask import TreeAttention
from plugins.transformer.text.model.cache import KeyValueCache
from plugins.transformer.text.model.config import MAX_TOKENS, MIN_TOKENS, fitting_threads, pass_tokens, token_flops
from plugins.transformer.text.model.decoder import NOTHING_ABLATED, Decoder
from studio.core.pausing import result_of
from tests.plugins.transformer.text.decoder_made import GEMMA, KINDS, LLAMA, decoder, tokens

TOKEN = 17
N_TEXT = 12


@pytest.mark.parametrize("n_pass", [3, 16, 256])
@pytest.mark.parametrize("kind", list(KINDS))
def test_every_word_is_left_out_as_if_alone(kind, n_pass, monkeypatch):
    monkeypatch.setattr(attribution, "pass_tokens", lambda config: n_pass)
    model, ids = decoder(KINDS[kind]), tokens()[0].tolist()
    found = result_of(token_attribution(model, ids, TOKEN))
    whole = next_probabilities(model, ids, NOTHING_ABLATED)[TOKEN]
    for word in range(len(ids)):
        share = next_probabilities(model, ids, AblationMask(words=frozenset({word})))[TOKEN]
        assert found.left_out[word] == pytest.approx(math.log2(whole / share), abs=1e-4)
    assert found.left_out[-1] == 0
    assert np.abs(found.left_out).max() > 0.01
    assert np.abs(found.gradient).sum() == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("word", [9, 10, 11, 40])
def test_words_are_switched_off_by_their_place_in_the_whole_text(word):
    """Of a text that is ten tokens longer than the context, the first ten are not seen."""
    model, ids = decoder(LLAMA), tokens(n_tokens=LLAMA.n_context + 10)[0].tolist()
    off, nothing = AblationMask(words=frozenset({word})), AblationMask()
    seen = AblationMask(words=frozenset({word - 10} if word >= 10 else ()))
    assert np.array_equal(next_probabilities(model, ids, off), next_probabilities(model, ids[10:], seen))
    assert np.array_equal(next_probabilities(model, ids, off), next_probabilities(model, ids, nothing)) == (word < 10)
    late, early = logit_lens_at_end(model, ids, off), logit_lens_at_end(model, ids[10:], seen)
    assert np.array_equal(late.probabilities, early.probabilities)


def test_the_gradient_is_that_of_one_way_back_through_all_layers():
    model, ids = decoder(GEMMA), tokens()[0].tolist()
    x = model.embedded(torch.tensor([ids])).detach().requires_grad_()
    model.logits(model.hidden(x)[0, -1]).log_softmax(-1)[TOKEN].backward()
    assert x.grad is not None
    product = (x.grad[0] * x.detach()[0]).sum(-1)
    found = result_of(token_attribution(model, ids, TOKEN)).gradient
    assert found == pytest.approx((product / product.abs().sum()).numpy(), abs=1e-6)


def test_only_what_the_context_holds_can_matter():
    model, ids = decoder(LLAMA), tokens(n_tokens=LLAMA.n_context + 9)[0].tolist()
    found = result_of(token_attribution(model, ids, TOKEN))
    assert not found.left_out[:9].any()
    assert not found.gradient[:9].any()
    assert np.count_nonzero(found.left_out[9:]) == LLAMA.n_context - 1


@pytest.mark.parametrize(("n_tokens", "n_pass"), [(1, 4), (2, 1), (9, 4), (20, 7), (30, 1000)])
def test_passes_cover_what_comes_after_each_word_and_are_of_bounded_size(n_tokens, n_pass):
    passes = list(stretches(n_tokens, n_pass))
    assert all(sum(end - begin for _, begin, end in pieces) <= n_pass for pieces in passes)
    read: dict[int, list[int]] = {word: [] for word in range(n_tokens - 1)}
    for pieces in passes:
        for word, begin, end in pieces:
            read[word] += range(begin, end)
        assert len(pieces) == 1 or all((begin, end) == (word + 1, n_tokens) for word, begin, end in pieces)
    assert all(places == list(range(word + 1, n_tokens)) for word, places in read.items())


@pytest.mark.parametrize("config", [*KINDS.values(), replace(LLAMA, is_gated=False, n_kv_heads=1)])
def test_the_work_of_a_token_is_two_for_each_weight_of_a_matrix(config):
    n_weights = sum(weight.numel() for weight in Decoder(config).blocks.parameters() if weight.dim() == 2)
    assert token_flops(config) == 2 * n_weights


def test_large_models_give_way_more_often_and_small_passes_have_one_thread():
    large = replace(LLAMA, n_layers=40, width=4096, mlp_width=8192)
    assert (pass_tokens(LLAMA), pass_tokens(large)) == (MAX_TOKENS, MIN_TOKENS)
    torch.set_num_threads(2)
    for config, n_threads in ((LLAMA, 1), (large, 2)):
        with fitting_threads(config, 64):
            assert torch.get_num_threads() == n_threads
        assert torch.get_num_threads() == 2


@torch.inference_mode()
@pytest.mark.parametrize("ablation", [NOTHING_ABLATED, AblationMask(frozenset({(1, 0)}), words=frozenset({3, 8}))])
@pytest.mark.parametrize("kind", list(KINDS))
def test_ways_on_that_are_read_side_by_side_are_read_as_alone(kind, ablation):
    """Two tokens after the text, two after each of them."""
    model, text, ends = decoder(KINDS[kind]), tokens(n_tokens=N_TEXT), tokens(1, 6, seed=8)[0]
    cache = KeyValueCache(model.config)
    model(text, cache, ablation=ablation)
    visible = torch.zeros(4, N_TEXT + 6, dtype=torch.bool)
    visible[:, :N_TEXT] = True
    visible[torch.arange(2), N_TEXT + torch.arange(2)] = True
    positions = torch.tensor([*range(N_TEXT), *[N_TEXT] * 2, *[N_TEXT + 1] * 4])
    near = model(ends[None, :2], cache, ablation=ablation, ways=TreeAttention(positions[:-4], visible[:2, :-4]))[0]
    parents = torch.tensor([0, 0, 1, 1])
    visible[:, N_TEXT : N_TEXT + 2] = torch.nn.functional.one_hot(parents).bool()
    visible[torch.arange(4), N_TEXT + 2 + torch.arange(4)] = True
    far = model(ends[None, 2:], cache, ablation=ablation, ways=TreeAttention(positions, visible))[0]
    for row in range(4):
        alone = model(torch.cat((text[0], ends[parents[row]][None], ends[2 + row][None]))[None], ablation=ablation)[0]
        torch.testing.assert_close(near[parents[row]], alone[-2], rtol=1e-4, atol=1e-4)
        torch.testing.assert_close(far[row], alone[-1], rtol=1e-4, atol=1e-4)


@torch.inference_mode()
@pytest.mark.parametrize("kind", list(KINDS))
def test_a_tree_of_many_ways_has_the_shares_of_texts_of_their_own(kind):
    model, text = decoder(KINDS[kind]), tokens(n_tokens=N_TEXT)
    cache = KeyValueCache(model.config)
    values = model(text, cache)[0, -1].log_softmax(-1).numpy()
    blocks = result_of(continuation_tree(model, cache, values, 5, 4, NOTHING_ABLATED))
    assert len(blocks) == 5 + 25 + 125 + 5 * MAX_WAYS
    assert cache.n_tokens == N_TEXT
    for number in (0, 7, 60, 154, 155, 300, len(blocks) - 1):
        way: list[int] = []
        parent = blocks[number].parent
        while parent >= 0:
            way.insert(0, blocks[parent].token)
            parent = blocks[parent].parent
        shares = next_probabilities(model, [*text[0].tolist(), *way], NOTHING_ABLATED)
        assert blocks[number].share == pytest.approx(shares[blocks[number].token], rel=1e-3)


def test_a_tree_ends_where_the_context_does():
    model, text = decoder(LLAMA), tokens(n_tokens=LLAMA.n_context - 1)
    cache = KeyValueCache(LLAMA)
    with torch.inference_mode():
        values = model(text, cache)[0, -1].log_softmax(-1).numpy()
    blocks = result_of(continuation_tree(model, cache, values, 2, 5, NOTHING_ABLATED))
    assert max(block.depth for block in blocks) == 2
