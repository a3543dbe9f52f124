"""Texts beside writing: branches, going back, scoring a long text, growing a tree, training."""

import copy
import itertools
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from studio.compute.device import choose_device
from studio.compute.training import Training
from studio.compute.training_loop import follow_training
from studio.core.pausing import result_of
from studio.core.recording.recording import Recording, RunInfo
from tests.bench.bench_vae_model import bare_loop
from tests.bench.statistic import percentile, relative_speed, seconds, times_as_fast
from tests.bench.suite import Figure, bench
from tests.bench.text_model import millions, ours, shipped_engine, shipped_source

N_TEXT: Final = 200
N_SCORED: Final = 10_000
N_RUNS: Final = 5
WIDTH, DEPTH = 4, 4
N_STEPS: Final = 2
N_TUNED: Final = 4
RANK: Final = 8
N_UNHEARD_STEPS: Final = 100_000


@bench("transformer.fork_ms", "% of a step", at_most=100)
def fork_ms() -> Figure:
    """Two branches out of the memory of 200 tokens, against a step there; GPT-2's size."""
    from plugins.transformer.text.model.kernels.fused_step import FusedStep

    decoder, cache = _read_text("gpt2")
    step = FusedStep(decoder)

    def read() -> None:
        cache.crop(N_TEXT - 1)
        step.read(7, cache)

    fork_s, step_s = _median(lambda: cache.fork(2)), _median(read)
    note = f"{1000 * fork_s:.1f} ms, a step {1000 * step_s:.1f} ms, {cache.n_bytes / 1e6:.0f} MB of memory each"
    return Figure(100 * fork_s / step_s, "a step", 100.0, note=note)


@bench("transformer.rewind_ms", "ms", at_most=5)
def rewind_ms() -> Figure:
    """From the end of a text of 200 tokens to each of its places: the recorded frame, and the memory cut back."""
    from plugins.transformer.text.params import TransformerParams

    engine, recording = ours("gpt2"), Recording(RunInfo("transformer/made", {}, 1))
    ids = np.arange(N_TEXT, dtype=np.int32)
    for frame in engine.generate(TransformerParams(length=0), {"ids": ids[:1], "prompt": ids}):
        recording.append(frame)
    _, cache = _read_text("gpt2")
    times = []
    for place in np.random.default_rng(1).permutation(N_TEXT).tolist():
        times.append(seconds(partial(_go_back, recording, cache, place)))
        cache.advance(N_TEXT - place)  # what was cut off is still there
    return Figure(1000 * percentile(times, 95), note=f"p95 of {len(times)} places of {N_TEXT}, GPT-2's size")


def _go_back(recording: Recording, cache: Any, place: int) -> None:
    assert recording[place].state is not None
    cache.crop(place)


@bench("transformer.score_text", "tokens/s")
def score_text() -> Figure:
    """A text of 10,000 tokens with everything captured of each, by the shipped model."""
    from plugins.transformer.text.params import TransformerParams

    engine = shipped_engine()
    n_vocab = engine.decoder.config.n_vocab
    ids = np.random.default_rng(1).integers(0, n_vocab, N_SCORED, np.int32)

    def score() -> None:
        (frame,) = engine.generate(TransformerParams(length=0), {"ids": ids, "prompt": ids})
        assert len(frame.state["facts"]) == N_SCORED

    rates = [N_SCORED / _median(work, 3) for work in (score, _bare_scoring(engine, ids))]
    note = f"{millions(engine.decoder)}, context {engine.decoder.config.n_context}"
    return Figure(rates[0], "the decoder alone over the same windows", rates[1], note=note)


@bench("transformer.grow_tree", "x", at_least=3)
def grow_tree() -> Figure:
    """The four likeliest ways after each, four deep, against steps one by one; the network of 10 million."""
    from plugins.transformer.text.interpret.tree_search import continuation_tree
    from plugins.transformer.text.model.decoder import NOTHING_ABLATED
    from plugins.transformer.text.model.kernels.fused_step import FusedStep
    from plugins.transformer.text.model.sampler import ordered

    decoder, cache = _read_text("10m")
    values = np.log(np.full(decoder.config.n_vocab, 1 / decoder.config.n_vocab, np.float32))
    step = FusedStep(decoder)

    def together() -> None:
        result_of(continuation_tree(decoder, cache, values, WIDTH, DEPTH, NOTHING_ABLATED))

    def one_by_one(row: Any = values, depth: int = DEPTH) -> None:
        for token in ordered(row, WIDTH).tolist() if depth else ():
            if depth > 1:
                cache.crop(N_TEXT + DEPTH - depth)
                one_by_one(step.read(token, cache).log_probabilities, depth - 1)

    def alone() -> None:
        one_by_one()
        cache.crop(N_TEXT)

    n_read = sum(WIDTH**depth for depth in range(1, DEPTH))
    figure = times_as_fast(together, alone, "steps one by one")
    return replace(figure, note=f"{figure.note}, {n_read} ways behind {N_TEXT} tokens, {millions(decoder)}")


@bench("transformer.train_throughput", "%", at_least=95)
def train_throughput() -> Figure:
    """Steps of the shipped model's training as frames, against a bare loop over the same network and passages."""
    from plugins.transformer.text.model.decoder import Decoder
    from plugins.transformer.text.training.decoder_training import TRAINING, NextTokenObjective, TextPassages
    from plugins.transformer.text.training.shakespeare_recipe import CONFIG, ShakespeareRecipe

    device, recipe = choose_device(), ShakespeareRecipe()
    stream = np.random.default_rng(1).integers(0, CONFIG.n_vocab, 100_000, np.int32)
    passages = TextPassages(stream, recipe.n_items, CONFIG.n_context, 1, device.torch_device)
    settings = TRAINING.chosen({}, N_UNHEARD_STEPS)
    training = Training(Decoder(CONFIG, recipe.dropout), NextTokenObjective(passages), settings, device.torch_device)
    bare = bare_loop(training, N_STEPS)
    with tempfile.TemporaryDirectory() as folder:
        frames = follow_training(training, Path(folder) / "bench.checkpoint", False)
        ours_too = partial(next, itertools.islice(frames, N_STEPS - 1, None, N_STEPS))
        figure = relative_speed(ours_too, bare, f"{N_STEPS} steps of a bare loop")
        frames.close()
    return figure


@bench("transformer.tune_throughput", "%", at_least=90)
def tune_throughput() -> Figure:
    """Steps of fine-tuning the shipped model as frames, against a bare loop over the same network and passages.

    In time of the processor. The bare network has its adapters written out in plain torch: `BareProjection`.
    """
    from plugins.transformer.foreign.adapter.adaptable import base_of
    from plugins.transformer.foreign.adapter.file import open_base, place_of
    from plugins.transformer.text.model.low_rank import Adapter, TunedDecoder
    from plugins.transformer.text.training.decoder_training import NextTokenObjective, TextPassages
    from plugins.transformer.text.training.tune_recipe import MAX_PASSAGE, TRAINING, TransformerTuneRecipe
    from studio.core.adapter_strength import AdapterStrength

    device, base, recipe = choose_device(), base_of(shipped_source()), TransformerTuneRecipe()
    model, strength = open_base(base.source, device).decoder, AdapterStrength(TRAINING.rank, TRAINING.alpha)
    places = [place_of(path, place) for path, place in base.places.items()]
    stream = np.random.default_rng(1).integers(0, base.config.n_vocab, 20_000, np.int32)
    passages = TextPassages(stream, recipe.n_items, MAX_PASSAGE, 1, device.torch_device)
    tuned = TunedDecoder(model, Adapter(places, strength, device.torch_device))
    settings = TRAINING.chosen({}, N_UNHEARD_STEPS)
    training = Training(tuned, NextTokenObjective(passages), settings, device.torch_device)
    bare = _bare_tuning(model, places, strength.scale, passages, training)
    with tempfile.TemporaryDirectory() as folder:
        frames = follow_training(training, Path(folder) / "bench.checkpoint", False)
        ours_too = partial(next, itertools.islice(frames, N_TUNED - 1, None, N_TUNED))
        figure = relative_speed(ours_too, bare, f"{N_TUNED} steps of a bare loop", time.process_time)
        frames.close()
    return replace(figure, note=f"{figure.note} of the processor, {millions(model)}")


class BareProjection(nn.Module):
    """A frozen matrix and low-rank ones beside some rows of it, as the paper writes it."""

    def __init__(self, base: nn.Linear, places: Sequence[Any], scale: float) -> None:
        super().__init__()
        self.base, self.scale = base.requires_grad_(False), scale
        self.rows = [(place.first, place.first + place.n_out) for place in places]
        self.down = nn.ParameterList(torch.randn(RANK, place.n_in) / place.n_in**0.5 for place in places)
        self.up = nn.ParameterList(torch.zeros(place.n_out, RANK) for place in places)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        said = self.base(x)
        for (first, last), down, up in zip(self.rows, self.down, self.up, strict=True):
            said[..., first:last] += self.scale * (x @ down.T @ up.T)
        return said


def _bare_tuning(
    decoder: Any, places: Sequence[Any], scale: float, passages: Any, training: Training
) -> Callable[[], None]:
    """The shortest loop that learns the same: passages, loss, gradient, step."""
    bare = copy.deepcopy(decoder).requires_grad_(False)
    for target, group in itertools.groupby(sorted(places, key=attrgetter("target")), attrgetter("target")):
        parent, _, own = target.rpartition(".")
        module = bare.get_submodule(parent)
        setattr(module, own, BareProjection(getattr(module, own), list(group), scale))
    learnt = [one for one in bare.parameters() if one.requires_grad]
    optimiser, numbers = torch.optim.AdamW(learnt, lr=1e-3, betas=(0.9, 0.99)), itertools.count()

    def steps() -> None:
        for step in itertools.islice(numbers, N_TUNED):
            tokens, following = passages.draw(step, 0)
            with training.autocast():
                loss = F.cross_entropy(bare(tokens).float().flatten(0, 1), following.flatten())
            loss.backward()
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)

    return steps


def _read_text(size: str) -> tuple[Any, Any]:
    """A decoder, and its memory of 200 tokens."""
    from plugins.transformer.text.model.cache import KeyValueCache

    decoder = ours(size).decoder
    cache = KeyValueCache(decoder.config)
    with torch.inference_mode():
        decoder.hidden(decoder.embedded(torch.arange(N_TEXT)[None], cache), cache)
    return decoder, cache


def _bare_scoring(engine: Any, ids: np.ndarray) -> Callable[[], None]:
    """Windows of the context that advance by half of it, as the reader's do; log-probabilities of each token alone."""
    decoder, n_context = engine.decoder, engine.decoder.config.n_context

    @torch.inference_mode()
    def score() -> None:
        for first in range(0, N_SCORED, n_context // 2):
            window = torch.from_numpy(ids[max(0, first - n_context // 2) : first + n_context // 2]).long()[None]
            decoder(window).log_softmax(-1)

    return score


def _median(work: Callable[[], object], n_runs: int = N_RUNS) -> float:
    """Seconds of the median of a few calls, after one that does not count."""
    work()
    return percentile([seconds(work) for _ in range(n_runs)], 50)
