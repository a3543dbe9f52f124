"""What a text with gaps keeps: gaps made and put back, states and scenes in and out, and those that are unsound."""

from typing import Any

import numpy as np
import pytest

from plugins.transformer.fill_in.passage import MAX_TOKENS, GappedText, is_sound
from plugins.transformer.fill_in.scene import CODEC, FillInScene
from plugins.transformer.fill_in.state import GAP, Filling, read_state, started, tokens_of
from studio.core.error import UserError
from studio.core.text.gaps import UNKNOWN_ID, CutText, split_gaps
from studio.core.text.vocabulary import TextVocabulary

TEXT = GappedText((4, 5, UNKNOWN_ID, 7, 8), (1, 2), {1: 6})
N_VOCAB = 10


def test_gaps_are_made_and_put_back() -> None:
    assert TEXT.toggled((3,)).gaps == (1, 2, 3)
    assert TEXT.toggled((1,)) == GappedText(TEXT.ids, (2,))
    assert TEXT.toggled((2,)).gaps == (1, 2)  # nobody knows what stood there
    assert TEXT.toggled((0, 1)).put == {}
    assert TEXT.emptied() == GappedText(TEXT.ids, (0, 1, 2, 3, 4))
    assert TEXT.restored() == GappedText(TEXT.ids, (2,))
    assert TEXT.filled_with({2: 9}).put == {1: 6, 2: 9}


def test_a_state_gives_back_the_text_that_was_begun_with() -> None:
    filling = started(TEXT)
    assert filling.now.tolist() == [4, 6, -1, 7, 8]
    assert (filling.text(), filling.open_places, filling.n_steps) == (TEXT, [2], 0)
    later = filling.with_tokens({2: 3}, {2: 1.5})
    assert (later.text(), later.open_places, later.n_steps) == (TEXT, [], 1)
    assert filling.open_places == [2]  # it is never changed
    again = read_state(later.state(), N_VOCAB, 8)
    assert again.now.tolist() == [4, 6, 3, 7, 8]
    assert again.bits.tolist() == [-1, -1, 1.5, -1, -1]


@pytest.mark.parametrize(
    "harm",
    [
        {"now": np.array([4, 6, N_VOCAB, 7, 8], np.int32)},
        {"now": np.array([4, 6, -2, 7, 8], np.int32)},
        {"now": np.array([4, 6, 3, 7], np.int32)},
        {"now": np.array([-1, 6, 3, 7, 8], np.int32)},
        {"turn": np.array([-1, 0, 99, -1, -1], np.int32)},
        {"turn": np.array([-1, 0, -1, -1, -1], np.int32)},
        {"bits": np.zeros(5, np.int32)},
        {"written": np.zeros((5, 1), np.int32)},
        {"written": "text"},
    ],
)
def test_states_of_another_model_are_refused(harm: dict[str, Any]) -> None:
    state = started(TEXT).with_tokens({2: 3}, {2: 1.5}).state()
    with pytest.raises(UserError):
        read_state({**state, **harm}, N_VOCAB, 8)
    with pytest.raises(UserError):
        read_state({name: values for name, values in state.items() if name not in harm}, N_VOCAB, 8)
    with pytest.raises(UserError):
        read_state(state, N_VOCAB, 4)


def test_a_scene_is_saved_and_read() -> None:
    scene = FillInScene(text=TEXT, is_underlined=True)
    assert CODEC.read(CODEC.write(scene)) == scene
    begun = scene.start()
    assert begun is not None
    assert begun["now"].tolist() == [4, 6, -1, 7, 8]
    assert FillInScene().start() is None


@pytest.mark.parametrize(
    "text",
    [
        3,
        [[4], [0]],
        [[4], [0], [[0]]],
        [[4, 5], [1, 0], []],
        [[4, 5], [2], []],
        [[4, UNKNOWN_ID], [], []],
        [[4, 5], [1], [[0, 3]]],
        [[4, 5.0], [], []],
        [[True], [], []],
        [[], [], []],
        [[1] * (MAX_TOKENS + 1), [], []],
        [[2**31], [], []],
    ],
)
def test_scenes_that_are_unsound_are_refused(text: Any) -> None:
    written = CODEC.write(FillInScene(text=TEXT))
    with pytest.raises(UserError):
        CODEC.read({**written, "text": text})


def test_places_of_unknown_content_have_to_be_gaps() -> None:
    assert is_sound(TEXT, N_VOCAB)
    assert not is_sound(GappedText(TEXT.ids, (1,)), N_VOCAB)
    assert not is_sound(GappedText((4, N_VOCAB), ()), N_VOCAB)


def test_chips_say_who_wrote_them() -> None:
    vocabulary = TextVocabulary(tuple(f" w{number}".encode() for number in range(N_VOCAB)), frozenset())
    filling = started(TEXT).with_tokens({2: 3}, {2: 1.5})
    given, put, written, *_rest = tokens_of(filling, {0: 2.0, 1: 4.0}, vocabulary)
    assert (given.surprise_bits, given.is_written) == (2.0, False)
    assert (put.surprise_bits, put.is_forced) == (4.0, True)
    assert (written.piece, written.surprise_bits, written.is_written) == (" w3", 1.5, True)
    assert tokens_of(started(TEXT), {}, vocabulary)[2].piece == GAP


def test_underlines_are_gaps_and_the_rest_is_as_it_was() -> None:
    assert list(split_gaps("a __ b_c ____")) == ["a", None, " b_c", None]
    assert list(split_gaps("")) == []
    assert CutText("a", Filling, 1).n_tokens == 1
