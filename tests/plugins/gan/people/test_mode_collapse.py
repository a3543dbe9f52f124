"""The diversity meter: counts and entropies by hand, a collapse said, real faces found as varied as they are."""

import math

import numpy as np
import pytest

from plugins.gan.people.model.mode_collapse import (
    KINDS,
    PAIR,
    TRIPLE,
    FaceModes,
    counted,
    effective_number,
    expected_number,
    expected_shares,
    found_words,
    mode_name,
    warning_words,
)
from plugins.gan.people.sampling import SampledKinds, mean_distance, sample_kinds
from studio.api.training import AVATAR_LABELS
from tests.plugins.gan.people.crowd_made import FREQUENCIES, at_seed, copy_engine, shipped


def modes_of(counts: list[int], expected: list[float] | None = None) -> FaceModes:
    shares = np.full(24, 1 / 24) if expected is None else np.asarray(expected)
    padded = np.array([*counts, *[0] * (24 - len(counts))])
    return FaceModes(PAIR, padded, shares, int(padded.sum()))


def test_the_kinds_are_those_of_the_data() -> None:
    assert {label: tuple(kinds) for label, kinds in KINDS.items()} == {label: AVATAR_LABELS[label] for label in TRIPLE}


def test_the_effective_number_is_the_exponential_of_the_entropy() -> None:
    assert effective_number([5, 5, 5, 5]) == pytest.approx(4)
    assert effective_number([7, 0, 0]) == pytest.approx(1)
    p = 0.8
    assert effective_number([8, 2]) == pytest.approx(math.exp(-p * math.log(p) - (1 - p) * math.log(1 - p)))


def test_a_collapse_is_an_effective_number_below_a_third_of_the_datas() -> None:
    assert not modes_of([25] * 8).is_collapsed  # 8 of 24: exactly a third
    assert modes_of([25] * 7).is_collapsed
    assert not modes_of([5] * 3).is_collapsed  # 15 faces are too few to say
    narrow = [0.5, 0.5, *[0.0] * 22]
    assert not modes_of([40], narrow).is_collapsed  # of two kinds that words leave open one is half


def test_what_holds_nine_tenths_is_named() -> None:
    collapsed = modes_of([100, 90, 6, 4])
    assert collapsed.n_holding == 2
    assert warning_words(collapsed, 1.0) == "Nearly all of these faces are of just 2 kinds: the forger has collapsed."
    assert "truncation" in warning_words(collapsed, 0.3)
    assert "one kind" in warning_words(modes_of([198, 2]), 1.0)
    assert warning_words(modes_of([9] * 24), 1.0) == ""


def test_faces_are_counted_by_their_combination_where_the_judge_is_sure() -> None:
    classes = {"hair": np.array([0, 3, 3, 1]), "beard": np.array([0, 5, 5, 2])}
    sure = {"hair": np.array([0.9, 0.8, 0.9, 0.9], np.float32), "beard": np.array([0.95, 0.9, 0.79, 1], np.float32)}
    counts = counted(classes, sure, PAIR)
    assert counts.shape == (24,)
    assert {int(k): int(counts[k]) for k in np.flatnonzero(counts)} == {0: 1, 23: 1, 8: 1}
    assert mode_name(PAIR, 8) == "side parting, chin beard and moustache"


def test_expected_shares_are_products_narrowed_by_words() -> None:
    frequencies = {"hair": [0.4, 0.3, 0.2, 0.1], "beard": [0.5, 0.1, 0.1, 0.1, 0.1, 0.1]}
    shares = expected_shares(frequencies, PAIR)
    assert shares.sum() == pytest.approx(1)
    assert shares[6 * 1 + 0] == pytest.approx(0.15)
    said = expected_shares(frequencies, PAIR, "a bun")
    assert said[:6] == pytest.approx(frequencies["beard"])
    assert said[6:].sum() == 0


def test_how_many_would_appear_among_real_faces() -> None:
    shares = np.array([0.5, 0.25, 0.25])
    rng = np.random.default_rng(1)
    tries = [len(np.unique(rng.choice(3, 4, p=shares))) for _ in range(20000)]
    assert expected_number(shares, 4) == pytest.approx(np.mean(tries), abs=0.02)


def test_the_spread_is_that_of_all_pairs() -> None:
    pictures = np.random.default_rng(2).random((7, 12))
    by_hand = [np.sqrt(((a - b) ** 2).mean()) for i, a in enumerate(pictures) for b in pictures[:i]]
    assert mean_distance(pictures) == pytest.approx(np.mean(by_hand))
    assert mean_distance(pictures[:1]) == 0


def sampled(pictures: np.ndarray, has_kinds: bool = True) -> SampledKinds:
    engine = copy_engine(pictures)
    news = [one for one in sample_kinds(engine, at_seed(0), range(len(pictures)), has_kinds) if one is not None]
    assert [one.n_faces for one in news[:2]] == [8, 16]
    return news[-1]


def test_real_faces_are_read_as_what_they_are() -> None:
    pictures, labels = shipped("test")
    seen = sampled(pictures[:64])
    right = np.mean([seen.classes[name] == labels[:64, list(AVATAR_LABELS).index(name)] for name in TRIPLE])
    assert right > 0.97
    modes = seen.modes(PAIR)
    assert modes.n_sure >= 58
    assert not modes.is_collapsed
    assert f"{modes.n_found} of 24" in found_words(modes)
    assert seen.frequencies == FREQUENCIES
    assert len(seen.modes(TRIPLE).counts) == 120


def test_one_face_again_and_again_is_a_collapse() -> None:
    pictures, _ = shipped("test")
    seen = sampled(np.repeat(pictures[3:4], 24, 0))
    assert seen.modes(PAIR).is_collapsed
    assert seen.spread == pytest.approx(0, abs=1e-6)


def test_other_pictures_only_have_a_spread() -> None:
    noise = np.random.default_rng(3).integers(0, 256, (16, 64, 64, 3), np.uint8)
    seen = sampled(noise, has_kinds=False)
    assert seen.spread > 0
    assert not seen.classes
