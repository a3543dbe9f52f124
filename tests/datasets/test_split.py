"""Splits never move: not with the machine, the order, or what else is in the set."""

import numpy as np

from studio.datasets.split import Split, split_by_count, split_by_share, stable_fraction


def test_the_hash_is_the_one_of_the_first_day():
    assert stable_fraction("Vollkorn") == 0.45700748810118796
    assert stable_fraction("digits ü") == 0.39105009525639806


def test_shares_come_out_about_right():
    parts = [split_by_share(f"key {number}", 0.1, 0.2) for number in range(5000)]
    assert abs(parts.count(Split.TEST) / 5000 - 0.2) < 0.02
    assert abs(parts.count(Split.VALIDATION) / 5000 - 0.1) < 0.02


def test_a_larger_share_only_adds():
    keys = [f"key {number}" for number in range(500)]
    small = {key for key in keys if split_by_share(key, 0.1, 0.1) is Split.TEST}
    large = {key for key in keys if split_by_share(key, 0.1, 0.2) is Split.TEST}
    assert small < large


def test_counts_are_exact_and_do_not_depend_on_the_order():
    keys = [f"item {number}" for number in range(300)]
    parts = split_by_count(keys, 30, 40)
    assert (parts.count(Split.TEST), parts.count(Split.VALIDATION)) == (40, 30)
    order = np.random.default_rng(1).permutation(300)
    again = split_by_count([keys[index] for index in order], 30, 40)
    assert again == [parts[index] for index in order]
