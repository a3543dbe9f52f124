"""What people want, from Home and without a manual, in few actions: by real events in the real window."""

from typing import Any

import pytest

from tests.bench.task_scenario import FACE, NAME, STEP
from tests.bench.visit import visit

MOST_ACTIONS = 3


pytestmark = pytest.mark.usefixtures("own_screen")


def done(task: str) -> dict[str, Any]:
    result: dict[str, Any] = visit(task)
    assert result["n_actions"] <= MOST_ACTIONS
    return result


@pytest.mark.parametrize(
    ("task", "figure", "wanted"),
    [
        ("find_face", "read", FACE),
        ("set_name", "word", NAME),
        ("change_step", "branch", STEP),
        ("say_another_word", "n_endings", 2),
        ("finish_digit", "n_ways", 4),
        ("see_collapse", "model", "gan/avatars-collapsed"),
    ],
)
def test_it_is_done_in_three_actions(task: str, figure: str, wanted: object) -> None:
    assert done(task)[figure] == wanted
