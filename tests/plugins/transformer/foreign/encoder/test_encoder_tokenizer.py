"""Texts are cut as the library cuts them, whichever files say how, and shown as people write them."""

import json
from pathlib import Path
from typing import Any

import pytest

from plugins.transformer.fill_in.model.cutter import MaskCutter
from plugins.transformer.foreign.encoder.tokenizer import read_mask_cutter
from tests.plugins.transformer.foreign.bare_folder import put
from tests.plugins.transformer.foreign.encoder.made_encoder import WORDS, put_bytes, put_words
from tests.plugins.transformer.foreign.made_folder import need_transformers

AWKWARD = (
    "The cat sat on the mat.",
    "Unwanted, unwanted playings!",
    "Café naïve NAÏVE über ÜBER Straße STRASSE İı",
    "世界 hello世界 世，界。",
    "hello 👩‍👩‍👧 world 🎉 a\u0301b e\u0301",
    "a\x00b\tc\u200bd\ufeff\x07 e\u2028a\r\n\nb\xa0c\ufffd",
    "a" * 100,
    "b" * 101,
    'do n’t don\'t 3.5 (a-b) "the" ...',
    "à la — “cat” «dog» …",
    "",
    "   ",
    "\U0001d4b6\ud7ff\ue000 \u0345\u0f0b",
)


def library(folder: Path, name: str = "BertTokenizer") -> Any:
    return getattr(need_transformers(), name).from_pretrained(folder)


def assert_alike(cutter: MaskCutter, theirs: Any) -> None:
    for text in AWKWARD:
        wanted = theirs(text)["input_ids"]
        assert [*cutter.before, *cutter.encode(text), *cutter.after] == wanted, text
    assert cutter.mask == theirs.mask_token_id


@pytest.mark.parametrize(
    "settings",
    [
        {"do_lower_case": True},
        {"do_lower_case": False},
        {"do_lower_case": True, "strip_accents": False},
        {"do_lower_case": False, "strip_accents": True},
        {"do_lower_case": True, "tokenize_chinese_chars": False},
    ],
)
def test_words_are_cut_as_the_library_cuts_them(tmp_path: Path, settings: dict[str, Any]) -> None:
    put_words(tmp_path, tokenizer_class="BertTokenizer", **settings)
    cutter = read_mask_cutter(tmp_path, len(WORDS))
    theirs = library(tmp_path)
    assert_alike(cutter, theirs)
    assert cutter.has_small_letters_only is settings["do_lower_case"]
    (tmp_path / "vocab.txt").unlink()
    theirs.save_pretrained(tmp_path)
    (tmp_path / "vocab.txt").unlink(missing_ok=True)
    assert_alike(read_mask_cutter(tmp_path, len(WORDS)), theirs)


def test_bytes_are_cut_as_the_library_cuts_them(tmp_path: Path) -> None:
    put_bytes(tmp_path)
    theirs = library(tmp_path, "RobertaTokenizer")
    assert_alike(read_mask_cutter(tmp_path, 265), theirs)
    for name in ("vocab.json", "merges.txt"):
        (tmp_path / name).unlink()
    theirs.save_pretrained(tmp_path)
    assert_alike(read_mask_cutter(tmp_path, 265), theirs)


def test_settings_beside_a_whole_tokenizer_say_whether_capitals_count(tmp_path: Path) -> None:
    put_words(tmp_path, do_lower_case=True)
    library(tmp_path).save_pretrained(tmp_path)
    settings = json.loads((tmp_path / "tokenizer_config.json").read_text())
    put(tmp_path, "tokenizer_config.json", {**settings, "do_lower_case": False})
    assert not read_mask_cutter(tmp_path, len(WORDS)).has_small_letters_only


def test_a_list_with_capitals_is_read_with_capitals_where_nothing_says_so(tmp_path: Path) -> None:
    put_words(tmp_path)
    assert read_mask_cutter(tmp_path, len(WORDS)).has_small_letters_only
    (tmp_path / "vocab.txt").write_text("\n".join([*WORDS, "The"]), encoding="utf-8")
    assert not read_mask_cutter(tmp_path, len(WORDS) + 1).has_small_letters_only


def test_marks_of_other_names_are_found_by_their_roles(tmp_path: Path) -> None:
    names = {"mask_token": "<gap>", "cls_token": {"content": "<in>"}, "sep_token": "<out>", "unk_token": "<what>"}
    put_words(tmp_path, **names)
    (tmp_path / "vocab.txt").write_text("\r\n".join(["<what>", "<in>", "<out>", "<gap>", "cat"]), encoding="utf-8")
    cutter = read_mask_cutter(tmp_path, 5)
    assert (cutter.mask, cutter.before, cutter.after) == (3, (1,), (2,))
    assert cutter.encode("cat dog <gap>") == [4, 0, -1]
    assert all(cutter.is_barred(one) for one in range(4))
    assert cutter.vocabulary.texts([4, 0, 4]) == ["cat", " \ufffd", " cat"]
