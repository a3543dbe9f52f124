"""States that were saved while all kinds had one set of settings open as before."""

import json

import pytest

from plugins.gan.enlarge import scene as enlarge_scene
from plugins.gan.sketch import scene as draw_scene
from studio.core.error import UserError
from studio.core.param import params_to_json

OF_ALL_KINDS = {"seed": 9, "words": "a smile", "truncation": 0.5, "noise": 1.0, "is_back": False, "vividness": 0.25}
SCENES = {
    "sketch": (draw_scene, draw_scene.DrawScene()),
    "enlarge": (enlarge_scene, enlarge_scene.EnlargeScene()),
}


@pytest.mark.parametrize("kind", SCENES)
def test_settings_of_other_kinds_in_a_saved_scene_are_passed_over(kind):
    module, scene = SCENES[kind]
    values = json.loads(json.dumps({**module.CODEC.write(scene), "params": OF_ALL_KINDS}))
    own = params_to_json(module.CODEC.read(values).params)
    assert own == {name: OF_ALL_KINDS[name] for name in own}


@pytest.mark.parametrize("kind", SCENES)
def test_a_wrong_value_is_refused_all_the_same(kind):
    module, scene = SCENES[kind]
    with pytest.raises(UserError):
        module.CODEC.read({**module.CODEC.write(scene), "params": {**OF_ALL_KINDS, "seed": -1}})
