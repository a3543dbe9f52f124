"""The tokenizer of the first latent diffusion from words, which is that of BERT."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from .tokens import WordTokenizer
from .vocabulary import broken, read_pieces

_N_TOKENS: Final = 77
_SETTINGS: Final = ("do_lower_case", "strip_accents", "tokenize_chinese_chars")
_INSIDE: Final = "##"


class BertTokenizer(WordTokenizer):
    """Pieces inside a word begin with a mark."""

    def __init__(self, folder: Path, n_positions: int) -> None:
        """`folder` is the tokenizer's; raises UserError where it is missing or no good."""
        from transformers import BertTokenizer as Library

        pieces, settings = read_pieces(folder)
        try:
            made = Library(vocab=pieces, **_known(settings))
        except Exception as error:  # the library says of broken vocabularies whatever it likes
            raise broken() from error
        super().__init__(made, min(_N_TOKENS, n_positions))

    def _ends_word(self, token: str, following: str) -> bool:
        return not following.startswith(_INSIDE)


def _known(settings: Mapping[str, Any]) -> dict[str, bool]:
    return {name: settings[name] for name in _SETTINGS if isinstance(settings.get(name), bool)}
