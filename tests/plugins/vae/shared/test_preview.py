"""What is shown of a model that learns: squares in rows, at places that stay the same."""

from functools import partial

import numpy as np
import pytest
import torch

from plugins.vae.letters.training.recipe import OVERLAP, LetterformsRecipe
from plugins.vae.pictures.training.digits_recipe import NATS, VaeDigitsRecipe
from plugins.vae.shared.model.vae import DigitsConfig, DigitsVAE, LetterformsConfig, LetterformsVAE
from plugins.vae.shared.training.recipe import digits_preview, in_rows, letters_preview, mosaic
from studio.datasets.digits import load_digits
from studio.datasets.glyphs import load_glyphs
from studio.datasets.split import Split
from tests.plugins.vae.model_made import pixels_of


def ended(generator):
    """How often a generator yields, and what it returns."""
    n = 0
    while True:
        try:
            next(generator)
        except StopIteration as end:
            return n, end.value
        n += 1


def test_squares_lie_in_rows():
    squares = np.arange(6, dtype=np.uint8)[:, None, None].repeat(2, 1).repeat(3, 2)  # (6, 2, 3)
    rows = in_rows(squares, 2)
    assert rows.shape == (6, 6)
    assert rows[::2, ::3].tolist() == [[0, 1], [2, 3], [4, 5]]


def test_colours_stay_colours_and_ink_is_dark():
    red = torch.zeros(2, 3, 4, 4)
    red[:, 0] = 1
    assert (mosaic(red, 1).pixels == [255, 0, 0]).all()
    assert (mosaic(torch.ones(2, 4, 4), 2).pixels < 60).all()


def test_a_plane_is_shown_as_its_map_with_the_first_number_to_the_right():
    class Corner(DigitsVAE):
        def decode(self, z):
            return ((z[:, 0] > 0) & (z[:, 1] > 0)).float()[:, None, None].expand(-1, 28, 28)

    pixels = pixels_of(digits_preview(Corner(DigitsConfig()), 0)["picture"])
    assert pixels.shape == (224, 224)
    assert (pixels[:112, 112:] < 60).all()
    assert (pixels[112:] > 200).all()
    assert (pixels[:, :112] > 200).all()


def test_the_same_places_are_drawn_each_time():
    torch.manual_seed(0)
    digits, letters = DigitsVAE(DigitsConfig(n_latent=16)), LetterformsVAE(LetterformsConfig()).eval()
    with torch.no_grad():
        for preview in (partial(digits_preview, digits), partial(letters_preview, letters)):
            first, second = pixels_of(preview(3)["picture"]), pixels_of(preview(3)["picture"])
            assert np.array_equal(first, second)
            assert not np.array_equal(first, pixels_of(preview(4)["picture"]))


@pytest.mark.long("computes for long")
def test_held_out_figures_yield_often():
    torch.manual_seed(0)
    n, figures = ended(VaeDigitsRecipe().validate(load_digits(Split.VALIDATION), DigitsVAE(DigitsConfig())))
    assert n >= 10
    assert 400 < figures[NATS] < 700
    n, figures = ended(LetterformsRecipe().validate(load_glyphs(Split.VALIDATION), LetterformsVAE(LetterformsConfig())))
    assert n >= 5
    assert 0 <= figures[OVERLAP] < 0.5
