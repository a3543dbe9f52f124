"""GGUF files say the same here and in the libraries that wrote them; hostile ones get a sentence."""

import re
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.transformer.foreign.gguf.blocks import BLOCKS, dequantise
from plugins.transformer.foreign.gguf.file import MAX_HEADER_BYTES, read_gguf
from plugins.transformer.foreign.gguf.loading import load_gguf, quantised_matrices, quantised_rows
from plugins.transformer.foreign.gguf.model import read_gguf_model
from plugins.transformer.foreign.gguf.tokenizer import gguf_tokenizer
from plugins.transformer.foreign.model import forecast, open_foreign
from plugins.transformer.foreign.weight_plan import n_params
from plugins.transformer.importers import GgufImporter
from plugins.transformer.text.engine import TransformerEngine
from plugins.transformer.text.model.cache import KeyValueCache
from plugins.transformer.text.model.kernels.fused_step import FusedStep
from plugins.transformer.text.model.kernels.matrix import multiply
from plugins.transformer.text.model.kernels.step_weights import Matrix
from plugins.transformer.text.model.quantised_layers import Quantisation, QuantisedLinear
from plugins.transformer.text.model.tokenizer import Specials
from studio.api.engine import ModelSource
from studio.api.kernel import kernel
from studio.compute.device import choose_device
from studio.core.error import UserError
from studio.core.inspection import inspect_file
from studio.core.pausing import result_of
from studio.core.text.steer_slider import SteerSlider
from tests.plugins.transformer.foreign.made_folder import need_transformers
from tests.plugins.transformer.foreign.made_gguf import N_VOCAB, need_gguf, write_gguf

CPU = torch.device("cpu")
IDS = torch.randint(0, N_VOCAB, (1, 12), generator=torch.Generator().manual_seed(0))
SIZES: dict[str, Any] = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "vocab_size": N_VOCAB,
    "max_position_embeddings": 64,
}


def made(kind: str = "Llama", **settings: Any) -> Any:
    transformers = need_transformers()
    torch.manual_seed(5)
    config = getattr(transformers, f"{kind}Config")(**{**SIZES, **settings})
    model = getattr(transformers, f"{kind.removesuffix('Text')}ForCausalLM")(config).eval().requires_grad_(False)
    for weights in model.parameters():
        weights.add_(0.1 * torch.randn(weights.shape))
    return model


def assert_close(found: torch.Tensor, wanted: torch.Tensor, tolerance: float = 1e-4) -> None:
    assert (found - wanted).abs().max() <= tolerance * wanted.abs().max()


@pytest.mark.parametrize("kind", BLOCKS)
def test_blocks_are_those_of_the_library(kind: int) -> None:
    gguf = need_gguf()
    theirs, block = gguf.GGMLQuantizationType(kind), BLOCKS[kind]
    assert (block.title, (block.n_numbers, block.n_bytes)) == (theirs.name, tuple(gguf.GGML_QUANT_SIZES[theirs]))
    data = np.random.default_rng(kind).integers(0, 256, (40, block.n_bytes), dtype=np.uint8)
    with np.errstate(all="ignore"):  # random scales may be no numbers
        wanted, found = gguf.dequantize(data, theirs), dequantise(kind, data.reshape(-1))
    np.testing.assert_array_equal(found, wanted.reshape(-1))


@pytest.mark.parametrize("kind", ["Llama", "Qwen2", "Qwen3"])
@pytest.mark.parametrize("is_tied", [False, True])
def test_models_say_what_the_library_says(tmp_path: Path, kind: str, is_tied: bool) -> None:
    more = {"head_dim": 16} if kind == "Qwen3" else {}
    model, path = made(kind, tie_word_embeddings=is_tied, **more), tmp_path / "tiny.gguf"
    write_gguf(path, model, kind.casefold())
    found = read_gguf_model(path)
    assert found.config.is_tied is is_tied
    assert found.warnings == ()
    decoder = load_gguf(found, torch.float32, CPU)
    assert_close(decoder(IDS, KeyValueCache(found.config)), model(IDS).logits)


OTHERS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "gemma": ("Gemma", {"head_dim": 16}, {}),
    "gemma2": (
        "Gemma2",
        {"head_dim": 16, "sliding_window": 4, "query_pre_attn_scalar": 16},
        {"attention.sliding_window": 4},
    ),
    "gemma3": (
        "Gemma3Text",
        {
            "head_dim": 16,
            "sliding_window": 4,
            "query_pre_attn_scalar": 16,
            "sliding_window_pattern": 6,
            "num_hidden_layers": 7,
        },
        {"attention.sliding_window": 4, "rope.freq_base_swa": 1e4},
    ),
    "phi3": ("Phi3", {"pad_token_id": 0, "sliding_window": 4}, {"attention.sliding_window": 4}),
    "granite": (
        "Granite",
        {"embedding_multiplier": 3.0, "attention_multiplier": 0.2, "residual_multiplier": 0.4, "logits_scaling": 2.0},
        {"embedding_scale": 3.0, "attention.scale": 0.2, "residual_scale": 0.4, "logit_scale": 2.0},
    ),
    "smollm3": ("SmolLM3", {"num_hidden_layers": 5, "no_rope_layer_interval": 4, "pad_token_id": 0}, {}),
}


@pytest.mark.parametrize("architecture", OTHERS)
def test_other_architectures_say_what_the_library_says(tmp_path: Path, architecture: str) -> None:
    kind, settings, more = OTHERS[architecture]
    model, path = made(kind, **{"tie_word_embeddings": "gemma" in architecture, **settings}), tmp_path / "tiny.gguf"
    write_gguf(path, model, architecture, **{f"{architecture}.{name}": value for name, value in more.items()})
    found = read_gguf_model(path)
    assert found.warnings == ()
    decoder = load_gguf(found, torch.float32, CPU)
    assert_close(decoder(IDS, KeyValueCache(found.config)), model(IDS).logits)


@pytest.mark.parametrize(("kind", "tolerance"), [("F16", 2e-3), ("BF16", 2e-2), ("Q8_0", 3e-2), ("Q4_0", 0.5)])
def test_blocks_open_as_what_they_stand_for(tmp_path: Path, kind: str, tolerance: float) -> None:
    gguf = need_gguf()
    model, path = made(), tmp_path / "tiny.gguf"
    write_gguf(path, model, kind=gguf.GGMLQuantizationType[kind])
    found = read_gguf_model(path)
    assert found.weights.dtype == kind
    decoder = load_gguf(found, torch.float32, CPU)
    assert_close(decoder(IDS), model(IDS).logits, tolerance)
    stored = gguf.GGUFReader(path).get_tensor(0)
    wanted = torch.from_numpy(gguf.dequantize(stored.data, stored.tensor_type))
    torch.testing.assert_close(decoder.tokens.weight, wanted, rtol=0, atol=0)


@pytest.mark.parametrize("kind", [kind for kind, block in BLOCKS.items() if block.n_bits])
def test_what_stays_quantised_stands_for_the_same_numbers(kind: int) -> None:
    block = BLOCKS[kind]
    data = np.random.default_rng(kind).integers(0, 60, (6, 512 // block.n_numbers * block.n_bytes), dtype=np.uint8)
    wanted = torch.from_numpy(dequantise(kind, data.reshape(-1))).view(6, 512)
    for how in {Quantisation(block.n_bits, block.has_minima), Quantisation(8, True)}:
        layer = QuantisedLinear(6, 512, how)
        layer.load_state_dict(quantised_rows(kind, data.reshape(-1), 512, how), assign=True)
        torch.testing.assert_close(layer.rows(np.array([5, 0])), wanted[[5, 0]])
        x = torch.randn(512, generator=torch.Generator().manual_seed(kind))
        product = multiplied(layer, x.numpy())
        torch.testing.assert_close(
            torch.from_numpy(product), wanted @ x, rtol=1e-4, atol=1e-4 * float(wanted.abs().max())
        )
        assert sum(part.nbytes for part in layer.state_dict().values()) == how.n_bytes(6 * 512)


@kernel()
def _product(matrix: Any, x: Any, y: Any) -> None:
    multiply(matrix, x, np.zeros(0, np.float32), y)


def multiplied(layer: QuantisedLinear, x: Any) -> Any:
    """By the compiled loop for one token."""
    codes, scales, minima = (getattr(layer, name).numpy() for name in ("codes", "scales", "minima"))
    y = np.empty(len(layer.codes), np.float32)
    nothing = np.zeros((0, 0), np.float32)
    _product(Matrix(nothing, codes, scales, minima, nothing, nothing), x, y)
    return y


@pytest.mark.parametrize("kind", ["Q4_0", "Q4_1", "Q5_1", "Q8_0"])
@pytest.mark.parametrize("is_tied", [False, True])
def test_a_quantised_file_stays_so_and_says_the_same(tmp_path: Path, kind: str, is_tied: bool) -> None:
    path = tmp_path / "tiny.gguf"
    write_gguf(path, made(tie_word_embeddings=is_tied), kind=need_gguf().GGMLQuantizationType[kind])
    source, device = result_of(GgufImporter().load(path)), choose_device("cpu")
    kept = open_foreign(source, device).decoder
    plain = open_foreign(ModelSource(source.id, path, {**source.card, "precision": "float32"}), device).decoder
    assert kept.tokens.codes.dtype == torch.uint8
    assert_close(kept(IDS), plain(IDS))
    step, cache = FusedStep.of(kept), KeyValueCache(kept.config)
    assert step is not None
    found = np.stack([step.read(int(token), cache).log_probabilities for token in IDS[0]])
    assert_close(torch.from_numpy(found), plain(IDS)[0].log_softmax(-1))
    assert forecast(kept.config, torch.float32, quantised_matrices(read_gguf_model(path))).weights < 0.5 * 4 * n_params(
        kept.config
    )


@pytest.mark.parametrize("kind", ["Q4_0", "Q8_0"])
def test_a_quantised_model_is_steered_as_a_hook_would(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "tiny.gguf"
    write_gguf(path, made(), kind=need_gguf().GGMLQuantizationType[kind])
    engine = TransformerEngine.open(result_of(GgufImporter().load(path)), choose_device("cpu"))
    assert engine.decoder.tokens.codes.dtype == torch.uint8
    layer, step = engine._directions.step(SteerSlider(40.0, "ab", "c", 0))
    hook = engine.decoder.blocks[layer].register_forward_hook(lambda _, __, out: out + 0.4 * torch.from_numpy(step))
    wanted = engine.decoder(IDS)
    hook.remove()
    ablation = engine._ablation('\n+40 "ab" - "c" layer 1')
    assert (wanted - engine.decoder(IDS)).abs().max() > 1e-2
    assert_close(engine.decoder(IDS, ablation=ablation), wanted)
    fused, cache = FusedStep.of(engine.decoder), KeyValueCache(engine.decoder.config)
    assert fused is not None
    found = np.stack([fused.read(int(token), cache, ablation).log_probabilities for token in IDS[0]])
    assert_close(torch.from_numpy(found), wanted[0].log_softmax(-1))


def test_factors_of_positions_are_an_array_of_their_own(tmp_path: Path) -> None:
    llama3 = {
        "rope_type": "llama3",
        "rope_theta": 1e4,
        "factor": 8.0,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": 16,
    }
    model, path = made(rope_parameters=llama3), tmp_path / "tiny.gguf"
    plain = 1 / 1e4 ** (torch.arange(0, 8, 2) / 8)
    factors = (plain / model.model.rotary_emb.inv_freq).numpy().astype(np.float32)
    write_gguf(path, model, rope_freqs__weight=factors)
    found = read_gguf_model(path)
    assert found.warnings == ()
    assert_close(load_gguf(found, torch.float32, CPU)(IDS), model(IDS).logits)


def test_what_the_importer_loads_the_engine_opens(tmp_path: Path) -> None:
    model, path = made(), tmp_path / "My Tiny-1.gguf"
    write_gguf(path, model, tokenizer__chat_template="{{ messages[0].content }}")
    assert GgufImporter().sniff(path) > 0
    report = GgufImporter().describe(path)
    assert (report.opens, report.architecture, report.dtype, report.title) == (True, "LLaMA", "F32", "My Tiny-1")
    assert report.n_params == sum(one.numel() for one in model.parameters())
    source = result_of(GgufImporter().load(path))
    assert source.id == "transformer/my-tiny-1.gguf"
    opened = open_foreign(source, choose_device("cpu"))
    assert opened.template is not None
    assert opened.template.tokens == {"bos_token": "<s>", "eos_token": "</s>"}
    assert opened.tokenizer.specials == Specials(1, frozenset({2}), True)
    assert opened.tokenizer.encode("ab a") == [1, 5, 3, 6]
    assert opened.tokenizer.decode([1, 5, 3, 6, 2]) == "ab a"
    assert_close(opened.decoder(IDS), model(IDS).logits)


def test_tokenizers_of_bytes_come_from_the_file() -> None:
    names = ["a", "b", "Ġ", "ab", "<|im_end|>", "own"]
    settings = {
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "qwen2",
        "tokenizer.ggml.tokens": names,
        "tokenizer.ggml.merges": ["a b"],
        "tokenizer.ggml.token_type": [1, 1, 1, 1, 3, 4],
        "tokenizer.ggml.eos_token_id": 4,
        "tokenizer.ggml.bos_token_id": 4,
        "tokenizer.ggml.add_bos_token": False,
    }
    tokenizer = gguf_tokenizer(settings, 6)
    assert tokenizer.encode("ab a<|im_end|>own") == [3, 2, 0, 4, 5]
    assert tokenizer.decode([3, 2, 0, 4, 5]) == "ab aown"
    assert tokenizer.specials == Specials(4, frozenset({4}), False)


@pytest.mark.parametrize(
    "values",
    [
        {"tokenizer.ggml.model": "rwkv"},
        {"tokenizer.ggml.pre": "made-up"},
        {"tokenizer.ggml.tokens": ["a", "a"]},
        {"tokenizer.ggml.tokens": None},
        {"tokenizer.ggml.token_type": [1]},
        {"tokenizer.ggml.token_type": [1, 77]},
        {"tokenizer.ggml.merges": ["a"]},
        {"tokenizer.ggml.merges": ["a x"]},
        {"tokenizer.ggml.model": "llama", "tokenizer.ggml.scores": [1.0]},
        {"tokenizer.ggml.model": "llama", "tokenizer.ggml.scores": [float("nan"), 1.0]},
    ],
)
def test_broken_tokenizers_get_a_sentence(values: dict[str, Any]) -> None:
    sound = {
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.tokens": ["a", "b"],
        "tokenizer.ggml.merges": [],
        "tokenizer.ggml.token_type": [1, 1],
    }
    assert gguf_tokenizer(sound, 2).n_tokens == 2
    with pytest.raises(UserError):
        gguf_tokenizer({**sound, **values}, 2)


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value)) + value.encode()


def tensor(name: str, shape: tuple[int, ...], kind: int = 0, offset: int = 0) -> bytes:
    return text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, offset)


def header(*parts: bytes, n_tensors: int = 0, n_settings: int = 0, version: int = 3) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", version, n_tensors, n_settings) + b"".join(parts)


NUMBER = text("n") + struct.pack("<II", 4, 7)
HOSTILE = {
    "no magic": b"GGML" + bytes(40),
    "cut in the counts": b"GGUF\x03\0\0\0",
    "version 1": header(version=1),
    "a later version": header(version=99),
    "other byte order": b"GGUF" + struct.pack(">I", 3) + bytes(16),
    "settings without end": header(n_settings=1 << 60),
    "arrays without end": header(n_tensors=1 << 60),
    "a long text": header(struct.pack("<Q", 1 << 40), n_settings=1),
    "a long list": header(text("l"), struct.pack("<IIQ", 9, 0, 1 << 60), n_settings=1),
    "a list that is not there": header(text("l"), struct.pack("<IIQ", 9, 12, 1_000_000), n_settings=1),
    "lists in lists": header(text("l"), struct.pack("<IIQ", 9, 9, 1), n_settings=1),
    "an unknown type": header(text("n"), struct.pack("<II", 99, 7), n_settings=1),
    "a setting twice": header(NUMBER, NUMBER, n_settings=2),
    "a crooked alignment": header(text("general.alignment"), struct.pack("<II", 4, 3), n_settings=1),
    "no alignment": header(text("general.alignment"), struct.pack("<II", 4, 0), n_settings=1),
    "no dimensions": header(tensor("a", ()), n_tensors=1),
    "many dimensions": header(tensor("a", (1,) * 5), n_tensors=1),
    "an absurd shape": header(tensor("a", (1 << 62, 1 << 62)), n_tensors=1),
    "an unknown block": header(tensor("a", (32,), 99), bytes(64), n_tensors=1),
    "half a block": header(tensor("a", (31,), 8), bytes(64), n_tensors=1),
    "a crooked offset": header(tensor("a", (2,), 0, 4), bytes(64), n_tensors=1),
    "an offset beyond": header(tensor("a", (2,), 0, 1 << 40), bytes(64), n_tensors=1),
    "arrays on top of each other": header(tensor("a", (16,)), tensor("b", (16,), 0, 32), bytes(128), n_tensors=2),
    "one name twice": header(tensor("a", (2,)), tensor("a", (2,), 0, 32), bytes(128), n_tensors=2),
    "numbers cut short": header(tensor("a", (64,)), bytes(40), n_tensors=1),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_get_a_sentence(tmp_path: Path, name: str) -> None:
    (path := tmp_path / "bad.gguf").write_bytes(HOSTILE[name])
    report = GgufImporter().describe(path)
    assert not report.opens
    assert report.why_not
    with pytest.raises(UserError):
        read_gguf(path)


def test_sound_arrays_lie_where_the_file_says(tmp_path: Path) -> None:
    head = header(tensor("b", (8, 4), 0, 64), tensor("a", (32,), 8, 0), n_tensors=2)
    start = -(-len(head) // 32) * 32
    (path := tmp_path / "x.gguf").write_bytes(head.ljust(start + 64 + 128, b"\0"))
    first, second = read_gguf(path).tensors
    assert (first.name, first.shape, first.begin, first.n_bytes) == ("a", (32,), start, 34)
    assert (second.name, second.shape, second.begin, second.n_bytes) == ("b", (4, 8), start + 64, 128)


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=80))
def test_whatever_the_bytes_they_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.gguf"
    path.write_bytes(b"GGUF\x03\0\0\0" + data)
    try:
        found = read_gguf(path)
    except UserError:
        return
    assert all(one.begin + one.n_bytes <= path.stat().st_size for one in found.tensors)


def test_a_header_of_gigabytes_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "long.gguf"
    with path.open("wb") as file:
        file.write(header(*(text(f"t{n}") + struct.pack("<IIQ", 9, 10, 2_000_000) for n in range(1)), n_settings=9))
        file.truncate(MAX_HEADER_BYTES + (1 << 20))  # sparse: zeros that take no room
    with pytest.raises(UserError):
        read_gguf(path)


def test_other_architectures_and_parts_are_named(tmp_path: Path) -> None:
    (path := tmp_path / "x.gguf").write_bytes(
        header(text("general.architecture"), struct.pack("<I", 8), text("mamba"), n_settings=1)
    )
    assert "“mamba”" in GgufImporter().describe(path).why_not
    llama = text("general.architecture") + struct.pack("<I", 8) + text("llama")
    (path := tmp_path / "y.gguf").write_bytes(
        header(llama, text("split.count"), struct.pack("<II", 4, 3), n_settings=2)
    )
    assert "llama-gguf-split" in GgufImporter().describe(path).why_not


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"tokenizer__ggml__model": "bert"}, "“bert”"),
        ({"tokenizer__ggml__model": "t5"}, "“t5”"),
        ({"tokenizer__ggml__model": "gpt2", "tokenizer__ggml__pre": "of-no-one"}, "merges|“of-no-one”"),
    ],
)
def test_a_tokenizer_that_cannot_be_read_is_told_before_the_file_is_opened(
    tmp_path: Path, settings: dict[str, Any], says: str
) -> None:
    write_gguf(path := tmp_path / "x.gguf", made(), **settings)
    report = inspect_file(path, [GgufImporter()])
    assert (report.opens, report.format) == (False, "gguf")
    assert re.search(says, report.why_not)
    with pytest.raises(UserError, match=says):
        result_of(GgufImporter().load(path))


def test_numbers_that_are_none_are_named(tmp_path: Path) -> None:
    model, path = made(), tmp_path / "tiny.gguf"
    model.model.norm.weight[0] = torch.nan
    write_gguf(path, model)
    with pytest.raises(UserError, match=r"output_norm\.weight"):
        load_gguf(read_gguf_model(path), torch.float32, CPU)
