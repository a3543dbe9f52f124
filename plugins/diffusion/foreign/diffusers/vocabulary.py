"""The vocabularies of tokenizers, which are plain data: those in a pipeline's folder, and the one of every CLIP."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from studio.core.container.source import is_file, open_regular
from studio.core.container.weights.folder import read_object
from studio.core.error import UserError
from studio.core.translation import N_

_MAX_BYTES: Final = 32 << 20
_MAX_JSON_TOKENS: Final = 2_000_000
_ROLES: Final = ("bos_token", "eos_token", "unk_token", "pad_token")
_START: Final = "<|startoftext|>"
_END: Final = "<|endoftext|>"
_BYTES: Final = (*range(33, 127), *range(161, 173), *range(174, 256), *range(256, 324))
"""What stands for each byte in a token (GPT-2): printable ones for themselves, the others behind all of them."""
_USUAL: Final = {"bos_token": _START, "eos_token": _END, "unk_token": _END, "pad_token": _END}


@dataclass(frozen=True, eq=False)
class ClipVocabulary:
    """What a tokenizer of CLIP is made from.

    Attributes:
        ids: of the tokens by their text.
        merges: the pairs that are merged, in this order.
        settings: its special tokens, and its length where that is known.
    """

    ids: Mapping[str, int]
    merges: Sequence[tuple[str, str]]
    settings: Mapping[str, Any]


@cache
def clip_vocabulary(is_open: bool) -> ClipVocabulary:
    """The one that every CLIP of Stable Diffusion has, which its files leave out; OpenCLIP fills up with “!”.

    48,894 merges, made by OpenAI for CLIP (MIT licence): bytes, bytes that end a word, merged pairs, start and end.
    """
    lines = (Path(__file__).parent / "clip_merges.txt").read_text(encoding="utf-8").splitlines()
    pairs = [(left, right) for left, right in (line.split(" ") for line in lines)]
    shown = [chr(number) for number in _BYTES]
    tokens = [*shown, *(f"{one}</w>" for one in shown), *("".join(pair) for pair in pairs), _START, _END]
    settings = dict(_USUAL) | ({"pad_token": "!"} if is_open else {})
    return ClipVocabulary({token: number for number, token in enumerate(tokens)}, pairs, settings)


def read_vocabulary(folder: Path) -> ClipVocabulary:
    """The tokenizer in a pipeline's folder; raises UserError where it is missing or no good."""
    ids, merges = _vocabulary(folder)
    return ClipVocabulary(ids, merges, _settings(folder))


def _vocabulary(folder: Path) -> tuple[dict[str, int], Any]:
    """Tokens by their text, and the pairs that are merged in this order."""
    if is_file(folder / "vocab.json") and is_file(folder / "merges.txt"):
        vocabulary: Any = read_json(folder / "vocab.json")
        merges: Any = [line for line in _lines(folder / "merges.txt") if line and not line.startswith("#version")]
    else:
        model = _model(folder)
        vocabulary, merges = model.get("vocab"), model.get("merges")
    pairs = [_pair(one) for one in merges] if isinstance(merges, list) else [()]
    if not all(len(pair) == 2 and all(isinstance(half, str) for half in pair) for pair in pairs):
        raise broken()
    return _numbered(vocabulary), pairs


def read_pieces(folder: Path) -> tuple[dict[str, int], Mapping[str, Any]]:
    """The pieces of words of a tokenizer of BERT by their text, and its settings; raises UserError as above."""
    if is_file(folder / "vocab.txt"):
        vocabulary: Any = {piece: number for number, piece in enumerate(_lines(folder / "vocab.txt"))}
    else:
        vocabulary = _model(folder).get("vocab")
    name = folder / "tokenizer_config.json"
    return _numbered(vocabulary), read_json(name) if is_file(name) else {}


def read_json(path: Path) -> dict[str, Any]:
    """A table of a tokenizer's, within bounds."""
    return read_object(path, _MAX_BYTES, _MAX_JSON_TOKENS)


def read_bytes(path: Path) -> bytes:
    """A file of a tokenizer's, within bounds."""
    with open_regular(path) as file:
        data = file.read(_MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        raise broken()
    return data


def _model(folder: Path) -> dict[str, Any]:
    """The heart of a tokenizer.json, with the special tokens in its vocabulary."""
    whole = read_json(folder / "tokenizer.json")
    model, added = whole.get("model"), whole.get("added_tokens")
    if not isinstance(model, dict):
        raise broken()
    vocabulary = model.get("vocab")
    if isinstance(added, list) and isinstance(vocabulary, dict):
        return model | {"vocab": {one["content"]: one["id"] for one in added if _is_token(one)} | vocabulary}
    return model


def _numbered(vocabulary: Any) -> dict[str, int]:
    if not isinstance(vocabulary, dict) or not all(type(one) is int and one >= 0 for one in vocabulary.values()):
        raise broken()
    return vocabulary


def _pair(one: Any) -> tuple[Any, ...]:
    return tuple(one.split(" ")) if isinstance(one, str) else tuple(one) if isinstance(one, list) else ()


def _is_token(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("content"), str) and type(value.get("id")) is int


def _lines(path: Path) -> list[str]:
    """Split where a line ends and nowhere else: some pieces of words are what Python takes for an end, too."""
    try:
        return [line.removesuffix("\r") for line in read_bytes(path).decode("utf-8").removesuffix("\n").split("\n")]
    except UnicodeDecodeError as error:
        raise broken() from error


def _settings(folder: Path) -> dict[str, Any]:
    """The special tokens and the length; a special_tokens_map goes before the tokenizer's own settings."""
    found: dict[str, Any] = dict(_USUAL)
    for name in ("tokenizer_config.json", "special_tokens_map.json"):
        values = read_json(folder / name) if is_file(folder / name) else {}
        for role in _ROLES:
            value = values.get(role)
            text = value.get("content") if isinstance(value, dict) else value
            if isinstance(text, str):
                found[role] = text
        if "model_max_length" in values:
            found["model_max_length"] = values["model_max_length"]
    return found


def broken() -> UserError:
    """What is said of a tokenizer that is no good."""
    return UserError(N_("The tokenizer of this pipeline is damaged."), N_("Copy or download the folder again."))
