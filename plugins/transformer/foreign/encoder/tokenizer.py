"""Finds and reads the tokenizer of an encoder's folder, with its mask and what stands around every text; no torch.

These are `tokenizer.json`, WordPiece's `vocab.txt`, and `vocab.json` with `merges.txt`. Nothing in it is run.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tokenizers import Tokenizer, models, normalizers, processors

from studio.core.container.source import is_file
from studio.core.container.weights.folder import label
from studio.core.error import UserError
from studio.core.text.foreign_tokenizer import WHOLE, guarded, read_whole, tokenizer_bytes, uncut
from studio.core.text.word_pieces import has_capitals, read_word_list, word_tokenizer
from studio.core.translation import N_

from ...fill_in.model.cutter import MaskCutter
from ...text.model.tokenizer import TextTokenizer
from ..tokenizer.folder import MERGES, VOCABULARY, read_pairs, read_settings, text_of

WORDS: Final = "vocab.txt"
MAX_AROUND: Final = 16
"""Tokens around every text."""
MAX_TOKEN: Final = 1000
"""Letters of a token, and of a word that is cut into them."""
_MAX_WORDS_BYTES: Final = 32 << 20
_ROLES: Final = {
    "cls_token": ("[CLS]", "<s>"),
    "sep_token": ("[SEP]", "</s>"),
    "mask_token": ("[MASK]", "<mask>"),
    "unk_token": ("[UNK]", "<unk>"),
    "pad_token": ("[PAD]", "<pad>"),
}
"""What the tokens of a role are called where the settings do not say."""


def read_mask_cutter(folder: Path, n_known: int) -> MaskCutter:
    """The tokenizer of a folder, of whose tokens the model knows `n_known`.

    Raises:
        UserError: it is missing or broken, or has no mask; the sentence names the file.
    """
    settings = read_settings(folder)
    tokenizer = _bounded(_read(folder, settings), folder)
    marks = _marks(tokenizer, settings)
    mask = marks.get("mask_token", n_known)
    if mask >= n_known:
        raise UserError(
            N_("The tokenizer in “{name}” has no token for a missing word that the model knows.").format(
                name=label(folder)
            ),
            N_("Copy or download the folder again."),
        )
    text_tokenizer = TextTokenizer(tokenizer, n_known=n_known)
    before, after = _around(tokenizer)
    if any(one >= n_known for one in (*before, *after)):
        raise UserError(N_("The tokenizer in “{name}” belongs to another model.").format(name=label(folder)))
    return MaskCutter(text_tokenizer, mask, before, after, marks.get("unk_token"))


def longest_text(folder: Path, n_places: int) -> int:
    """How many tokens the model was made for, where its settings say fewer than its table has places."""
    most = read_settings(folder).get("model_max_length")
    return min(most, n_places) if type(most) is int and most > 0 else n_places


def _read(folder: Path, settings: Mapping[str, Any]) -> Tokenizer:
    if is_file(folder / WHOLE):
        tokenizer = read_whole(folder / WHOLE)
        lower = settings.get("do_lower_case")
        if isinstance(tokenizer.normalizer, normalizers.BertNormalizer) and type(lower) is bool:
            tokenizer.normalizer.lowercase = lower
        return tokenizer
    if is_file(folder / WORDS):
        return _words(folder, settings)
    if is_file(folder / VOCABULARY) and is_file(folder / MERGES):
        return _with_marks(read_pairs(folder, ""), settings)
    raise UserError(
        N_("The folder “{name}” has no tokenizer, which turns text into the numbers that the model reads.").format(
            name=label(folder)
        ),
        N_("Copy the model’s “tokenizer.json”, “vocab.txt”, or “vocab.json” with “merges.txt” into it."),
    )


def _bounded(tokenizer: Tokenizer, folder: Path) -> Tokenizer:
    """The same, which cuts words within bounds of time; raises UserError where a token is longer than any word."""
    if max(map(len, tokenizer.get_vocab()), default=0) > MAX_TOKEN:
        raise UserError(
            N_("The tokenizer in “{name}” has a token that is longer than any word.").format(name=label(folder))
        )
    if isinstance(tokenizer.model, models.WordPiece):
        tokenizer.model.max_input_chars_per_word = min(tokenizer.model.max_input_chars_per_word, MAX_TOKEN)
    return tokenizer


def _words(folder: Path, settings: Mapping[str, Any]) -> Tokenizer:
    names = read_word_list(tokenizer_bytes(folder / WORDS, _MAX_WORDS_BYTES))
    lower, accents = settings.get("do_lower_case"), settings.get("strip_accents")
    return _with_marks(
        word_tokenizer(
            names,
            unknown=text_of(settings.get("unk_token")) or "[UNK]",
            is_lower=lower if type(lower) is bool else not has_capitals(names),
            has_no_accents=accents if type(accents) is bool else None,
            splits_chinese=settings.get("tokenize_chinese_chars") is not False,
        ),
        settings,
    )


def _with_marks(tokenizer: Tokenizer, settings: Mapping[str, Any]) -> Tokenizer:
    """The same with the tokens of all roles as marks, and the two around every text."""
    marks = _marks(tokenizer, settings)
    tokenizer.add_special_tokens([tokenizer.id_to_token(number) for number in marks.values()])
    if {"cls_token", "sep_token"} <= set(marks):
        end, begin = ((str(tokenizer.id_to_token(marks[role])), marks[role]) for role in ("sep_token", "cls_token"))
        tokenizer.post_processor = processors.BertProcessing(end, begin)
    return tokenizer


def _marks(tokenizer: Tokenizer, settings: Mapping[str, Any]) -> dict[str, int]:
    """The numbers of the tokens that have a role."""
    found = {}
    for role, names in _ROLES.items():
        own = text_of(settings.get(role))
        numbers = [tokenizer.token_to_id(name) for name in ((own,) if own else names)]
        found[role] = next((number for number in numbers if number is not None), None)
    return {role: number for role, number in found.items() if number is not None}


def _around(tokenizer: Tokenizer) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """What a text begins and ends with, as it is put around an "a"."""
    tokenizer.no_truncation()
    tokenizer.no_padding()
    with guarded(uncut()):
        inner, whole = (tokenizer.encode("a", add_special_tokens=adds).ids for adds in (False, True))
    n_around = len(whole) - len(inner)
    place = next((at for at in range(n_around + 1) if whole[at : at + len(inner)] == inner), None)
    if place is None or n_around > MAX_AROUND:
        raise uncut()
    return tuple(whole[:place]), tuple(whole[place + len(inner) :])
