"""What the enlarging networks learn from, their losses, and that learning works."""

import numpy as np
import pytest
import torch

from plugins.gan.enlarge.model.discriminator import EnlargeDiscriminatorConfig
from plugins.gan.enlarge.training.data import Crops, EnlargeSample, quartered, samples_of, unit
from plugins.gan.enlarge.training.evaluation import (
    FLOOR_DB,
    PhotoFigures,
    checks_of,
    mean_db,
    mixing_figures,
    photo_figures,
)
from plugins.gan.enlarge.training.objective import FaithfulObjective, VividLearner, VividLoss, VividObjective, reduced
from plugins.gan.enlarge.training.recipe import EnlargeRecipe, middles
from studio.api.training import Training, TrainSettings
from tests.plugins.gan.enlarge.enlarge_made import CONFIG, made_networks, photo_like

SMALL_DETECTIVE = EnlargeDiscriminatorConfig((4, 6, 8))


def crops_of(n=2, side=8, seed=1):
    return Crops(samples_of([photo_like(80, 96), photo_like(64, 64, 1)]), n, side, seed)


def rivals():
    torch.manual_seed(0)
    return VividLearner(CONFIG, SMALL_DETECTIVE)


def test_crops_lie_over_each_other():
    """What is left of a crop is what was cut from the small photo, but for its borders, which see their neighbours."""
    small, large = crops_of(8, 12).batch(0, 0)
    assert small.shape == (8, 3, 12, 12)
    assert large.shape == (8, 3, 48, 48)
    again = reduced(large)
    assert float((again - small)[..., 2:-2, 2:-2].abs().max()) < 2.5 / 255


def test_crops_are_the_same_for_the_same_numbers_only():
    crops = crops_of()
    assert torch.equal(crops.batch(3, 0)[1], crops.batch(3, 0)[1])
    assert not torch.equal(crops.batch(3, 0)[1], crops.batch(4, 0)[1])


def test_lively_places_are_taken_more_often():
    flat_and_lively = np.zeros((64, 256, 3), np.uint8)
    flat_and_lively[::8, 128:] = 255
    drawn = Crops([EnlargeSample(flat_and_lively, quartered(flat_and_lively))], 200, 4, 1).batch(0, 0)[0]
    assert float((drawn.amax((1, 2, 3)) > 0).float().mean()) > 0.65  # one place alone would give half


def test_photos_that_are_too_small_are_left_out():
    pairs = samples_of([photo_like(16, 16), photo_like(80, 96)])
    assert Crops(pairs, 4, 8, 1).batch(0, 0)[0].shape == (4, 3, 8, 8)


def test_reduced_is_what_pillow_leaves():
    pixels = photo_like(48, 64)
    ours = reduced(unit([pixels]))[0].movedim(0, 2).numpy() * 255
    assert np.abs(ours - quartered(pixels)).max() < 1.2


def test_the_faithful_loss_is_the_mean_error():
    network, crops = made_networks().faithful, crops_of()
    small, large = crops.batch(5, 0)
    loss, _ = FaithfulObjective(crops)(network, 5, 0)
    assert loss.item() == pytest.approx((network(small) - large).abs().mean().item())


def test_each_rival_learns_on_its_own_steps():
    model = rivals()
    objective = VividObjective(crops_of(), VividLoss())
    for step, learner, other in ((2, model.discriminator, model.generator), (3, model.generator, model.discriminator)):
        model.zero_grad()
        loss, _ = objective(model, step, 0)
        loss.backward()
        assert any(weight.grad is not None and weight.grad.abs().sum() > 0 for weight in learner.parameters())
        assert all(weight.grad is None for weight in other.parameters())
        assert all(weight.requires_grad for weight in model.parameters())


def test_the_slope_is_taken_lazily_and_in_full():
    model, crops = rivals(), crops_of()
    plain, penalised = (VividObjective(crops, VividLoss(slope=slope, slope_interval=4)) for slope in (0.0, 2.0))
    lazily = [(penalised(model, step, 0)[0] - plain(model, step, 0)[0]).item() for step in (0, 2, 4, 6, 8)]
    assert lazily[1:4] == [0, 0, 0]
    small, large = crops.batch(0, 0)
    large.requires_grad_()
    scores = model.discriminator(large, small, crops.shift(0, 0))[0].mean((1, 2, 3))
    (slope,) = torch.autograd.grad(scores.sum(), large)
    assert lazily[0] == pytest.approx(2 * 4 * 0.5 * float(slope.square().flatten(1).sum(1).mean()), rel=1e-3)


def test_the_generator_pays_for_each_part():
    model, crops = rivals(), crops_of()
    loss, parts = VividObjective(crops, VividLoss(0.5, 2.0, 0.25, 0.125))(model, 1, 0)
    wanted = 0.5 * parts["pixels"] + 2 * parts["reduced"] + 0.25 * parts["features"] + 0.125 * parts["forger"]
    assert loss.item() == pytest.approx(wanted.item(), rel=1e-5)


def test_learning_beats_plain_enlarging():
    torch.manual_seed(2)
    settings = TrainSettings(n_steps=60, learning_rate=5e-3, n_warmup=5, n_decay=30, clip_norm=10.0)
    edges = (np.indices((96, 96)).sum(0) // 16 % 2 * 200 + 20).astype(np.uint8)
    pairs = samples_of([np.repeat(edges[..., None], 3, 2)])
    training = Training(
        made_networks(strength=0.001).faithful.train().requires_grad_(True),
        FaithfulObjective(Crops(pairs, 4, 8, 1)),
        settings,
        torch.device("cpu"),
    )
    losses = [step.loss for step in training.run()]
    assert np.mean(losses[-5:]) < 0.8 * np.mean(losses[:3])


def finished(measuring):
    while True:
        try:
            next(measuring)
        except StopIteration as end:
            return end.value


def test_a_photo_is_measured_beside_all_ways_of_enlarging():
    pair = samples_of([photo_like(48, 64)])[0]
    figures = finished(photo_figures(made_networks(), pair))
    assert set(figures.psnr) == set(figures.ssim) == {"bicubic", "lanczos", "faithful", "vivid"}
    assert figures.psnr["bicubic"] > 25


def test_mixing_outputs_and_weights_is_the_same_for_equal_networks():
    networks, pairs = made_networks(), samples_of([photo_like(48, 64)])
    networks.vivid.load_state_dict(networks.faithful.state_dict())
    found = finished(mixing_figures(networks, pairs))
    decibels = finished(mean_db(networks, pairs))
    assert found["outputs"]["psnr"] == pytest.approx(decibels["faithful"])
    assert found["weights"]["psnr"] == pytest.approx(decibels["vivid"], abs=1e-3)
    assert found["weights"]["sharpness"] == pytest.approx(found["outputs"]["sharpness"], rel=1e-3)


def test_the_gain_is_the_mean_over_photos():
    def photo(faithful, bicubic):
        values = {"faithful": faithful, "vivid": 1.0, "bicubic": bicubic, "lanczos": 2.0}
        return PhotoFigures(values, values, values)

    checks = checks_of([photo(30.0, 28.0), photo(25.0, 24.6)])
    assert checks[0].value == pytest.approx(1.2)
    assert checks[0].floor == FLOOR_DB
    assert checks[0].is_reached


def test_the_middle_of_a_pair_is_the_same_place_twice():
    pair = samples_of([photo_like(80, 96)])[0]
    middle = middles([pair], 6)[0]
    assert middle.small.shape == (6, 6, 3)
    assert np.array_equal(middle.large, pair.large[28:52, 36:60])
    assert np.array_equal(middle.small, pair.small[7:13, 9:15])


def test_the_recipe_is_what_its_card_says():
    recipe = EnlargeRecipe()
    assert recipe.id == "gan/enlarge"
    assert recipe.vivid.n_steps % 2 == 0
