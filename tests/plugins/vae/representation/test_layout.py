"""Layouts and what they keep, held against closed forms, brute force and scikit-learn."""

import subprocess

import numpy as np
import pytest

from plugins.vae.shared.representation import neighbour_map as neighbour_module
from plugins.vae.shared.representation.encoded import Encoded, Label, Progress
from plugins.vae.shared.representation.layout import (
    FLAT,
    NEIGHBOURS,
    discriminants,
    in_the_square,
    laid_out,
    nearest,
    principal,
    purity,
)
from plugins.vae.shared.representation.neighbour_map import neighbour_map
from studio.core.error import UserError
from tests.plugins.vae.model_made import finished


def places(z, of, is_held_out=None):
    label = Label(tuple(f"kind {number}" for number in range(int(of.max()) + 1)), of.astype(np.uint16))
    held = np.zeros(len(z), bool) if is_held_out is None else is_held_out
    blank = np.zeros((len(z), 32, 32), np.uint8)
    return Encoded("test", z, blank, np.zeros(len(z), np.float32), held, ("",) * len(z), "", {"Kind": label})


def three_kinds(n=60, d=6):
    """Three kinds that differ in one hidden direction, under noise that is much stronger in others."""
    random = np.random.default_rng(0)
    of = np.arange(n) % 3
    noise = random.normal(0, 1, (n, d)) * [8, 6, 1, 1, 1, 1]
    turned, _ = np.linalg.qr(random.normal(0, 1, (d, d)))
    noise[:, 3] += 5.0 * of
    return (noise @ turned).astype(np.float32), of


def test_the_flat_map_is_that_of_singular_values():
    z, _ = three_kinds()
    _u, _s, axes = np.linalg.svd(z - z.mean(0), full_matrices=False)
    wanted = (z - z.mean(0)) @ axes[:2].T
    found = principal(z)
    assert np.abs(np.abs(found) - np.abs(wanted)).max() < 1e-3
    assert np.array_equal(np.abs(found).argmax(0), found.argmax(0))
    assert np.array_equal(principal(z[:, :1])[:, 1], np.zeros(len(z)))


def test_neighbours_are_those_of_brute_force():
    random = np.random.default_rng(1)
    points = random.normal(0, 1, (300, 5)).astype(np.float32)
    queries = np.array([0, 17, 299])
    found, _ = finished(nearest(points, queries, 7))
    for query, near in zip(queries, found, strict=True):
        distances = np.linalg.norm(points - points[query], axis=1)
        assert set(near) == set(np.argsort(distances)[1:8])


def test_purity_counts_neighbours_of_the_same_kind():
    of = np.array([0, 0, 0, 1, 1])
    near = np.array([[1, 2], [0, 3], [4, 0]])
    assert purity(near, np.array([0, 1, 3]), of) == pytest.approx(4 / 6)


def test_arranged_by_a_label_what_tells_its_kinds_apart_counts_also_of_held_out_pictures():
    z, of = three_kinds(600)
    is_held_out = np.arange(len(z)) % 2 == 0
    made = places(z, of, is_held_out)
    plain, _ = finished(laid_out(made, FLAT, ""))
    arranged, _ = finished(laid_out(made, FLAT, "Kind"))
    assert plain.purities["Kind"].on_map < 0.5
    assert arranged.purities["Kind"].on_map > 0.9
    assert plain.purities["Kind"].latent == arranged.purities["Kind"].latent
    assert plain.purities["Kind"].chance == pytest.approx(1 / 3, abs=0.01)


def test_discriminants_are_those_of_scikit_learn():
    analysis = pytest.importorskip("sklearn.discriminant_analysis")
    z, of = three_kinds(900)
    is_held_out = np.arange(len(z)) % 4 == 0
    of[is_held_out] = of[1]  # what is held out does not count
    found = z @ discriminants(places(z, of, is_held_out), "Kind")
    theirs = analysis.LinearDiscriminantAnalysis(solver="eigen").fit(z[~is_held_out], of[~is_held_out]).transform(z)
    for column in range(found.shape[1]):
        assert abs(np.corrcoef(found[:, column], theirs[:, column])[0, 1]) > 0.999


def test_the_square_is_filled():
    filled = in_the_square(np.array([[1, 5], [3, 5], [2, 5]], np.float32))
    assert np.array_equal(filled, [[-1, -1], [1, -1], [0, -1]])


def test_without_umap_a_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setattr(neighbour_module, "find_spec", lambda _: None)
    z, of = three_kinds()
    with pytest.raises(UserError, match=r"umap-learn.*pip install"):
        finished(laid_out(places(z, of), NEIGHBOURS, ""))


def test_a_program_that_fails_is_a_sentence(monkeypatch):
    monkeypatch.setattr(neighbour_module, "is_installed", lambda: True)
    monkeypatch.setattr(neighbour_module, "child_command", lambda *_: ["/bin/false"])
    z, _of = three_kinds()
    with pytest.raises(UserError, match="has failed"):
        finished(neighbour_map(z, principal(z), 0))


@pytest.mark.long("UMAP compiles itself")
def test_neighbours_stay_neighbours_and_the_second_time_they_are_kept(monkeypatch):
    pytest.importorskip("umap")
    monkeypatch.setattr(neighbour_module, "NICENESS", 0)
    random = np.random.default_rng(2)
    of = np.arange(90) % 3
    z = random.normal(0, 0.3, (90, 8)).astype(np.float32) + 3 * np.eye(8, dtype=np.float32)[of]
    made = places(z, of)
    first, told = finished(laid_out(made, NEIGHBOURS, ""))
    assert first.purities["Kind"].on_map > 0.95
    rounds = [one.n for one in told if isinstance(one, Progress) and one.n_all]
    assert rounds == sorted(rounds)
    assert rounds[-1] == 500
    monkeypatch.setattr(neighbour_module, "is_installed", lambda: pytest.fail("laid out again"))
    again, _ = finished(laid_out(made, NEIGHBOURS, ""))
    assert np.array_equal(first.positions, again.positions)


def test_what_is_given_up_ends_the_other_process(monkeypatch):
    monkeypatch.setattr(neighbour_module, "is_installed", lambda: True)
    started: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def start(*arguments, **options):
        started.append(popen(*arguments, **options))
        return started[-1]

    monkeypatch.setattr(neighbour_module, "child_command", lambda *_: ["sleep", "600"])
    monkeypatch.setattr(subprocess, "Popen", start)
    z, _of = three_kinds()
    steps = neighbour_map(z, principal(z), 0)
    next(steps)
    next(steps)
    steps.close()
    assert started[0].returncode is not None
