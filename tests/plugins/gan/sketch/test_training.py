"""The losses of generator and discriminator of icons, whose turn it is, and the recipe from first step to card."""

import json
import math
from dataclasses import replace

import pytest
import torch
from torch.nn import functional as F

from plugins.gan.sketch.engine import DrawEngine
from plugins.gan.sketch.model.pix2pix import DrawNetwork
from plugins.gan.sketch.scene import SketchParams
from plugins.gan.sketch.training import recipe as draw_recipe
from plugins.gan.sketch.training.data import DrawBatch, DrawBatches
from plugins.gan.sketch.training.evaluation import draw_checks, mean_error, real_scores
from plugins.gan.sketch.training.objective import DrawLoss, DrawObjective, discriminator_loss, generator_loss
from plugins.gan.sketch.training.recipe import DrawRecipe
from studio.api.engine import ModelSource, TrainOptions
from studio.core.card import read_card
from studio.datasets.outlines import load_shipped_outlines
from studio.datasets.split import Split
from studio.registry.catalog import Catalog
from tests.plugins.gan.sketch.sketch_made import DEVICE, SMALL, made_network, pixels_of
from tests.plugins.gan.sketch.test_data import finished

CPU = torch.device("cpu")
LOSS = DrawLoss(likeness=3.0, slope=2.0, slope_every=4, n_alone=2)


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def network():
    return made_network().requires_grad_(True)


@pytest.fixture
def batch():
    random = torch.Generator().manual_seed(2)
    return DrawBatch(torch.rand(2, 5, 32, 32, generator=random), torch.rand(2, 3, 32, 32, generator=random))


@pytest.mark.long("trains a network")
def test_the_generator_pays_for_difference_and_for_being_found_out(network, batch):
    loss, parts = generator_loss(network, batch, LOSS)
    icons = network.generator(batch.drawings)
    scores = network.discriminator(batch.drawings, icons)
    likeness, wish = (icons - batch.icons).abs().mean(), torch.log1p(torch.exp(-scores)).mean()
    torch.testing.assert_close(loss, 3 * likeness + wish)
    torch.testing.assert_close(parts["likeness"], likeness)
    loss.backward()
    assert all(weight.grad is None for weight in network.discriminator.parameters())
    assert all(weight.grad is not None for weight in network.generator.parameters())
    assert all(weight.requires_grad for weight in network.discriminator.parameters())


def test_the_discriminator_pays_for_what_it_mistakes(network, batch):
    loss, parts = discriminator_loss(network, batch, LOSS, has_slope=False)
    real = network.discriminator(batch.drawings, batch.icons)
    fake = network.discriminator(batch.drawings, network.generator(batch.drawings))
    torch.testing.assert_close(loss, torch.log1p(torch.exp(-real)).mean() + torch.log1p(torch.exp(fake)).mean())
    torch.testing.assert_close(parts["gap"], real.mean() - fake.mean())
    loss.backward()
    assert all(weight.grad is None for weight in network.generator.parameters())


def test_its_slope_is_that_of_finite_differences(network, batch):
    network = network.double()
    batch = DrawBatch(batch.drawings.double()[:1], batch.icons.double()[:1])
    plain, _ = discriminator_loss(network, batch, LOSS, has_slope=False)
    loss, parts = discriminator_loss(network, batch, LOSS, has_slope=True)
    squared, step = 0.0, 1e-4
    with torch.no_grad():
        for index in range(0, batch.icons.numel(), 7):  # every seventh number
            moved = [batch.icons.clone() for _ in range(2)]
            moved[0].view(-1)[index] += step
            moved[1].view(-1)[index] -= step
            up, down = (network.discriminator(batch.drawings, one).mean() for one in moved)
            squared += float((up - down) / (2 * step)) ** 2
    assert float(parts["slope"].detach()) == pytest.approx(0.5 * squared * 7, rel=0.15)
    torch.testing.assert_close(loss, plain + 2.0 * 4 * parts["slope"], rtol=1e-4, atol=1e-6)


def test_first_the_generator_alone_then_in_turns_with_the_slope_now_and_then(network):
    outlines = load_shipped_outlines(Split.VALIDATION)
    objective = DrawObjective(DrawBatches(outlines, 1, 0, CPU), LOSS)
    turns = [set(objective(network, step, 0)[1]) for step in range(12)]
    generator, discriminator = {"likeness", "forger"}, {"detective", "gap"}
    assert turns[:2] == [{"likeness"}] * 2
    assert turns[2::2] == [
        {*discriminator, "slope"},
        discriminator,
        discriminator,
        discriminator,
        {*discriminator, "slope"},
    ]
    assert turns[3::2] == [generator] * 5


@pytest.mark.long("trains a network")
def test_an_own_icon_is_learnt_by_heart(network, batch):
    """The loss of likeness leads to the icon."""
    optimiser = torch.optim.Adam(network.generator.parameters(), 0.01)
    before = float(F.l1_loss(network.generator(batch.drawings), batch.icons).detach())
    smooth = DrawBatch(batch.drawings, F.interpolate(batch.icons[..., ::16, ::16], scale_factor=16.0))
    for _ in range(60):
        optimiser.zero_grad()
        loss, _ = generator_loss(network, smooth, replace(LOSS, likeness=50.0))
        loss.backward()
        optimiser.step()
    assert float(F.l1_loss(network.generator(batch.drawings), smooth.icons).detach()) < 0.7 * before


@pytest.mark.long("computes for long")
def test_errors_are_means_over_all_icons_and_the_floor_is_a_ratio(network):
    network.requires_grad_(False)
    known, unseen = load_shipped_outlines(Split.VALIDATION), load_shipped_outlines(Split.TEST)
    batch = DrawBatches(unseen, 1, 0, CPU).plain(slice(None))
    error = finished(mean_error(network, batch))
    assert error == pytest.approx(float((network.generator(batch.drawings) - batch.icons).abs().mean()), rel=1e-4)
    checks = finished(draw_checks(network, known, unseen))
    assert checks[0].value == pytest.approx(checks[1].value / checks[2].value)
    assert checks[0].floor == 0.8
    assert not checks[0].is_higher_better
    scores = finished(real_scores(network, unseen))
    assert len(scores) == len(unseen.names)
    assert scores == sorted(scores)


@pytest.mark.long("trains a network")
def test_the_recipe_makes_a_model_that_opens(tmp_path, monkeypatch):
    small = {split: load_shipped_outlines(split) for split in Split}
    monkeypatch.setattr(draw_recipe, "load_outlines", small.__getitem__)
    recipe = DrawRecipe(config=SMALL, n_pictures=2, loss=replace(LOSS, n_alone=1))
    out = tmp_path / "made.safetensors"
    frames = list(recipe.train(TrainOptions(out, DEVICE, 4)))
    assert all(math.isfinite(frame.scalars["loss"]) for frame in frames if "loss" in frame.scalars)
    previews = [frame.views["picture"] for frame in frames if "picture" in frame.views]
    assert pixels_of(previews[0]).shape == (3 * 64, 8 * 64, 3)
    card = read_card(out.with_suffix(".json"))
    values = json.loads(out.with_suffix(".json").read_text())
    assert values["kind"] == "sketch"
    assert card.n_params == sum(weight.numel() for weight in DrawNetwork(SMALL).generator.parameters())
    assert card.trained["data_set"] == "small"
    engine = DrawEngine.open(ModelSource(recipe.id, out, values), DEVICE)
    frame = list(engine.generate(SketchParams(seed=2)))[-1]
    assert 0 <= frame.scalars["verdict"] <= 1
    engine.close()


def test_the_recipe_is_listed():
    recipe = Catalog().find_recipe("gan/outline-to-icon")
    assert recipe.title
    assert recipe.settings.momentum == 0.5
