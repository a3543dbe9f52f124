"""Tokenizers of other people that would end the program, or make it ask for memory without end, get a sentence."""

import base64
import json
import struct
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Regex, Tokenizer, models, normalizers

from studio.core.container.sentencepiece_file import read_sentencepiece
from studio.core.error import UserError
from studio.core.text.foreign_tokenizer import guarded, read_whole, uncut
from studio.core.text.piece_tokenizer import piece_tokenizer


class PanicError(BaseException):
    """What the library throws is no Exception."""


def written(path: Path, **changes: Any) -> Path:
    tokenizer = Tokenizer(models.BPE({"a": 0, "b": 1, "aa": 2}, [("a", "a")]))
    path.write_text(json.dumps(json.loads(tokenizer.to_str()) | changes))
    return path


def replacing(pattern: str, content: str, n: int = 1) -> dict[str, Any]:
    step = {"type": "Replace", "pattern": {"String": pattern}, "content": content}
    return {"type": "Sequence", "normalizers": [step] * n}


def test_a_panic_of_the_library_becomes_a_sentence() -> None:
    with pytest.raises(UserError, match="cannot split this text"), guarded(uncut()):
        raise PanicError
    for error in (KeyboardInterrupt, SystemExit):
        with pytest.raises(error), guarded(uncut()):
            raise error


@pytest.mark.parametrize("n", [13, 60])
def test_a_text_that_doubles_with_each_step_is_refused(tmp_path: Path, n: int) -> None:
    with pytest.raises(UserError, match="damaged"):
        read_whole(written(tmp_path / "tokenizer.json", normalizer=replacing("a", "aa", n)))


def test_what_real_tokenizers_do_to_a_text_is_allowed(tmp_path: Path) -> None:
    steps = [normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " "), normalizers.Replace(" ", "\u2581")]
    steps += [normalizers.Prepend("\u2581"), normalizers.Replace("``", '"'), normalizers.Replace("''", '"')]
    tokenizer = Tokenizer(models.BPE({"a": 0}, []))
    tokenizer.normalizer = normalizers.Sequence(steps)
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    assert read_whole(tmp_path / "tokenizer.json").encode("a  a").ids == [0, 0]


@pytest.mark.parametrize("size", [0, 3, 100, (1 << 32) - 4])
def test_a_table_of_characters_that_lies_about_its_size_is_refused(tmp_path: Path, size: int) -> None:
    table = struct.pack("<I", size) + bytes(64)
    step = {"type": "Precompiled", "precompiled_charsmap": base64.b64encode(table).decode()}
    text = written(tmp_path / "tokenizer.json", normalizer=step).read_text()
    for hidden in (text, text.replace('"precompiled_charsmap"', '"precompiled\\u005fchar\\u0073map"')):
        (tmp_path / "tokenizer.json").write_text(hidden)
        with pytest.raises(UserError, match="damaged"):
            read_whole(tmp_path / "tokenizer.json")
    piece = b"\x0a\x08\x0a\x01a\x15" + struct.pack("<f", -1.0)
    with pytest.raises(UserError, match="damaged"):
        piece_tokenizer(read_sentencepiece(piece + b"\x1a\x46\x12\x44" + table))
