"""Whole words are what single tokens give, one after another; equal ones are one, and a form is kept to."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from plugins import transformer
from plugins.transformer.importers import HuggingFaceImporter
from plugins.transformer.text.engine import TransformerEngine
from plugins.transformer.text.interpret.whole_words import CUT, MOST_TOKENS, in_words, word_around, word_goes_on
from plugins.transformer.text.model.sampler import probabilities, stages
from plugins.transformer.text.model.token_constraints import sampling_of
from plugins.transformer.text.model.tokenizer import own_tokenizer
from plugins.transformer.text.params import TransformerParams
from plugins.transformer.text.trace import TextTrace, state_with
from plugins.transformer.text.view_model import BEFORE, choice_at, choice_in_words
from studio.api.engine import ModelSource
from studio.core.pausing import result_of
from studio.core.text.token import Candidate
from studio.core.text.vocabulary import TextVocabulary
from tests.plugins.transformer.foreign.made_folder import made_folder
from tests.plugins.transformer.text.decoder_made import LLAMA, decoder, sentence_tokenizer, whole
from tests.plugins.transformer.text.text_made import CPU

MODELS = Path(transformer.__file__).parent / "models"
PARAMS = TransformerParams(prompt="To be, or not", seed=4, length=3, temperature=0.7, top_p=0.9)


def by_force(read, vocabulary, ids, token, params):
    """The likeliest word after some tokens, read anew for each: its tokens, and both probabilities behind the first."""
    word, raw, after = [token], 1.0, 1.0
    while len(word) < MOST_TOKENS:
        with torch.inference_mode():
            values = read(torch.tensor([[*ids, *word]]))[0, -1].float().log_softmax(-1).numpy()
        best = int(values.argmax())
        if not word_goes_on(b"".join(map(vocabulary.piece, word)), vocabulary.piece(best)):
            break
        final = stages(values, [*ids, *word], sampling_of(params, vocabulary))[-1].logits
        raw, after = raw * np.exp(values[best]), after * probabilities(final)[best]
        word.append(best)
    return tuple(word), raw, after


def check_words(engine, read, prompt, tokens=None):
    """Hold the words that begin with the likeliest tokens after a prompt against what another reader says."""
    ids = engine.tokenizer.encode(prompt)
    with torch.inference_mode():
        tokens = tokens or read(torch.tensor([ids]))[0, -1].topk(10).indices.tolist()
    words = result_of(engine.words(ids, len(ids), tokens, PARAMS))
    for word in words:
        expected, raw, after = by_force(read, engine.vocabulary, ids, word.tokens[0], PARAMS)
        assert word.tokens == expected
        found = word.shares(ids, sampling_of(PARAMS, engine.vocabulary), "typical")
        assert found == (pytest.approx(raw, rel=1e-3), pytest.approx(after, rel=0.015 * len(expected), abs=1e-9))
    return ["".join(engine.vocabulary.piece(token).decode("utf-8", "replace") for token in one.tokens) for one in words]


@pytest.fixture(scope="module")
def engine():
    """Its words go on over several tokens, which those of random weights seldom do."""
    tokenizer = own_tokenizer(sentence_tokenizer())
    config = replace(LLAMA, n_vocab=tokenizer.n_tokens, n_context=64)
    return TransformerEngine(decoder(config, seed=6), tokenizer)


@pytest.fixture(scope="module")
def trace(engine):
    return TextTrace(whole(engine.generate(PARAMS))[-1].state)


def choices(engine, trace, place, params=PARAMS, stage="typical"):
    """What could stand at a place in tokens, and in whole words."""
    sampling, ids = sampling_of(params, engine.vocabulary), trace.ids[:place].tolist()
    choice = choice_at(trace, place, sampling, engine.vocabulary, stage, 12)
    assert choice is not None
    found = result_of(engine.words(ids, len(trace.prompt), [row.token for row in choice.rows], params))
    words = {word.tokens[0]: word for word in found}
    return choice, choice_in_words(choice, words, ids, sampling, engine.vocabulary, stage)


def test_a_word_has_the_probability_of_all_its_tokens_one_after_another(engine, trace):
    place = len(trace.prompt)
    tokens, words = choices(engine, trace, place)
    raw_of = {row.token: row for row in tokens.rows}
    assert any(row.more for row in words.rows)
    for row in words.rows:
        word, raw, after = by_force(engine.decoder, engine.vocabulary, trace.ids[:place].tolist(), row.token, PARAMS)
        assert (row.token, *row.more) == word
        first = raw_of[row.token]
        assert row.raw == pytest.approx(first.raw * raw, rel=1e-3)
        assert row.after == pytest.approx(first.after * after, rel=0.03, abs=1e-9)
    assert sum(row.after for row in words.rows) + words.others.share == pytest.approx(1)


def test_before_the_sampler_both_figures_are_the_same(engine, trace):
    _, words = choices(engine, trace, len(trace.prompt), stage=BEFORE)
    assert [row.after for row in words.rows] == [row.raw for row in words.rows]


def test_a_form_says_how_its_words_go_on(engine, trace):
    params = TransformerParams(prompt="To be, or not", choices=" nobler\n that")
    ids = list(trace.prompt)
    first = [engine.tokenizer.encode(word, with_start=False)[0] for word in (" nobler", " that")]
    found = result_of(engine.words(ids, len(ids), first, params))
    texts = [b"".join(map(engine.vocabulary.piece, word.tokens)).decode() for word in found]
    assert texts == [" nobler", " that"]
    assert all(word.is_whole for word in found)
    shares = [word.shares(ids, sampling_of(params, engine.vocabulary), "typical") for word in found]
    assert all(0 < raw <= after <= 1 for raw, after in shares)  # the form allows other cuts of the same word
    assert min(shares)[0] < min(after for _, after in shares)


def test_a_word_in_two_cuts_is_shown_once_with_both_probabilities():
    vocabulary = TextVocabulary((b" k", b"ing", b" king", b"dom"))
    rows = (Candidate(2, " king", 0.3, 0.4), Candidate(0, " king", 0.2, 0.1, is_chosen=True))
    (row,) = in_words(rows, {}, (), sampling_of(PARAMS, vocabulary), None, TextVocabulary((b" king", b"", b" king")), 8)
    assert (row.token, row.raw, row.after) == pytest.approx((0, 0.5, 0.5))
    (row,) = in_words((Candidate(3, "dom", 0.5, 0.5),), {}, (2,), sampling_of(PARAMS, vocabulary), None, vocabulary, 8)
    assert row.text == "kingdom"


@pytest.mark.parametrize(
    ("before", "piece", "is_on"),
    [
        (b" ches", b"ter", True),
        (b" ches", b" is", False),
        (b" ", b"king", True),  # a model of letters writes the space first
        (b",", b" and", False),
        (b"\n", b"And", False),
        (b"\xc3", b"\xa9", True),
        (b" ches", b"", False),  # the end of the text
        ("\u4f60".encode(), "\u597d".encode(), False),
        ("\u0915".encode(), "\u093f".encode(), True),
    ],
)
def test_where_a_word_goes_on(before, piece, is_on):
    assert word_goes_on(before, piece) is is_on


def test_a_word_that_does_not_end_is_a_beginning(engine, trace, monkeypatch):
    monkeypatch.setattr("plugins.transformer.text.interpret.word_search.MOST_TOKENS", 1)
    _, words = choices(engine, trace, len(trace.prompt))
    assert any(row.text.endswith(CUT) and not row.more for row in words.rows)


def test_the_tokens_of_a_forced_word_have_a_frame_each(engine, trace):
    last = whole(engine.generate(PARAMS))[-1].state
    word = engine.tokenizer.encode(" nobler", with_start=False)
    assert len(word) > 1
    frames = whole(engine.go_on(PARAMS, state_with(last, 3, *word)))
    assert [len(frame.state["ids"]) for frame in frames[: len(word)]] == [4 + number for number in range(len(word))]
    assert frames[-1].state["ids"][: 3 + len(word)].tolist() == [*last["ids"][:3].tolist(), *word]
    assert word_around(frames[-1].state["ids"], 4, engine.vocabulary)[0] == 3
    assert len(frames) == len(word) + PARAMS.length


@pytest.mark.parametrize("name", ["GPT-2", "Gemma 2", "Qwen3", "Phi-3"])
def test_words_of_a_foreign_folder_are_those_of_its_library(tmp_path, name):
    model = made_folder(tmp_path, name)
    engine = TransformerEngine.open(result_of(HuggingFaceImporter().load(tmp_path)), CPU)
    letters = [engine.tokenizer.find(letter) for letter in "abcdefgt"]
    check_words(engine, lambda ids: model(ids).logits, "in the tin, the", letters)
    engine.close()


@pytest.mark.parametrize(
    ("model", "prompt", "word"),
    [("shakespeare", "Enter the KING, with", " Angiers"), ("code", "def read_lines(path):\n    with op", "ension")],
)
def test_shipped_models_offer_words_that_are_no_tokens(model, prompt, word):
    path = MODELS / f"{model}.json"
    card = json.loads(path.read_text("utf-8"))
    engine = TransformerEngine.open(ModelSource(card["id"], path.with_suffix(".safetensors"), card), CPU)
    words = check_words(engine, engine.decoder, prompt)
    assert word in words
    assert engine.vocabulary.find(word) is None
    engine.close()
