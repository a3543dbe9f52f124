"""The decoder: with a cache and without, cut back, forked, in a batch; parts switched off by hand; the logit lens."""

import json
from dataclasses import replace
from typing import Any

import pytest
import torch
import torch.nn.functional as F

from plugins.transformer.text.model.ablation_mask import AblationMask, ablation_mask_of
from plugins.transformer.text.model.cache import KeyValueCache
from plugins.transformer.text.model.config import RopeScaling, config_from_json, config_to_json
from plugins.transformer.text.model.decoder import Decoder
from plugins.transformer.text.model.probe import Probe
from plugins.transformer.text.model.rotary import rotated, rotations
from studio.core.error import UserError
from tests.plugins.transformer.text.decoder_made import GEMMA, GPT2, KINDS, LLAMA, decoder, tokens


@pytest.fixture(scope="module", params=KINDS, ids=list(KINDS))
def model(request):
    return decoder(KINDS[request.param])


def near(one: Any, other: Any) -> None:
    torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)


@torch.inference_mode()
def test_with_a_cache_it_says_the_same_as_without(model):
    text = tokens(2)
    whole = model(text, probe=Probe())
    near(model(text), whole)
    cache = KeyValueCache(model.config, 2)
    parts = [model(text[:, :9], cache), model(text[:, 9:12], cache)]
    parts += [model(text[:, place : place + 1], cache) for place in range(12, 20)]
    near(torch.cat(parts, 1), whole)
    assert cache.n_tokens == 20


@torch.inference_mode()
def test_a_cache_that_was_cut_back_goes_on_with_another_text(model):
    text, other = tokens(), tokens(seed=6)
    mixed = torch.cat((text[:, :8], other[:, :5]), 1)
    cache = KeyValueCache(model.config)
    model(text, cache)
    cache.crop(8)
    near(model(other[:, :5], cache), model(mixed)[:, 8:])
    with pytest.raises(ValueError, match="cannot be cut"):
        cache.crop(14)


@torch.inference_mode()
def test_a_forked_cache_follows_each_text_by_itself(model):
    text, ends = tokens(), tokens(3, 4, seed=8)
    cache = KeyValueCache(model.config)
    model(text, cache)
    forked = cache.fork(3)
    said = model(ends, forked)
    near(said, model(torch.cat((text.expand(3, -1), ends), 1))[:, 20:])
    picked = forked.select(torch.tensor([2, 0]))
    near(model(ends[:2, :1], picked), model(torch.cat((text.expand(2, -1), ends[[2, 0]], ends[:2, :1]), 1))[:, 24:])
    assert (cache.n_tokens, forked.n_texts, picked.n_texts) == (20, 3, 2)


@torch.inference_mode()
def test_no_token_sees_a_later_one(model):
    text = tokens()
    changed = text.clone()
    changed[0, 12:] = (changed[0, 12:] + 1) % model.config.n_vocab
    near(model(text)[:, :12], model(changed)[:, :12])
    assert not torch.allclose(model(text)[:, 12:], model(changed)[:, 12:], atol=1e-2)


@torch.inference_mode()
def test_attention_is_a_distribution_over_what_may_be_seen(model):
    probe = Probe(wants_streams=True)
    model(tokens(), probe=probe)
    weights = probe.all_attention()[0]
    assert weights.shape == (3, 4, 20, 20)
    near(weights.sum(-1), torch.ones(3, 4, 20))
    row, column = torch.arange(20)[:, None], torch.arange(20)[None]
    for layer in range(3):
        window = model.config.window_of(layer) or 20
        hidden = (column > row) | (column <= row - window)
        assert float(weights[layer][:, hidden].abs().max()) == 0
    near(probe.all_norms()[0, :, -1], probe.streams[-1][0].norm(dim=-1))


@torch.inference_mode()
def test_a_muted_head_is_one_whose_output_is_zeroed_by_hand(model):
    text, width = tokens(), model.config.head_width
    muted = model(text, ablation=AblationMask(frozenset({(1, 2)})))
    by_hand = decoder(model.config)
    by_hand.blocks[1].attention.out.weight[:, 2 * width : 3 * width] = 0
    near(muted, by_hand(text))
    assert not torch.allclose(muted, model(text), atol=1e-3)


@torch.inference_mode()
def test_a_muted_layer_adds_nothing(model):
    text = tokens()
    probe = Probe(wants_streams=True)
    model(text, probe=probe, ablation=AblationMask(layers=frozenset({1})))
    assert torch.equal(probe.streams[1], probe.streams[2])
    assert not torch.equal(probe.streams[0], probe.streams[1])


@torch.inference_mode()
def test_nobody_looks_at_a_muted_word(model):
    probe, ablation = Probe(), AblationMask(words=frozenset({4}))
    text = tokens()
    whole = model(text, probe=probe, ablation=ablation)
    weights = probe.all_attention()[0]
    assert float(weights[:, :, 5:, 4].abs().max()) == 0
    near(weights.sum(-1), torch.ones(3, 4, 20))
    cache = KeyValueCache(model.config)
    parts = [model(text[:, :7], cache, ablation=ablation)]
    parts += [model(text[:, place : place + 1], cache, ablation=ablation) for place in range(7, 20)]
    near(torch.cat(parts, 1), whole)


@torch.inference_mode()
def test_the_lens_at_the_last_layer_is_the_output(model):
    probe = Probe(wants_streams=True)
    said = model(tokens(), probe=probe)
    near(model.logits(probe.streams[-1]), said)
    assert len(probe.streams) == 4


@torch.inference_mode()
def test_soft_caps_bound_what_is_said():
    model = decoder(GEMMA)
    assert float(model(tokens()).abs().max()) < GEMMA.logit_cap
    free = decoder(replace(GEMMA, attention_cap=0.0, logit_cap=0.0))
    assert not torch.allclose(model(tokens()), free(tokens()), atol=1e-2)


@torch.inference_mode()
def test_gpt2_in_few_lines_says_the_same():
    """Attention and MLP as the paper writes them, token by token, head by head."""
    model, text = decoder(GPT2), tokens()[0]
    x = model.tokens.weight[text] + model.positions.weight[:20]
    for block in model.blocks:
        q, k, v = block.attention.qkv(block.attention_norm(x)).chunk(3, -1)
        heads = []
        for head in range(4):
            part = slice(8 * head, 8 * head + 8)
            scores = q[:, part] @ k[:, part].T / 8**0.5
            scores.masked_fill_(torch.ones(20, 20).triu(1).bool(), float("-inf"))
            heads.append(scores.softmax(-1) @ v[:, part])
        x = x + block.attention.out(torch.cat(heads, -1))
        x = x + block.mlp.down(F.gelu(block.mlp.up(block.mlp_norm(x)), approximate="tanh"))
    near(model.norm(x) @ model.tokens.weight.T, model(text[None])[0])


def test_rotations_turn_pairs_by_angles_that_grow_with_the_place():
    cosines, sines = rotations(LLAMA, 10, 0)
    x = torch.randn(10, 8, generator=torch.Generator().manual_seed(2))
    turned = rotated(x, cosines, sines)
    for place in range(10):
        for pair in range(4):
            angle = place * 10_000.0 ** (-pair / 4)
            was = complex(x[place, pair], x[place, pair + 4])
            now = was * complex(torch.cos(torch.tensor(angle)), torch.sin(torch.tensor(angle)))
            assert abs(complex(turned[place, pair], turned[place, pair + 4]) - now) < 1e-5


def test_what_queries_and_keys_say_depends_on_their_distance_alone():
    cosines, sines = rotations(LLAMA, 64, 0)
    q, k = torch.randn(2, 8, generator=torch.Generator().manual_seed(4))
    products = [
        float(rotated(q, cosines[place + 5], sines[place + 5]) @ rotated(k, cosines[place], sines[place]))
        for place in range(0, 50, 7)
    ]
    assert max(products) - min(products) < 1e-5


@pytest.mark.parametrize("kind", ["dynamic", "longrope"])
def test_positions_that_depend_on_the_length_change_beyond_the_first_context(kind):
    scaling = RopeScaling(kind, 2.0, 16, short_factors=(1.0,) * 4, long_factors=(3.0,) * 4)
    config = replace(LLAMA, rope_scaling=scaling)
    within, beyond = rotations(config, 8, 16)[0], rotations(config, 8, 17)[0]
    torch.testing.assert_close(rotations(config, 8, 5)[0], within)
    assert not torch.allclose(within, beyond)


def test_a_configuration_comes_back_from_json_and_a_wrong_one_does_not():
    for config in (*KINDS.values(), replace(LLAMA, rope_scaling=RopeScaling("yarn", 4.0, 32))):
        assert config_from_json(json.loads(json.dumps(config_to_json(config)))) == config
    values = json.loads(json.dumps(config_to_json(LLAMA)))
    for wrong in (
        {"width": 0},
        {"width": -8},
        {"width": 1 << 40},
        {"width": 8.0},
        {"norm": "batch"},
        {"n_heads": 3},
        {"rope_base": float("inf")},
        {"is_tied": 1},
        {"rotary_share": 0.2},
        {"more": 1},
        {"sliding_layers": 3},
        {"rope_scaling": {"kind": "none"}},
    ):
        with pytest.raises((ValueError, TypeError)):
            config_from_json(values | wrong)
    with pytest.raises(ValueError, match="fields"):
        config_from_json({"width": 8})


def test_what_is_off_is_written_and_read():
    ablation = AblationMask(frozenset({(2, 4), (0, 0)}), frozenset({1}), frozenset({11}))
    assert ablation.text == "head 1.1, head 3.5, layer 2, word 12"
    assert ablation_mask_of(ablation.text) == ablation
    assert not ablation_mask_of("")
    for wrong in ("head 3", "layer 0", "word -1", "head 0.1", "everything", "layer 1 2"):
        with pytest.raises(UserError, match="switch off"):
            ablation_mask_of(wrong)


def test_training_and_reading_agree():
    model = Decoder(LLAMA, dropout=0.0)
    text = tokens(2)
    near(model.train()(text), model.eval()(text))
