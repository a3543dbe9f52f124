"""The training that makes `gan/playground`: generator and discriminator learn eight heaps on a ring in seconds."""

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from studio.api.engine import TrainOptions
from studio.api.training import machine_name
from studio.core.card import Check, write_card
from studio.core.frame import Frame
from studio.core.learning import LogThinning
from studio.core.param import changed_params
from studio.core.seed import generator
from studio.core.translation import N_

from ...shared.weights import load_network
from ..frames import PlaygroundMoment, frame_of
from ..model import network as net
from ..model.network import n_weights
from ..model.pair import PlaygroundPair, step, untrained
from ..model.target import Target
from ..model.weights import PlaygroundNetwork, pair_in, save_pair
from ..params import LOW_RATE, PlaygroundSettings, detective_rate, forger_rate
from .evaluation import N_FAKE, N_REAL, histogram, jensen_shannon, measure

KEPT: Final = 0.995
"""How much of the averaged generator stays at each step."""
DECAY_SHARE: Final = 0.5
LATE_BATCH: Final = 512
PREVIEW_PX: Final = 128
LEAST_ON: Final = 0.95
MOST_JS: Final = 0.15


@dataclass(frozen=True)
class PlaygroundTraining:
    """How long and how fast the two learn; over the second half both rates fall, and steps look at more points."""

    n_steps: int = 8000
    forger_rate: float = forger_rate()
    detective_rate: float = detective_rate()

    def at(self, step_index: int) -> PlaygroundSettings:
        """The settings of a step, counted from 0."""
        fall = min(1.0, (self.n_steps - step_index) / (DECAY_SHARE * self.n_steps))
        generator, discriminator = (max(LOW_RATE, rate * fall) for rate in (self.forger_rate, self.detective_rate))
        batch = PlaygroundSettings.batch if fall == 1 else LATE_BATCH
        return PlaygroundSettings(forger_rate=generator, detective_rate=discriminator, batch=batch)


@dataclass(frozen=True)
class PlaygroundRecipe:
    """`gan/playground`: the pair that the panel shows as the learnt one."""

    id: str = "gan/playground"
    title: str = N_("Playground")
    summary: str = N_("Learns to imitate points that lie in eight clusters on a ring.")
    task: str = N_("Watch forger and detective learn in two dimensions, before your eyes.")
    minutes: float = 0.3
    needs_folder: bool = False
    settings: PlaygroundTraining = field(default_factory=PlaygroundTraining)
    seed: int = 1

    def train(self, options: TrainOptions) -> Iterator[Frame]:
        """Yield one frame per step; at the end write weights and card to `options.out`.

        It takes seconds, so a training that is resumed begins anew: it comes to the same weights.
        """
        settings = changed_params(self.settings, options.settings)
        settings = replace(settings, n_steps=options.n_steps or settings.n_steps)
        started, target, shown = time.monotonic(), Target("ring"), LogThinning(dense=16, growth=1.1)
        pair = average = untrained(self.seed)
        for index in range(settings.n_steps):
            pair, lost = step(pair, settings.at(index), target, self.seed)
            average = averaged(average, pair, index)
            scalars = {"loss": lost.discriminator, "forger": lost.generator}
            frame = Frame(index, settings.n_steps, scalars=scalars)
            if shown.keeps(index) or index == settings.n_steps - 1:
                seen = frame_of(PlaygroundMoment(average, target=target), self.seed, settings.n_steps, PREVIEW_PX)
                frame = replace(frame, views=seen.views, scalars={**scalars, **_held_out(seen.scalars)})
            yield frame
        self.write(options.out, average, settings, time.monotonic() - started)

    def write(self, out: Path, pair: PlaygroundPair, settings: PlaygroundTraining, seconds: float) -> None:
        """Write the pair, then measure what was written for the card."""
        save_pair(out, pair)
        written = pair_in(load_network(out, PlaygroundNetwork))
        card = {
            "id": self.id,
            "title": self.title,
            "kind": "playground",
            "task": self.task,
            "licence": "MIT",
            "data": N_("Points from a formula: eight normal clusters on a ring"),
            "n_params": n_weights(net.GENERATOR) + n_weights(net.DISCRIMINATOR),
            "trained": {
                "date": time.strftime("%Y-%m-%d"),
                "minutes": round(seconds / 60, 2),
                "machine": machine_name(),
                "n_steps": settings.n_steps,
                "seed": self.seed,
                "data_set": "full",
            },
            "architecture": PlaygroundNetwork.__name__,
            "settings": asdict(settings),
            "notes": [
                N_("The forger’s weights are the running average over its last steps."),
                N_("A cluster counts as made if it has at least a quarter of its fair share of points."),
            ],
        }
        write_card(out.with_suffix(".json"), card, pair_checks(written, self.seed))


def averaged(average: PlaygroundPair, pair: PlaygroundPair, index: int) -> PlaygroundPair:
    """The pair with a generator that is the running mean of all so far, the newest counting most."""
    kept = np.float32(min(KEPT, (1 + index) / (10 + index)))
    weights = kept * average.generator.weights + (1 - kept) * pair.generator.weights
    return replace(pair, generator=replace(pair.generator, weights=weights))


def pair_checks(pair: PlaygroundPair, seed: int) -> list[Check]:
    """What the card says of a pair on the ring, with what it has to reach; noise and points are fresh."""
    target, checked_seed = Target("ring"), seed + 1
    found = measure(pair, PlaygroundSettings(), target, checked_seed)
    assert found is not None
    fresh = [histogram(target.sample(n, generator(checked_seed, "fresh", n))) for n in (N_REAL, N_FAKE)]
    return [
        Check(N_("Clusters made, of 8"), found.n_found, 8),
        Check(N_("Share of 1,000 points within 3 standard deviations of a cluster"), found.near, LEAST_ON),
        Check(N_("Jensen-Shannon divergence of 1,000 points, bits"), found.js, MOST_JS, False),
        Check(N_("The same for 1,000 real points, bits"), jensen_shannon(fresh[0], fresh[1]), None, False),
        Check(N_("The detective is right, share"), found.right, None, False),
    ]


def _held_out(scalars: Any) -> dict[str, float]:
    return {name: scalars[name] for name in ("JS divergence", "parts found") if name in scalars}
