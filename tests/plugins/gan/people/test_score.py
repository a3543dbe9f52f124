"""The spread of the discriminator's scores: shares of bins against counting, and where one score lies."""

import numpy as np
import pytest

from plugins.gan.people.panel.score import (
    ScoreQuantiles,
    bin_edges,
    middles,
    score_words,
    scores_of,
    share_below,
    shares_in_bins,
)


def test_shares_of_bins_are_those_that_counting_gives() -> None:
    drawn = np.random.default_rng(1).normal(2, 0.5, 200_000)
    quantiles = np.quantile(drawn, np.linspace(0, 1, 101))
    edges = np.linspace(quantiles[0] - 0.1, quantiles[-1] + 0.1, 20)
    counted, _ = np.histogram(drawn, edges)
    shares = shares_in_bins(quantiles, edges)
    assert shares.sum() == pytest.approx(1)
    # The lowest and the highest hundredth is taken as spread evenly.
    inner = (edges[:-1] > quantiles[1]) & (edges[1:] < quantiles[-2])
    assert np.abs(shares - counted / len(drawn))[inner].max() < 0.004


def test_equal_quantiles_are_one_bin() -> None:
    shares = shares_in_bins(np.zeros(101), np.array([-1.5, -0.5, 0.5, 1.5]))
    assert shares == pytest.approx([0, 1, 0])


def test_the_share_below_a_score() -> None:
    quantiles = np.linspace(0, 10, 101)
    assert share_below(quantiles, 2.5) == pytest.approx(0.25)
    assert share_below(quantiles, -1) == 0
    assert share_below(quantiles, 11) == 1


def test_a_card_without_scores_has_none() -> None:
    assert scores_of({}) is None
    assert scores_of({"scores": {"real": [1.0], "fake": []}}) is None
    assert scores_of({"scores": {"real": [1.0, float("nan")], "fake": [0.0, 1.0]}}) is None


def test_the_edges_hold_both_and_the_words_say_where_one_lies() -> None:
    scores = ScoreQuantiles(np.linspace(0, 10, 101), np.linspace(-5, 5, 101))
    edges = bin_edges(scores, 10)
    assert edges[0] < -5 < 10 < edges[-1]
    assert len(middles(edges)) == 10
    assert "above 30 % of the real pictures and 80 % of the fakes" in score_words(scores, 3.0)
