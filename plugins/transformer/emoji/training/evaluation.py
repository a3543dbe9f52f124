"""Measures what was learnt on held-out scenes; what takes long yields."""

from collections.abc import Sequence
from typing import Final

import torch
from torch import Tensor

from studio.api.recipe import Measuring
from studio.api.training import (
    Scenes,
    SceneScore,
    Split,
    held_out_prompts,
    load_scenes,
    read_score,
)
from studio.core.card import Check
from studio.core.translation import N_

from ..model.coder import PictureCoder
from ..model.sampling import Asking, pictures_of, written
from ..model.token_maps import sequence
from ..model.writer import Drawer, PictureWriter
from ..words import WordTable
from .coder_objective import unit_pictures

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
