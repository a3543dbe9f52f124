"""Emoji in another style: how long a person waits for a translation, its way back and both verdicts."""

import statistics

import torch

from studio.compute.thread import limited_threads
from studio.registry.catalog import Catalog
from tests.bench.engine import opened
from tests.bench.statistic import percentile, seconds
from tests.bench.suite import Figure, bench

MODEL = "gan/emoji-styles"
N_TIMES = 40


@bench("gan.styles_forward", "ms", at_most=100)
def styles_forward() -> Figure:
    """One picture there and back with two verdicts through the engine, beside the bare translators in the same run."""
    engine = opened(MODEL)
    params = Catalog().params_class(engine.source)()
    network = engine._network
    picture = torch.zeros(1, 3, 64, 64).contiguous(memory_format=torch.channels_last)

    @torch.inference_mode()
    def bare() -> None:
        with limited_threads(1):  # as the engine does for one picture
            network.to_flat(network.to_glossy(picture))

    def ours() -> None:
        list(engine.generate(params))

    pairs = [(seconds(ours), seconds(bare)) for _ in range(N_TIMES)]
    engine.close()
    mine, theirs = ([1000 * pair[side] for pair in pairs] for side in (0, 1))
    peer = "both translators alone, one thread, median"
    return Figure(percentile(mine, 95), peer, statistics.median(theirs), note=f"p95 of {N_TIMES}, one thread")
