"""A person's picture is found and laid where the models expect it."""

import numpy as np
import pytest
from PIL import Image

from plugins.vae.shared.ink import CELL_PX, FIELD_LIMIT_PX, fit_digit, fit_letter, ink_box, paper, read_ink
from studio.core.error import UserError
from studio.datasets.digits import load_digits
from studio.datasets.split import Split

N_SUB = 8


def drawn(size_px, is_inside, n_sub=N_SUB):
    """Return the covered share of each pixel, (H, W), of a shape given by is_inside(x, y) in pixels."""
    at = (np.arange(size_px * n_sub) + 0.5) / n_sub
    inside = is_inside(at[None, :], at[:, None])
    return inside.reshape(size_px, n_sub, size_px, n_sub).mean((1, 3)).astype(np.float32)


def as_rgb(ink, paper_rgb=(255, 255, 255), ink_rgb=(0, 0, 0)):
    share = ink[..., None]
    return np.rint((1 - share) * np.array(paper_rgb) + share * np.array(ink_rgb)).astype(np.uint8)


def disc(cx, cy, radius):
    return lambda x, y: (x - cx) ** 2 + (y - cy) ** 2 < radius**2


def bar(left, top, right, bottom):
    return lambda x, y: (x > left) & (x < right) & (y > top) & (y < bottom)


@pytest.fixture
def ink():
    return drawn(60, disc(25, 33, 14))


def test_dark_on_light_is_light_on_dark(ink):
    rgb = as_rgb(ink)
    assert read_ink(rgb) == pytest.approx(read_ink(255 - rgb), abs=1e-6)
    assert read_ink(rgb) == pytest.approx(ink, abs=0.01)


@pytest.mark.parametrize(
    ("paper_rgb", "ink_rgb"),
    [
        ((255, 255, 255), (255, 235, 0)),
        ((120, 120, 120), (160, 160, 160)),
        ((200, 30, 30), (30, 90, 30)),
        ((255, 250, 240), (20, 20, 120)),
    ],
)
def test_colours_count_by_how_much_they_stand_out(ink, paper_rgb, ink_rgb):
    assert read_ink(as_rgb(ink, paper_rgb, ink_rgb)) == pytest.approx(ink, abs=0.03)


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (2, 2), (60, 60)])
@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_blank_picture_is_refused_in_a_sentence(shape, level):
    with pytest.raises(UserError, match="stands out"):
        read_ink(np.full((*shape, 3), level, np.uint8))


def test_faint_noise_is_no_sign():
    noise = np.random.default_rng(1).integers(250, 256, (80, 80, 3)).astype(np.uint8)
    with pytest.raises(UserError):
        read_ink(noise)


def test_stray_pixels_are_no_sign():
    rgb = np.full((200, 200, 3), 128, np.uint8)
    rgb[[30, 90, 150], [40, 100, 160]] = 255
    with pytest.raises(UserError):
        read_ink(rgb)


def test_a_small_sign_in_a_large_picture_is_found():
    rgb = np.full((1000, 1000, 3), 255, np.uint8)
    rgb[500:520, 300:304] = 0
    assert ink_box(read_ink(rgb)) == (300, 500, 304, 520)


def test_the_box_holds_all_ink():
    assert ink_box(drawn(40, bar(5, 7, 12, 30))) == (5, 7, 12, 30)
    with pytest.raises(UserError):
        ink_box(np.zeros((4, 4), np.float32))


@pytest.mark.parametrize(
    "shape", [bar(10, 5, 20, 55), bar(5, 20, 55, 30), disc(30, 30, 20), bar(3, 3, 5, 57), bar(58, 58, 60, 60)]
)
def test_a_digit_is_laid_as_mnist_does(shape):
    digit = fit_digit(drawn(60, shape))
    assert digit.shape == (28, 28)
    assert 0 <= digit.min() <= digit.max() <= 1
    left, top, right, bottom = ink_box(digit, 0.1)
    assert max(right - left, bottom - top) == 20
    ys, xs = np.indices(digit.shape)
    centre = (xs * digit).sum() / digit.sum(), (ys * digit).sum() / digit.sum()
    assert centre == pytest.approx((14, 14), abs=0.51)


def test_a_digit_whose_mass_lies_at_its_end_stays_whole():
    ink = drawn(60, lambda x, y: bar(29, 2, 31, 58)(x, y) | bar(20, 50, 40, 58)(x, y))
    assert fit_digit(ink).sum() == pytest.approx(ink.sum() * (20 / 56) ** 2, rel=0.02)


@pytest.mark.long("computes for long")
@pytest.mark.parametrize(("factor", "tolerance"), [(1, 0.01), (8, 0.04)])
def test_digits_of_mnist_stay_as_they_are(factor, tolerance):
    errors = []
    for digit in load_digits(Split.TEST).pictures[:60]:
        large = Image.fromarray(255 - digit).resize((28 * factor, 28 * factor), Image.Resampling.BICUBIC)
        ink = read_ink(np.repeat(np.asarray(large)[..., None], 3, axis=2))
        errors.append(np.abs(fit_digit(ink) - digit / 255).mean())
    assert np.mean(errors) < tolerance


@pytest.mark.parametrize("size_px", [40, 64, 300, 1000])
@pytest.mark.parametrize("radius", [0.2, 0.35])
def test_a_disc_of_any_size_gives_the_field_of_a_disc(size_px, radius):
    ink = drawn(size_px, disc(size_px * 0.4, size_px * 0.55, size_px * radius), 4)
    field = fit_letter(ink, (20, 12, 44, 44))
    at = np.arange(CELL_PX) + 0.5
    distance = 16 - np.hypot(at[None, :] - 32, at[:, None] - 28)
    expected = np.clip(distance, -FIELD_LIMIT_PX, FIELD_LIMIT_PX)
    tolerance = 0.35 if size_px > 100 else 1.0  # a coarse picture is known to half of its pixels
    assert field.dtype == np.float32
    assert np.abs(field - expected).mean() < tolerance / 3
    assert np.abs(field - expected).max() < tolerance


@pytest.mark.parametrize("size_px", [128, 700])
def test_a_bar_keeps_its_shape_at_the_height_of_its_target(size_px):
    unit = size_px / 64
    ink = drawn(size_px, bar(10 * unit, 8 * unit, 18 * unit, 56 * unit), 4)
    field = fit_letter(ink, (20, 12, 44, 44))  # 48 high becomes 32 high, so 8 wide becomes 5.33
    at = np.arange(CELL_PX) + 0.5
    across, along = 8 / 48 * 32 / 2 - np.abs(at - 32), 16 - np.abs(at - 28)
    middle = field[28]
    near = np.abs(across) < 6
    assert middle[near] == pytest.approx(across[near], abs=0.35)
    assert field[:, 32][np.abs(along) < 2] == pytest.approx(along[np.abs(along) < 2], abs=0.35)


def test_a_wide_stroke_beyond_the_cell_is_cut_not_refused():
    field = fit_letter(drawn(200, bar(5, 98, 195, 101), 4), (20, 12, 44, 44))
    assert field.shape == (64, 64)
    assert (field[20:36] > 0).all()


def test_paper_is_white_where_there_is_no_ink():
    assert paper(np.array([[0.0, 1.0, 2.0, -1.0, 0.5]], np.float32)).tolist() == [[255, 0, 0, 255, 128]]
