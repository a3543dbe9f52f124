"""From Home to a file in few actions, by real events in the real window."""

from typing import Any

import pytest

from tests.bench.visit import visit

pytestmark = pytest.mark.usefixtures("own_screen")

MOST_ACTIONS = 5
LEAST_FILM_S = 6


@pytest.mark.parametrize(("walk", "model", "n_keyframes"), [("melt_pictures", "vae/letterforms", 2)])
def test_a_film_is_at_home_after_five_actions(walk: str, model: str, n_keyframes: int) -> None:
    done: dict[str, Any] = visit(walk)
    assert done["n_actions"] <= MOST_ACTIONS
    assert (done["suffix"], done["model"], done["n_keyframes"]) == (".mp4", model, n_keyframes)
    assert done["film_s"] >= LEAST_FILM_S
    assert done.get("has_turned", True)
