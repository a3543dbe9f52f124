"""Finished faces in layers: beside the model's own pixels, as large as there is room, and not where pixels are kept."""

import numpy as np
import pytest

from plugins.diffusion.pictures.frames import SHARP_PX
from plugins.diffusion.shared.engine import DiffusionEngine
from plugins.diffusion.shared.model.run import MASK, PICTURE
from plugins.diffusion.shared.params import DiffusionParams
from plugins.diffusion.shared.state import NOISY, PREDICTED, SHARP
from studio.compute.device import choose_device
from studio.registry.catalog import Catalog

PARAMS = DiffusionParams(prompt="a bun, blue shirt", seed=3, steps=8)
OWN_PX = 64


@pytest.fixture(scope="module")
def engine():
    source = Catalog().find_model("diffusion/avatars").source
    engine = DiffusionEngine.open(source, choose_device("cpu"))
    yield engine
    engine.close()


def last(engine, params, start=None):
    return [frame for frame in engine.generate_with_pauses(params, start) if frame is not None][-1]


@pytest.mark.long("computes for long")
def test_the_finished_face_is_large_and_like_the_small_one(engine):
    *_, before, end = (frame for frame in engine.generate_with_pauses(PARAMS) if frame is not None)
    assert SHARP not in before.views
    assert end.views[NOISY].pixels.shape == (OWN_PX, OWN_PX, 3)
    large = end.main_view.pixels
    assert large is end.views[SHARP].pixels
    assert large.shape == (SHARP_PX[1], SHARP_PX[1], 3)
    side = SHARP_PX[1] // OWN_PX
    small = large.reshape(OWN_PX, side, OWN_PX, side, 3).mean((1, 3))
    assert np.abs(small - end.views[PREDICTED].pixels).mean() < 8
    resting = engine.x0_prediction(PARAMS, before.state)
    assert resting.pixels.shape == large.shape


def test_several_share_the_room(engine):
    end = last(engine, DiffusionParams(prompt="a bun", seed=3, steps=4, batch=4))
    assert end.main_view.pixels.shape == (2 * SHARP_PX[4], 2 * SHARP_PX[4], 3)


def test_what_a_mask_keeps_is_not_drawn_anew(engine):
    picture = np.full((OWN_PX, OWN_PX, 3), 200, np.uint8)
    mask = np.zeros((OWN_PX, OWN_PX), np.uint8)
    mask[20:40, 20:40] = 255
    end = last(engine, PARAMS, {PICTURE: picture, MASK: mask})
    assert SHARP not in end.views
    np.testing.assert_array_equal(end.main_view.pixels[:20], picture[:20])
