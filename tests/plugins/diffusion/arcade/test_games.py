"""Games, the reader of their pictures, and the judge by rules: exact where rules are, strict where they are broken."""

import numpy as np
import pytest

from plugins.diffusion.arcade.games import paddle
from plugins.diffusion.arcade.games.drawing import DIGITS
from plugins.diffusion.arcade.games.game import GAMES, game_of
from plugins.diffusion.arcade.games.judge import judged
from studio.core.error import UserError

PADDLE = GAMES["paddle"]
NO_KEY = np.zeros(1, np.int64)


def state(x=32.0, y=30.0, across=1.0, down=2.0, at=32.0, score=7.0):
    return np.array([[x, y, across, down, at, score]], np.float32)


def true_run(game, seed, n_steps, is_played):
    random = np.random.default_rng(seed)
    states, keys = [game.first(random)], []
    for _ in range(n_steps):
        seen = game.read(game.draw(states[-1]))[0]
        keys.append(game.player_key(seen, random) if is_played else int(random.integers(len(game.keys))))
        states.append(game.step(states[-1], np.array(keys[-1:])))
    return np.concatenate([game.draw(one) for one in states]), np.array(keys)


def test_a_free_ball_flies_straight_and_walls_are_mirrors():
    flown = paddle.step(state(), NO_KEY)[0]
    assert flown[:4].tolist() == [33.0, 32.0, 1.0, 2.0]
    bounced = paddle.step(state(x=58.9, across=1.5), NO_KEY)[0]
    assert bounced[[0, 2]].tolist() == pytest.approx([59.5 - 0.9, -1.5])
    assert paddle.step(state(y=16.5, down=-2.0), NO_KEY)[0][[1, 3]].tolist() == [16.5, 2.0]


def test_a_hit_adds_one_and_slants_and_a_miss_begins_anew():
    hit = paddle.step(state(x=35.0, y=53.0, across=1.0), NO_KEY)[0]
    assert hit[5] == 8
    assert hit[2:4].tolist() == pytest.approx([0.22 * 4, -2.0])
    assert hit[1] == 2 * 54.5 - 55
    missed = paddle.step(state(x=50.0, y=53.0), NO_KEY)[0]
    assert missed[[0, 1, 5]].tolist() == [32.0, 20.0, 0.0]
    assert paddle.step(state(y=53.0, score=99), NO_KEY)[0][5] == 0


def test_where_it_is_a_close_thing_there_are_two_futures_and_one_elsewhere():
    hit, missed = PADDLE.futures(state(x=40.0, y=53.0, across=0.0), NO_KEY)
    assert (hit[0, 5], missed[0, 5]) == (8, 0)
    true = PADDLE.step(state(x=40.0, y=53.0, across=0.0), NO_KEY)
    assert np.array_equal(true, hit)  # the paddle reaches 8.5 pixels
    hit, missed = PADDLE.futures(state(), NO_KEY)
    assert np.array_equal(hit, missed)


def test_keys_move_the_paddle_and_walls_stop_it():
    for key, way in ((0, 0), (1, -3), (2, 3)):
        assert paddle.step(state(), np.array([key]))[0][4] == 32 + way
    assert paddle.step(state(at=10.0), np.array([1]))[0][4] == 9


def test_many_games_at_once_are_each_of_them_alone():
    random = np.random.default_rng(4)
    states, keys = PADDLE.random_states(50, random), random.integers(0, 3, 50)
    alone = [PADDLE.step(one[None], key[None]) for one, key in zip(states, keys, strict=True)]
    assert np.array_equal(PADDLE.step(states, keys), np.concatenate(alone))


def test_digits_are_all_unlike():
    distances = ((DIGITS[:, None] - DIGITS[None]) ** 2).sum((2, 3)) + 99 * np.eye(10)
    assert distances.min() >= 2


@pytest.mark.long("computes for long")
def test_the_reader_finds_everything_in_true_pictures():
    states = PADDLE.random_states(1000, np.random.default_rng(5))
    seen = PADDLE.read(PADDLE.draw(states))
    off = np.abs(seen - states[:, [0, 1, 4, 5]])
    assert (off[:, :3] < 0.2).all(1).mean() >= 0.99
    assert (off[:, 3] == 0).mean() >= 0.99


def test_the_reader_finds_nothing_where_nothing_is():
    picture = PADDLE.draw(state())
    for rows, lost in (((13, 57), [0, 1]), ((57, 61), [2]), ((0, 11), [3])):
        wiped = picture.copy()
        wiped[:, rows[0] : rows[1], 2:62] = 128
        assert np.isnan(PADDLE.read(wiped)[0][lost]).all()


@pytest.mark.long("computes for long")
@pytest.mark.parametrize("is_played", [False, True])
def test_the_judge_agrees_with_every_true_step(is_played):
    for seed in range(3):
        verdict = judged(PADDLE, *true_run(PADDLE, seed, 200, is_played))
        assert verdict.steps.mean() >= 0.99
        assert verdict.scores.mean() >= 0.99


def test_the_judge_sees_a_jump_a_wrong_digit_and_a_copy():
    pictures, keys = true_run(PADDLE, 1, 40, True)
    states = PADDLE.run(PADDLE.first(np.random.default_rng(1)), keys[:, None])[:, 0]
    jumped = states[21:22].copy()
    jumped[:, 0] += 3
    jumped[:, 5] += 1
    pictures[21] = PADDLE.draw(jumped)[0]
    verdict = judged(PADDLE, pictures, keys)
    assert not verdict.steps[21 - 3]
    assert not verdict.scores[21 - 3]
    assert verdict.steps[:18].all()
    assert judged(PADDLE, np.repeat(pictures[:1], 41, 0), keys).steps.mean() < 0.1


def test_a_card_of_an_unknown_game_is_answered_with_a_sentence():
    assert game_of({"game": "paddle"}) is PADDLE
    with pytest.raises(UserError, match="does not know"):
        game_of({"game": "chess"})


def test_a_ball_that_is_put_down_has_fallen_through_the_pictures_before():
    """A true ball, drawn in three steps of its fall, gives the same field."""
    empty = np.tile(np.array(paddle.BACKGROUND, np.uint8), (3, 64, 64, 1))
    painted = paddle.BRUSHES["ball"].painted(empty, [(5.0, 5.0), (30.0, 40.0)])
    states = np.array(
        [[30, 40 - 2 * paddle.FALL + k * paddle.FALL, 0, paddle.FALL, 32, 0] for k in range(3)], np.float32
    )
    field = slice(int(paddle.TOP), int(paddle.FLOOR)), slice(int(paddle.LEFT), int(paddle.RIGHT))
    assert np.array_equal(painted[:, *field], paddle.draw(states)[:, *field])
