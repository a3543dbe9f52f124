"""Data sets by name."""

import pytest

from studio.core.error import UserError
from studio.datasets.catalogue import DATA_SETS, build_data_set


def test_every_data_set_says_what_it_is():
    assert set(DATA_SETS) == {"digits", "glyphs", "avatars", "notes", "emoji", "glossy"}
    for entry in DATA_SETS.values():
        assert entry.sentence
        assert entry.licence


def test_an_unknown_name_is_answered_with_the_known_ones(tmp_path):
    with pytest.raises(UserError, match="digits, glyphs, avatars, notes, emoji, glossy"):
        list(build_data_set("faces", tmp_path))
