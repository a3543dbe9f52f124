"""The compiled step says what the decoder says, for every kind and with parts switched off, always in the same bits."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from plugins.transformer.foreign.loading import store_in_half, tie_head
from plugins.transformer.text.model.ablation_mask import AblationMask
from plugins.transformer.text.model.cache import KeyValueCache
from plugins.transformer.text.model.config import RopeScaling
from plugins.transformer.text.model.decoder import NOTHING_ABLATED, Decoder
from plugins.transformer.text.model.kernels import fused_step
from plugins.transformer.text.model.kernels.fused_step import FusedStep
from plugins.transformer.text.model.kernels.layer import head_step, layer_step
from plugins.transformer.text.model.probe import Probe
from plugins.transformer.text.model.reader import DecoderReader
from studio.api.kernel import prepare_kernels
from studio.compute.kernel_cache import are_kernels_ready
from tests.plugins.transformer.text.decoder_made import GEMMA, GPT2, KINDS, LLAMA, decoder, tokens

ROOT = Path(__file__).parents[5]
OTHERS = {
    "gelu": replace(GPT2, activation="gelu", head_bias=True, is_tied=False),
    "relu": replace(GPT2, activation="relu", attention_scale=0.3, has_pre_norms=False, has_post_norms=True),
    "one key": replace(LLAMA, n_kv_heads=1, sliding_window=5, sliding_layers=(1,), local_rope_base=100.0),
    "dynamic": replace(LLAMA, rope_scaling=RopeScaling("dynamic", 2.0, 8)),
    "alibi": replace(GPT2, positions="alibi", n_heads=6, n_kv_heads=3, alibi_scale=0.5, has_embedding_norm=True),
    "scales": replace(LLAMA, residual_scale=0.3, logit_scale=0.2, unturned_layers=(1,), has_qk_norm=True),
    "wide norms": replace(LLAMA, has_qk_norm=True, has_wide_qk_norm=True, has_sinks=True),
    "squared": replace(GPT2, activation="relu2", norm_offset=1.0, has_norm_bias=False),
    "odd widths": replace(LLAMA, width=27, head_width=6, mlp_width=13, rotary_share=0.34),
}
MUTED = AblationMask(frozenset({(0, 1), (2, 3)}), frozenset({1}), frozenset({0, 4, 11}))


def read_by_torch(model: Any, text: list[int], ablation: AblationMask = NOTHING_ABLATED) -> list[tuple[Any, Any, Any]]:
    """Log-probabilities, attention and norms at each token, read one by one by the decoder itself."""
    cache, found = KeyValueCache(model.config), []
    for token in text:
        probe = Probe()
        said = model(torch.tensor([[token]]), cache, probe, ablation)[0, 0].log_softmax(-1)
        found.append((said.numpy(), probe.all_attention()[0, :, :, 0].numpy(), probe.all_norms()[0, 0].numpy()))
    return found


def near(one: Any, other: Any) -> bool:
    """Within 1e-5 of the largest number."""
    return bool(np.abs(one - other).max() <= 1e-5 * max(1.0, np.abs(other).max()))


@torch.inference_mode()
@pytest.mark.parametrize("ablation", [NOTHING_ABLATED, MUTED], ids=["whole", "muted"])
@pytest.mark.parametrize("kind", [*KINDS, *OTHERS])
def test_it_says_what_the_decoder_says(kind, ablation):
    model = decoder({**KINDS, **OTHERS}[kind])
    step, cache, text = FusedStep.of(model), KeyValueCache(model.config), tokens()[0].tolist()
    assert step is not None
    for token, (said, attention, norms) in zip(text, read_by_torch(model, text, ablation), strict=True):
        found = step.read(token, cache, ablation)
        assert near(found.log_probabilities, said)
        assert near(found.norms, norms)
        assert np.abs(found.attention - attention).max() < 5e-4  # of float16
        assert found.attention.shape == attention.shape
    assert cache.n_tokens == len(text)


@torch.inference_mode()
@pytest.mark.parametrize("kind", [*KINDS, *OTHERS])
def test_the_logits_of_the_decoder_are_what_it_says_and_what_was_subtracted(kind):
    model = decoder({**KINDS, **OTHERS}[kind])
    step, cache, plain = FusedStep(model), KeyValueCache(model.config), KeyValueCache(model.config)
    for token in tokens()[0].tolist():
        found, logits = step.read(token, cache), model(torch.tensor([[token]]), plain)[0, 0].numpy()
        assert near(found.log_probabilities + np.float32(found.log_normaliser), logits)


@torch.inference_mode()
def test_it_goes_on_where_the_decoder_has_read_and_the_other_way_round():
    model = decoder(GEMMA)
    text = tokens()
    whole = model(text)[0].log_softmax(-1).numpy()
    cache, step = KeyValueCache(GEMMA), FusedStep(model)
    model(text[:, :9], cache)
    found = [step.read(int(token), cache).log_probabilities for token in text[0, 9:15]]
    found += list(model(text[:, 15:], cache)[0].log_softmax(-1).numpy())
    assert near(np.stack(found), whole[9:])


def read_and_kept(step, token, cache):
    found = step.read(token, cache)
    return replace(found, attention=found.attention.copy())


@torch.inference_mode()
def test_the_same_text_gives_the_same_bits_after_going_back_too():
    model, text = decoder(GPT2), tokens()[0].tolist()
    cache, step = KeyValueCache(GPT2), FusedStep(model)
    first = [read_and_kept(step, token, cache) for token in text]
    cache.crop(7)
    again = [read_and_kept(step, token, cache) for token in text[7:]]
    for one, other in zip(again, first[7:], strict=True):
        assert np.array_equal(one.log_probabilities, other.log_probabilities)
        assert np.array_equal(one.attention, other.attention)
        assert np.array_equal(one.norms, other.norms)


@torch.inference_mode()
def test_large_scores_and_large_vocabularies_stay_sound():
    """Scores of hundreds, where a careless exponential overflows."""
    model = decoder(replace(GPT2, n_vocab=5000))
    for block in model.blocks:
        block.attention.qkv.weight.mul_(12)
        block.mlp.up.weight.mul_(20)
    text, cache, step = tokens()[0].tolist(), KeyValueCache(model.config), FusedStep(model)
    for token, (said, attention, _) in zip(text, read_by_torch(model, text), strict=True):
        found = step.read(token, cache)
        assert np.abs(found.log_probabilities - said).max() < 1e-3 * np.abs(said).max()
        assert np.abs(found.attention - attention).max() < 5e-3
        assert np.exp(found.log_probabilities.astype(np.float64)).sum() == pytest.approx(1, abs=1e-5)


def test_weights_in_half_and_in_double_are_read_by_the_decoder():
    assert FusedStep.of(store_in_half(Decoder(LLAMA), torch.bfloat16)) is None
    assert FusedStep.of(decoder(LLAMA).double()) is None
    model = store_in_half(decoder(LLAMA), torch.bfloat16).requires_grad_(False)
    tie_head(model)
    *_, last = DecoderReader(model).readings(tokens()[0].tolist(), 4, 19)
    assert last.norms.shape == (1, 4)


def test_every_kind_of_model_is_read_by_the_same_machine_code():
    """What was compiled for one decoder must fit all: compiling takes seconds, and the window would wait."""
    for config in (*KINDS.values(), *OTHERS.values()):
        FusedStep(decoder(config)).read(1, KeyValueCache(config), MUTED)
    assert len(layer_step.signatures) == len(head_step.signatures) == 1  # type: ignore[attr-defined]


@pytest.mark.long("starts processes of its own")
def test_after_the_warm_up_nothing_is_compiled_any_more():
    prepare_kernels(fused_step.WARM_UP)
    assert are_kernels_ready(fused_step.WARM_UP)
    work = """
import sys
from numba.core.dispatcher import Dispatcher
from tests.plugins.transformer.text.decoder_made import small_engine
from plugins.transformer.text.params import TransformerParams
list(small_engine().generate(TransformerParams(prompt="to be", length=3)))
print(*{
    f"{name}.{kernel.py_func.__name__}"
    for name, module in sys.modules.items() if name.startswith("plugins.")
    for kernel in vars(module).values() if isinstance(kernel, Dispatcher) and kernel.stats.cache_misses
})
"""
    environment = {**os.environ, "PYTHONPATH": os.fspath(ROOT)}
    done = subprocess.run([sys.executable, "-c", work], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []
