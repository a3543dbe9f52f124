"""Translators in safetensors files: packed weights, their tokenizer, and the words that they have read."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tokenizers import Tokenizer

from studio.core.error import UserError
from studio.core.text.foreign_tokenizer import guarded
from studio.core.translation import N_
from studio.nn.network_file import NetworkKind, load_network, read_about, save_network

from ...text.model.tokenizer import TextTokenizer, own_tokenizer
from .encoder_decoder import Translator, TranslatorConfig

KINDS: Final = {"Translator": NetworkKind(TranslatorConfig, Translator)}
MAX_WORDS_CHARS: Final = 1 << 20


@dataclass(frozen=True, eq=False)
class OpenTranslator:
    """What is in a file.

    Attributes:
        words: of the language that it translates from, in lower case, that it has read; none where that is not known.
    """

    network: Translator
    tokenizer: TextTokenizer
    words: frozenset[str]


def save_translator(path: Path, network: Translator, tokenizer: Tokenizer, words: Iterable[str]) -> None:
    """Write a translator, its matrices as int8 for each row."""
    save_network(path, network, about={"tokenizer": tokenizer.to_str(), "words": " ".join(sorted(words))})


def load_translator(path: Path) -> OpenTranslator:
    """Read what `save_translator` wrote, ready to use.

    Raises:
        UserError: the file is damaged, of another kind, or its tokenizer does not fit its network.
    """
    network = load_network(path, KINDS)[1]
    assert isinstance(network, Translator)
    with guarded(UserError(N_("The model’s file is damaged."), N_("Download it again, or train the model again."))):
        tokenizer = own_tokenizer(Tokenizer.from_str(read_about(path, "tokenizer")))
    if tokenizer.n_tokens != network.config.n_vocab:
        raise UserError(N_("The tokenizer in the model’s file belongs to another model."))
    return OpenTranslator(network, tokenizer, frozenset(read_about(path, "words")[:MAX_WORDS_CHARS].split()))
