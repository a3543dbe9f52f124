"""How fast texts are read and written with everything captured, at two sizes, and what the capture adds."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import numpy as np
import torch

from studio.core.recording.recording import Recording, RunInfo
from tests.bench.quick import less
from tests.bench.statistic import overhead, percentile, seconds, times_as_fast
from tests.bench.suite import Figure, bench
from tests.bench.text_model import millions, ours, theirs

N_PROMPT: Final = 16
N_TOKENS: Final = {"10m": less(96, 48), "gpt2": less(24, 8)}
N_PREFILL: Final = 512
N_RUNS: Final = 5
N_LONG: Final = 1024
N_STEPS: Final = 4


@bench("transformer.tokens_10m", "x", at_least=2)
def tokens_10m() -> Figure:
    """A network of nanoGPT's size through the engine into a recording, against `generate` with the same weights."""
    return _against_generate("10m")


@bench("transformer.tokens_gpt2", "x", at_least=1)
def tokens_gpt2() -> Figure:
    """The same at the size of GPT-2."""
    return _against_generate("gpt2")


@bench("transformer.capture_overhead", "%", at_most=10)
def capture_overhead() -> Figure:
    """Frames with everything into a recording, against the same steps, stages and dice that keep the words alone.

    At the size of GPT-2. A frame takes as long whatever the network is, so it weighs more with a smaller one.
    """
    figures = {size: overhead(_writing(size), _bare_writing(size), "words alone") for size in N_TOKENS}
    large, small = figures["gpt2"], figures["10m"]
    return replace(large, note=f"{large.note} for {N_TOKENS['gpt2']} tokens; at 10 million weights {small.value:.0f} %")


@bench("transformer.step_growth", "x", at_most=1.5)
def step_growth() -> Figure:
    """A step that reads token 1,024 against one that reads token 16, GPT-2's size."""
    late, early = _stepping(N_LONG), _stepping(N_PROMPT)
    figure = overhead(late, early, f"{N_STEPS} steps at {N_PROMPT} tokens")
    return Figure(1 + figure.value / 100, figure.peer, 1.0, 1 + (figure.reaches or 0) / 100, figure.note)


@bench("transformer.prefill", "tokens/s")
def prefill() -> Figure:
    """A prompt of 512 tokens with all its attention and norms, GPT-2's size."""
    from plugins.transformer.text.model.reader import DecoderReader

    engine, ids = ours("gpt2"), _ids(N_PREFILL)
    peer = theirs("gpt2")

    def alone() -> None:
        with torch.inference_mode():
            peer(torch.tensor([ids]))

    def read() -> None:
        DecoderReader(engine.decoder).last_log_probabilities(ids, N_PREFILL)

    rates = [N_PREFILL / _best(work) for work in (read, alone)]
    return Figure(rates[0], "one pass of `transformers`, which keeps the cache alone", rates[1])


def _against_generate(size: str) -> Figure:
    peer, n_tokens, before = theirs(size), N_TOKENS[size], torch.tensor([_ids(N_PROMPT)])
    choice: dict[str, Any] = {"do_sample": True, "top_k": 0, "max_new_tokens": n_tokens, "min_new_tokens": n_tokens}

    def generate() -> None:
        with torch.inference_mode():
            peer.generate(before, attention_mask=torch.ones_like(before), pad_token_id=0, **choice)

    figure = times_as_fast(_writing(size), generate, "`generate` of transformers, which captures nothing")
    rate = n_tokens / seconds(_writing(size))
    return replace(figure, note=f"{figure.note} for {n_tokens} tokens, ours {rate:.0f} tokens/s, {millions(peer)}")


def _writing(size: str) -> Callable[[], None]:
    """Write through the engine into a recording; the prompt is read each time, as the peer does."""
    from plugins.transformer.text.model.reader import DecoderReader
    from plugins.transformer.text.params import TransformerParams

    engine, ids = ours(size), np.array(_ids(N_PROMPT), np.int32)
    params = TransformerParams(seed=1, length=N_TOKENS[size], temperature=1.0)

    def write() -> None:
        engine._reader = DecoderReader(engine.decoder)  # remembers no text
        recording = Recording(RunInfo("transformer/made", {}, 1))
        for frame in engine.generate(params, {"ids": ids, "prompt": ids}):
            recording.append(frame)

    return write


def _bare_writing(size: str) -> Callable[[], None]:
    """The shortest loop that writes the same words."""
    from plugins.transformer.text.model.cache import KeyValueCache
    from plugins.transformer.text.model.kernels.fused_step import FusedStep
    from plugins.transformer.text.model.sampler import Sampling, die_roll, drawn, stages

    decoder, sampling = ours(size).decoder, Sampling()
    step = FusedStep(decoder)

    @torch.inference_mode()
    def write() -> None:
        cache, text = KeyValueCache(decoder.config), _ids(N_PROMPT)
        values = decoder(torch.tensor([text]), cache)[0, -1].log_softmax(-1).numpy()
        for _ in range(N_TOKENS[size]):
            chosen = stages(values, text, sampling)[-1].logits
            text.append(drawn(chosen, die_roll(1, len(text))).token)
            values = step.read(text[-1], cache).log_probabilities

    return write


def _stepping(n_tokens: int) -> Callable[[], None]:
    """A few steps that read the same last token of a text of so many."""
    from plugins.transformer.text.model.cache import KeyValueCache
    from plugins.transformer.text.model.kernels.fused_step import FusedStep

    decoder = ours("gpt2").decoder
    step, cache, ids = FusedStep(decoder), KeyValueCache(decoder.config), _ids(n_tokens)
    with torch.inference_mode():
        decoder.hidden(decoder.embedded(torch.tensor([ids[:-1]]), cache), cache)

    def read() -> None:
        for _ in range(N_STEPS):
            cache.crop(n_tokens - 1)
            step.read(ids[-1], cache)

    return read


def _best(work: Callable[[], None]) -> float:
    """Seconds of the median of a few calls after one."""
    work()
    return percentile([seconds(work) for _ in range(N_RUNS)], 50)


def _ids(n_tokens: int) -> list[int]:
    """Some tokens of the made vocabulary."""
    return np.random.default_rng(2).integers(0, 256, n_tokens).tolist()
