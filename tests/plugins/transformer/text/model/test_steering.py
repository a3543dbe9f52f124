"""Steering: the vector that is added, the line that asks for it, the direction and where it does most."""

import numpy as np
import pytest
import torch

from plugins.transformer.text.interpret.ablation import TokenSwap
from plugins.transformer.text.interpret.readout import next_probabilities
from plugins.transformer.text.interpret.steer_search import UNIT, DirectionFinder
from plugins.transformer.text.model.ablation_mask import AblationMask
from plugins.transformer.text.model.cache import KeyValueCache
from plugins.transformer.text.model.kernels.fused_step import FusedStep
from plugins.transformer.text.model.steering import Steering
from studio.core.error import UserError
from studio.core.pausing import result_of
from studio.core.text.steer_slider import SteerSlider, sliders_of, sliders_text
from tests.plugins.transformer.text.decoder_made import KINDS, decoder, small_engine, tokens


def hooked(model, vectors, ids):
    """Logits with the vectors added by hooks of torch."""
    hooks = [
        model.blocks[layer].register_forward_hook(lambda _, __, out, one=one: out + torch.from_numpy(one))
        for layer, one in vectors.items()
    ]
    try:
        return model(ids)
    finally:
        for hook in hooks:
            hook.remove()


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_added_is_what_a_hook_adds_read_whole_or_token_by_token(kind):
    model, ids = decoder(KINDS[kind]), tokens(1, 12)
    random = np.random.default_rng(1)
    vectors = {layer: random.normal(size=32).astype(np.float32) for layer in (0, 2)}
    mask = AblationMask(steering=Steering("made", vectors))
    expected = hooked(model, vectors, ids)
    assert torch.equal(model(ids, ablation=mask), expected)
    step, cache = FusedStep(model), KeyValueCache(model.config)
    said = [step.read(token, cache, mask).log_probabilities for token in ids[0].tolist()]
    assert np.allclose(np.stack(said), expected[0].log_softmax(-1).numpy(), atol=2e-4)


def test_a_strength_of_zero_changes_no_bit_and_adds_nothing():
    engine = small_engine()
    zero = engine._ablation('\n+0 "To be" - "that is"')
    assert not zero
    assert zero.steering.vectors == {}


def test_every_look_is_into_the_steered_network():
    engine = small_engine()
    ids, change = engine.tokenizer.encode("To be, or not to be"), '\n+80 "To be" - "that is" layer 2'
    wanted = next_probabilities(engine.decoder, ids, engine._ablation(change))
    assert np.abs(wanted - next_probabilities(engine.decoder, ids, engine._ablation(""))).max() > 1e-3
    most = pytest.approx(float(wanted.max()), rel=1e-3)
    assert engine.path(ids, change).probabilities[-1, 0] == most
    assert result_of(engine.layers(ids, change)).probabilities[-1, -1] == most
    assert result_of(engine.tree(ids, 2, 2, change))[0].share == most
    effect = engine.swapped(ids, TokenSwap(1, 2, False, "be"), change).effect
    assert max(before for _, before, _ in effect.rows()) == most
    plain, steered = engine.attention(ids), engine.attention(ids, change)
    assert np.array_equal(plain[:2], steered[:2])
    assert not np.array_equal(plain[2], steered[2])


def test_lines_are_read_as_they_are_written():
    sliders = (SteerSlider(30.0, 'a "b"\nc', "d", 2), SteerSlider(-7.25, "x", "y"), SteerSlider(5, feature=11))
    assert sliders_of(sliders_text(sliders)) == sliders


@pytest.mark.parametrize(
    "text", ['30 "a"', '30 "a" - "a"', '30 "" - "b"', '101 "a" - "b"', "5 feature 0", "x", '9 "a" - "b" layer 0']
)
def test_other_lines_are_refused_in_a_sentence(text):
    with pytest.raises(UserError):
        sliders_of(text)


def test_a_direction_is_the_difference_of_means_as_long_as_the_stream():
    engine = small_engine()
    model, cutter = engine.decoder, engine.tokenizer
    texts, streams = ("question\nnobler", "suffer"), []
    for text in texts:
        rows = []
        for line in text.split("\n"):
            x = model.embedded(torch.tensor([[*cutter.opening, *cutter.encode(f" {line}", with_start=False)]]))
            for layer in range(2):
                x = model.layer(layer, x)
            rows.append(x[0, 1:])
        streams.append(torch.cat(rows))
    difference = streams[0].mean(0) - streams[1].mean(0)
    length = torch.cat(streams).norm(dim=-1).median()
    layer, step = DirectionFinder(model, cutter, None).step(SteerSlider(1, *texts, 1))
    assert layer == 1
    assert np.allclose(step, (difference / difference.norm() * length).numpy(), atol=1e-4)


def test_the_layers_are_ranked_by_what_whole_passes_say():
    engine = small_engine()
    finder = DirectionFinder(engine.decoder, engine.tokenizer, None)
    *_, found = finder.search("question", "suffer")
    ids = torch.tensor([[*engine.tokenizer.opening, *finder._own_text()[0]]])
    sides = finder._sides("question", "suffer")
    plain = engine.decoder(ids)[0].log_softmax(-1)
    for effect in found.effects:
        step = finder.step(SteerSlider(1, "question", "suffer", effect.layer))[1] * np.float32(UNIT / 100)
        odds, bits = [], []
        for sign in (1, -1):
            mask = AblationMask(steering=Steering("x", {effect.layer: (sign * step).astype(np.float32)}))
            said = engine.decoder(ids, ablation=mask)[0].log_softmax(-1)
            bits.append(float((plain.exp() * (plain - said)).sum(-1).mean()) / np.log(2))
            odds.append(float((said[:, sides[0]].logsumexp(-1) - said[:, sides[1]].logsumexp(-1)).mean()))
        assert effect.odds == pytest.approx((odds[0] - odds[1]) / 2, abs=1e-4)
        assert effect.bits == pytest.approx(sum(bits) / 2, abs=1e-4)
    assert found.best == max(found.effects, key=lambda one: one.odds).layer
