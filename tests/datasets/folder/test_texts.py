"""A folder of texts: what is read, what is left out and why, and parts that never overlap."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.error import UserError
from studio.core.pausing import result_of
from studio.datasets.folder.texts import MAX_FILE_BYTES, FolderTexts, is_text_folder, load_texts, read_text, text_files
from studio.datasets.split import Split

LONG = "A line that is written often enough.\n" * 600


def test_texts_are_found_within_folders_and_hidden_ones_are_passed_over(tmp_path):
    for name in ("b.txt", "a/c.MD", "a/d.py", ".git/e.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    assert text_files(tmp_path) == ["a/c.MD", "b.txt"]


def test_notes_beside_pictures_make_no_folder_of_texts(tmp_path):
    (tmp_path / "notes.md").write_text("x")
    assert is_text_folder(tmp_path)
    for number in range(3):
        (tmp_path / f"{number}.png").touch()
    assert not is_text_folder(tmp_path)
    assert not is_text_folder(tmp_path / "missing")


def test_what_cannot_be_read_is_named(tmp_path):
    (tmp_path / "good.txt").write_bytes(b"\xef\xbb\xbf" + LONG.replace("\n", "\r\n").encode())
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9")
    (tmp_path / "bytes.txt").write_bytes(b"a\0b")
    (tmp_path / "empty.md").write_text(" \n")
    texts = result_of(load_texts(tmp_path))
    assert texts.names == ("good.txt",)
    assert texts.texts == (LONG,)
    assert texts.n_characters == len(LONG)
    assert [line.partition(":")[0] for line in texts.left_out] == ["bytes.txt", "empty.md", "latin.txt"]


def test_a_text_that_is_too_large_is_refused(tmp_path):
    with (tmp_path / "large.txt").open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    with pytest.raises(UserError, match="32 MiB"):
        read_text(tmp_path / "large.txt")


def test_too_little_to_read_gives_a_sentence(tmp_path):
    with pytest.raises(UserError, match="folder"):
        result_of(load_texts(tmp_path / "missing"))
    (tmp_path / "short.txt").write_text("short")
    with pytest.raises(UserError, match="5 characters"):
        result_of(load_texts(tmp_path))


@given(st.lists(st.text(max_size=300), max_size=5))
def test_the_parts_of_a_text_are_the_text(texts):
    folder = FolderTexts(tuple(map(str, range(len(texts)))), tuple(texts))
    for text in texts:
        one = FolderTexts(("one",), (text,))
        assert "".join("".join(one.part(split)) for split in (Split.TRAIN, Split.VALIDATION, Split.TEST)) == text
    assert sum(len("".join(folder.part(split))) for split in Split) == folder.n_characters
