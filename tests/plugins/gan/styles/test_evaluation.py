"""The figures of the styles, by counting."""

import numpy as np
import pytest
import torch

from plugins.gan.styles.training import evaluation
from plugins.gan.styles.training.evaluation import (
    accepted_share,
    found_share,
    judged_style,
    laid,
    real_scores,
    styles_checks,
    translated,
)
from studio.datasets.emoji.styles import EmojiStyles
from tests.plugins.gan.styles.styles_made import HandStyles


class BrightnessJudge:
    """Calls dark pictures glossy; keeps what it was shown."""

    def __init__(self):
        self.shown = []

    def __call__(self, pictures):
        self.shown.append(pictures)
        brightness = pictures.mean((1, 2, 3))
        return torch.stack([brightness, 1 - brightness], 1)


def measured(measuring):
    while True:
        try:
            next(measuring)
        except StopIteration as end:
            return end.value


@pytest.fixture
def emoji():
    random = np.random.default_rng(0)
    flat = random.integers(140, 200, (20, 64, 64, 3), np.uint8)
    glossy = random.integers(60, 110, (20, 64, 64, 3), np.uint8)
    return EmojiStyles(flat, glossy, tuple(map(str, range(20))), ("",) * 20, False)


def test_pictures_are_translated_in_parts(emoji):
    flat, glossy = laid(emoji)
    assert float(flat.min()) >= 2 * 140 / 255 - 1 - 1e-6
    torch.testing.assert_close(measured(translated(HandStyles(), flat, False)), flat - 0.2)
    torch.testing.assert_close(measured(translated(HandStyles(), glossy, True)), glossy + 0.1)


def test_the_share_that_a_judge_accepts_is_counted_on_rounded_pictures():
    judge = BrightnessJudge()
    pictures = torch.stack([torch.full((3, 4, 4), value) for value in (-0.9, -0.5, 0.3, 0.9)])
    assert accepted_share(judge, pictures, True) == 0.5
    assert accepted_share(judge, pictures[:3], False) == pytest.approx(1 / 3)
    shown = judge.shown[0] * 255
    torch.testing.assert_close(shown, shown.round(), atol=1e-4, rtol=0)


def test_a_judge_looks_at_mirror_image_and_neighbouring_places():
    class CornerJudge(BrightnessJudge):
        def __call__(self, pictures):
            super().__call__(pictures)
            bright = pictures[:, 0, 0, 0]
            return torch.stack([bright, torch.full_like(bright, 0.3)], 1)  # flat where bright on average

    judge, picture = CornerJudge(), torch.zeros(1, 3, 4, 4)
    picture[0, 0, 0, 0] = picture[0, 0, 0, 3] = 1
    assert judged_style(judge, picture).tolist() == [0]  # in 4 of 8 views the corner is bright: 0.5 > 0.3
    bright = [float(view[0, 0, 0, 0]) for view in judge.shown]
    assert len(bright) == 8
    assert sum(bright) == 4
    picture[0, 0, 0, 3] = 0
    assert judged_style(judge, picture).tolist() == [1]  # in 2 of 8: 0.25 < 0.3


def test_the_own_original_is_found_by_brute_force():
    random = torch.Generator().manual_seed(0)
    originals = torch.rand(12, 3, 4, 4, generator=random)
    made = originals + 0.8 * torch.rand(12, 3, 4, 4, generator=random)
    for n_nearest in (1, 3, 5):
        n_found = 0
        for number in range(12):
            distances = [float((made[number] - other).abs().mean()) for other in originals]
            n_found += number in sorted(range(12), key=distances.__getitem__)[:n_nearest]
        assert found_share(made, originals, n_nearest) == pytest.approx(n_found / 12)
    assert found_share(originals, originals, 1) == 1
    assert found_share(originals.flip(0), originals, 1) == 0


def test_the_checks_say_what_must_be_reached(emoji, monkeypatch):
    monkeypatch.setattr(evaluation, "load_judge", lambda name: BrightnessJudge())
    checks = measured(styles_checks(HandStyles(), emoji))
    by_name = {check.name: check for check in checks}
    assert len(by_name) == len(checks) == 11
    right = by_name["Judge of styles right on real held-out emoji, share"]
    assert (right.value, right.floor) == (1.0, 0.98)
    seen = by_name["Judge sees the wanted style, flat to glossy, share"]
    assert seen.floor == 0.85
    assert seen.value == 0  # darker by a tenth is still bright
    found = by_name["Own original among the 5 nearest of 20, flat to glossy, share"]
    assert (found.value, found.floor) == (1.0, 0.5)
    back = by_name["Back again after flat to glossy, mean colour error, 0 to 1"]
    assert back.value == pytest.approx(0.05, abs=1e-4)
    assert not back.is_higher_better


def test_scores_of_real_ones_are_quantiles(emoji):
    found = measured(real_scores(HandStyles(), emoji))
    flat, glossy = laid(emoji)
    assert len(found["flat"]) == len(found["glossy"]) == 101
    means = glossy.mean((1, 2, 3))
    assert found["glossy"][0] == pytest.approx(float(means.min()), abs=1e-5)
    assert found["glossy"][50] == pytest.approx(float(means.quantile(0.5)), abs=1e-5)
    assert found["flat"][100] == pytest.approx(float((-flat.mean((1, 2, 3))).max()), abs=1e-5)
    assert (np.diff(found["flat"]) >= 0).all()
