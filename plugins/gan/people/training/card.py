"""Measures the written weights of a generator of people for its card, and writes that.

Beside the usual keys the card holds:
    kind: "people". architecture.
    frequencies: {label: [share of each class]} of what a face has where nothing is said; only where it follows words.
    directions: named and numbered ones, see state.py.
    scores: {real, fake: 101 quantiles of the discriminator's scores of held-out real pictures and of unpicked
        generated ones}.
    drawn_by: of a LayeredGan, the VAE in whose layers its faces are drawn, by its id.
    data_set: {name, which, n_items}. lesson: a sentence for the panel, where there is one.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn

from studio.api.engine import Device, ModelSource
from studio.api.recipe import Measuring, ModelRecipe
from studio.api.training import Avatars, Split, Training, load_avatars, load_judge
from studio.core.card import Check, write_card
from studio.core.translation import N_

from ..engine import PeopleEngine
from ..model.directions import component_directions, contrast_directions, measured
from ..params import PeopleParams
from ..scene import PeopleScene
from ..state import PeopleDirection, direction_to_json, ranked
from .evaluation import N_WIDE, in_parts, in_unit, people_checks, quantiles, read_surely, unit_pictures, wide_distance

N_EFFECT: Final = 6
N_LEAST: Final = 1000
"""A training that measures fewer pictures than that is a trial, of which nobody asks for more."""


def people_card(
    recipe: ModelRecipe, network: nn.Module, training: Training, faces: Avatars, **told: Any
) -> dict[str, Any]:
    """What the card of every generator of people says before it is measured."""
    n = len(faces.labels)
    card = recipe.common_card(network, [training], "avatars", n, faces.is_full, **told)
    del card["config"]  # the weights file says it
    return {
        **card,
        "data": N_("{n:,} drawn faces, “ToonHead” by Johan Melin (CC BY 4.0), 64 x 64 pixels").format(n=n),
    }


def write_measured(card: dict[str, Any], out: Path, n: int, has_floors: bool) -> Measuring[None]:
    """Open what was written as the panel does, measure it, and write the card."""
    source = ModelSource(card["id"], out, card)
    engine = PeopleEngine.open(source, Device("cpu", "float32", torch.get_num_threads()))

    def draw(seeds: range) -> Tensor:
        places = [engine.place(PeopleScene(PeopleParams(seed=seed))) for seed in seeds]
        return engine.draw(np.stack(places))

    def shown(seeds: range) -> Tensor:
        return engine.generator.small(draw(seeds))

    drawn = in_unit((yield from in_parts(shown, n)))
    checks = yield from people_checks(drawn, has_floors)
    if has_floors:
        checks.append((yield from wide_check(shown, N_WIDE if n >= N_LEAST else n)))
    directions = yield from found_directions(engine, drawn)
    scores = yield from _scores(engine, in_unit((yield from in_parts(draw, n))))
    card |= {"directions": [direction_to_json(one) for one in directions], "scores": scores}
    checks += [Check(N_("Fakes that the detective takes for real, share"), _fooled(scores))]
    write_card(out.with_suffix(".json"), card, checks)


def wide_check(draw: Callable[[range], Tensor], n: int) -> Measuring[Check]:
    """The kernel distance of so many unpicked faces from all test pictures, which other generators are held against."""
    distance = yield from wide_distance(load_judge("avatars"), draw, n)
    name = N_("KID x 1,000 of {n:,} faces to all test pictures").format(n=n)
    return Check(name, distance.mean, None, False)


def found_directions(engine: PeopleEngine, drawn: Tensor) -> Measuring[list[PeopleDirection]]:
    """The directions of a generator whose seeds 0 to N - 1 give pictures (N, 3, 64, 64) in [0, 1]."""
    ws = np.stack([engine.w_of_seed(seed) for seed in range(len(drawn))])
    labels, sureness = (one.numpy() for one in read_surely(load_judge("avatars"), drawn))
    yield
    found = contrast_directions(ws, labels, sureness)
    if engine.generator.n_layers > 1:
        found += component_directions(ws)
    places = np.repeat(ws[:N_EFFECT, None], engine.generator.n_layers, 1)

    @torch.no_grad()
    def draw(places: np.ndarray) -> Tensor:
        return engine.generator.small(engine.draw(places))

    effects = yield from measured(found, draw, places, engine.rows_of)
    return list(ranked(effects))


def _scores(engine: PeopleEngine, drawn: Tensor) -> Measuring[dict[str, list[float]]]:
    """Quantiles of what the discriminator says of test pictures and of forged ones, each looked at by itself."""
    assert engine.verdict is not None
    real = unit_pictures(load_avatars(Split.TEST).pictures[: len(drawn)])
    scores = {}
    for name, pictures in (("real", real), ("fake", drawn)):
        found = []
        for picture in pictures:
            with torch.no_grad():
                found.append(engine.verdict.scores(picture[None] * 2 - 1))
            yield
        scores[name] = quantiles(torch.cat(found))
    return scores


def _fooled(scores: Mapping[str, list[float]]) -> float:
    """The share of forged pictures whose score is above the middle one of real pictures."""
    return float(np.mean(np.asarray(scores["fake"]) > scores["real"][len(scores["real"]) // 2]))
