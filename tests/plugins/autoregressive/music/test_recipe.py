"""Learning from chorales: excerpts, what is given, the 5-grams, and the whole recipe on made-up pieces."""

import json

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from plugins.autoregressive.music.engine import MusicEngine
from plugins.autoregressive.music.grid import HIGHEST, LOWEST, UNKNOWN
from plugins.autoregressive.music.training import recipe as chorales_recipe
from plugins.autoregressive.music.training.data import ChoraleBatches, drawn_given, excerpt, grids_of, ways_up
from plugins.autoregressive.music.training.evaluation import FiveGram, chord_rows, five_gram_accuracy, melody_rows
from plugins.autoregressive.music.training.objective import (
    NextCell,
    bits_per_beat,
    given_voices,
    note_accuracy,
    surprise,
    whole_piece,
)
from plugins.autoregressive.music.training.recipe import ChoralesRecipe
from studio.api.engine import Device, ModelSource, TrainOptions
from studio.api.training import Chorales, TrainSettings
from studio.core.card import read_card
from studio.core.pausing import result_of
from studio.core.seed import generator
from studio.core.view import Image
from studio.datasets.music.chorales_score import Score
from tests.plugins.autoregressive.music.music_made import made_grid, made_network, piece, tiny_config

CPU = torch.device("cpu")


def made_chorales(n=3, n_steps=48):
    grids = [made_grid(n_steps, seed) for seed in range(n)]
    scores = tuple(Score(grid.values, grid.places, grid.bars, 1) for grid in grids)
    return Chorales(tuple(f"bwv{number}" for number in range(n)), scores)


def test_pieces_are_moved_within_the_range_of_the_network():
    for grid in grids_of(made_chorales()):
        for up in ways_up(grid.values):
            pitches = grid.transposed(up).values
            pitches = pitches[pitches > 1]
            assert pitches.min() >= LOWEST
            assert pitches.max() <= HIGHEST


def test_batches_depend_on_their_number_alone():
    batches = ChoraleBatches(grids_of(made_chorales()), 2, 32, 5, CPU)
    one, again, other = batches.draw(3, 0), batches.draw(3, 0), batches.draw(4, 0)
    assert torch.equal(one.tokens, again.tokens)
    assert torch.equal(one.is_asked, again.is_asked)
    assert not torch.equal(one.tokens, other.tokens)


def test_an_excerpt_knows_what_was_before_and_how_far_the_end_is():
    grid = piece("60 62 64 65", "- - - -", "- - - -", "48 50 52 53")
    cut, to_end, past = excerpt(grid, 4, 8)
    assert (to_end, past.tolist()) == (4, [25, 0, 0, 13])
    assert np.array_equal(cut.values, grid.values[4:12])
    first, to_end, past = excerpt(grid, 0, 20)
    assert len(first) == 20
    assert past.tolist() == [UNKNOWN] * 4


def test_every_way_of_giving_voices_is_learnt():
    seen = set()
    for number in range(300):
        given = drawn_given(generator(1, number), 40)
        seen.add("nothing" if not given.any() else "melody" if given[:, 0].all() else "other")
        assert not given.all()
    assert seen == {"nothing", "melody", "other"}


def test_only_what_is_not_given_counts():
    network, grid = made_network(), made_grid(16)
    asked = whole_piece(grid, given_voices(grid, (0, 2)))
    assert asked.is_asked[0, :, [1, 3]].all()
    assert not asked.is_asked[0, :, [0, 2]].any()
    cells = surprise(network, asked)[0]
    bits = result_of(bits_per_beat(network, [grid], (0, 2), CPU))
    assert bits == pytest.approx(float(cells[:, [1, 3]].sum()) * 4 / 16, rel=1e-5)


@pytest.mark.long("trains a network")
def test_a_network_learns_a_piece_by_heart():
    torch.manual_seed(1)
    network = made_network().train().requires_grad_(True)
    batches = ChoraleBatches([piece("60 62 64 65", "57 59 60 60", "52 55 55 57", "45 43 48 41")], 2, 16, 1, CPU)
    objective = NextCell(batches)
    optimiser = torch.optim.Adam(network.parameters(), 0.02)
    losses = []
    for step in range(60):
        loss, _ = objective(network, step, 0)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert np.mean(losses[-5:]) < 0.4 * np.mean(losses[:5])


def test_accuracy_is_of_notes_that_begin():
    network, grid = made_network(), made_grid(24)
    accuracy = result_of(note_accuracy(network, [grid], (), CPU))
    asked = whole_piece(grid, given_voices(grid, ()))
    guessed = network(asked.known, asked.before, asked.now)[0, ..., :-1].argmax(-1).numpy()
    begins = grid.values > 1
    assert accuracy == pytest.approx(np.mean(guessed[begins] == grid.values[begins] - LOWEST + 1))


def test_a_five_gram_guesses_what_it_saw():
    grid = piece("60 62 64 65 60 62 64 67", *["- - - - - - - -"] * 3)
    rows = list(melody_rows(grid))
    assert len(rows) == 8
    assert rows[0][0] == (0, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN)
    grams = FiveGram()
    grams.learn(iter(rows))
    assert grams.guess((0, 25, 27, 29, 30)) == 25  # after 60 62 64 65 came 60
    assert grams.guess((0, 1, 1, 1, 25)) == 27  # only the last note was seen before
    assert grams.guess((2, 1, 1, 1, 1)) == 0


def test_rows_of_chords_hold_what_is_told_before():
    grid = piece("60 62", "57 59", "52 55", "45 43")
    rows = list(chord_rows(grid))
    assert len(rows) == 8
    assert rows[1] == ((3, UNKNOWN, UNKNOWN, UNKNOWN, 25), 10)  # the bass is told after the soprano
    assert rows[5][0] == (3, 10, 22, 17, 27)


def test_the_better_five_gram_is_the_peer():
    grids = grids_of(made_chorales(4))
    share = result_of(five_gram_accuracy(grids[:3], grids[3:]))
    assert 0 <= share <= 1
    assert result_of(five_gram_accuracy(grids, grids)) > 0.9  # by heart


@pytest.fixture
def recipe(monkeypatch):
    monkeypatch.setattr(chorales_recipe, "load_chorales", lambda split: made_chorales(2, 32))
    monkeypatch.setattr(chorales_recipe, "N_STEPS", 16)
    monkeypatch.setattr(chorales_recipe, "N_PIECES", 2)
    settings = TrainSettings(n_steps=4, n_warmup=1, n_decay=2, keep_best=True)
    return ChoralesRecipe(settings=settings, config=tiny_config())


@pytest.mark.long("trains a network")
def test_the_recipe_writes_a_model_that_opens(recipe, tmp_path):
    out = tmp_path / "chorales.safetensors"
    device = Device("cpu", "float32", 1)
    frames = list(recipe.train(TrainOptions(out, device)))
    assert any(isinstance(frame.views.get("picture"), Image) for frame in frames)
    card = read_card(out.with_suffix(".json"))
    assert card.id == "autoregressive/chorales"
    assert card.more["kind"] == "music"
    assert len(card.more["checks"]) == 7
    assert card.more["usual_bits"]["low"] <= card.more["usual_bits"]["high"]
    values = json.loads(out.with_suffix(".json").read_text("utf-8"))
    engine = MusicEngine.open(ModelSource("autoregressive/chorales", out, values), device)
    assert engine.about().usual_bits is not None


@pytest.mark.long("trains a network")
def test_a_stopped_training_goes_on_to_the_same_weights(recipe, tmp_path):
    device = Device("cpu", "float32", 1)
    whole, parts = tmp_path / "whole.safetensors", tmp_path / "parts.safetensors"
    list(recipe.train(TrainOptions(whole, device)))
    run = recipe.train(TrainOptions(parts, device))
    while next(run).step < 2:
        pass
    run.close()
    list(recipe.train(TrainOptions(parts, device, is_resumed=True)))
    mine, theirs = load_file(parts), load_file(whole)
    assert mine.keys() == theirs.keys()
    assert all(torch.equal(mine[name], theirs[name]) for name in mine)
