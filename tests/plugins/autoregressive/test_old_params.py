"""States that were saved while all kinds had one set of settings open as before."""

import json

import pytest

from plugins.autoregressive.infill import scene as order_scene
from plugins.autoregressive.music import scene as music_scene
from plugins.autoregressive.pixels import scene as pixel_scene
from plugins.autoregressive.series import scene as series_scene
from plugins.autoregressive.sound import scene as sound_scene
from plugins.autoregressive.text import scene as text_scene
from studio.core.error import UserError
from studio.core.param import params_to_json

OF_ALL_KINDS = {
    "seed": 9,
    "kind": "",
    "temperature": 0.5,
    "guidance": 0.0,
    "n_endings": 1,
    "stride": 4,
    "prompt": "",
    "length": 64,
    "top_p": 1.0,
    "memory": 512,
    "cut": 0,
    "n_bars": 8,
    "no_parallels": True,
    "tempo_bpm": 80.0,
    "series": "",
    "horizon": 0,
    "n_back": 0,
    "n_paths": 200,
    "instrument": "",
    "pitch": 60,
    "velocity": 80,
    "seconds": 0.512,
    "block": 128,
}
SCENES = {
    "pixels": (pixel_scene, pixel_scene.PixelScene()),
    "music": (music_scene, music_scene.opened(music_scene.MusicScene())),
    "series": (series_scene, series_scene.SeriesScene()),
    "sound": (sound_scene, sound_scene.SoundScene()),
    "text": (text_scene, text_scene.XLTextScene()),
    "infill": (order_scene, order_scene.InfillScene()),
}


@pytest.mark.parametrize("kind", SCENES)
def test_settings_of_other_kinds_in_a_saved_scene_are_passed_over(kind):
    module, scene = SCENES[kind]
    values = json.loads(json.dumps({**module.CODEC.write(scene), "params": OF_ALL_KINDS}))
    params = module.CODEC.read(values).params
    own = params_to_json(params)
    assert set(own) < set(OF_ALL_KINDS)
    assert own == {name: OF_ALL_KINDS[name] for name in own}


@pytest.mark.parametrize("kind", SCENES)
def test_a_wrong_value_is_refused_all_the_same(kind):
    module, scene = SCENES[kind]
    with pytest.raises(UserError):
        module.CODEC.read({**module.CODEC.write(scene), "params": {**OF_ALL_KINDS, "temperature": 9.0}})
