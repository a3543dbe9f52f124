"""Tokenizers of words and their pieces, as BERT has them: from a list of tokens, and back to a text as people write it.

WordPiece (Wu 2016, arXiv 1609.08144): a text is cut at spaces and signs, then each word from the left into the longest
pieces that are in the list. Which spaces stood between words is forgotten; they are put back as people set them.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers

from studio.core.error import UserError
from studio.core.text.foreign_tokenizer import guarded
from studio.core.text.token import goes_on, is_unspaced
from studio.core.text.vocabulary import TextVocabulary
from studio.core.translation import N_

GOES_ON: Final = "##"
"""Before a piece that goes on with a word."""
MAX_WORD: Final = 100
"""Letters of a word; a longer one is unknown."""
MAX_WORDS: Final = 1_000_000
_CLOSING: Final = frozenset(".,;:!?)]}%…”’»。，、；：！？）」』")
_OPENING: Final = frozenset("([{“‘«¿¡$£#@（「『")
_JOINING: Final = frozenset("-/_")
_POINTS: Final = frozenset(".:")
_THOUSANDS: Final = 3
"""Digits behind a comma in a number."""
_ENDINGS: Final = frozenset(("s", "t", "d", "m", "ll", "re", "ve"))
"""What follows an apostrophe in English."""


def read_word_list(data: bytes) -> tuple[str, ...]:
    """The tokens in a `vocab.txt`, one a line, by their numbers; raises UserError where it is none."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _broken() from error
    names = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    names = names[:-1] if not names[-1] else names
    if not 0 < len(names) <= MAX_WORDS:
        raise _broken()
    return tuple(names)


def has_capitals(names: Iterable[str]) -> bool:
    """Whether any token that is no mark such as "[CLS]" has a capital letter."""
    return any(name != name.lower() and not name.startswith(("[", "<")) for name in names)


def word_tokenizer(
    names: Sequence[str],
    unknown: str = "[UNK]",
    is_lower: bool = True,
    has_no_accents: bool | None = None,
    splits_chinese: bool = True,
) -> Tokenizer:
    """Make a tokenizer of word pieces.

    Args:
        names: the tokens by their numbers; of two that are the same, the latter counts.
        unknown: the token of a word that cannot be cut.
        is_lower: whether a text is read in small letters. has_no_accents: whether accents are dropped; None for the
            same as `is_lower`. splits_chinese: whether each Chinese character is a word.

    Raises:
        UserError: the unknown token is not among them.
    """
    vocabulary = {name: number for number, name in enumerate(names)}
    if unknown not in vocabulary:
        raise _broken()
    with guarded(_broken()):
        model = models.WordPiece(vocabulary, unk_token=unknown, max_input_chars_per_word=MAX_WORD)
        tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.BertNormalizer(True, splits_chinese, has_no_accents, is_lower)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece(prefix=GOES_ON)
    return tokenizer


def word_bytes(name: str, prefix: str = GOES_ON) -> bytes:
    """What a token adds to a text: a piece goes on with a word, everything else begins one."""
    piece = name.removeprefix(prefix)
    return piece.encode() if prefix and piece != name and piece else f" {name}".encode()


class WordVocabulary(TextVocabulary):
    """The tokens of such a model, whose texts have spaces where people set them: before a word, not before a comma."""

    def texts(self, tokens: Iterable[int], begins: bool = True) -> list[str]:
        """What each token adds to a text."""
        found, is_quoting, before = [], False, ("", "")
        for text in super().texts(tokens, begins):
            word = text.strip()
            is_second_quote = word == '"' and is_quoting
            is_quoting ^= word == '"'
            joins = is_second_quote or _joins(*before, word) or (before[1] == '"' and is_quoting)
            found.append(text.removeprefix(" ") if joins else text)
            before = (before[1], word)
        return _with_apostrophes(found)


def _joins(last: str, before: str, word: str) -> bool:
    """Whether no space stands between a token and the one before it, given the last before that."""
    if word in _CLOSING or before in _OPENING or word in _JOINING or before in _JOINING:
        return True
    if (
        last[-1:].isdigit()
        and word[:1].isdigit()
        and (before in _POINTS or (before == "," and len(word) == _THOUSANDS))
    ):
        return True
    return is_unspaced(before[-1:]) or is_unspaced(word[:1])


def _with_apostrophes(texts: list[str]) -> list[str]:
    """The same with endings such as “’s” joined to their words."""
    for place in range(1, len(texts) - 1):
        ending, behind = texts[place + 1].strip(), texts[place + 2 : place + 3]
        if texts[place].strip() in ("'", "’") and ending in _ENDINGS and not goes_on(ending, "".join(behind)):
            texts[place], texts[place + 1] = texts[place].strip(), ending
    return texts


def _broken() -> UserError:
    return UserError(
        N_("The list of words in this model’s folder is damaged."), N_("Copy or download the folder again.")
    )
