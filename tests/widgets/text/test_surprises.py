"""The words of a text that surprised most."""

from studio.core.text.token import TextToken
from studio.widgets.text.surprises import most_surprising


def test_the_most_surprising_words_lead():
    told = (("To", None), (" be", 2.0), (" sl", 4.0), ("eep", 3.5), ("\n", 9.0))
    tokens = [TextToken(*one) for one in told]
    assert most_surprising(tokens) == {"sleep · 7.5 bits": 2, "be · 2.0 bits": 1}
    assert list(most_surprising(tokens)) == ["sleep · 7.5 bits", "be · 2.0 bits"]
