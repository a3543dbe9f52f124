"""Measures what was learnt on held-out scenes, and writes the card; what takes long yields."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import torch
from torch import Tensor

from studio.api.engine import TrainOptions
from studio.api.recipe import Measuring, told_settings
from studio.api.training import (
    SCENE_EXAMPLES,
    Scenes,
    SceneScore,
    Split,
    Training,
    held_out_prompts,
    load_scenes,
    read_score,
    scene_vocabulary,
)
from studio.core.card import Check, write_card
from studio.core.translation import N_

from ..model.coder import PictureCoder
from ..model.sampling import Asking, pictures_of, written
from ..model.token_maps import sequence
from ..model.weights import load_drawer
from ..model.writer import Drawer, PictureWriter
from ..words import WordTable
from .coder_objective import unit_pictures

if TYPE_CHECKING:
    from .recipe import EmojiRecipe

PART: Final = 32
STAGES: Final = ("coder", "scales", "lines")
OBJECTS_FLOOR: Final = 0.85
GUIDANCES: Final = (1.5, 2.0, 3.0, 4.0)


@torch.no_grad()
def redrawn(coder: PictureCoder, pictures: Tensor, scales: Sequence[int]) -> Measuring[Tensor]:
    """Pictures (N, H, W, 3) uint8 through the tokens of some scales and back, (N, 3, H, W) in [0, 1] on the CPU."""
    device, parts = coder.quantiser.codes.device, []
    for part in torch.split(pictures, PART):
        maps = coder.quantiser(coder.encode(unit_pictures(part.to(device))), scales).sums[-1]
        parts.append(coder.draw(maps).clamp(0, 1).cpu())
        yield
    return torch.cat(parts)


@torch.no_grad()
def token_rows(drawer: Drawer, pictures: Tensor) -> Measuring[tuple[Tensor, Tensor]]:
    """Tokens (N, T) int16 of pictures (N, H, W, 3) uint8 in either order, on the CPU."""
    coder, rows = drawer.coder, []
    orders = drawer.by_scale.order, drawer.by_line.order
    for part in torch.split(pictures, PART):
        maps = coder.encode(unit_pictures(part.to(coder.quantiser.codes.device)))
        rows.append([sequence(one, coder.quantiser(maps, one.scales).ids).short().cpu() for one in orders])
        yield
    by_scale, by_line = (torch.cat(one) for one in zip(*rows, strict=True))
    return by_scale, by_line


def drawn(
    writer: PictureWriter, coder: PictureCoder, words: WordTable, texts: Sequence[str], guidance: float = 3.0
) -> Measuring[Tensor]:
    """One unpicked picture of each text, (N, 3, H, W) in [0, 1] on the CPU; its seed is its number."""
    parts = []
    for first in range(0, len(texts), PART):
        some = texts[first : first + PART]
        asking, tokens = Asking(some, range(first, first + len(some)), guidance), None
        for step in written(writer, coder.quantiser, words, asking):
            tokens = step.tokens
            yield
        assert tokens is not None
        parts.append(pictures_of(coder, writer.order, tokens).cpu())
    return torch.cat(parts)


def chosen_guidance(drawer: Drawer, is_by_line: bool, n: int) -> Measuring[float]:
    """The strength under which most things and backgrounds of validation sentences are right."""
    scenes = load_scenes(Split.VALIDATION, n)
    prompts, words, rights = held_out_prompts(scenes), WordTable(drawer.config.words), {}
    for guidance in GUIDANCES:
        pictures = yield from drawn(drawer.writer(is_by_line), drawer.coder, words, prompts, guidance)
        score = read_score(pictures, scenes)
        rights[guidance] = score.objects + 0.5 * score.accessories + 0.5 * score.backgrounds
    return max(rights, key=lambda guidance: rights[guidance])


def measured(drawer: Drawer, scenes: Scenes, n_choice: int) -> Measuring[tuple[list[Check], list[float]]]:
    """The figures of the card on test scenes, and the guidance of either order."""
    prompts, pictures = held_out_prompts(scenes), torch.from_numpy(scenes.draw())
    words, scores, ceilings, guidances = WordTable(drawer.config.words), [], [], []
    for is_by_line in (False, True):
        guidance = yield from chosen_guidance(drawer, is_by_line, n_choice)
        writer = drawer.writer(is_by_line)
        own = yield from drawn(writer, drawer.coder, words, prompts, guidance)
        again = yield from redrawn(drawer.coder, pictures, writer.order.scales)
        guidances.append(guidance)
        scores.append(read_score(own, scenes))
        ceilings.append(read_score(again, scenes))
    return checks_of(scores, ceilings, len(scenes)), guidances


def checks_of(scores: Sequence[SceneScore], ceilings: Sequence[SceneScore], n: int) -> list[Check]:
    """The lines of the card, from coarse to fine and line by line."""
    own, lines = scores
    best, best_lines = ceilings
    return [
        Check(N_("Objects in {n:,} held-out prompts, F1").format(n=n), own.objects, OBJECTS_FLOOR),
        Check(N_("Backgrounds in these, share right"), own.backgrounds),
        Check(N_("What they wear, F1"), own.accessories),
        Check(N_("Line by line, objects, F1"), lines.objects),
        Check(N_("Line by line, backgrounds, share right"), lines.backgrounds),
        Check(N_("Line by line, what they wear, F1"), lines.accessories),
        Check(N_("Objects in held-out scenes through the tokens and back, F1"), best.objects),
        Check(N_("What they wear, through the tokens and back, F1"), best.accessories),
        Check(N_("Objects through the tokens of lines and back, F1"), best_lines.objects),
        Check(N_("What they wear, through the tokens of lines and back, F1"), best_lines.accessories),
    ]


def write_measured_card(recipe: "EmojiRecipe", options: TrainOptions, trainings: Sequence[Training]) -> Measuring[None]:
    """Measure what was written for its card, and write that beside it."""
    drawer = load_drawer(options.out).to(options.device.torch_device)
    checks, guidances = yield from measured(drawer, load_scenes(Split.TEST, recipe.n_measured), recipe.n_validation)
    minutes = [round(training.seconds / 60, 1) for training in trainings]
    card: dict[str, Any] = {
        **recipe.common_card(drawer, trainings, "emoji", recipe.n_scenes),
        "data": N_("{n:,} scenes of 64 x 64 pixels composed of icons of Noto Emoji (Apache-2.0)").format(
            n=recipe.n_scenes
        ),
        "examples": list(SCENE_EXAMPLES),
        "words": {kind: list(words) for kind, words in scene_vocabulary().items()},
        "settings": {name: told_settings(one.settings) for name, one in zip(STAGES, trainings, strict=True)},
        "guidance": guidances,
        "notes": [
            N_("Prompts are captions of test scenes that name the background; one sample each, none hand-picked."),
            N_("An object that was not asked for counts against F1, just as a missing one does."),
            N_("The guidance was chosen on validation prompts."),
            N_(
                "The picture coder learnt for {coder} minutes; then one network for each order, of the same sizes, for "
                "{scales} and {lines} minutes."
            ).format(coder=minutes[0], scales=minutes[1], lines=minutes[2]),
        ],
    }
    write_card(options.out.with_suffix(".json"), card, checks)
