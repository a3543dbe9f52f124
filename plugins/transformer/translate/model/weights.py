"""Translators in safetensors files: packed weights, their tokenizer, and the words that they have read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from tokenizers import Tokenizer

from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.text.byte_tokens import END_ID
from studio.core.text.foreign_tokenizer import guarded
from studio.core.text.vocabulary import TextVocabulary
from studio.core.translation import N_
from studio.nn.network_file import load_only, read_about, save_network

from ...text.model.tokenizer import TextTokenizer, own_tokenizer, vocabulary_of
from ..params import TranslateParams
from ..state import MAX_SOURCE, Limits
from .beam import Beam, Search
from .encoder_decoder import ALIGNED_HEAD, Translator, TranslatorConfig, aligned_layer
from .reader import read_source

MAX_WORDS_CHARS: Final = 1 << 20
N_MORE: Final = 12
"""Tokens that a translation may have beyond twice those of its source."""


@dataclass(frozen=True, eq=False)
class OpenTranslator:
    """What is in a file.

    Attributes:
        words: of the language that it translates from, in lower case, that it has read; none where that is not known.
    """

    network: Translator
    tokenizer: TextTokenizer
    words: frozenset[str]

    @cached_property
    def vocabulary(self) -> TextVocabulary:
        """Its tokens."""
        return vocabulary_of(self.tokenizer)

    @property
    def limits(self) -> Limits:
        """What its network can read and write."""
        return Limits(self.network.config.n_vocab, MAX_SOURCE, self.network.config.n_context - 1)

    def cut(self, text: str, task: str = "") -> list[int]:
        """The tokens of a text to translate, with its end; of a longer one, the first that the network can read.

        Raises:
            UserError: there is no text, or it is to do something else than translate.
        """
        if task:
            raise unknown_task(task)
        ids = [one for one in self.tokenizer.encode(" ".join(text.split()), False) if one != END_ID]
        if not ids:
            raise UserError(N_("There is nothing to translate."), N_("Write an English sentence."))
        return [*ids[: MAX_SOURCE - 1], END_ID]

    def most_of(self, source: Sequence[int], params: TranslateParams) -> int:
        """How many tokens a translation may have."""
        return min(2 * len(source) + N_MORE, self.limits.most)

    def search(self, source: Sequence[int], params: TranslateParams) -> Search:
        """The search for its translation."""
        layer = aligned_layer(self.network.config)
        reader = read_source(self.network, source, END_ID, lambda seen: seen[layer][:, ALIGNED_HEAD])
        return Beam(reader, params.lanes, params.penalty, self.most_of(source, params), END_ID)


def unknown_task(name: str, known: Iterable[str] = ()) -> UserError:
    """What to say of a task that a model does not know."""
    names = ", ".join(one for one in known if one)
    advice = (
        N_("Its tasks are: {names}.").format(names=names) if names else N_("It has only one task: leave that empty.")
    )
    return UserError(N_("This model has no task called “{name}”.").format(name=printable(name)[:60]), advice)


def save_translator(path: Path, network: Translator, tokenizer: Tokenizer, words: Iterable[str]) -> None:
    """Write a translator, its matrices as int8 for each row."""
    save_network(path, network, about={"tokenizer": tokenizer.to_str(), "words": " ".join(sorted(words))})


def load_translator(path: Path) -> OpenTranslator:
    """Read what `save_translator` wrote, ready to use.

    Raises:
        UserError: the file is damaged, of another kind, or its tokenizer does not fit its network.
    """
    network = load_only(path, TranslatorConfig, Translator)
    return OpenTranslator(network, *read_language(path, network.config.n_vocab, MAX_WORDS_CHARS))


def read_language(path: Path, n_vocab: int, most_chars: int) -> tuple[TextTokenizer, frozenset[str]]:
    """The tokenizer beside a network, and all words that it has read, in lower case, from at most so many characters.

    Raises:
        UserError: the file is damaged, or its tokenizer does not have `n_vocab` tokens.
    """
    with guarded(UserError(N_("The model’s file is damaged."), N_("Download it again, or train the model again."))):
        tokenizer = own_tokenizer(Tokenizer.from_str(read_about(path, "tokenizer")))
    if tokenizer.n_tokens != n_vocab:
        raise UserError(N_("The tokenizer in the model’s file belongs to another model."))
    return tokenizer, frozenset(read_about(path, "words")[:most_chars].split())
