"""Every encoder–decoder says the same here and in the `transformers` library, and is searched the same."""

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from plugins.transformer.foreign.seq2seq.folder import read_seq2seq_folder, target_shapes
from plugins.transformer.foreign.seq2seq.model import load_seq2seq, needed_bytes
from plugins.transformer.translate.model.beam import Said
from plugins.transformer.translate.model.pooled_beam import PooledBeam
from plugins.transformer.translate.model.reader import read_source
from plugins.transformer.translate.model.rules import Rules
from plugins.transformer.translate.model.seq2seq import distance_buckets
from plugins.transformer.translate.model.seq2seq_config import Seq2SeqConfig, SideConfig
from studio.compute.device import choose_device
from studio.core.error import UserError
from tests.plugins.transformer.foreign.seq2seq.made_seq2seq import MODELS, N_VOCAB, made_seq2seq

CPU = choose_device("cpu")
SOURCE = torch.randint(3, 250, (1, 30), generator=torch.Generator().manual_seed(0))
TARGET = torch.randint(3, 250, (1, 25), generator=torch.Generator().manual_seed(1))


def assert_close(found: torch.Tensor, wanted: torch.Tensor) -> None:
    assert (found - wanted).abs().max() <= 2e-5 * wanted.abs().max()


@torch.inference_mode()
@pytest.mark.parametrize("name", MODELS)
def test_logits_and_looks_are_those_of_the_library_at_once_and_token_by_token(tmp_path: Path, name: str) -> None:
    model = made_seq2seq(tmp_path, name)
    model.set_attn_implementation("eager")
    folder = read_seq2seq_folder(tmp_path)
    network = load_seq2seq(folder, CPU)
    wanted = model(input_ids=SOURCE, decoder_input_ids=TARGET, output_attentions=True)
    seen: list[torch.Tensor] = []
    assert_close(network.decode(TARGET, network.encode(SOURCE), seen), wanted.logits)
    for layer, looked in enumerate(seen):
        assert_close(looked, wanted.cross_attentions[layer].mean(1))
    memory = network.encode(SOURCE)
    assert_close(
        torch.cat([network.decode(part, memory) for part in TARGET.split([3, 1, 1, 5, 1, 14], 1)], 1), wanted.logits
    )
    assert folder.warnings == ()
    assert {key: tuple(one.shape) for key, one in network.state_dict().items()} == target_shapes(folder.config)


@torch.inference_mode()
def test_a_newer_t5_has_a_head_of_its_own(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    made_seq2seq(tmp_path, "Flan-T5")
    values = load_file(tmp_path / "model.safetensors")
    values["lm_head.weight"] = torch.randn(N_VOCAB, 32)
    save_file(values, tmp_path / "model.safetensors", {"format": "pt"})
    network = load_seq2seq(read_seq2seq_folder(tmp_path), CPU)
    assert network.head is not None
    assert torch.equal(network.head.weight, values["lm_head.weight"])
    assert not network.config.is_tied
    assert network.config.logit_scale == 1.0
    values["decoder.embed_tokens.weight"] = torch.randn(N_VOCAB, 32)
    save_file(values, tmp_path / "model.safetensors", {"format": "pt"})
    with pytest.raises(UserError, match="several tables"):
        load_seq2seq(read_seq2seq_folder(tmp_path), CPU)


@torch.inference_mode()
@pytest.mark.parametrize("is_legacy", [False, True])
def test_torch_files_of_both_formats_are_read_as_data(tmp_path: Path, is_legacy: bool) -> None:
    model = made_seq2seq(tmp_path, "Marian")
    (tmp_path / "model.safetensors").unlink()
    arrays = {**model.state_dict(), "final_logits_bias": model.final_logits_bias}
    state = {name: values.detach().clone() for name, values in arrays.items()}  # without the library's own marks
    torch.save(state, tmp_path / "pytorch_model.bin", _use_new_zipfile_serialization=not is_legacy)
    network = load_seq2seq(read_seq2seq_folder(tmp_path), CPU)
    wanted = model(input_ids=SOURCE, decoder_input_ids=TARGET).logits
    assert_close(network.decode(TARGET, network.encode(SOURCE)), wanted)
    state["model.shared.weight"] = torch.full((N_VOCAB, 32), torch.nan)
    torch.save(state, tmp_path / "pytorch_model.bin")
    with pytest.raises(UserError, match="NaN"):
        load_seq2seq(read_seq2seq_folder(tmp_path), CPU)


def test_what_does_not_fit_the_memory_is_said_with_its_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made_seq2seq(tmp_path, "BART")
    folder = read_seq2seq_folder(tmp_path)
    assert needed_bytes(folder, torch.bfloat16) < needed_bytes(folder, torch.float32)
    free = type("Free", (), {"available": needed_bytes(folder, torch.bfloat16)})
    monkeypatch.setattr("psutil.virtual_memory", lambda: free)
    assert load_seq2seq(folder, CPU).tokens.weight.dtype == torch.bfloat16
    monkeypatch.setattr("psutil.virtual_memory", lambda: type("Free", (), {"available": 1 << 20}))
    with pytest.raises(UserError, match="needs about"):
        load_seq2seq(folder, CPU)


def test_buckets_tell_near_distances_apart_and_far_ones_by_logarithm() -> None:
    config = Seq2SeqConfig(
        9, 8, SideConfig(1, 2, 8), SideConfig(1, 2, 8), positions="distances", n_buckets=8, farthest=16
    )
    back = distance_buckets(config, 0, 40, False, torch.device("cpu"))[-1].flip(0).tolist()
    assert back[:4] == [0, 1, 2, 3]
    assert back[4:16] == [4 + int(4 * np.log(away / 4) / np.log(16 / 4) + 1e-6) for away in range(4, 16)]
    assert set(back[16:]) == {7}
    both = distance_buckets(config, 0, 3, True, torch.device("cpu")).tolist()
    assert both == [[0, 5, 6], [1, 0, 5], [2, 1, 0]]


SEARCHES: list[dict[str, Any]] = [
    {"num_beams": 4},
    {"num_beams": 3, "early_stopping": True, "length_penalty": 2.0},
    {"num_beams": 3, "early_stopping": "never", "length_penalty": 0.5},
    {"num_beams": 5, "no_repeat_ngram_size": 2, "min_length": 6, "forced_bos_token_id": 5},
    {"num_beams": 1},
    {"num_beams": 4, "bad_words_ids": [[7], [8, 9], [299]], "repetition_penalty": 1.3, "length_penalty": 0.0},
    {"num_beams": 4, "forced": [9, 11]},
]


@torch.inference_mode()
@pytest.mark.parametrize("name", ["T5", "BART", "Marian"])
def test_a_search_finds_what_the_library_finds(tmp_path: Path, name: str) -> None:
    model = made_seq2seq(tmp_path, name)
    network, known = load_seq2seq(read_seq2seq_folder(tmp_path), CPU), model.generation_config
    for asked in SEARCHES:
        search = dict(asked)
        forced, early = search.pop("forced", []), search.get("early_stopping", False)
        rules = Rules(
            known.decoder_start_token_id,
            frozenset([known.eos_token_id]),
            search.get("forced_bos_token_id"),
            () if known.forced_eos_token_id is None else (known.forced_eos_token_id,),
            tuple(map(tuple, search.get("bad_words_ids", []))),
            search.get("no_repeat_ngram_size", 0),
            search.get("min_length", 0),
            None,
            search.get("repetition_penalty", 1.0),
            None if early == "never" else early,
        )
        reader = read_source(network, SOURCE[0].tolist(), rules.start, lambda seen: seen[0])
        penalty = search.get("length_penalty", 1.0)
        found = list(PooledBeam(reader, rules, search["num_beams"], penalty, 14).steps(forced))[-1]
        wanted = model.generate(
            input_ids=SOURCE,
            decoder_input_ids=torch.tensor([[rules.start, *forced]]),
            max_length=14,
            do_sample=False,
            output_scores=True,
            return_dict_in_generate=True,
            num_return_sequences=search["num_beams"],
            **search,
        )
        ends = [_to_its_end(row[1:].tolist(), len(forced), known.eos_token_id) for row in wanted.sequences]
        assert [lane.ids for lane in found] == ends, asked
        if search["num_beams"] > 1:
            scores = [lane.score(penalty) for lane in found]
            assert np.allclose(scores, wanted.sequences_scores.numpy(), atol=1e-4), asked


def _to_its_end(ids: list[int], n_forced: int, end: int) -> tuple[int, ...]:
    place = next((at for at in range(n_forced, len(ids)) if ids[at] == end), len(ids) - 1)
    return tuple(ids[: place + 1])


class TableReader:
    """Says what a table of chance has for every beginning."""

    def __init__(self, seed: int, n_vocab: int) -> None:
        self.seed, self.n_vocab = seed, n_vocab
        self.lanes: list[tuple[int, ...]] = [()]

    def logs(self, ids: Sequence[int]) -> Any:
        values = np.random.default_rng([self.seed, len(ids), *ids]).normal(0, 2, self.n_vocab)
        return values - np.log(np.exp(values).sum())

    def begin(self, tokens: Sequence[int]) -> list[Said]:
        self.lanes = [tuple(tokens)]
        return [Said(self.logs(tokens[:n])[None], np.zeros((1, 2), np.float32)) for n in range(len(tokens) + 1)]

    def go_on(self, rows: Sequence[int], tokens: Sequence[int]) -> Said:
        self.lanes = [(*self.lanes[row], token) for row, token in zip(rows, tokens, strict=True)]
        return Said(np.stack([self.logs(one) for one in self.lanes]), np.zeros((len(rows), 2), np.float32))


@pytest.mark.parametrize("penalty", [0.0, 1.0, 2.0])
@pytest.mark.parametrize("seed", range(4))
def test_with_a_lane_for_each_text_the_best_of_all_is_found(seed: int, penalty: float) -> None:
    n_vocab, most, end = 4, 4, 0
    reader = TableReader(seed, n_vocab)
    texts = [
        *((*ids, end) for n in range(most) for ids in itertools.product(range(1, n_vocab), repeat=n)),
        *itertools.product(range(1, n_vocab), repeat=most),
    ]
    scores = {ids: sum(reader.logs(ids[:at])[one] for at, one in enumerate(ids)) / len(ids) ** penalty for ids in texts}
    rules = Rules(start=9, ends=frozenset([end]), stops_early=None)
    steps = list(PooledBeam(TableReader(seed, n_vocab), rules, 500, penalty, most + 1).steps())
    assert steps[-1][0].ids == max(scores, key=lambda ids: scores[ids])
    for lane in steps[-1]:
        assert lane.score(penalty) == pytest.approx(scores[lane.ids])
    for before, after in itertools.pairwise(steps):
        for lane in after:
            assert lane.parent < 0 or before[lane.parent].ids in (lane.ids, lane.ids[:-1])
