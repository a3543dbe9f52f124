"""Noise is a function of seed and keys alone."""

import numpy as np
import pytest

from studio.core.seed import generator, standard_normal


def test_the_same_seed_and_keys_give_the_same_bits():
    a, b = (standard_normal((4, 5), 7, "style", 3) for _ in range(2))
    assert a.dtype == np.float32
    assert a.tobytes() == b.tobytes()


def test_what_was_drawn_before_makes_no_difference():
    first = standard_normal((3,), 7, 2)
    standard_normal((1000,), 7, 1)
    assert np.array_equal(first, standard_normal((3,), 7, 2))


@pytest.mark.parametrize("other", [(8, "a", 1), (7, "b", 1), (7, "a", 2), (7, "a", 1, 0), (7, "a1")])
def test_every_part_counts(other):
    assert not np.array_equal(standard_normal((8,), 7, "a", 1), standard_normal((8,), *other))


def test_keys_do_not_run_into_each_other():
    assert generator(1, "2", "3").integers(2**62) != generator(1, "23").integers(2**62)
    assert generator(1, 23).integers(2**62) != generator(12, 3).integers(2**62)


def test_a_known_draw_stays_what_it_was():
    """Seeds are stored in pictures: a change of the hash would make all of them lie."""
    assert generator(7, "style").integers(0, 1000, 5).tolist() == [3, 24, 842, 458, 106]


def test_it_is_standard_normal():
    noise = standard_normal((200_000,), 1)
    assert abs(float(noise.mean())) < 0.01
    assert abs(float(noise.std()) - 1) < 0.01
