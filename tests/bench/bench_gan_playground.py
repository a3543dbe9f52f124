"""The playground in the real window: how fast the two learn while everything is drawn."""

import time

from tests.bench.suite import Figure, bench
from tests.bench.visit import visit, where

WANTED_PAINTS = 60.0
N_PEER_STEPS = 600


@bench("gan.playground_steps", "steps/s", at_least=100)
def playground_steps() -> Figure:
    """Steps of both networks at the speed “Fast” with all layers shown; counted in full from 60 paints a second on."""
    found = visit("playground_watch")
    steps, paints = found["steps_per_s"], found["paints_per_s"]
    note = f"{paints:.0f} paints/s of {found['side_px']:.0f}², UI gap p99 {found['gap_p99_ms']:.0f} ms, {where()}"
    return Figure(steps, "the same steps with no window", _bare(), steps * min(1.0, paints / WANTED_PAINTS), note)


def _bare() -> float:
    """Steps a second of a plain loop on this thread."""
    from plugins.gan.playground.frames import preset
    from plugins.gan.playground.model.pair import step, untrained
    from plugins.gan.playground.params import PlaygroundSettings

    pair, settings, target = untrained(1), PlaygroundSettings(), preset("ring")
    started = time.perf_counter()
    for _ in range(N_PEER_STEPS):
        pair, _ = step(pair, settings, target, 1)
    return N_PEER_STEPS / (time.perf_counter() - started)
