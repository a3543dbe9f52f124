"""Reads a prompt of a face: which labels its words name, and which words nobody knows."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, TypeAlias

from studio.core.text.face_words import COLOURS, FILLERS, HEADS, MORE_COLOURS, MORE_WORDS, NOUNS, PEOPLE, SEXES, TRAITS

Words: TypeAlias = tuple[str, ...]
COLOUR_LABELS: Final = ("skin_colour", "hair_colour", "clothes_colour")
SPELLINGS: Final = {
    "mustache": "moustache",
    "mustached": "moustache",
    "moustached": "moustache",
    "colored": "coloured",
    "shirts": "shirt",
    "eyebrow": "brows",
    "brow": "brows",
    "blonde": "blond",
    "gray": "grey",
    "smily": "smiling",
}
SPLITTING: Final = "|"
_TOKEN: Final = re.compile(r"[^\W_]+|[,.;:]")


@dataclass(frozen=True)
class FaceReading:
    """What a prompt says.

    Attributes:
        kinds: by label, the kinds that the prompt leaves open; one where it is exact, no entry where it says nothing.
        unknown: the words that no drawn face has anything of, in their order.
    """

    kinds: Mapping[str, Words]
    unknown: Words = ()


@dataclass(frozen=True)
class _Entry:
    """What a group of words means: labels it names, by which it also draws colours, or a colour itself."""

    kinds: Mapping[str, Words]
    head: str | None = None
    colours: Mapping[str, Words] | None = None
    is_person: bool = False


@dataclass(frozen=True)
class _Piece:
    words: Words
    entry: _Entry | None


def words_of(text: str) -> Words:
    """Lower-case words in one spelling; "|" where a comma or another mark splits them."""
    plain = text.lower().replace("'", "").replace("\N{RIGHT SINGLE QUOTATION MARK}", "")
    found = _TOKEN.findall(plain)
    return tuple(SPLITTING if word in ",.;:" else SPELLINGS.get(word, word) for word in found)


def read_prompt(prompt: str) -> FaceReading:
    """Read a prompt; where it contradicts itself, what it says first stands.

    Names of colours belong to the nearest thing after them, else before them, between two commas.
    """
    pieces = list(_pieces(words_of(prompt)))
    kinds: dict[str, Words] = {}
    unknown: list[str] = []
    for index, piece in enumerate(pieces):
        entry = piece.entry
        if entry is None or piece.words[0] in SEXES:
            unknown.extend(piece.words)
        elif entry.colours is not None:
            label = _coloured(pieces, index)
            if label in entry.colours:
                _narrow(kinds, {label: entry.colours[label]})
            else:
                unknown.extend(piece.words)
        else:
            _narrow(kinds, entry.kinds)
    return FaceReading(kinds, tuple(unknown))


def _narrow(kinds: dict[str, Words], named: Mapping[str, Words]) -> None:
    """Take what is named; where a label was named before, what both leave open, else what was said first."""
    for label, more in named.items():
        both = tuple(kind for kind in kinds.get(label, more) if kind in more)
        kinds[label] = both or kinds[label]


def _coloured(pieces: list[_Piece], index: int) -> str:
    """The label that the colour at an index belongs to, "" for none."""
    entry = pieces[index].entry
    assert entry is not None
    colours = entry.colours or {}
    for near in (_clause(pieces, index, 1), _clause(pieces, index, -1)):
        for other in near:
            if other.head is not None:
                return other.head
            if other.is_person and "skin_colour" in colours:
                return "skin_colour"
    alone = [label for label in ("clothes_colour", "hair_colour", "skin_colour") if label in colours]
    return alone[0] if alone else ""


def _clause(pieces: list[_Piece], index: int, way: int) -> Iterator[_Entry]:
    """The known pieces from an index on, up to the next comma or "with"; another colour ends it too."""
    at = index + way
    while 0 <= at < len(pieces) and pieces[at].words not in ((SPLITTING,), ("with",)):
        entry = pieces[at].entry
        if entry is not None:
            if entry.colours is not None:
                return
            yield entry
        at += way


def _pieces(words: Words) -> Iterator[_Piece]:
    """The words in groups that mean something, the longest first from the left; a colour may stand within a group."""
    lexicon, longest = _lexicon()
    at = 0
    while at < len(words):
        group = _group_at(words[at : at + longest]) or words[at : at + 1]
        colour = _colour_within(words[at : at + longest], len(group))
        if colour is not None:
            first, end, parted = colour
            yield _Piece(words[at + first : at + end], lexicon[words[at + first : at + end]])
            yield _Piece(parted, lexicon[parted])
            at += len(parted) + end - first
            continue
        yield _Piece(group, lexicon.get(group))
        at += len(group)


def _group_at(words: Words) -> Words:
    """The longest group that the words begin with and that means something; empty for none."""
    lexicon, _ = _lexicon()
    return next((words[:size] for size in range(len(words), 0, -1) if words[:size] in lexicon), ())


def _colour_within(words: Words, n_plain: int) -> tuple[int, int, Words] | None:
    """Where a colour parts a group that is longer than `n_plain` words: its first, its end, the group without it."""
    lexicon, _ = _lexicon()
    for first in range(1, len(words) - 1):
        group = _group_at(words[first:])
        entry = lexicon.get(group)
        if entry is not None and entry.colours is not None:
            parted = _group_at(words[:first] + words[first + len(group) :])
            if len(parted) > max(first, n_plain):
                return first, first + len(group), parted
    return None


@cache
def _lexicon() -> tuple[Mapping[Words, _Entry], int]:
    entries: dict[Words, _Entry] = {(word,): _Entry({}) for word in (*FILLERS, SPLITTING)}
    entries |= {(word,): _Entry({}, is_person=True) for word in (*PEOPLE, *SEXES)}
    entries |= {(word,): _Entry({}, head=label) for word, label in HEADS.items()}
    for words, label, kinds in _phrases():
        entries[words] = _Entry({label: kinds}, head=_head_of(words, label))
    for words, colours in _colour_words().items():
        entries[words] = _Entry({}, colours=colours)
    return entries, max(map(len, entries))


def _head_of(words: Words, label: str) -> str | None:
    """The label that a colour beside these words belongs to: what their last thing says, else what they name."""
    own = {"hair": "hair_colour", "rear_hair": "hair_colour", "beard": "hair_colour", "clothes": "clothes_colour"}
    return next((HEADS[word] for word in reversed(words) if word in HEADS), own.get(label))


def _phrases() -> Iterator[tuple[Words, str, Words]]:
    """Words, the label they name and the kinds they leave open: of captions, without the colour in them, and others."""
    for phrases in (NOUNS, TRAITS):
        for label, kinds in phrases.items():
            if label in COLOUR_LABELS:
                continue
            for kind, texts in kinds.items():
                yield from ((_bare(words_of(text.format(""))), label, (kind,)) for text in texts)
    for label, texts_of in MORE_WORDS.items():
        yield from ((words_of(text), label, kinds) for text, kinds in texts_of.items())


def _bare(words: Words) -> Words:
    """Words without an article before them and without an empty end."""
    return words[1:] if len(words) > 1 and words[0] in ("a", "an", "the") else words


def _colour_words() -> Mapping[Words, Mapping[str, Words]]:
    found: dict[Words, dict[str, Words]] = {}
    for label, kinds in COLOURS.items():
        for kind, texts in kinds.items():
            for text in texts:
                found.setdefault(words_of(text), {})[label] = (kind,)
    for label, texts_of in MORE_COLOURS.items():
        for text, several in texts_of.items():
            found.setdefault(words_of(text), {}).setdefault(label, several)
    return found
