"""Finds and reads the tokenizer of a Hugging Face folder, in whichever of its forms it is there; no torch.

These are `tokenizer.json`, `vocab.json` with `merges.txt`, and SentencePiece's `tokenizer.model`. Nothing in it is run.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from tokenizers import Tokenizer

from studio.core.container.sentencepiece_file import MAX_BYTES, read_sentencepiece
from studio.core.container.source import is_file
from studio.core.container.weights.folder import label, read_object
from studio.core.error import UserError
from studio.core.text.foreign_tokenizer import (
    SETTINGS,
    WHOLE,
    guarded,
    no_tokenizer,
    read_whole,
    tokenizer_bytes,
    uncut,
)
from studio.core.text.piece_tokenizer import piece_tokenizer
from studio.core.translation import N_

from ...text.model.tokenizer import Specials, TextTokenizer
from .byte_pairs import byte_tokenizer

VOCABULARY: Final = "vocab.json"
MERGES: Final = "merges.txt"
PIECES: Final = ("tokenizer.model", "spiece.model")
_SPECIAL_MAP: Final = "special_tokens_map.json"
_ADDED: Final = "added_tokens.json"
_MAX_TEXT_BYTES: Final = 32 << 20
_MAX_VALUES: Final = 4_000_000


def has_tokenizer(folder: Path) -> bool:
    """Whether the folder has a tokenizer in one of the forms that are read; quick."""
    has_pairs = is_file(folder / VOCABULARY) and is_file(folder / MERGES)
    return is_file(folder / WHOLE) or has_pairs or any(is_file(folder / name) for name in PIECES)


def read_tokenizer(
    folder: Path, config: Mapping[str, Any], generation: Mapping[str, Any], n_known: int
) -> TextTokenizer:
    """The tokenizer of a folder.

    Args:
        config, generation: its config.json and generation_config.json, which name the tokens that end a text.
        n_known: how many tokens the model knows.

    Raises:
        UserError: it is missing or broken; the sentence names the file.
    """
    settings = read_settings(folder)
    tokenizer, is_of_pieces = _read(folder, config, settings)
    begin = _number(tokenizer, settings.get("bos_token"), config.get("bos_token_id"))
    ends = {_number(tokenizer, settings.get("eos_token"), None)}
    for values in (config, generation):
        found = values.get("eos_token_id")
        ends |= set(found if isinstance(found, list) else [found])
    known = frozenset(one for one in ends if type(one) is int and 0 <= one < n_known)
    begin = begin if begin is not None and 0 <= begin < n_known else None
    specials = Specials(begin, known, begin is not None and _adds_begin(tokenizer, settings, begin, is_of_pieces))
    return TextTokenizer(tokenizer, specials, n_known)


def read_settings(folder: Path) -> dict[str, Any]:
    """What tokenizer_config.json and the map of special tokens say; empty where they are missing."""
    settings: dict[str, Any] = {}
    for name in (_SPECIAL_MAP, SETTINGS):
        if is_file(folder / name):
            settings |= read_object(folder / name, _MAX_TEXT_BYTES, _MAX_VALUES)
    return settings


def text_of(value: Any) -> str | None:
    """The text of a token as settings write it: a text, or a table with its content."""
    content = value.get("content") if isinstance(value, Mapping) else value
    return content if isinstance(content, str) else None


def _read(folder: Path, config: Mapping[str, Any], settings: Mapping[str, Any]) -> tuple[Tokenizer, bool]:
    """The tokenizer, and whether it is one of SentencePiece."""
    if is_file(folder / WHOLE):
        return read_whole(folder / WHOLE), False
    pieces = next((folder / name for name in PIECES if is_file(folder / name)), None)
    if pieces is not None:
        tokenizer = piece_tokenizer(read_sentencepiece(tokenizer_bytes(pieces, MAX_BYTES)))
    elif is_file(folder / VOCABULARY) and is_file(folder / MERGES):
        tokenizer = read_pairs(folder, str(config.get("model_type")))
    else:
        raise no_tokenizer(PIECES[0])
    tokenizer.add_special_tokens([one for one in _added(folder, settings) if tokenizer.token_to_id(one) is not None])
    return tokenizer, pieces is not None


def read_pairs(folder: Path, architecture: str) -> Tokenizer:
    """The tokenizer in a vocabulary and merges; raises UserError where they are none or do not belong together."""
    vocabulary = read_object(folder / VOCABULARY, _MAX_TEXT_BYTES, _MAX_VALUES)
    if not all(type(number) is int and 0 <= number <= _MAX_VALUES for number in vocabulary.values()):
        raise UserError(N_("“{name}” is not a table of tokens.").format(name=label(folder / VOCABULARY)))
    text = tokenizer_bytes(folder / MERGES, _MAX_TEXT_BYTES).decode("utf-8", "replace")
    lines = [line.split(" ") for line in text.split("\n") if line and not line.startswith("#version")]
    if any(len(line) != 2 for line in lines):
        raise UserError(N_("“{name}” is not a list of pairs.").format(name=label(folder / MERGES)))
    pairs = [(line[0], line[1].rstrip("\r")) for line in lines]
    return byte_tokenizer(vocabulary, pairs, "qwen2" if architecture in ("qwen2", "qwen3") else "gpt-2")


def _added(folder: Path, settings: Mapping[str, Any]) -> Iterator[str]:
    """The names of special tokens that old folders tell beside the vocabulary, in the order of their numbers."""
    if is_file(folder / _ADDED):
        added = read_object(folder / _ADDED)
        yield from sorted((name for name, number in added.items() if type(number) is int), key=lambda one: added[one])
    for role in ("bos_token", "eos_token", "unk_token", "pad_token"):
        name = text_of(settings.get(role))
        if name:
            yield name


def _number(tokenizer: Tokenizer, value: Any, otherwise: Any) -> int | None:
    """The number of a token by its text in the settings, else the one that config.json says."""
    text = text_of(value)
    found = tokenizer.token_to_id(text) if text is not None else None
    return found if found is not None else otherwise if type(otherwise) is int else None


def _adds_begin(tokenizer: Tokenizer, settings: Mapping[str, Any], begin: int, is_of_pieces: bool) -> bool:
    """Whether a prompt is to begin with the begin: as the settings say, else as the tokenizer itself does."""
    wanted = settings.get("add_bos_token")
    if type(wanted) is bool:
        return wanted
    with guarded(uncut()):
        return is_of_pieces or begin in tokenizer.encode("", add_special_tokens=True).ids
