"""How a game is dreamt and learnt: few-step sampling in closed form, batches by number, runs that repeat and go on."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from plugins.diffusion.arcade.engine import ArcadeEngine
from plugins.diffusion.arcade.games.game import GAMES
from plugins.diffusion.arcade.model.dream import as_pictures, as_seen, dimmed, dreamt, steps_of
from plugins.diffusion.arcade.params import PLAYERS, ArcadeParams
from plugins.diffusion.arcade.state import KEYS, N_SEEN, SEEN, STORED_MOMENT, GameMoment, KeyOrder, moment_of
from plugins.diffusion.arcade.training.evaluation import copies, measured
from plugins.diffusion.arcade.training.objective import (
    DREAMT_SHARE,
    ArcadeBatches,
    ArcadeObjective,
    moving_weights,
    picture_errors,
)
from plugins.diffusion.arcade.training.recipe import UNET
from plugins.diffusion.pictures.model.networks import PixelDiffusion, PixelDiffusionConfig
from plugins.diffusion.shared.model.noise_schedule import NoiseSchedule
from studio.api.engine import Device
from studio.core.error import UserError
from studio.core.pausing import result_of
from studio.core.steered_walk import SteeredWalk

GAME = GAMES["paddle"]
CPU = torch.device("cpu")
SMALL = replace(UNET, widths=(8, 8), n_blocks=(1, 1), self_attention=(0, 0), cross_attention=(0, 0))


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(1)
    network = PixelDiffusion(PixelDiffusionConfig(SMALL, class_names=GAME.keys)).eval()
    torch.nn.init.normal_(network.unet.leave.weight, std=0.02)
    return network


@pytest.fixture(scope="module")
def engine(network):
    return ArcadeEngine(network, GAME, Device("cpu", "float32", 1))


def some_pictures(n):
    states = GAME.random_states(n * N_SEEN, np.random.default_rng(2))
    return GAME.draw(states).reshape(n, N_SEEN, 64, 64, 3)


def test_pictures_survive_the_way_to_the_network_and_back():
    pictures = some_pictures(4)
    seen = as_seen(pictures)
    assert seen.shape == (4, 3 * N_SEEN, 64, 64)
    assert np.array_equal(as_pictures(seen[:, -3:]), pictures[:, -1])


def test_what_is_seen_keeps_its_power_at_every_time():
    schedule, noise = NoiseSchedule(), torch.randn(3, 9, 64, 64, generator=torch.Generator().manual_seed(3))
    times = torch.tensor([0, 250, 999])
    powers = dimmed(torch.zeros_like(noise), noise, schedule, times).square().mean((1, 2, 3))
    assert powers.numpy() == pytest.approx(1 - schedule.alphas_cumprod[[0, 250, 999]], rel=0.05, abs=1e-3)


@torch.no_grad()
def test_one_step_is_what_the_network_says_of_noise_and_two_are_ddim(network):
    seen, keys = as_seen(some_pictures(2)), torch.tensor([0, 2])
    noise = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(4))
    clean = torch.zeros(2)

    def said(x, time):
        asked = network(x, torch.full((2,), time), classes=keys, extra=seen, extra_time=clean)
        return asked.clamp(-1, 1)

    assert torch.allclose(dreamt(network, seen, keys, noise, steps_of(network, 1)), said(noise, 999.0))
    schedule = network.config.schedule
    (alpha, sigma), (alpha_2, sigma_2) = schedule.alpha_sigma(999), schedule.alpha_sigma(499)
    first = said(noise, 999.0)
    x = alpha_2 * first + sigma_2 * (noise - alpha * first) / sigma
    assert torch.allclose(dreamt(network, seen, keys, noise, steps_of(network, 2)), said(x, 499.0), atol=1e-5)


def test_batches_follow_from_their_number_and_end_with_what_the_rules_draw(network):
    batches = ArcadeBatches(GAME, 6, 5, CPU)
    one, other, next_one = (batches.draw(network, step, 0) for step in (3, 3, 4))
    assert torch.equal(one.x0, other.x0)
    assert torch.equal(one.asked["extra"], other.asked["extra"])
    assert not torch.equal(one.x0, next_one.x0)
    clean = one.asked["extra_time"] == 0
    clean[: int(DREAMT_SHARE * 6)] = False  # whose newest picture is dreamt
    seen = one.asked["extra"][clean].unflatten(1, (N_SEEN, 3))
    keys = one.asked["classes"][clean].numpy()
    read = np.stack([GAME.read(as_pictures(seen[:, k])) for k in range(N_SEEN)], 1)
    pressed = np.stack([np.zeros_like(keys), np.zeros_like(keys), keys], 1)
    wanted, found = GAME.expected(read, pressed)[:, 2], GAME.read(as_pictures(one.x0[clean]))[:, 2]
    assert found == pytest.approx(wanted, abs=0.2)  # the paddle, which the last key alone moves


@pytest.mark.parametrize(("number", "score"), [(0, 1), (1, 0)], ids=["hit", "missed"])
def test_what_follows_a_dream_is_the_future_that_it_comes_nearest_to(network, monkeypatch, number, score):
    n, keys = 4, np.zeros((N_SEEN + 1, 4), np.int64)
    states = np.tile(np.array([[32.0, 49.5, 0.0, 2.0, 40.0, 0.0]], np.float32), (n, 1))  # at the floor in three steps
    run = GAME.run(states, keys)
    dream = as_seen(GAME.draw(GAME.futures(run[2], keys[2])[number])[:, None])
    monkeypatch.setattr("plugins.diffusion.arcade.training.objective.dreamt", lambda *asked: dream[: len(asked[1])])
    batches = ArcadeBatches(GAME, n, 5, CPU)
    seen = batches._seen(run)
    batches._dream(network, seen, run, torch.from_numpy(keys), np.random.default_rng(6))
    assert set(GAME.read(as_pictures(seen[: int(DREAMT_SHARE * n), -3:]))[:, 3]) == {score}


def test_a_dream_that_goes_by_the_rules_changes_nothing(network, monkeypatch):
    n, random = 4, np.random.default_rng(7)
    states = np.tile(np.array([[32.0, 20.0, 0.0, 2.0, 32.0, 0.0]], np.float32), (n, 1))  # far from floor and walls
    keys = np.stack([random.permutation(np.arange(n) % len(GAME.keys)) for _ in range(N_SEEN)] + [np.full(n, 2)])
    keys[-2] = 1  # to the left, and then to the right
    run = GAME.run(states, keys)

    def ruled(network, seen, pressed, *more):
        return as_seen(GAME.draw(GAME.step(run[-3, : len(seen)], pressed.numpy()))[:, None])

    monkeypatch.setattr("plugins.diffusion.arcade.training.objective.dreamt", ruled)
    batches = ArcadeBatches(GAME, n, 5, CPU)
    seen = batches._seen(run)
    before = seen.clone()
    batches._dream(network, seen, run, torch.from_numpy(keys), random)
    assert torch.equal(seen, before)


def test_what_moves_counts_more_than_what_never_does():
    x0 = torch.zeros(4, 3, 64, 64)
    x0[0, :, 10, 20] = 1
    weights = moving_weights(x0)
    assert weights[0, 0, 10, 20] == 21
    assert weights.sum() == 4 * 64 * 64 + 4 * 20


@torch.no_grad()
def test_the_loss_is_the_weighted_error_of_the_clean_picture(network):
    silent = PixelDiffusion(network.config)  # says 0 until it has learnt
    objective = ArcadeObjective(ArcadeBatches(GAME, 4, 6, CPU))
    batch = objective.batches.draw(silent, 0, 0)
    loss, errors = picture_errors(silent, batch)
    assert torch.allclose(loss, (batch.x0.square() * moving_weights(batch.x0)).mean())
    assert torch.allclose(errors, batch.x0.square().mean((1, 2, 3)))
    assert torch.equal(objective(silent, 0, 0)[0], loss)


@pytest.mark.long("computes for long")
def test_a_run_repeats_and_goes_on_from_any_frame(engine):
    params = ArcadeParams(seed=3, pictures=16)
    frames = list(engine.generate(params))
    assert [frame.step for frame in frames] == list(range(16))
    for index in (0, 7, 15):
        branch = list(engine.generate(params, frames[index].state))
        assert len(branch) == 16 - index
        assert all(
            np.array_equal(one.state[SEEN], two.state[SEEN]) for one, two in zip(branch, frames[index:], strict=True)
        )


@pytest.mark.long("computes for long")
def test_who_plays_decides_the_keys(engine):
    runs = {who: list(engine.generate(ArcadeParams(seed=3, pictures=16, player=who))) for who in PLAYERS}
    assert {int(frame.state[KEYS][-1]) for frame in runs["nobody"]} == {0}
    assert len({int(frame.state[KEYS][-1]) for frame in runs["random"]}) == 3


def test_a_played_picture_is_the_one_of_a_run_with_the_same_key(engine):
    frames = list(engine.generate(ArcadeParams(seed=3, pictures=8, player="random")))
    played = SteeredWalk[GameMoment](3, frames[3].state)
    (first,) = engine.walk_on(played, None)
    assert np.array_equal(first.state[SEEN], frames[3].state[SEEN])
    for frame in frames[4:]:
        (found,) = engine.walk_on(played, KeyOrder(int(frame.state[KEYS][-1]), ArcadeParams().steps))
        assert np.array_equal(found.state[SEEN], frame.state[SEEN])


def test_a_moment_survives_json_and_a_damaged_one_is_refused(engine):
    state = list(engine.generate(ArcadeParams(seed=3, pictures=9)))[-1].state
    back = STORED_MOMENT.read(json.loads(json.dumps(STORED_MOMENT.write(state))))
    assert all(np.array_equal(back[name], state[name]) and back[name].dtype == state[name].dtype for name in state)
    for name, wrong in (
        (SEEN, state[SEEN][:2]),
        (KEYS, np.array([0, 1, 9])),
        ("true", np.full((1, 6), np.nan, np.float32)),
        ("index", np.array([-1])),
    ):
        with pytest.raises(UserError):
            moment_of(GAME, {**state, name: wrong})


@pytest.mark.long("computes for long")
def test_a_copy_of_the_last_picture_goes_by_few_rules():
    found = result_of(measured(GAME, copies, True, 1, n_games=2))
    assert found.steps < 0.1
    assert found.scores > 0.8
