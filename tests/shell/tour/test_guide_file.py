"""What a program reads in a guide: the tour, the experiments, and the page without either's marks."""

import pytest

from studio.core.error import UserError
from studio.registry.guide import page_with_links, parse_guide

TEXT = """# Waves

Read [more](more.md) and [the rest](missing.md).

## Tour

<!-- tour: good/waves -->

1. Pull **Strength** up,
   as far as you like. <!-- use good.strength, grand -->
2. Drag along the timeline. <!-- scrub timeline -->
3. Click a map. <!-- use maps first tabs:maps -->

## Experiments

### Two waves <!-- try: good/waves seed=3 text="two words" press=again -->

Look at them.
"""


def test_the_steps_of_a_tour_are_read():
    first, second, third = parse_guide(TEXT).steps
    assert first.text == "Pull “Strength” up, as far as you like."
    assert (first.model, first.deed, first.control, first.is_grand) == ("good/waves", "use", "good.strength", True)
    assert (second.deed, second.control, second.is_grand) == ("scrub", "timeline", False)
    assert (third.control, third.first) == ("maps", "tabs:maps")


def test_experiments_are_read_with_their_settings():
    (experiment,) = parse_guide(TEXT).experiments
    assert (experiment.title, experiment.model) == ("Two waves", "good/waves")
    assert dict(experiment.settings) == {"seed": "3", "text": "two words"}
    assert experiment.presses == ("again",)


def test_the_page_has_links_in_place_of_marks(tmp_path):
    (tmp_path / "more.md").touch()
    page = page_with_links(parse_guide(TEXT).page, tmp_path, "Try it")
    assert "<!--" not in page
    assert "Tour" not in page
    assert "Pull" not in page
    assert "### Two waves\n\n[Try it](experiment:0)" in page
    assert "[more](more.md) and the rest." in page


@pytest.mark.parametrize(
    "text",
    [
        "<!-- tour: a/b -->\n1. Jump. <!-- jump canvas -->\n",
        "<!-- tour: a/b -->\n1. Jump. <!-- use -->\n",
        '### Try <!-- try: a/b text="open -->\n',
        "### Try <!-- try: a/b seed -->\n",
    ],
)
def test_marks_that_mean_nothing_are_refused(text):
    with pytest.raises(UserError, match="not understood"):
        parse_guide(text)


def test_a_guide_without_marks_is_a_page():
    guide = parse_guide("# Own\n\nWords.\n")
    assert (guide.page, guide.steps, guide.experiments) == ("# Own\n\nWords.\n", (), ())
