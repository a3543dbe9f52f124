"""The text cursor: where it is, what the keys do to it, and what becomes of the text; no drawing."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class TextCursor:
    """A place in a text and, where something is selected, the other end of that.

    Attributes:
        place: 0 to the length of the text.
        anchor: where the selection began; the same as `place` where there is none.
    """

    place: int = 0
    anchor: int = 0

    @property
    def selection(self) -> tuple[int, int]:
        """The selected characters, first and behind the last."""
        return min(self.place, self.anchor), max(self.place, self.anchor)

    @property
    def has_selection(self) -> bool:
        """Whether anything is selected."""
        return self.place != self.anchor

    def moved_to(self, place: int, is_selecting: bool = False) -> "TextCursor":
        """Go somewhere; where the person selects, the anchor stays."""
        return TextCursor(place, self.anchor if is_selecting else place)

    def within(self, length: int) -> "TextCursor":
        """The same inside a text of this length."""
        return replace(self, place=min(self.place, length), anchor=min(self.anchor, length))


def typed(text: str, cursor: TextCursor, new: str) -> tuple[str, TextCursor]:
    """Put `new` in place of the selection; returns the text and where the cursor is then."""
    first, last = cursor.selection
    return text[:first] + new + text[last:], TextCursor().moved_to(first + len(new))


def erased(text: str, cursor: TextCursor, way: int, by_word: bool = False) -> tuple[str, TextCursor]:
    """Take away the selection, else a character or a word: that before the cursor (-1) or behind it (1)."""
    if not cursor.has_selection:
        end = word_end(text, cursor.place, way) if by_word else min(max(cursor.place + way, 0), len(text))
        cursor = TextCursor(end, cursor.place)
    return typed(text, cursor, "")


def word_end(text: str, place: int, way: int) -> int:
    """Where the word ends at which a step of Ctrl and an arrow arrives."""
    step = 1 if way > 0 else -1

    def char(at: int) -> str:
        index = at if step > 0 else at - 1
        return text[index] if 0 <= index < len(text) else ""

    while char(place).isspace():
        place += step
    while char(place) and not char(place).isspace():
        place += step
    return place
