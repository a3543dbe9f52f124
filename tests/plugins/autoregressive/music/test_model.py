"""The network of four voices: what reaches what, steps against the whole, files, and counterpoint by hand."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch

from plugins.autoregressive.music.grid import (
    HOLD,
    HOLD_TOKEN,
    N_VOICES,
    NO_KEY,
    ORDER,
    REST,
    UNKNOWN,
    bar_starts,
    bars_of,
    key_of_signature,
    known_sounds,
    sounding,
    tokens_of,
    value_of,
)
from plugins.autoregressive.music.model.encoding import examples, nothing_before
from plugins.autoregressive.music.model.sampling import MusicSampler, gelu, parallel_sound
from plugins.autoregressive.music.model.transformer import load_music, save_music
from plugins.autoregressive.music.theory import FIFTH, OCTAVE, n_parallels, parallels, per_100_beats
from studio.core.error import UserError
from tests.plugins.autoregressive.music.music_made import made_grid, made_network, piece


def told(network, grid, is_given, given_grid=None):
    """Log-probabilities (T, V, K) of all cells."""
    asked = examples([grid], [is_given], [0], [nothing_before()])
    if given_grid is not None:
        known = examples([given_grid], [is_given], [0], [nothing_before()]).known
        return network(known, asked.before, asked.now)[0].log_softmax(-1).numpy()
    return network(asked.known, asked.before, asked.now)[0].log_softmax(-1).numpy()


def place_of(step, voice):
    """How early a cell is told."""
    return step * N_VOICES + ORDER.index(voice)


def test_no_cell_that_is_made_reaches_itself_or_one_before_it():
    network, grid = made_network(), made_grid(12)
    nothing = np.zeros(grid.values.shape, np.bool_)
    before = told(network, grid, nothing)
    for step, voice in itertools.product((0, 4, 7, 11), range(N_VOICES)):
        values = grid.values.copy()
        values[step, voice] = 61 if values[step, voice] != 61 else 63
        moved = np.abs(told(network, replace(grid, values=values), nothing) - before).max(-1)
        for other, another in itertools.product(range(12), range(N_VOICES)):
            if place_of(other, another) <= place_of(step, voice):
                assert moved[other, another] < 1e-5
        assert moved.max() > 1e-4 or place_of(step, voice) == 47


def test_what_is_given_is_known_beforehand():
    network, grid = made_network(), made_grid(12)
    is_given = np.zeros(grid.values.shape, np.bool_)
    is_given[:, 3] = True
    values = grid.values.copy()
    values[6, 3] = 55
    other = replace(grid, values=values)
    assert np.abs(told(network, grid, is_given, other)[2, 0] - told(network, grid, is_given)[2, 0]).max() > 1e-5


def test_what_is_not_given_is_unknown_and_what_began_there_too():
    values = np.array([[60], [HOLD], [62], [HOLD]], np.uint8)
    is_given = np.array([[True], [True], [False], [True]])
    sounds, begins = known_sounds(values, is_given)
    assert sounds[:, 0].tolist() == [25, 25, UNKNOWN, UNKNOWN]
    assert begins[:, 0].tolist() == [True, False, False, False]


def test_attention_looks_no_further_back_than_its_reach():
    network, grid = made_network(n_blocks=1), made_grid(24)
    nothing = np.zeros(grid.values.shape, np.bool_)
    values = grid.values.copy()
    values[0:2] = values[0:2] % 2 + 64
    values[2] = grid.values[2] = [70, 66, 61, 51]  # nothing rings on from before
    moved = np.abs(told(network, replace(grid, values=values), nothing) - told(network, grid, nothing)).max((1, 2))
    assert moved[2] > 1e-5
    assert moved[2 + 8 :].max() < 1e-5


def test_single_steps_say_what_the_whole_pass_says():
    network, grid = made_network(), made_grid(30)
    for given in ((), (0,), (1, 3)):
        is_given = np.zeros(grid.values.shape, np.bool_)
        is_given[:, list(given)] = True
        everything = np.ones_like(is_given)
        sampler = MusicSampler(network, grid, everything, 1, 1.0, is_given)
        while sampler.place < len(grid):
            sampler.advance()
        whole = told(network, grid, is_given)
        wanted = -np.take_along_axis(whole, tokens_of(grid.values)[..., None], 2)[..., 0] / np.log(2)
        assert np.abs(sampler.surprise - wanted)[1:].max() < 1e-4  # at first nothing can be held, which steps know


def test_the_chances_of_all_that_a_beginning_could_be_sum_to_one():
    network, grid = made_network(), made_grid(4)
    nothing = np.zeros(grid.values.shape, np.bool_)
    assert np.exp(told(network, grid, nothing)).sum(-1) == pytest.approx(np.ones((4, N_VOICES)), abs=1e-5)


def test_a_die_depends_on_its_seed_and_its_place_alone():
    network, grid = made_network(), made_grid(16)
    nothing = np.zeros(grid.values.shape, np.bool_)

    def made(seed, is_given=nothing, known=None):
        sampler = MusicSampler(network, grid if known is None else replace(grid, values=known), is_given, seed)
        while sampler.place < len(grid):
            sampler.advance()
        return sampler.values

    first = made(7)
    assert np.array_equal(first, made(7))
    assert not np.array_equal(first, made(8))
    settled = np.zeros_like(nothing)
    settled[:8] = True
    sampler = MusicSampler(network, replace(grid, values=first), settled, 7, 1.0, nothing)
    while sampler.place < len(grid):
        sampler.advance()
    assert np.array_equal(sampler.values, first)  # to go on from half of it is to repeat it


def test_given_cells_stay_and_nothing_begins_with_a_hold():
    network, grid = made_network(), made_grid(16)
    is_given = np.zeros(grid.values.shape, np.bool_)
    is_given[:, 1] = is_given[6:9] = True
    sampler = MusicSampler(network, grid, is_given, 3)
    while sampler.place < len(grid):
        sampler.advance()
    assert np.array_equal(sampler.values[is_given], grid.values[is_given])
    assert (sampler.values[0] != HOLD).all()


def test_parallels_are_ruled_out_on_demand_also_with_voices_that_are_given():
    network, grid = made_network(), made_grid(200)
    is_given = np.zeros(grid.values.shape, np.bool_)
    is_given[:, 2] = True
    counts = []
    for no_parallels in (True, False):
        sampler = MusicSampler(network, grid, is_given, 3, no_parallels=no_parallels)
        while sampler.place < len(grid):
            sampler.advance()
        counts.append(n_parallels(sampler.values, FIFTH) + n_parallels(sampler.values, OCTAVE))
    assert counts[0] == 0
    assert counts[1] > 0


def test_what_would_follow_in_parallel():
    assert parallel_sound(20, 13, 15) == 22  # from a fifth to the next one
    assert parallel_sound(13, 20, 18) == 11
    assert parallel_sound(25, 13, 14) == 26
    assert parallel_sound(18, 13, 15) is None  # fourths may
    assert parallel_sound(20, 13, 13) is None  # nobody moves
    assert parallel_sound(0, 13, 15) is None
    assert parallel_sound(8, 1, 49) is None  # out of range


def test_a_low_temperature_takes_the_likeliest():
    """Whatever the dice say, it is the same; at a higher one it is not."""
    network, grid = made_network(), made_grid(6)

    def begun(seed, temperature):
        sampler = MusicSampler(network, grid, np.zeros(grid.values.shape, np.bool_), seed, temperature)
        sampler.advance()
        return sampler.values[0].tolist()

    coldest, usual = ([begun(seed, temperature) for seed in range(5)] for temperature in (0.0, 1.0))
    assert all(values == coldest[0] for values in coldest)
    assert any(values != usual[0] for values in usual)
    chances = np.exp(told(network, grid, np.zeros(grid.values.shape, np.bool_))[0, 0, :HOLD_TOKEN])
    assert tokens_of(np.array(coldest[0], np.uint8))[0] == chances.argmax()


def test_gelu_is_torchs():
    x = np.linspace(-6, 6, 401, dtype=np.float32)
    assert gelu(x) == pytest.approx(torch.nn.functional.gelu(torch.from_numpy(x)).numpy(), abs=2e-6)


def test_a_network_survives_its_file(tmp_path):
    network, grid = made_network(), made_grid(10)
    save_music(tmp_path / "music.safetensors", network)
    again = load_music(tmp_path / "music.safetensors")
    nothing = np.zeros(grid.values.shape, np.bool_)
    assert np.abs(told(again, grid, nothing) - told(network, grid, nothing)).max() < 0.2
    (tmp_path / "music.safetensors").write_bytes(b"nonsense")
    with pytest.raises(UserError):
        load_music(tmp_path / "music.safetensors")


def test_tokens_stand_for_all_cells():
    values = np.array([[REST, HOLD, 36, 84]], np.uint8)
    assert tokens_of(values).tolist() == [[0, HOLD_TOKEN, 1, 49]]
    assert [value_of(int(token)) for token in tokens_of(values)[0]] == [REST, HOLD, 36, 84]


def test_what_sounds_is_what_began_last():
    values = np.array([[HOLD], [60], [HOLD], [REST], [HOLD], [62]], np.uint8)
    assert sounding(values)[:, 0].tolist() == [0, 60, 60, 0, 0, 62]


def test_keys_and_bars():
    assert [key_of_signature(fifths) for fifths in (0, 1, 2, -1, -3)] == [0, 7, 2, 5, 3]
    places, bars = bars_of(10, 6, 2)
    assert places.tolist() == [4, 5, 0, 1, 2, 3, 4, 5, 0, 1]
    assert bar_starts(places) == [0, 2, 8]
    assert set(bars.tolist()) == {6}


def test_a_piece_is_transposed_with_its_key():
    grid = piece("60 -", "60 62", "55 55", "48 50")
    higher = grid.transposed(2)
    assert higher.key == 2
    assert sounding(higher.values)[:, 0].tolist() == [62] * 4 + [0] * 4
    assert replace(grid, key=NO_KEY).transposed(3).key == NO_KEY


# Counterpoint, counted by hand


@pytest.mark.parametrize(
    ("voices", "fifths", "octaves"),
    [
        (("67 69", "- -", "- -", "60 62"), 1, 0),
        (("67 69", "- -", "- -", "48 50"), 1, 0),  # a twelfth is a fifth
        (("72 74", "- -", "- -", "60 62"), 0, 1),
        (("67 67", "- -", "- -", "60 60"), 0, 0),  # repeated, nobody moves
        (("67 69", "- -", "- -", "60 60"), 0, 0),  # one moves
        (("60 62", "65 67", "- -", "- -"), 0, 0),  # fourths, with voices crossed
        (("60 62", "67 69", "- -", "- -"), 1, 0),
        (("67 65", "- -", "- -", "60 58"), 1, 0),
        (("67 68", "- -", "- -", "60 62"), 0, 0),  # to another interval
        (("67 - 69", "- - -", "- - -", "60 - 62"), 0, 0),  # with a rest between
        (("67 69 71", "64 65 67", "60 62 64", "48 50 52"), 4, 2),
    ],
)
def test_parallels_are_counted(voices, fifths, octaves):
    values = piece(*voices).values
    assert n_parallels(values, FIFTH) == fifths
    assert n_parallels(values, OCTAVE) == octaves


def test_a_parallel_is_told_with_its_place():
    values = piece("60 67 69", "- - -", "- - -", "48 60 62").values
    assert parallels(values, FIFTH) == [(8, 0, 3)]
    assert per_100_beats(1, len(values)) == pytest.approx(100 / 3)
