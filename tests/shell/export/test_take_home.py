"""From Home to a file in few actions, by real events in the real window."""

import os
import subprocess
import sys
from typing import Any

import pytest

from studio.compute.kernel_cache import FOLDER_VARIABLE, kernel_dir
from tests.bench.visit import ROOT, visit

pytestmark = [
    pytest.mark.long("five walks of the whole program, each in a process with a screen of its own"),
    pytest.mark.usefixtures("own_screen"),
]

MOST_ACTIONS = 5
LEAST_FILM_S = 6


@pytest.fixture(scope="module")
def kernels() -> None:
    """All kernels are compiled, as after the set-up: a visit has its limit, and compiling may take longer."""
    command, environment = (
        [sys.executable, os.fspath(ROOT / "main.py"), "kernels"],
        {FOLDER_VARIABLE: os.fspath(kernel_dir())},
    )
    subprocess.run(command, env={**os.environ, **environment}, capture_output=True, check=True)


@pytest.mark.usefixtures("kernels")
@pytest.mark.parametrize(
    ("walk", "model", "n_keyframes"), [("melt_pictures", "vae/letterforms", 2), ("turn_scene", "nerf/glossy", 8)]
)
def test_a_film_is_at_home_after_five_actions(walk: str, model: str, n_keyframes: int) -> None:
    done: dict[str, Any] = visit(walk)
    assert done["n_actions"] <= MOST_ACTIONS
    assert (done["suffix"], done["model"], done["n_keyframes"]) == (".mp4", model, n_keyframes)
    assert done["film_s"] >= LEAST_FILM_S
    assert done.get("has_turned", True)
