"""Pictures as frames: branches, endings, kinds that are found, scores and what a pixel depends on."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from plugins.autoregressive.pixels.engine import PixelEngine
from plugins.autoregressive.pixels.model.pixelcnn import MaskedPixelCNN
from plugins.autoregressive.pixels.model.receptive_field import log_likelihoods
from plugins.autoregressive.pixels.model.row_lstm import RowLSTM
from plugins.autoregressive.pixels.model.weights import save_pixels
from plugins.autoregressive.pixels.own_picture import fitted
from plugins.autoregressive.pixels.params import PixelParams
from plugins.autoregressive.pixels.state import UNKNOWN, read_state, started
from plugins.autoregressive.shared.model.head import log_probabilities, nats
from studio.api.engine import ModelSource
from studio.compute.device import Device
from studio.core.error import UserError
from studio.core.pausing import result_of
from tests.plugins.autoregressive.pixels.pixel_made import made_network

PARAMS = PixelParams(seed=5, kind="b", stride=10)
CARD = {"labels": ["a", "b", "c"], "usual_bits": {"low": 0.5, "high": 1.5}}


@pytest.fixture(scope="module")
def engine():
    return PixelEngine(made_network(width=12, head_width=24), CARD)


def are_equal(one, other):
    pairs = [(one.state[key], other.state[key]) for key in one.state]
    pairs += [(one.views[key].values, other.views[key].values) for key in one.views if key == "surprise"]
    if "next" in one.views:
        pairs += [(one.views["next"].curves[key], other.views["next"].curves[key]) for key in one.views["next"].curves]
    return all(np.array_equal(mine, theirs) for mine, theirs in pairs) and one.views.keys() == other.views.keys()


def some_picture(seed=2):
    return np.random.default_rng(seed).integers(0, 6, (8, 8)).astype(np.uint8)


def lower_half():
    return np.arange(64).reshape(8, 8) >= 32


def test_frames_tell_how_far_the_picture_is(engine):
    frames = list(engine.generate(PARAMS))
    assert [frame.step for frame in frames] == list(range(8))
    assert {frame.n_steps for frame in frames} == {8}
    assert [int(frame.state["place"][0]) for frame in frames] == [0, 10, 20, 30, 40, 50, 60, 64]
    third = frames[3]
    pixels = third.views["picture"].pixels.reshape(64, 3)
    assert (pixels[30:] == UNKNOWN).all()
    assert (pixels[:30] == pixels[:30, :1]).all()  # grey
    np.testing.assert_array_equal(pixels[:30, 0], np.round(third.state["values"].ravel()[:30] * 51.0))
    assert "next" not in frames[-1].views


def test_every_frame_says_what_the_network_says_about_the_next_pixel(engine):
    for frame in list(engine.generate(replace(PARAMS, temperature=0.5)))[:-1]:
        place = int(frame.state["place"][0])
        outputs = engine.network(torch.from_numpy(frame.state["values"]).long(), torch.tensor([1]))
        said = log_probabilities(outputs, engine.config)[0].flatten(0, 1)[place]
        expected = (said / 0.5).softmax(0)
        (curve,) = frame.views["next"].curves.values()
        np.testing.assert_allclose(curve, expected, atol=1e-5)


def test_guidance_bends_what_comes_next_and_leaves_the_surprise_to_the_model(engine):
    frames = list(engine.generate(replace(PARAMS, guidance=2.0)))
    frame, place = frames[3], int(frames[3].state["place"][0])
    values = torch.from_numpy(frame.state["values"]).long()
    said = torch.stack(
        [
            log_probabilities(engine.network(values, torch.tensor([label])), engine.config)[0].flatten(0, 1)
            for label in range(3)
        ]
    )  # (C, P, V)
    chances = torch.from_numpy(result_of(engine.kinds(frame.state["values"][0], place)))
    mixed = (chances[:, None] * said[:, place].exp()).sum(0).log()
    (curve,) = frame.views["next"].curves.values()
    np.testing.assert_allclose(curve, (3 * said[1, place] - 2 * mixed).softmax(0), atol=1e-4)
    score = result_of(engine.score(frames[-1].state["values"][0], "b"))
    np.testing.assert_allclose(frames[-1].views["surprise"].values[0], score.surprise, atol=1e-3)


def test_a_guided_branch_repeats_its_parent_bit_for_bit(engine):
    guided = replace(PARAMS, n_endings=2, guidance=1.0)
    frames = list(engine.generate(guided, started(some_picture(), lower_half(), 2)))
    assert not are_equal(frames[-1], list(engine.generate(PARAMS, started(some_picture(), lower_half(), 2)))[-1])
    branch = list(engine.generate(guided, frames[2].state))
    assert all(map(are_equal, branch, frames[2:]))


@pytest.mark.parametrize("n_classes", [1, 17])
def test_models_of_one_kind_or_of_many_heed_no_guidance(n_classes):
    lone = PixelEngine(made_network(n_classes=n_classes), {})
    assert not lone.about().can_be_guided
    plain, guided = (list(lone.generate(replace(PARAMS, kind="0", guidance=guidance))) for guidance in (0.0, 2.0))
    assert all(map(are_equal, plain, guided))


def test_bits_are_those_of_the_pixels_so_far(engine):
    last = list(engine.generate(PARAMS))[-1]
    score = result_of(engine.score(last.state["values"][0], "b"))
    assert last.scalars["bits"] == pytest.approx(score.bits_per_dimension, abs=1e-4)
    np.testing.assert_allclose(last.views["surprise"].values[0], score.surprise, atol=1e-3)


def test_a_branch_repeats_its_parent_bit_for_bit(engine):
    parameters = replace(PARAMS, n_endings=3)
    frames = list(engine.generate(parameters))
    for index in (0, 3, 7):
        branch = list(engine.generate(parameters, frames[index].state))
        assert [frame.step for frame in branch] == [frame.step for frame in frames[index:]]
        assert all(map(are_equal, branch, frames[index:]))


def test_an_erased_part_is_finished_and_all_else_stays(engine):
    picture = some_picture()
    is_erased = np.zeros((8, 8), bool)
    is_erased[2:5, 3:7] = True
    frames = list(engine.generate(replace(PARAMS, stride=1), started(picture, is_erased, 4)))
    assert len(frames) == 12 + 1
    values = frames[-1].state["values"]
    assert (values[:, ~is_erased] == picture[~is_erased]).all()
    assert len({ending.tobytes() for ending in values}) == 4
    assert frames[0].views["picture"].pixels.shape == (17, 17, 3)
    drawn = [(before.state["values"] != after.state["values"]).any(0) for before, after in pairwise(frames)]
    assert all(changed.sum() <= 1 and not changed[~is_erased].any() for changed in drawn)


def test_endings_are_the_pictures_of_their_seeds(engine):
    state = started(some_picture(), lower_half(), 4)
    together = list(engine.generate(PARAMS, state))[-1].state["values"]
    for number, ending in enumerate(together):
        single = started(some_picture(), lower_half(), 1)
        alone = list(engine.generate(replace(PARAMS, seed=5 + number), single))[-1].state["values"]
        np.testing.assert_array_equal(alone[0], ending)


def test_a_picture_of_which_nothing_is_erased_is_read_and_scored(engine):
    frames = list(engine.generate(replace(PARAMS, stride=8), started(some_picture(), np.zeros((8, 8), bool))))
    score = result_of(engine.score(some_picture(), "b"))
    assert len(frames) == 9
    assert frames[-1].scalars["bits"] == pytest.approx(score.bits_per_dimension, abs=1e-4)
    stretches = score.surprise.mean(1)
    assert [frame.scalars["surprise"] for frame in frames[1:]] == pytest.approx(stretches.tolist(), abs=1e-4)
    assert all((frame.state["values"][0] == some_picture()).all() for frame in frames)


def test_what_follows_a_changed_pixel_is_drawn_anew(engine):
    frames = list(engine.generate(replace(PARAMS, stride=1)))
    state = frames[-1].state
    level = (int(state["values"][0, 2, 4]) + 3) % 6
    changed = {**state, "values": state["values"].copy(), "place": np.array([21])}
    changed["values"][:, 2, 4] = level
    followed = list(engine.generate(replace(PARAMS, stride=1), changed))
    values = followed[-1].state["values"][0]
    np.testing.assert_array_equal(values.ravel()[:20], state["values"][0].ravel()[:20])
    assert values[2, 4] == level
    assert (values.ravel()[21:] != state["values"][0].ravel()[21:]).any()
    at = int(followed[0].state["place"][0])
    assert at == 21


def test_the_kind_is_that_which_fits_what_is_kept():
    """A network that knows the kinds by their first pixels alone."""
    network = made_network(n_layers=1)
    for weight in network.parameters():
        weight.zero_()
    network.head.inner.weight[:3, :3, 0, 0] = torch.eye(3)
    network.head.last.weight[:3, :3, 0, 0] = 3 * torch.eye(3)
    joint = network.first.joint
    joint.out.weight[:3, :3, 0, 0] = 9 * torch.eye(3)
    joint.labels.weight[:, 2 * 8 :] = -9.0
    for kind in range(3):
        joint.labels.weight[kind, 16 + kind] = 9.0  # tanh
        joint.labels.weight[kind, 24 + kind] = 9.0  # sigmoid
    engine = PixelEngine(network, CARD)
    state = started(np.full((8, 8), 2, np.uint8), lower_half(), 4)
    params = replace(PARAMS, kind="")
    ended = list(engine.generate(params, state))[-1].state or {}
    assert ended["labels"].tolist() == [2, 2, 2, 2]
    assert (ended["values"] == 2).mean() > 0.9
    ended = list(engine.generate(replace(params, kind="a"), state))[-1].state or {}
    assert ended["labels"].tolist() == [0] * 4


def test_the_kind_of_a_whole_picture_is_found_from_all_of_it(engine):
    picture = some_picture()
    state = started(picture, np.zeros((8, 8), np.bool_), 4)
    chances = result_of(engine.kinds(picture, 64))
    labels = [
        label
        for seed in range(0, 200, 4)
        for label in next(engine.generate(replace(PARAMS, kind="", seed=seed), state)).state["labels"].tolist()
    ]
    shares = np.bincount(labels, minlength=3) / len(labels)
    np.testing.assert_allclose(shares, chances, atol=0.1)
    assert abs(chances - 1 / 3).max() > 0.2


def test_a_model_of_own_pictures_reads_one_as_it_learnt_them():
    card = {"settings": {"framing": "crop"}, "data_set": {"name": "digits"}}
    engine = PixelEngine(made_network(), card)
    rgb = np.full((40, 80, 3), 220, np.uint8)
    rgb[10:30, 30:50] = 60  # dark on a bright ground, in the middle
    levels = engine.fitted(rgb)
    assert levels[0, 0] == round(220 / 255 * 5)
    assert levels[4, 4] == round(60 / 255 * 5)
    assert engine.example(0) is None  # a folder may be called like a set that is brought along
    whole = PixelEngine(made_network(), {**card, "settings": {"framing": "fit"}}).fitted(rgb)
    assert whole[0, 0] == 5  # on white


@pytest.mark.parametrize("n_levels", [2, 16, 256])
def test_thin_lines_are_as_bright_as_thick_ones_or_refused(n_levels):
    rgb = np.full((1200, 1600, 3), 255, np.uint8)
    for along in range(1100):
        rgb[along + 50, along + 250 : along + 260] = 0
    assert fitted(rgb, 28, n_levels).max() == n_levels - 1
    rgb[:] = 255
    rgb[100, 100] = rgb[1100, 1500] = 0
    with pytest.raises(UserError, match="too thin"):
        fitted(rgb, 28, n_levels)


def test_kinds_are_by_bayes(engine):
    picture = some_picture()
    values = torch.from_numpy(picture).long().expand(3, -1, -1)
    each = nats(engine.network(values, torch.arange(3)), values, engine.config).flatten(1)[:, :27].sum(1)
    np.testing.assert_allclose(result_of(engine.kinds(picture, 27)), (-each).softmax(0), atol=1e-5)
    np.testing.assert_allclose(result_of(engine.kinds(picture, 0)), 1 / 3)


def test_without_a_kind_a_picture_is_as_likely_as_the_mean_over_the_kinds(engine):
    picture = some_picture()
    each = result_of(log_likelihoods(engine.network, picture, 8)).sum((1, 2))
    expected = -np.log2(np.exp(each).mean()) / 64
    score = result_of(engine.score(picture))
    assert score.bits_per_dimension == pytest.approx(expected, rel=1e-4)
    assert score.kinds.sum() == pytest.approx(1, abs=1e-5)


def test_a_place_has_the_distribution_that_the_network_gives(engine):
    picture = some_picture()
    said = log_probabilities(engine.network(torch.from_numpy(picture)[None], torch.tensor([2])), engine.config)
    np.testing.assert_allclose(engine.distribution(picture, 2, 37), said[0, 4, 5].exp(), atol=1e-6)


def test_dependence_is_the_slope_of_the_surprise(engine):
    """Against finite differences of the surprise, a level a 5th of the range."""
    picture, place = some_picture(), 45
    found = engine.dependence(picture, 0, place)
    config, network = engine.config, engine.network.double()
    levels = torch.from_numpy(picture).long()[None]

    def surprise(change):
        pictures = (levels.double() * 0.4 - 1)[:, None].clone()
        pictures[0, 0, 4, 4] += change
        outputs = network.outputs(pictures, torch.tensor([0]))[:, 5, 5]
        return float(nats(outputs, levels[:, 5, 5], config)) / np.log(2)

    slope = abs(surprise(5e-3) - surprise(-5e-3)) / 1e-2 * 2
    network.float()
    assert found.amount[4, 4] == pytest.approx(slope, rel=2e-2, abs=1e-4)
    assert not found.is_seen.ravel()[place:].any()
    assert found.is_seen[4, 4]


def test_the_plain_network_of_the_same_reach_has_a_blind_spot(engine):
    seen, plain = engine.dependence(some_picture(), 0, 7 * 8 + 3).is_seen, engine.plain_receptive_field(7 * 8 + 3)
    assert seen[6, 7]
    assert plain[6, 3]
    rows = np.arange(7)
    assert plain[rows].sum() < seen[rows].sum()


@pytest.mark.parametrize("kind", [RowLSTM, MaskedPixelCNN])
def test_other_networks_are_drawn_too(kind, tmp_path):
    path = tmp_path / "made.safetensors"
    save_pixels(path, made_network(kind))
    engine = PixelEngine.open(ModelSource("autoregressive/made", path, CARD), Device("cpu", "float32", 1))
    frames = list(engine.generate(PARAMS))
    assert len(frames) == 8
    assert engine.about().labels == ("a", "b", "c")
    assert engine.about().usual_bits == (0.5, 1.5)
    engine.close()


def test_pauses_are_no_frames(engine):
    params, state = replace(PARAMS, kind="", stride=64), started(some_picture(), lower_half())
    with_pauses = list(engine.generate_with_pauses(params, state))
    assert None in with_pauses
    assert len([frame for frame in with_pauses if frame is not None]) == 2


def test_a_kind_that_there_is_not_is_refused(engine):
    with pytest.raises(UserError, match="Z"):
        next(engine.generate(replace(PARAMS, kind="Z")))


@pytest.mark.parametrize(
    "change",
    [
        {"values": np.zeros((1, 7, 7), np.uint8)},
        {"values": np.full((1, 8, 8), 6, np.uint8)},
        {"labels": np.array([3])},
        {"place": np.array([65])},
        {"place": np.array([1, 2])},
        {"kept": np.zeros((8, 7), np.uint8)},
        {"values": np.zeros((1, 8, 8), np.float32)},
    ],
)
def test_a_state_of_another_model_is_refused(change):
    state = started(np.zeros((8, 8), np.uint8), lower_half())
    read_state(state, 8, 6, 3)
    with pytest.raises(UserError):
        read_state({**state, **change}, 8, 6, 3)
    with pytest.raises(UserError):
        read_state({}, 8, 6, 3)
