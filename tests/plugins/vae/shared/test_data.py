"""Batches: the same number gives the same batch, and whole typefaces are changed as a designer would change them."""

import numpy as np
import pytest
import torch

from plugins.vae.letters.training.direction_search import TITLES, measure_alphabets
from plugins.vae.shared.training.data import BatchSettings, DigitBatches, DigitSettings, GlyphBatches, change_typefaces
from studio.datasets.glyphs import FIELD_SCALE, load_glyphs
from studio.datasets.split import Split

CPU = torch.device("cpu")
NOTHING = torch.zeros(1)


@pytest.fixture(scope="module")
def glyphs():
    return load_glyphs(Split.VALIDATION)


@pytest.fixture(scope="module")
def alphabet(glyphs):
    """One typeface, (1, 62, 64, 64) in pixels."""
    return torch.from_numpy(glyphs.fields[1:2]).float() / FIELD_SCALE


def measured(alphabet):
    return dict(zip(TITLES, measure_alphabets(alphabet)[0].tolist(), strict=True))


def test_a_typeface_that_is_not_changed_stays_the_same(alphabet):
    same = change_typefaces(alphabet, NOTHING, torch.ones(1), NOTHING)
    inner = alphabet.abs() < 7.5
    torch.testing.assert_close(same[inner], alphabet[inner], atol=2e-3, rtol=0)


def test_slanting_slants(alphabet):
    before = measured(alphabet)
    after = measured(change_typefaces(alphabet, torch.tensor([0.2]), torch.ones(1), NOTHING))
    assert after["slant"] - before["slant"] == pytest.approx(0.2, abs=0.04)
    assert after["weight"] == pytest.approx(before["weight"], rel=0.06)
    assert after["width"] == pytest.approx(before["width"], rel=0.03)


def test_stretching_widens(alphabet):
    before = measured(alphabet)
    after = measured(change_typefaces(alphabet, NOTHING, torch.tensor([0.8]), NOTHING))
    assert (after["width"] - 2) / (before["width"] - 2) == pytest.approx(0.8, abs=0.02)
    assert after["slant"] == pytest.approx(before["slant"], abs=0.02)


def test_emboldening_moves_the_outline_by_as_much(alphabet):
    bold = change_typefaces(alphabet, NOTHING, torch.ones(1), torch.tensor([0.5]))
    near = alphabet.abs() < 4
    assert float((bold - alphabet)[near].mean()) == pytest.approx(0.5, abs=1e-3)


def test_a_stretched_field_is_still_a_distance(alphabet):
    changed = change_typefaces(alphabet, torch.tensor([0.15]), torch.tensor([0.75]), NOTHING)
    down, across = torch.gradient(changed[0], dim=(1, 2))
    slope = torch.hypot(down, across)[changed[0].abs() < 1]
    assert float(slope.median()) == pytest.approx(1.0, abs=0.08)


def make(glyphs, seed):
    settings = BatchSettings(n_typefaces=3, n_targets=4, most_contexts=2)
    return GlyphBatches(glyphs.fields, glyphs.families, 32, settings, seed, CPU)


def test_a_batch_follows_from_its_number(glyphs):
    first, second = make(glyphs, 1), make(glyphs, 1)
    second.draw(0, 0)
    one, other = first.draw(5, 1), second.draw(5, 1)
    assert torch.equal(one.target, other.target)
    assert torch.equal(one.noise, other.noise)
    assert not torch.equal(one.noise, make(glyphs, 2).draw(5, 1).noise)
    assert not torch.equal(one.noise, first.draw(5, 0).noise)


def test_a_batch_has_its_shapes_and_no_letter_twice(glyphs):
    batch = make(glyphs, 1).draw(0, 0)
    assert batch.target.shape == (3, 4, 64, 64)
    assert batch.context.shape[1] == batch.context_letters.shape[1] in (1, 2)
    for context, target in zip(batch.context_letters, batch.target_letters, strict=True):
        letters = [*context.tolist(), *target.tolist()]
        assert len(set(letters)) == len(letters)


def test_digits_are_turned_a_little_and_repeatably():
    pictures = np.zeros((5, 28, 28), np.uint8)
    pictures[:, 8:20, 12:16] = 255
    settings = DigitSettings(n_pictures=6)
    drawn, noise = DigitBatches(pictures, 2, settings, 3, CPU).draw(4, 0)
    again, _ = DigitBatches(pictures, 2, settings, 3, CPU).draw(4, 0)
    assert torch.equal(drawn, again)
    assert drawn.shape == (6, 28, 28)
    assert noise.shape == (6, 2)
    area = drawn.sum((1, 2))
    assert not torch.equal(drawn[0], torch.from_numpy(pictures[0]) / 255)
    assert ((area > 0.8 * 48) & (area < 1.2 * 48)).all()
