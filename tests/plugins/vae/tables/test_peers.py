"""The other ways of filling gaps, held against scikit-learn's, and by hand."""

import numpy as np
import pytest

from plugins.vae.tables.training.peers import (
    N_ROUNDS,
    RIDGE,
    filling_by_mean,
    filling_by_neighbours,
    filling_by_regressions,
)
from studio.core.pausing import result_of


@pytest.fixture
def cells():
    chance = np.random.default_rng(3)
    whole = chance.normal(0, 1, (230, 6)) @ chance.normal(0, 1, (6, 6))
    whole[chance.random(whole.shape) < 0.2] = np.nan
    whole[7] = np.nan  # a row of which nothing is known
    return whole


def test_means_and_neighbours_by_hand():
    cells = np.array([[0.0, 1.0], [0.1, 3.0], [9.0, 50.0], [0.05, np.nan]])
    assert result_of(filling_by_mean(cells))[3, 1] == pytest.approx(18)
    assert result_of(filling_by_neighbours(cells, 2))[3, 1] == pytest.approx(2)


def test_a_column_of_gaps_alone_stays_sound():
    cells = np.array([[0.0, np.nan], [1.0, np.nan], [2.0, np.nan]])
    for fill in (filling_by_mean, filling_by_neighbours, filling_by_regressions):
        assert np.isfinite(result_of(fill(cells))).all()


def test_neighbours_are_those_of_scikit_learn(cells):
    impute = pytest.importorskip("sklearn.impute")
    theirs = impute.KNNImputer(n_neighbors=5).fit_transform(cells)
    ours = result_of(filling_by_neighbours(cells))
    assert np.allclose(ours, theirs)


def test_regressions_are_those_of_scikit_learn(cells):
    pytest.importorskip("sklearn.experimental.enable_iterative_imputer")
    from sklearn.impute import IterativeImputer
    from sklearn.linear_model import Ridge

    theirs = IterativeImputer(Ridge(alpha=RIDGE), max_iter=N_ROUNDS, tol=1e-12, random_state=0)
    with pytest.warns(Warning, match="Early stopping"):
        filled = theirs.fit_transform(cells)
    assert np.allclose(result_of(filling_by_regressions(cells)), filled, atol=1e-6)
