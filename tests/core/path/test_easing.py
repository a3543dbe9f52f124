"""Easing against its closed forms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.path.easing import EASINGS, SPEEDS, cubic_progress

U = np.linspace(0, 1, 1001)
FORMS = {"linear": U, "in": 2 * U**2 - U**3, "out": U + U**2 - U**3, "in_out": 3 * U**2 - 2 * U**3}


@pytest.mark.parametrize("easing", EASINGS)
def test_it_is_the_closed_form(easing):
    assert cubic_progress(U, *SPEEDS[easing]) == pytest.approx(FORMS[easing])


@pytest.mark.parametrize("easing", EASINGS)
def test_it_runs_from_0_to_1_and_never_back_at_the_speeds_that_are_said(easing):
    done = cubic_progress(U, *SPEEDS[easing])
    assert (done[0], done[-1]) == (0, 1)
    assert (np.diff(done) > 0).all()
    speeds = np.diff(done)[[0, -1]] / np.diff(U)[0]
    assert speeds == pytest.approx(SPEEDS[easing], abs=3e-3)


def test_out_is_in_run_backwards():
    assert cubic_progress(U, 1, 0) == pytest.approx(1 - cubic_progress(1 - U, 0, 1))


@given(st.floats(0, 3), st.floats(0, 3))
def test_no_speeds_up_to_3_make_time_run_back(start, end):
    assert (np.diff(cubic_progress(U, start, end)) >= -1e-12).all()
