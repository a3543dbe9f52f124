"""What people want, from Home and without a manual, in few actions: by real events in the real window."""

from typing import Any

import pytest

from tests.bench.task_scenario import FACE, NAME, STEP
from tests.bench.visit import visit

pytestmark = [
    pytest.mark.long("walks of the whole program, each in a process with a screen of its own"),
    pytest.mark.usefixtures("own_screen"),
]


@pytest.mark.parametrize(
    ("task", "most_actions", "figure", "wanted"),
    [
        ("find_face", 3, "read", FACE),
        ("set_name", 3, "word", NAME),
        ("change_step", 4, "branch", STEP),
        ("paint_anew", 4, "is_only_there", True),
        ("say_another_word", 3, "n_endings", 2),
        ("finish_digit", 3, "n_ways", 4),
        ("see_collapse", 3, "model", "gan/avatars-collapsed"),
        ("reopen_workspace", 5, "is_as_before", True),
        ("take_tour", 3, "step", 1),
        ("present", 3, "has_moved_and_returned", True),
    ],
)
def test_it_is_done_in_few_actions(task: str, most_actions: int, figure: str, wanted: object) -> None:
    result: dict[str, Any] = visit(task)
    assert result["n_actions"] <= most_actions
    assert result[figure] == wanted
