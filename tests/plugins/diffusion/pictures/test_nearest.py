"""The nearest training picture: found by brute force, itself at distance 0, and none where no set is shipped."""

import numpy as np
import pytest

from plugins.diffusion.pictures.frames import nearest_to
from studio.api.training import AVATARS_NAME, DIGITS_NAME, N_ICONS, read_small


@pytest.mark.parametrize(("name", "path"), [("avatars", AVATARS_NAME), ("digits", DIGITS_NAME)])
def test_a_training_picture_is_nearest_to_itself(name: str, path: str) -> None:
    arrays = read_small(path)
    pictures = arrays["pictures"][arrays["splits"] == "train"]
    own = pictures[17] if pictures.ndim == 4 else np.repeat(pictures[17][..., None], 3, 2)
    found = nearest_to(own, name)
    assert found is not None
    assert found.n_pictures == len(pictures)
    assert found.pictures[0].distance == 0
    assert np.array_equal(found.pictures[0].pixels, own)
    distances = [near.distance for near in found.pictures]
    assert distances == sorted(distances)
    assert distances[1] > 0


def test_a_scene_is_held_to_the_icons() -> None:
    found = nearest_to(np.full((64, 64, 3), 200, np.uint8), "emoji")
    assert found is not None
    assert found.n_pictures == N_ICONS
    assert all(near.caption for near in found.pictures)


def test_no_set_is_no_answer() -> None:
    assert nearest_to(np.zeros((64, 64, 3), np.uint8), "folder") is None
    assert nearest_to(np.zeros((32, 32, 3), np.uint8), "avatars") is None
