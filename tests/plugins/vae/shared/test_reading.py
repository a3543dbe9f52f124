"""A picture that the model itself drew is read back to its letter and nearly its place."""

from itertools import pairwise

import numpy as np
import pytest

from plugins.vae.shared import engine as reading_module
from plugins.vae.shared.engine import N_REFINE, refine
from plugins.vae.shared.ink import paper
from studio.core.error import UserError
from studio.core.view import Field, Image
from studio.render.field import render_glyph
from tests.plugins.vae.model_made import finished


def letter_picture(engine, z, letter, size_px=320):
    """A dark letter on white paper, (H, W, 3)."""
    coverage = render_glyph(engine.letters(np.array(z, np.float32), letter)[0], size_px)
    return np.repeat(255 - coverage[..., None], 3, axis=2)


@pytest.mark.parametrize(("letter", "z"), [("g", [0, 0, 0, 0]), ("A", [1.2, -0.8, 0.5, 0]), ("7", [-1, 0.6, 1, 0])])
def test_a_letter_of_its_own_is_read_back(engine, letter, z):
    reading, frames = finished(engine.read(letter_picture(engine, z, letter)))
    assert reading.letter == letter
    assert reading.z[:3] == pytest.approx(z[:3], abs=0.3)
    assert reading.error < 0.02
    assert frames[-1].scalars["error"] == reading.error
    assert isinstance(frames[-1].views["original"], Field)


def test_white_on_black_is_read_alike(engine):
    rgb = letter_picture(engine, [1, 0.5, 0, 0], "R")
    dark, _ = finished(engine.read(rgb))
    light, _ = finished(engine.read(255 - rgb))
    assert dark.letter == light.letter == "R"
    assert dark.z == pytest.approx(light.z, abs=1e-4)


def test_a_digit_of_its_own_is_read_back(digit_engine):
    z = np.array([1.8, 0.0], np.float32)  # a disc of MNIST's size, whose centre is laid in the middle
    grey = paper(digit_engine.decode(z[None])[0])
    reading, frames = finished(digit_engine.read(np.repeat(grey[..., None], 3, axis=2)))
    assert reading.letter == ""
    assert reading.z == pytest.approx(z, abs=0.7)  # laid by whole pixels
    assert isinstance(frames[-1].views["original"], Image)


def test_every_step_is_shown_and_none_is_worse(engine):
    _, frames = finished(engine.read(letter_picture(engine, [1.2, -0.8, 0.5, 0], "A")))
    refined = [frame.scalars["error"] for frame in frames[-N_REFINE:]]
    assert len(frames) > N_REFINE
    assert all(after <= before for before, after in pairwise(refined))
    assert refined[-1] < refined[0] / 2


@pytest.mark.parametrize("start", [[0, 0, 0, 0], [4, -3, 2, 1], [-9, 9, -9, 9]])
def test_refining_never_gets_worse(engine, start):
    target = engine.letters(np.zeros(4, np.float32), "g")[0]
    errors = [error for _, error in refine(engine, np.array(start, np.float32), target, "g")]
    assert errors == sorted(errors, reverse=True)
    assert np.isfinite(errors).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (300, 200)])
def test_a_blank_picture_is_refused_in_a_sentence(engine, digit_engine, shape):
    for reader in (engine, digit_engine):
        with pytest.raises(UserError):
            finished(reader.read(np.full((*shape, 3), 200, np.uint8)))


@pytest.mark.parametrize("size_px", [2, 3, 16])
def test_a_tiny_picture_is_read(engine, monkeypatch, size_px):
    monkeypatch.setattr(reading_module, "N_REFINE", 2)
    rgb = np.full((size_px, size_px, 3), 255, np.uint8)
    rgb[size_px // 2 :, size_px // 2] = 0
    reading, _ = finished(engine.read(rgb))
    assert np.isfinite(reading.z).all()
