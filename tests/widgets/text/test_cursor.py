"""What the cursor does to a text."""

from studio.widgets.text.cursor import TextCursor, erased, typed, word_end


def test_typing_and_erasing():
    assert typed("abc", TextCursor(1, 1), "X") == ("aXbc", TextCursor(2, 2))
    assert typed("abc", TextCursor(3, 1), "X") == ("aX", TextCursor(2, 2))
    assert erased("abc", TextCursor(1, 1), -1) == ("bc", TextCursor(0, 0))
    assert erased("abc", TextCursor(0, 0), -1) == ("abc", TextCursor(0, 0))
    assert erased("to be or", TextCursor(8, 8), -1, by_word=True) == ("to be ", TextCursor(6, 6))
    assert [word_end("to be", place, way) for place, way in ((0, 1), (2, 1), (5, -1), (0, -1))] == [2, 5, 3, 0]
