"""In which encoding a person's text is written, found from its beginning."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.container.encoding import UTF_8, UTF_16, WINDOWS, encoding_of, text_of
from studio.core.error import UserError

LETTERS = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t"))


@given(LETTERS, st.sampled_from([UTF_8, "utf-8", UTF_16]), st.integers(0, 3))
def test_any_text_is_found_again_but_for_a_last_character_that_is_cut(text, name, n_cut):
    text = text.lstrip("\ufeff")
    data = text.encode(name)
    found = text_of(data[: max(len(data) - n_cut, 4)])
    assert text.startswith(found)
    assert n_cut or found == text


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", UTF_8),
        (b"plain", UTF_8),
        (b"\xef\xbb\xbfmarked", UTF_8),
        ("Größe".encode(), UTF_8),
        (b"Gr\xf6\xdfe \x84so\x93", WINDOWS),
        ("Größe".encode("utf-16"), UTF_16),
        (b"\xfe\xff\0a", UTF_16),
        (b"a\0b", None),
        (b"\x80\x04\x95", None),
        (b"\x89PNG\r\n\x1a\n", None),
        (bytes(range(256)), None),
    ],
)
def test_the_encoding_of_a_beginning(data, name):
    assert encoding_of(data) == name


def test_lines_end_plainly_and_the_mark_is_no_part_of_a_text():
    assert text_of("\ufeffone\r\ntwo\rthree".encode()) == "one\ntwo\nthree"
    with pytest.raises(UserError, match="no text"):
        text_of(b"\0")
