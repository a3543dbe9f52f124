"""What the caption says of a token: what was expected, and who or what chose."""

import pytest

from plugins.transformer.text.params import TransformerParams
from plugins.transformer.text.view_model import describe
from studio.core.text.token import TextToken

FIRST = TextToken("To")
RARE = TextToken(" crown", 5.0, 3, (" question", 0.612), is_written=True)


def said(token, **params):
    return " ".join(describe((FIRST, token), 1, None, TransformerParams(**params)))


def test_a_surprise_is_told_with_what_was_expected_and_why_it_came():
    assert said(RARE, temperature=1.2) == (
        "“crown” was a surprise. The model expected “question” (61.2 %) and gave this one 3.1 %. "
        "It was picked because the temperature is 1.20, which gives rare words a chance."
    )
    assert said(RARE, temperature=0.8).endswith("The random draw picked it all the same.")
    assert said(RARE, pattern="crown").endswith("The form of the text leaves only what fits it.")


@pytest.mark.parametrize(
    ("bits", "rank", "lead"),
    [
        (0.5, 0, "“be” was expected."),
        (2.0, 1, "“be” was one of the likely words."),
        (5.0, 1, "“be” was a surprise."),
        (5.0, 0, "“be” was the likeliest of many."),
    ],
)
def test_the_lead_follows_surprise_and_rank(bits, rank, lead):
    assert said(TextToken(" be", bits, rank, (" not", 0.3), is_written=True)).startswith(lead)


def test_a_person_chose_what_was_forced_or_stands_in_the_prompt():
    forced = TextToken(" crown", 5.0, 3, (" question", 0.612), is_written=True, is_forced=True)
    assert said(forced).endswith("You chose it.")
    assert said(TextToken(" crown", 5.0, 3, (" question", 0.612))).endswith("you wrote it.")


def test_what_stands_first_was_expected_from_nothing():
    assert describe((FIRST,), 0, None, TransformerParams())[0] == "“To” comes first."
    assert describe((), 0, None, TransformerParams())[0] == "Nothing has been written yet."
