"""Pairs to learn from: repeatable, still upon each other, and dabs that tell the truth."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from plugins.gan.sketch.model.pix2pix import SIZE_PX
from plugins.gan.sketch.training import data
from plugins.gan.sketch.training.data import (
    DrawBatches,
    dabbed,
    drawing_of,
    gaps,
    in_unit,
    pen_lines,
    placements,
    wobbles,
)
from plugins.gan.sketch.training.evaluation import blurred, everything, nearest_outlines, with_dabs
from studio.datasets.outlines import load_shipped_outlines
from studio.datasets.split import Split

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def outlines():
    return load_shipped_outlines(Split.TEST)


def finished(generator):
    while True:
        try:
            next(generator)
        except StopIteration as stop:
            return stop.value


def test_the_same_number_gives_the_same_batch_whatever_came_before(outlines):
    one, other = DrawBatches(outlines, 3, 7, CPU), DrawBatches(outlines, 3, 7, CPU)
    one.draw(0, 0)
    first, again = one.draw(5, 1), other.draw(5, 1)
    assert torch.equal(first.drawings, again.drawings)
    assert torch.equal(first.icons, again.icons)
    assert not torch.equal(first.drawings, one.draw(6, 1).drawings)
    assert not torch.equal(first.drawings, DrawBatches(outlines, 3, 8, CPU).draw(5, 1).drawings)


def test_shapes_and_ranges(outlines):
    batch = DrawBatches(outlines, 6, 1, CPU).draw(0, 0)
    assert batch.drawings.shape == (6, 5, SIZE_PX, SIZE_PX)
    assert batch.icons.shape == (6, 3, SIZE_PX, SIZE_PX)
    for part in (batch.drawings, batch.icons):
        assert part.min() >= 0
        assert part.max() <= 1 + 1e-6
    ink, mask, colours = batch.drawings[:, 0], batch.drawings[:, 1], batch.drawings[:, 2:]
    assert ink.amax((1, 2)).min() > 0.5
    assert not colours[(mask == 0)[:, None].expand_as(colours)].any()


def test_a_pen_is_three_or_five_pixels_wide():
    edges = torch.zeros(1, 20, 20)
    edges[:, :, 10] = 1
    assert pen_lines(edges, 0.0)[0, 5].tolist() == [0.0] * 9 + [1.0] * 3 + [0.0] * 8
    assert pen_lines(edges, 1.0)[0, 5].tolist() == [0.0] * 8 + [1.0] * 5 + [0.0] * 7
    assert pen_lines(edges, 0.5)[0, 5, 8] == 0.5


def test_plain_pairs_are_the_means_of_four_pixels(outlines):
    batch = DrawBatches(outlines, 1, 0, CPU).plain(slice(2, 4))
    expected = outlines.icons[2, 20:22, 30:32].reshape(4, 3).mean(0) / 255
    np.testing.assert_allclose(batch.icons[0, :, 10, 15].numpy(), expected, rtol=1e-5)
    assert not batch.drawings[:, 1:].any()


def test_what_is_placed_elsewhere_is_only_turned_scaled_shifted_and_mirrored():
    place = placements(np.random.default_rng(4), 64)
    rows = place[:, 1:] - place[:, :-1]
    columns = place[:, :, 1:] - place[:, :, :-1]
    assert torch.allclose(rows, rows[:, :1, :1], atol=1e-5)  # affine
    across, down = columns[:, 0, 0] * SIZE_PX, rows[:, 0, 0] * SIZE_PX
    scales = across.norm(dim=1)
    assert torch.allclose(scales, down.norm(dim=1), atol=1e-4)
    assert scales.min() >= 0.92
    assert scales.max() <= 1.3
    assert (across * down).sum(1).abs().max() < 1e-3  # at right angles still
    mirrored = across[:, 0] * down[:, 1] - across[:, 1] * down[:, 0] < 0
    assert 10 < mirrored.sum() < 54


def test_a_hand_wobbles_smoothly_and_not_too_far():
    moved = wobbles(np.random.default_rng(1), 30) * SIZE_PX  # in pixels of 128
    assert moved.shape == (30, 128, 128, 2)
    assert moved.abs().max() < 1.6 * data.WOBBLE_PX
    assert moved.abs().amax((1, 2, 3)).min() < 1 < moved.abs().max()
    assert (moved[:, 1:] - moved[:, :-1]).abs().max() < 0.4


def test_gaps_are_discs_in_some_drawings():
    kept = gaps(np.random.default_rng(1), 50)
    has_gap = (kept < 1).flatten(1).any(1)
    assert 10 < has_gap.sum() < 48
    assert 1 - kept.mean() < 0.05


def test_dabs_have_the_colour_of_the_icon_they_lie_on(outlines, monkeypatch):
    monkeypatch.setattr(data, "SHARE_RECOLOURED", 0.0)
    icons = F.avg_pool2d(in_unit(outlines.icons[:30]), 2)
    same, masks, colours = dabbed(np.random.default_rng(3), icons)
    assert torch.equal(same, icons)
    has_dabs = masks.flatten(1).any(1)
    assert 8 < has_dabs.sum() < 28
    difference = ((colours - icons).abs().amax(1) * masks).sum((1, 2)) / masks.sum((1, 2)).clamp_min(1)
    assert difference[has_dabs].median() < 0.12
    assert (masks * (icons.amin(1) > 0.97)).sum() / masks.sum() < 0.25  # little of it on paper


def test_other_colours_are_the_same_ones_in_other_places(outlines, monkeypatch):
    monkeypatch.setattr(data, "SHARE_RECOLOURED", 1.0)
    icons = F.avg_pool2d(in_unit(outlines.icons[:30]), 2)
    changed, masks, _ = dabbed(np.random.default_rng(3), icons)
    torch.testing.assert_close(changed.sort(1).values, icons.sort(1).values)
    untouched = ~masks.flatten(1).any(1)
    assert torch.equal(changed[untouched], icons[untouched])
    assert not torch.equal(changed, icons)


def test_the_nearest_outline_is_the_same_one_a_little_shifted(outlines):
    ink = everything(outlines).drawings[:, 0]
    shifted = ink.roll((1, 1), (1, 2))
    assert (finished(nearest_outlines(shifted, ink)) == torch.arange(len(ink))).float().mean() > 0.95
    spread = blurred(F.pad(torch.ones(1, 1, 1), (32, 31, 32, 31))).view(64, 64)
    torch.testing.assert_close(spread.sum(), torch.tensor(1.0))
    variance = (spread.sum(0) * (torch.arange(64.0) - 32) ** 2).sum()
    torch.testing.assert_close(variance, torch.tensor(2.0))  # a box of five: (25 - 1) / 12


def test_three_dabs_have_the_true_colour_of_their_middle(outlines):
    batch = everything(outlines)
    hinted = with_dabs(batch, seed=0)
    assert torch.equal(hinted.icons, batch.icons)
    assert torch.equal(hinted.drawings[:, 0], batch.drawings[:, 0])
    mask = hinted.drawings[:, 1]
    assert (mask.sum((1, 2)) > 20).all()
    assert (mask.sum((1, 2)) <= 3 * 29).all()
    where = mask[:, None].expand(-1, 3, -1, -1) > 0
    assert (hinted.drawings[:, 2:] - batch.icons)[where].abs().mean() < 0.12
    assert torch.equal(with_dabs(batch, seed=0).drawings, hinted.drawings)


def test_colours_count_only_where_the_mask_is():
    ink, colours = torch.rand(2, 4, 4), torch.rand(2, 3, 4, 4)
    mask = torch.tensor([[[1.0, 0], [0, 1]]] * 2).repeat(1, 2, 2)
    drawing = drawing_of(ink, mask, colours)
    assert torch.equal(drawing[:, 2:], colours * mask[:, None])
    assert torch.equal(drawing_of(ink)[:, 1:], torch.zeros(2, 4, 4, 4))
