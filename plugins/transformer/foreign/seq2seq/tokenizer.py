"""The tokenizers of encoder–decoders: how a text is cut for the encoder, and what tokens of the target say; no torch.

Marian cuts a source by SentencePiece's `source.spm` and numbers the pieces by `vocab.json`, which both languages share.
T5, BART and others have a tokenizer as decoders do (`..tokenizer.folder`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from tokenizers import Tokenizer

from studio.core.container.sentencepiece_file import MAX_BYTES, read_sentencepiece
from studio.core.container.source import is_file
from studio.core.container.weights.folder import in_file, label, read_object
from studio.core.error import UserError
from studio.core.text.foreign_tokenizer import WHOLE, check_known, guarded, tokenizer_bytes, uncut
from studio.core.text.piece_tokenizer import piece_bytes, piece_tokenizer
from studio.core.text.vocabulary import TextVocabulary
from studio.core.translation import N_

from ...text.model.tokenizer import vocabulary_of
from ...translate.state import SourceCut
from ..tokenizer.folder import VOCABULARY, read_tokenizer

SOURCE_PIECES: Final = "source.spm"
_TARGET_VOCABULARY: Final = "target_vocab.json"
_UNKNOWN: Final = "<unk>"
_END: Final = "</s>"
_PADDING: Final = "<pad>"
_MAX_NUMBER: Final = 4_000_000
_N_SENTINELS: Final = 100
_MAX_CHARS: Final = 20_000
"""Of a longer text, so many are cut: far more than any model here reads."""


@dataclass(frozen=True, eq=False)
class SourceTokenizer:
    """How a model reads texts.

    Attributes:
        numbers: of pieces by their names, None where the library has the model's own.
        unknown: the number of a piece that is not among them.
        before, after: marks that stand around every text.
        vocabulary: what tokens say.
    """

    tokenizer: Tokenizer
    vocabulary: TextVocabulary
    n_known: int
    before: tuple[int, ...] = ()
    after: tuple[int, ...] = ()
    numbers: Mapping[str, int] | None = None
    unknown: int = 0

    def cut(self, text: str, prefix: str, before: tuple[int, ...], most: int) -> SourceCut:
        """A text with what stands before it, as words and as marks, and at most so many tokens of all together.

        Raises:
            UserError: the library fails on the text, or the model does not know a token.
        """
        whole = (prefix + text).encode("utf-8", "replace").decode()[:_MAX_CHARS]
        with guarded(uncut()):
            found = self.tokenizer.encode(whole, add_special_tokens=False)
        ids = self._numbered(found.ids, found.tokens)
        ends = frozenset((*self.after, *self.before, *self.vocabulary.ends))
        pairs = [(one, at) for one, at in zip(ids, found.offsets, strict=True) if one not in ends]
        lead, tail = (*before, *self.before), self.after
        read = pairs[: most - len(lead) - len(tail)]
        check_known(self.tokenizer, (one for one, _ in read), self.n_known)
        letters = _letters_before(whole, len(prefix))
        spots = [letters[begin] if end > len(prefix) else -1 for _, (begin, end) in read]
        is_whole = len(read) == len(pairs) and len(prefix + text) <= _MAX_CHARS
        marked = [*[-1] * len(lead), *spots, *[-1] * len(tail)]
        return SourceCut((*lead, *(one for one, _ in read), *tail), tuple(marked), is_whole)

    def _numbered(self, ids: list[int], names: list[str]) -> list[int]:
        if self.numbers is None:
            return ids
        return [self.numbers.get(name, self.unknown) for name in names]


def _letters_before(whole: str, n_prefix: int) -> list[int]:
    """How many letters of the text, which begins behind the prefix, stand before each place of the whole."""
    found, n = [], 0
    for place, letter in enumerate(whole):
        found.append(n)
        n += place >= n_prefix and not letter.isspace()
    return [*found, n]


def has_seq2seq_tokenizer(folder: Path) -> bool:
    """Whether a folder has Marian's pieces; quick."""
    return is_file(folder / SOURCE_PIECES) and is_file(folder / VOCABULARY)


def read_source_tokenizer(
    folder: Path, config: Mapping[str, Any], generation: Mapping[str, Any], n_known: int, has_begin: bool
) -> SourceTokenizer:
    """The tokenizer of a folder for a model of `n_known` tokens; `has_begin` as in its architecture.

    Raises:
        UserError: it is missing or broken; the sentence names the file.
    """
    kind = config.get("model_type")
    if kind == "marian" and not is_file(folder / WHOLE):
        return _marian(folder, n_known)
    if kind in ("pegasus", "mbart") and not is_file(folder / WHOLE):
        raise UserError(
            N_("The folder has no “{name}”, which says how the model reads text.").format(name=WHOLE),
            N_("Save the tokenizer again with a newer version of the “transformers” library."),
        )
    found = read_tokenizer(folder, config, generation, n_known)
    tokenizer = found.library
    if kind in ("t5", "mt5") and tokenizer.token_to_id("<extra_id_0>") is None:
        tokenizer.add_special_tokens([f"<extra_id_{number}>" for number in reversed(range(_N_SENTINELS))])
    made = SourceTokenizer(tokenizer, vocabulary_of(found), n_known)
    if is_file(folder / WHOLE):
        before, after = _marks(tokenizer)
    else:
        ends = sorted(found.specials.ends)[:1]
        start = found.specials.start
        before, after = (start,) if has_begin and start is not None else (), tuple(ends)
    check_known(tokenizer, (*before, *after), n_known)
    return replace(made, before=before, after=after)


def _marks(tokenizer: Tokenizer) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """What the tokenizer itself puts before and behind a text."""
    with guarded(uncut()):
        bare = tokenizer.encode("a", add_special_tokens=False).ids
        whole = tokenizer.encode("a", add_special_tokens=True).ids
    for first in range(len(whole) - len(bare) + 1):
        if whole[first : first + len(bare)] == bare:
            return tuple(whole[:first]), tuple(whole[first + len(bare) :])
    return (), ()


def _marian(folder: Path, n_known: int) -> SourceTokenizer:
    """Marian's pieces, numbered by its vocabulary."""
    if not has_seq2seq_tokenizer(folder):
        raise UserError(
            N_("The folder has no tokenizer: “{pieces}” and “{vocabulary}” belong to it.").format(
                pieces=SOURCE_PIECES, vocabulary=VOCABULARY
            ),
            N_("Copy or download the folder again."),
        )
    if is_file(folder / _TARGET_VOCABULARY):
        raise UserError(N_("Translators with a vocabulary for each language cannot be opened."))
    numbers = _vocabulary(folder / VOCABULARY, n_known)
    path = folder / SOURCE_PIECES
    tokenizer = in_file(path, lambda: piece_tokenizer(read_sentencepiece(tokenizer_bytes(path, MAX_BYTES))))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    marks = {numbers[name] for name in (_END, _UNKNOWN, _PADDING) if name in numbers}
    marks |= {number for name, number in numbers.items() if is_language_mark(name)}
    pieces = [b""] * n_known
    for name, number in numbers.items():
        pieces[number] = b"" if number in marks else piece_bytes(name)
    vocabulary = TextVocabulary(tuple(pieces), frozenset((numbers[_END],)), drops_first_space=True)
    return SourceTokenizer(tokenizer, vocabulary, n_known, (), (numbers[_END],), numbers, numbers[_UNKNOWN])


def is_language_mark(name: str) -> bool:
    """Whether a piece tells a translator of several languages which one to write."""
    return len(name) > len(">><<") and name.startswith(">>") and name.endswith("<<")


def _vocabulary(path: Path, n_known: int) -> dict[str, int]:
    numbers = read_object(path, MAX_BYTES, _MAX_NUMBER)
    known = all(type(number) is int and 0 <= number < n_known for number in numbers.values())
    if not known or _END not in numbers or _UNKNOWN not in numbers:
        raise UserError(
            N_("“{name}” is not a table of tokens.").format(name=label(path)), N_("Copy or download the folder again.")
        )
    return numbers
