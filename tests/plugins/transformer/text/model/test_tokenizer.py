"""Tokenizers cut and join text as the libraries do that wrote them, in each form in which folders have them."""

import io
import json
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from plugins.transformer.foreign.tokenizer.byte_pairs import byte_tokenizer, knows_cut
from plugins.transformer.foreign.tokenizer.folder import read_tokenizer
from plugins.transformer.text.model.tokenizer import Specials, TextTokenizer
from studio.core.container.sentencepiece_file import read_sentencepiece
from studio.core.error import UserError
from studio.core.text.piece_tokenizer import Piece, PieceKind, PieceSet, piece_tokenizer
from tests.plugins.transformer.foreign.bare_folder import put

TEXTS = (
    "Hello world, a model",
    "  two  spaces ",
    "Ünï 中 🙂 x",
    "a\nb\t c",
    "<own> in <own>text",
    "",
    " ",
    "12345 '#!",
)
LINES = (
    "A decoder reads tokens and says of each what may come next.",
    "Hello world, this is a model of text with its 12 spaces and words.",
    "The model of the world is a model of words, two of them here.",
)


def byte_vocabulary(*more: str) -> dict[str, int]:
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    return {name: number for number, name in enumerate([*alphabet, *more])}


def bytes_of_gpt2() -> TextTokenizer:
    vocabulary = byte_vocabulary("th", "the", "<|end|>")
    made = byte_tokenizer(vocabulary, [("t", "h"), ("th", "e")], specials=["<|end|>"])
    end = vocabulary["<|end|>"]
    return TextTokenizer(made, Specials(None, frozenset({end})))


@given(st.text(max_size=40))
def test_bytes_come_back_whatever_the_text(text: str) -> None:
    tokenizer = _BYTES
    ids = tokenizer.encode(text)
    clean = text.encode("utf-8", "replace").decode()
    assert tokenizer.decode(ids) == clean.replace("<|end|>", "")
    assert b"".join(tokenizer.pieces(ids)).decode() == clean


_BYTES = bytes_of_gpt2()


def test_half_a_surrogate_does_no_harm() -> None:
    assert _BYTES.decode(_BYTES.encode("a\ud800b")) == "a?b"


def test_marks_have_no_text_and_open_an_empty_one() -> None:
    end = _BYTES.find("<|end|>")
    assert end is not None
    assert _BYTES.encode("the<|end|>") == [_BYTES.find("the"), end]
    assert _BYTES.is_special(end)
    assert _BYTES.decode([end]) == ""
    assert _BYTES.token_bytes(end) == b"<|end|>"
    assert _BYTES.opening == [end]
    assert _BYTES.vocabulary()[end] == b""
    assert _BYTES.vocabulary()[_BYTES.encode("the")[0]] == b"the"
    assert len(_BYTES.vocabulary()) == _BYTES.n_tokens == end + 1


def test_a_character_may_be_split_between_tokens() -> None:
    pieces = _BYTES.pieces(_BYTES.encode("é"))
    assert pieces == [b"\xc3", b"\xa9"]


def test_a_token_that_the_model_does_not_know_is_named() -> None:
    tokenizer = TextTokenizer(byte_tokenizer(byte_vocabulary("th"), [("t", "h")], specials=["th"]), n_known=256)
    with pytest.raises(UserError, match="“th”"):
        tokenizer.encode("then")


@pytest.mark.parametrize("cut", ["gpt-2", "llama-bpe", "qwen2", "smollm"])
def test_text_is_cut_as_each_release_cuts_it(cut: str) -> None:
    made = byte_tokenizer(byte_vocabulary(), [], cut)
    found = made.pre_tokenizer.pre_tokenize_str("it's 1234 x\n\n  y")
    words = [word for word, _ in found]
    numbers = {
        "gpt-2": ["Ġ1234"],
        "llama-bpe": ["Ġ", "123", "4"],
        "qwen2": ["Ġ", "1", "2", "3", "4"],
        "smollm": ["Ġ", "1", "2", "3", "4"],
    }[cut]
    assert words[:2] == ["it", "'s"]
    assert words[2 : 2 + len(numbers)] == numbers
    assert knows_cut(cut)
    assert not knows_cut("made-up")


@pytest.mark.parametrize("kind", ["bpe", "unigram"])
@pytest.mark.parametrize("rule", ["identity", "nmt_nfkc"])
@pytest.mark.parametrize("own", [[], ["<own>"]])
def test_pieces_are_those_of_sentencepiece(kind: str, rule: str, own: list[str]) -> None:
    library = pytest.importorskip("sentencepiece", reason="SentencePiece is not installed")
    model = io.BytesIO()
    library.SentencePieceTrainer.train(
        sentence_iterator=iter(LINES),
        model_writer=model,
        vocab_size=330 + len(own),
        model_type=kind,
        byte_fallback=True,
        normalization_rule_name=rule,
        remove_extra_whitespaces=rule != "identity",
        user_defined_symbols=own,
        minloglevel=2,
        hard_vocab_limit=False,
    )
    theirs = library.SentencePieceProcessor(model_proto=model.getvalue())
    ours = TextTokenizer(piece_tokenizer(read_sentencepiece(model.getvalue())))
    for text in TEXTS:
        ids = ours.encode(text)
        assert ids == theirs.encode(text), text
        assert ours.decode(ids) == theirs.decode(ids), text
    assert ours.n_tokens == theirs.get_piece_size()


def test_folders_have_pieces_whose_begin_is_put_first(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.model").write_bytes(_proto())
    tokenizer = read_tokenizer(tmp_path, {"bos_token_id": 1, "eos_token_id": 2}, {}, 8)
    assert tokenizer.specials == Specials(1, frozenset({2}), True)
    assert tokenizer.encode("aa") == [1, 7]
    assert tokenizer.encode("aa", with_start=False) == [7]
    assert tokenizer.decode([1, 7, 7, 2]) == "aa aa"
    put(tmp_path, "tokenizer_config.json", {"add_bos_token": False})
    assert read_tokenizer(tmp_path, {"bos_token_id": 1}, {}, 8).encode("aa") == [7]


def test_whole_tokenizers_say_themselves_what_comes_first(tmp_path: Path) -> None:
    made = byte_tokenizer(byte_vocabulary("<s>", "</s>", "<|eot|>"), [], specials=["<s>", "</s>", "<|eot|>"])
    made.enable_truncation(3)
    made.enable_padding()
    made.save(str(tmp_path / "tokenizer.json"))
    put(tmp_path, "special_tokens_map.json", {"bos_token": {"content": "<s>"}, "eos_token": "</s>"})
    tokenizer = read_tokenizer(tmp_path, {"eos_token_id": 257}, {"eos_token_id": [257, 258, 9999]}, 259)
    assert tokenizer.specials == Specials(256, frozenset({257, 258}), False)
    assert len(tokenizer.encode("more than three")) == 15
    put(tmp_path, "tokenizer_config.json", {"add_bos_token": True})
    assert read_tokenizer(tmp_path, {}, {}, 259).encode("a")[0] == 256
    assert read_tokenizer(tmp_path, {}, {}, 259).encode("<s>a") == [256, *tokenizer.encode("a")]


def test_qwen_cuts_numbers_in_digits(tmp_path: Path) -> None:
    put(tmp_path, "vocab.json", byte_vocabulary("12"))
    (tmp_path / "merges.txt").write_text("#version: 0.2\n1 2\n", encoding="utf-8")
    assert len(read_tokenizer(tmp_path, {"model_type": "gpt2"}, {}, 300).encode("12")) == 1
    assert len(read_tokenizer(tmp_path, {"model_type": "qwen2"}, {}, 300).encode("12")) == 2


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("tokenizer.json", b""),
        ("tokenizer.json", b"{}"),
        ("tokenizer.json", b'{"model": {"type": "BPE", "vocab": {"a": -1}, "merges": []}}'),
        ("tokenizer.json", b"[" * 100_000),
        ("tokenizer.model", b""),
        ("tokenizer.model", b"\xff" * 40),
        ("tokenizer.model", b"\x0a\xff\xff\xff\xff\x7f"),
        ("tokenizer.model", b"\x0a\x03\x0a\x01a" * 2),
        ("tokenizer.model", b"\x0b"),
    ],
)
def test_broken_tokenizers_get_a_sentence(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(UserError):
        read_tokenizer(tmp_path, {}, {}, 8)


@pytest.mark.parametrize(
    ("vocabulary", "merges"),
    [({"a": -1}, ""), ({"a": "b"}, ""), ({"a": 0}, "a b"), ({"a": 0}, "a b c"), ({"a": 10**9}, "")],
)
def test_broken_pairs_get_a_sentence(tmp_path: Path, vocabulary: Any, merges: str) -> None:
    put(tmp_path, "vocab.json", vocabulary)
    (tmp_path / "merges.txt").write_text(merges, encoding="utf-8")
    with pytest.raises(UserError):
        read_tokenizer(tmp_path, {}, {}, 8)


def test_a_folder_without_one_says_which_files_are_wanted(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"tokenizer\.json"):
        read_tokenizer(tmp_path, {}, {}, 8)


@given(st.binary(max_size=60))
def test_whatever_the_bytes_they_are_pieces_or_refused(data: bytes) -> None:
    try:
        made = piece_tokenizer(read_sentencepiece(data))
    except UserError:
        return
    assert made.get_vocab_size() > 0


def test_pieces_of_absurd_length_are_refused() -> None:
    with pytest.raises(UserError):
        piece_tokenizer(PieceSet((Piece("<unk>", 0.0, PieceKind.UNKNOWN), Piece("a" * 300, 0.0, PieceKind.NORMAL))))


def test_the_space_before_a_text_is_not_shown() -> None:
    made = Tokenizer(models.WordLevel({"▁a": 0, "▁b": 1}, "▁a"))
    made.decoder = decoders.Metaspace()
    tokenizer = TextTokenizer(made)
    assert tokenizer.drops_first_space
    assert tokenizer.pieces([0, 1]) == [b"a", b" b"]
    assert json.loads(made.decoder.__getstate__())["type"] == "Metaspace"


def _proto() -> bytes:
    """A model of eight pieces, written by hand: <unk>, <s>, </s>, ▁, a, ▁a, aa, ▁aa."""
    pieces = [
        ("<unk>", 0.0, 2),
        ("<s>", 0.0, 3),
        ("</s>", 0.0, 3),
        ("▁", -9.0, 1),
        ("a", -8.0, 1),
        ("▁a", -3.0, 1),
        ("aa", -2.0, 1),
        ("▁aa", -1.0, 1),
    ]
    data = b""
    for text, score, kind in pieces:
        name = text.encode()
        one = b"\x0a" + bytes([len(name)]) + name + b"\x15" + struct.pack("<f", score) + b"\x18" + bytes([kind])
        data += b"\x0a" + bytes([len(one)]) + one
    return data + b"\x12\x02\x18\x02"
