"""Prompts are cut as by the library's own tokenizer, from either kind of file, and hostile files get a sentence."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plugins.diffusion.foreign.diffusers.clip_text import ClipTokenizer
from plugins.diffusion.foreign.diffusers.vocabulary import read_vocabulary
from studio.core.error import UserError
from tests.plugins.diffusion.foreign.diffusers.made_pipeline import (
    N_TOKENS,
    need_libraries,
    tokenizer,
    write_vocabulary,
)


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """The library's tokenizer and ours of the same files."""
    need_libraries()
    folder = tmp_path_factory.mktemp("tokenizer")
    theirs = tokenizer(folder)
    return theirs, ClipTokenizer(read_vocabulary(folder), N_TOKENS)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=60))
def test_tokens_are_those_of_the_library(pair, text):
    theirs, ours = pair
    expected = theirs(text, padding="max_length", max_length=N_TOKENS, truncation=True)["input_ids"]
    found = ours.tokenise(text)
    assert list(found.ids) == expected
    assert len(found.owners) == N_TOKENS
    assert {owner for owner in found.owners if owner >= 0} == set(range(len(found.words)))


def test_words_are_those_of_the_prompt(pair):
    _, ours = pair
    found = ours.tokenise("A red  FOX, zz")
    assert found.words == ("A", "red", "FOX", ",", "zz")[: len(found.words)]
    assert found.words[:3] == ("A", "red", "FOX")
    assert found.owners[:4] == (-1, 0, 1, 2)
    assert found.text == "A red  FOX, zz"


@pytest.mark.parametrize("text", ["", "   ", "\x00", "🦊" * 50, "שלום", "<|endoftext|>", "<|startoftext|> fox"])
def test_odd_prompts_are_cut_too(pair, text):
    theirs, ours = pair
    expected = theirs(text, padding="max_length", max_length=N_TOKENS, truncation=True)["input_ids"]
    assert list(ours.tokenise(text).ids) == expected


def test_what_does_not_fit_is_not_claimed(pair):
    _, ours = pair
    found = ours.tokenise("fox " * 25_000)
    assert found.words == ("fox",) * (N_TOKENS - 2)
    assert found.text == ("fox " * (N_TOKENS - 2)).strip()


def test_the_new_kind_of_file_gives_the_same(tmp_path, pair):
    theirs, ours = pair
    theirs.save_pretrained(tmp_path)
    assert (tmp_path / "tokenizer.json").is_file()
    assert not (tmp_path / "vocab.json").exists()
    other = ClipTokenizer(read_vocabulary(tmp_path), 77)
    assert other.n_tokens == N_TOKENS
    assert other.tokenise("a red foxy").ids == ours.tokenise("a red foxy").ids


def test_the_padding_of_the_folder_is_used(tmp_path):
    need_libraries()
    write_vocabulary(tmp_path)
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"pad_token": "b</w>", "model_max_length": 5}))
    assert ClipTokenizer(read_vocabulary(tmp_path), 77).tokenise("a").ids[-1] == 27
    (tmp_path / "special_tokens_map.json").write_text(json.dumps({"pad_token": {"content": "c</w>"}}))
    assert ClipTokenizer(read_vocabulary(tmp_path), 77).tokenise("a").ids[-1] == 28
    assert ClipTokenizer(read_vocabulary(tmp_path), 4).n_tokens == 4


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("vocab.json", "[]"),
        ("vocab.json", '{"a": -1}'),
        ("vocab.json", '{"a": "b"}'),
        ("vocab.json", "{"),
        ("vocab.json", "{}"),
        ("merges.txt", "a b c\n"),
        ("merges.txt", "alone\n"),
        ("merges.txt", "x y\n"),
        ("tokenizer_config.json", "[]"),
    ],
)
def test_broken_files_get_a_sentence(tmp_path, name, text):
    need_libraries()
    write_vocabulary(tmp_path)
    (tmp_path / name).write_text(text)
    with pytest.raises(UserError):
        ClipTokenizer(read_vocabulary(tmp_path), N_TOKENS)


@pytest.mark.parametrize(
    "values", [{}, {"model": 3}, {"model": {"vocab": {"a": 0}}}, {"model": {"vocab": [], "merges": []}}]
)
def test_a_broken_new_file_gets_a_sentence(tmp_path, values):
    need_libraries()
    (tmp_path / "tokenizer.json").write_text(json.dumps(values))
    with pytest.raises(UserError):
        ClipTokenizer(read_vocabulary(tmp_path), N_TOKENS)


def test_a_missing_tokenizer_gets_a_sentence(tmp_path):
    need_libraries()
    with pytest.raises(UserError):
        ClipTokenizer(read_vocabulary(tmp_path), N_TOKENS)
