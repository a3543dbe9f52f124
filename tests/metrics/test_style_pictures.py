"""What the judge of styles learns from: both styles alike, each picture several times."""

import numpy as np
import torch

from studio.datasets.emoji.styles import load_emoji_styles
from studio.datasets.split import Split
from studio.metrics.judge import STYLES, Judge, load_judge
from studio.metrics.recipe import emoji_of_styles
from studio.metrics.style_pictures import N_COPIES, copied_style_pictures, style_pictures


def test_flat_ones_come_first():
    emoji = load_emoji_styles(Split.VALIDATION)
    pictures, styles = style_pictures(emoji)
    n = len(emoji.codes)
    assert pictures.shape == (2 * n, 3, 64, 64)
    assert styles.tolist() == [0] * n + [1] * n
    np.testing.assert_array_equal(pictures[n + 2].movedim(0, 2).numpy(), emoji.glossy[2])


def test_copies_differ_a_little_and_keep_their_style():
    emoji = load_emoji_styles(Split.VALIDATION)
    pictures, styles = copied_style_pictures(emoji)
    n = 2 * len(emoji.codes)
    assert len(pictures) == len(styles) == N_COPIES * n
    assert torch.equal(styles[:n], styles[n : 2 * n])
    assert not torch.equal(pictures[:n], pictures[2 * n : 3 * n])
    plain = style_pictures(emoji)[0]
    means = [float(part.float().mean()) for part in (plain, pictures)]
    assert abs(means[0] - means[1]) < 4
    assert torch.equal(copied_style_pictures(emoji)[0], pictures)


def test_the_shipped_judge_is_right_on_nearly_all_held_out_ones_that_are_shipped():
    test = emoji_of_styles(Split.TEST)
    read = load_judge("emoji-styles").read(test.pictures.float() / 255)
    assert float((read == test.labels).float().mean()) >= 0.95


def test_held_out_ones_are_judged_as_they_are():
    test = emoji_of_styles(Split.TEST)
    assert len(test.labels) == 96
    assert torch.equal(test.pictures, style_pictures(load_emoji_styles(Split.TEST))[0])
    assert Judge(STYLES)(test.pictures[:2].float() / 255).shape == (2, 2)
