"""Captions of a folder's pictures: by a table, by names, and never by what a camera calls a file."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.diffusion.pictures.training.pictures_recipe import TABLE, folder_captions, words_of_path
from studio.core.error import UserError


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("cats/black_cat-01.png", "cats black cat"),
        ("IMG_2041.jpg", ""),
        ("Red Fox (2).jpeg", "red fox"),
        ("été/forêt.png", "été forêt"),
        ("fox/fox_7.png", "fox"),
    ],
)
def test_names_become_words(name, words):
    assert words_of_path(name) == words


def test_a_table_goes_before_names(tmp_path):
    (tmp_path / TABLE).write_text('file,caption\na.png,"a fox, asleep"\nsub\\b.png,an owl\n./c.png,\n', "utf-8-sig")
    names = ["a.png", "sub/b.png", "c.png", "red_hen.png"]
    assert folder_captions(tmp_path, names) == ("a fox, asleep", "an owl", "c", "red hen")


def test_a_table_in_another_encoding_is_refused(tmp_path):
    (tmp_path / TABLE).write_bytes("file,caption\na.png,f\xfcchse\n".encode("latin-1"))
    with pytest.raises(UserError, match="cannot be read"):
        folder_captions(tmp_path, ["a.png"])


@given(st.text(max_size=60))
def test_no_name_makes_trouble(name):
    assert words_of_path(name) == " ".join(words_of_path(name).split())


@given(st.binary(max_size=200))
def test_no_table_makes_trouble(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("folder")
    (folder / TABLE).write_bytes(content)
    with contextlib.suppress(UserError):
        assert len(folder_captions(folder, ["a.png", "b.png"])) == 2
