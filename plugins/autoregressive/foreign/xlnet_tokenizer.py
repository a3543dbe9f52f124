"""The tokenizer of an XLNet folder: `tokenizer.json`, or SentencePiece's `spiece.model`; nothing is run, no torch.

Words are cut into pieces with scores (Kudo and Richardson 2018, arXiv 1808.06226); several spaces and line ends count
as one space, accents are left out, as the published models learnt it.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tokenizers import Tokenizer, normalizers

from studio.core.container.sentencepiece_file import MAX_BYTES, read_sentencepiece
from studio.core.container.source import is_file
from studio.core.container.weights.folder import label, read_object
from studio.core.error import UserError
from studio.core.text.foreign_tokenizer import SETTINGS, WHOLE, no_tokenizer, read_whole, tokenizer_bytes, tokens_of
from studio.core.text.piece_tokenizer import piece_bytes, piece_tokenizer
from studio.core.text.vocabulary import TextVocabulary
from studio.core.translation import N_

PIECES: Final = "spiece.model"
_MARKS: Final = ("<unk>", "<s>", "</s>", "<cls>", "<sep>", "<pad>", "<mask>", "<eod>", "<eop>")
_ENDS: Final = ("</s>", "<eod>")


class PieceCutter:
    """Text to the numbers of its tokens, and what tokens say. Attributes: vocabulary: what the tokens say."""

    def __init__(self, tokenizer: Tokenizer, n_known: int) -> None:
        """Take a tokenizer of the library; `n_known` is how many tokens the model knows."""
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self._tokenizer, self._n_known = tokenizer, n_known
        added = tokenizer.get_added_tokens_decoder().items()
        marks = {number for number, one in added if one.special} | set(self._numbers(_MARKS))
        names = (tokenizer.id_to_token(number) or "" for number in range(n_known))  # models have more rows than tokens
        pieces = tuple(b"" if number in marks else piece_bytes(name) for number, name in enumerate(names))
        self.vocabulary = TextVocabulary(pieces, frozenset(self._numbers(_ENDS)), drops_first_space=True)

    def _numbers(self, names: tuple[str, ...]) -> list[int]:
        found = (self._tokenizer.token_to_id(name) for name in names)
        return [number for number in found if number is not None]

    def encode(self, text: str) -> list[int]:
        """The tokens of a text; names of marks in it become these marks.

        Raises:
            UserError: the model does not know one of the tokens.
        """
        whole = " ".join(text.encode("utf-8", "replace").decode().split())
        return tokens_of(self._tokenizer, whole, self._n_known)


def has_tokenizer(folder: Path) -> bool:
    """Whether a folder has a tokenizer in one of both forms; quick."""
    return is_file(folder / WHOLE) or is_file(folder / PIECES)


def read_cutter(folder: Path, n_known: int) -> PieceCutter:
    """The tokenizer of a folder for a model of so many tokens; raises UserError where it is missing or broken."""
    if is_file(folder / WHOLE):
        return PieceCutter(_whole(folder / WHOLE), n_known)
    if is_file(folder / PIECES):
        return PieceCutter(_pieces(folder), n_known)
    raise no_tokenizer(PIECES)


def _whole(path: Path) -> Tokenizer:
    tokenizer = read_whole(path)
    kind = json.loads(tokenizer.decoder.__getstate__()).get("type") if tokenizer.decoder is not None else ""
    if kind == "ByteLevel":
        raise UserError(N_("“{name}” splits text into bytes, which XLNet cannot read.").format(name=label(path)))
    return tokenizer


def _pieces(folder: Path) -> Tokenizer:
    tokenizer = piece_tokenizer(read_sentencepiece(tokenizer_bytes(folder / PIECES, MAX_BYTES)))
    settings = read_object(folder / SETTINGS) if is_file(folder / SETTINGS) else {}
    tokenizer.normalizer = normalizers.Sequence([*_cleaning(settings), tokenizer.normalizer])
    known = [name for name in _MARKS if tokenizer.token_to_id(name) is not None]
    tokenizer.add_special_tokens(known)
    return tokenizer


def _cleaning(settings: Mapping[str, Any]) -> list[normalizers.Normalizer]:
    """What is done to a text before it is cut: quotation marks made alike, accents and capitals left out."""
    steps: list[normalizers.Normalizer] = [normalizers.Replace("``", '"'), normalizers.Replace("''", '"')]
    if settings.get("keep_accents") is not True:
        steps += [normalizers.NFKD(), normalizers.StripAccents()]
    return [*steps, normalizers.Lowercase()] if settings.get("do_lower_case") is True else steps
