"""The engine draws what its parameters and its state say, and refuses what does not fit."""

import numpy as np
import pytest

from plugins.vae.shared.engine import VaeEngine
from plugins.vae.shared.params import LetterParams
from plugins.vae.shared.scene import MAX_ABS_Z
from studio.core.error import UserError
from studio.core.seed import standard_normal
from studio.core.view import Field, Image, Tokens
from tests.plugins.vae import model_made
from tests.plugins.vae.model_made import (
    DEVICE,
    N_LATENT,
    HandLetters,
    digit_source,
    finished,
    letter_source,
    use_by_hand,
)


def only_frame(engine, params, start=None):
    (frame,) = engine.generate(params, start)
    return frame


def test_a_seed_gives_its_place_and_the_same_picture_twice(engine):
    first, second = (only_frame(engine, LetterParams(seed=7, spread=1.3, text="Ab")) for _ in range(2))
    assert first.state["z"].tobytes() == (np.float32(1.3) * standard_normal((N_LATENT,), 7, 0)).tobytes()
    assert first.main_view.values.tobytes() == second.main_view.values.tobytes()


def test_a_state_gives_its_place(engine):
    z = np.array([0.5, -1, 0.25, 3], np.float32)
    frame = only_frame(engine, LetterParams(seed=7), {"z": z})
    assert np.array_equal(frame.state["z"], z)
    again = only_frame(engine, LetterParams(seed=8), frame.state)
    assert again.main_view.values.tobytes() == frame.main_view.values.tobytes()


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"z": None},
        {"z": np.zeros(N_LATENT + 1, np.float32)},
        {"z": np.zeros((1, N_LATENT), np.float32)},
        {"z": np.full(N_LATENT, np.nan, np.float32)},
        {"z": np.full(N_LATENT, 2 * MAX_ABS_Z, np.float32)},
    ],
)
def test_a_state_that_does_not_fit_is_refused(engine, state):
    with pytest.raises(UserError):
        only_frame(engine, LetterParams(), state)


def test_letters_are_fields_side_by_side_and_a_space_is_empty(engine):
    frame = only_frame(engine, LetterParams(seed=3, text="A b"))
    view = frame.main_view
    assert isinstance(view, Field)
    assert view.values.shape == (3, 64, 64)
    assert view.values.dtype == np.float32
    assert (view.values[1] == -8).all()
    assert (view.values[0] > 0).any()
    assert frame.views["text"] == Tokens(("A", " ", "b"))
    alone = only_frame(engine, LetterParams(seed=3, text="b")).main_view.values
    assert view.values[2] == pytest.approx(alone[0], abs=1e-5)


def test_digits_are_ink_on_paper(digit_engine):
    view = only_frame(digit_engine, LetterParams(seed=3)).main_view
    assert isinstance(view, Image)
    assert view.pixels.shape == (28, 28)
    assert view.pixels.dtype == np.uint8
    assert view.pixels[0, 0] == 255
    assert view.pixels[14, 14] <= 1


@pytest.mark.parametrize("text", ["ß", "x" * 25, "  "])
def test_what_cannot_be_written_is_refused(engine, text):
    with pytest.raises(UserError):
        only_frame(engine, LetterParams(text=text))


def test_digits_take_no_word(digit_engine):
    with pytest.raises(UserError):
        only_frame(digit_engine, LetterParams(text="a"))


def test_a_word_of_24_letters_is_drawn(engine):
    assert only_frame(engine, LetterParams(text="x" * 24)).main_view.values.shape == (24, 64, 64)


def test_the_manifold_has_small_numbers_left_and_below(digit_engine):
    mosaic, frames = finished(digit_engine.manifold(3.0, 6))
    assert mosaic.shape == (6 * 28, 6 * 28)
    assert len(frames) == 6
    tiles = 255 - mosaic.reshape(6, 28, 6, 28).transpose(0, 2, 1, 3)
    assert (tiles[0, 0] == only_frame(digit_engine, LetterParams(), {"z": [-2.5, 2.5]}).main_view.pixels).all()
    assert (tiles[5, 5] == only_frame(digit_engine, LetterParams(), {"z": [2.5, -2.5]}).main_view.pixels).all()


@pytest.mark.parametrize(
    "broken",
    [
        {"directions": np.eye(N_LATENT + 1, dtype=np.float32)},
        {"directions": np.zeros((N_LATENT, N_LATENT), np.float32)},
        {"styles": np.zeros((3, N_LATENT), np.float32)},
        {"styles": np.zeros((4, N_LATENT - 1), np.float32)},
        {"map_mean": np.zeros(2, np.float32)},
        {"map_basis": np.zeros((3, N_LATENT), np.float32)},
        {"styles": None},
    ],
)
def test_arrays_that_do_not_fit_the_card_are_refused_in_a_sentence(monkeypatch, broken):
    use_by_hand(monkeypatch, HandLetters())
    arrays = {name: value for name, value in {**model_made.letter_arrays(), **broken}.items() if value is not None}
    monkeypatch.setattr("plugins.vae.shared.engine.read_arrays", lambda path: arrays)
    with pytest.raises(UserError, match="card"):
        VaeEngine.open(letter_source(), DEVICE)


def test_a_card_of_another_model_is_refused_in_a_sentence(monkeypatch):
    use_by_hand(monkeypatch, HandLetters())
    with pytest.raises(UserError, match="card"):
        VaeEngine.open(digit_source(), DEVICE)
