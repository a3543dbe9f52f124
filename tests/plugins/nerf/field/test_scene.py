"""What a panel shows, as plain values and back."""

import json

import pytest

from plugins.nerf.field.params import FieldParams
from plugins.nerf.field.scene import CODEC, FieldScene
from plugins.nerf.shared.camera.viewpoint import home_camera, seed_camera
from studio.core.error import UserError
from tests.plugins.nerf.shared.camera.test_viewpoint import EXTENT

SCENE = FieldScene(seed_camera(home_camera({}, EXTENT), 5), FieldParams(5, view="depth"), "y", True, quality="baked")


def test_a_scene_comes_back():
    values = json.loads(json.dumps(CODEC.write(SCENE), allow_nan=False))
    again = CODEC.read(values)
    assert CODEC.write(again) == CODEC.write(SCENE)
    assert again.params == SCENE.params


@pytest.mark.parametrize(
    "change",
    [
        {"camera": {}},
        {"camera": None},
        {"params": {"seed": -1}},
        {"params": {"exposure": "bright"}},
        {"params": 3},
        {"quality": "best"},
        {"up": "w"},
        {"is_moved": 1},
        {"more": 1},
    ],
)
def test_an_unsound_scene_is_refused(change):
    with pytest.raises(UserError):
        CODEC.read({**CODEC.write(SCENE), **change})
    with pytest.raises(UserError):
        CODEC.read(list(change))
