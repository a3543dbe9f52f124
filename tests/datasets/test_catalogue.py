"""Data sets by name."""

import pytest

from studio.core.error import UserError
from studio.datasets.catalogue import DATA_SETS, build_data_set

NAMES = (
    "digits",
    "glyphs",
    "avatars",
    "avatar-layers",
    "notes",
    "speech",
    "emoji",
    "emoji-styles",
    "outlines",
    "photos",
    "glossy",
    "animated",
    "relit",
    "shakespeare",
    "verses",
    "python",
    "molecules",
    "chorales",
    "series",
)


def test_every_data_set_says_what_it_is():
    assert tuple(DATA_SETS) == NAMES
    for entry in DATA_SETS.values():
        assert entry.sentence
        assert entry.licence


def test_an_unknown_name_is_answered_with_the_known_ones(tmp_path):
    with pytest.raises(UserError, match=", ".join(NAMES)):
        list(build_data_set("faces", tmp_path))
