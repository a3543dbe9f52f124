"""Whose turn it is and that each turn moves its own network alone, and what the discriminator sees through."""

import copy
from dataclasses import replace

import pytest
import torch

from plugins.gan.people.model.dcgan import PlainGan
from plugins.gan.people.model.style_gan import FaceDiscriminator, FaceDiscriminatorConfig, spread
from plugins.gan.people.training.data import FaceBatches
from plugins.gan.people.training.dcgan_recipe import PLAIN_RULES, WASSERSTEIN_RULES, DcganObjective
from plugins.gan.people.training.style_objective import (
    MAX_SHARE,
    RATE,
    Augmentations,
    StyleLearner,
    StyleLoss,
    StyleObjective,
    changed,
    conditioning_loss,
    drawn_changes,
    next_share,
)
from studio.api.training import AVATAR_LABELS, AVATARS, Training, TrainSettings, random_judge
from tests.plugins.gan.people.people_made import TINY, TINY_PLAIN

CPU = torch.device("cpu")
SETTINGS = TrainSettings(n_steps=40, learning_rate=1e-3, momentum=0.0, clip_norm=1e6)
K = len(AVATAR_LABELS)


def picture():
    return torch.arange(2 * 3 * 16 * 16).reshape(2, 3, 16, 16).float() / 1000


def test_a_shift_moves_the_picture_and_shows_white_behind_it():
    found = changed(picture(), Augmentations(torch.tensor([[2, 0], [0, -3]]), torch.tensor([False, False])))
    assert torch.equal(found[0, :, :-2], picture()[0, :, 2:])
    assert (found[0, :, -2:] == 1).all()
    assert torch.equal(found[1, :, :, 3:], picture()[1, :, :, :-3])
    assert (found[1, :, :, :3] == 1).all()


def test_a_flip_mirrors_and_lets_gradients_through():
    x = picture().requires_grad_()
    found = changed(x, Augmentations(torch.zeros(2, 2, dtype=torch.long), torch.tensor([True, False])))
    assert torch.equal(found[0], x[0].flip(2))
    found[0, 0, 0, 0].backward()
    assert float(x.grad[0, 0, 0, -1]) == 1


def test_no_share_changes_nothing_and_a_full_one_nearly_all():
    nothing = drawn_changes(50, 0.0, 1, "x")
    assert not nothing.shifts.any()
    assert not nothing.flips.any()
    much = drawn_changes(400, 1.0, 1, "x")
    assert float(much.flips.float().mean()) == pytest.approx(0.5, abs=0.08)
    assert float((much.shifts != 0).any(1).float().mean()) > 0.95


def test_the_share_rises_while_the_discriminator_is_sure_and_stays_in_its_bounds():
    sure, unsure = torch.ones(8), torch.tensor([1.0, -1.0] * 4)
    assert next_share(0.2, sure) == pytest.approx(0.2 + RATE)
    assert next_share(0.2, unsure) == pytest.approx(0.2 - RATE)
    assert next_share(0.0, unsure) == 0
    assert next_share(MAX_SHARE, sure) == MAX_SHARE


def faces(n=12):
    random = torch.Generator().manual_seed(0)
    pictures = torch.randint(0, 255, (n, 64, 64, 3), generator=random, dtype=torch.uint8)
    labels = torch.stack([torch.arange(n) % len(kinds) for kinds in AVATAR_LABELS.values()], 1)
    return pictures, labels


def moved_parts(training, n):
    """The networks that each of the next steps moved."""
    found, run = [], training.run()
    for _ in range(n):
        before = copy.deepcopy(training.model.state_dict())
        next(run)
        after = training.model.state_dict()
        changed = {name.split(".")[0] for name, value in after.items() if not torch.equal(value, before[name])}
        found.append(changed - {"augmented"})
    return found


@pytest.mark.long("trains a network")
def test_the_generator_copies_first_and_then_they_take_turns():
    pictures, labels = faces()
    batches = FaceBatches(pictures, labels, 8, 8, 1, CPU)
    torch.manual_seed(0)
    learner = StyleLearner(
        replace(TINY, discriminator=FaceDiscriminatorConfig(widths=(8, 8, 8, 8), map_widths=(64, 96, 128, 128)))
    )
    objective = StyleObjective(batches, random_judge(AVATARS), StyleLoss(n_copying=2))
    training = Training(learner, objective, SETTINGS, CPU)
    assert moved_parts(training, 6) == [
        {"generator"},
        {"generator"},
        {"discriminator"},
        {"generator"},
        {"discriminator"},
        {"generator"},
    ]


@pytest.mark.parametrize("game", [PLAIN_RULES, WASSERSTEIN_RULES])
def test_plain_ones_take_their_turns(game):
    pictures, _ = faces()
    torch.manual_seed(0)
    gan = PlainGan(replace(TINY_PLAIN, is_critic=game is WASSERSTEIN_RULES))
    training = Training(gan, DcganObjective(pictures, game, 4, 1, CPU), SETTINGS, CPU)
    n = game.n_discriminator + game.n_generator
    wanted = [{"discriminator"}] * game.n_discriminator + [{"generator"}] * game.n_generator
    found = moved_parts(training, 2 * n)
    # Batch normalisation of the other one keeps counting while it is looked through.
    assert [part & {whose} for part, (whose,) in zip(found, wanted * 2, strict=True)] == wanted * 2


def test_what_was_not_said_costs_nothing():
    judge = random_judge(AVATARS)
    maps = judge.maps(torch.rand(2, 3, 64, 64))
    logits = judge.split(judge.head(maps[-1].mean((2, 3))))
    told = torch.full((2, K), -1)
    told[0, 3] = 2
    wanted = torch.nn.functional.cross_entropy(logits[3][:1], torch.tensor([2]))
    assert torch.allclose(conditioning_loss(judge, maps, told), wanted)
    assert float(conditioning_loss(judge, maps, torch.full((2, K), -1))) == 0


def test_the_spread_of_equal_pictures_is_nought_and_of_others_their_deviation():
    x = torch.ones(4, 3, 2, 2)
    assert float(spread(x).max()) < 1e-3
    x = torch.tensor([0.0, 2.0, 0.0, 2.0])[:, None, None, None].expand(4, 3, 2, 2)
    assert torch.allclose(spread(x), torch.ones(4, 1, 2, 2), atol=1e-3)


def test_the_discriminator_hears_what_is_said():
    torch.manual_seed(0)
    discriminator = FaceDiscriminator(FaceDiscriminatorConfig(widths=(8, 8, 8, 8), map_widths=())).eval()
    pictures, unsaid = torch.rand(4, 3, 64, 64), torch.full((4, K), -1)
    said = unsaid.clone()
    said[:, 0] = 1
    with torch.no_grad():
        assert torch.allclose(discriminator(pictures, unsaid), discriminator(pictures), atol=1e-6)
        assert not torch.allclose(discriminator(pictures, said), discriminator(pictures), atol=1e-3)
