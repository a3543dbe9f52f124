"""What directions change besides: read off known numbers, and measured on the shipped faces."""

import numpy as np
import pytest

from plugins.vae.pictures.training import side_effects
from plugins.vae.pictures.training.side_effects import measured_side_effects
from plugins.vae.shared.engine import VaeEngine
from plugins.vae.shared.panel.side_effects import percent_text, side_words
from plugins.vae.shared.side_effects import SideEffects
from studio.core.error import UserError
from tests.plugins.vae.model_made import DEVICE, finished
from tests.plugins.vae.shared.test_shipped_panel import source

KNOWN = SideEffects(
    ("Beard", "Shape 1"),
    ("Hair", "Beard", "Smile"),
    np.array([[-7.0, 60.0, 3.0], [0.4, -0.2, 0.1]]),
    np.array([[2.0, 1.0, 2.0], [0.3, 0.3, 0.3]]),
    100,
)


def test_the_strongest_side_effect_is_of_another_measure_and_chance_is_called_so():
    assert KNOWN.own(0) == 1
    assert KNOWN.own(1) is None
    assert KNOWN.strongest(0) == (0, True)
    assert KNOWN.strongest(1) == (0, False)
    assert side_words(KNOWN, 0) == "“Beard” also changes “Hair” most, by −7 %."
    assert "nothing else" in side_words(KNOWN, 1)
    assert [percent_text(value) for value in (0.3, -0.4, 12.6, -12.4)] == ["0", "0", "+13", "−12"]


def test_named_directions_of_the_faces_change_their_own_measure_most(monkeypatch):
    engine = VaeEngine.open(source("avatars"), DEVICE)
    monkeypatch.setattr(side_effects, "N_AT_ONCE", 8)
    effects, pauses = finished(measured_side_effects(engine, 2, n_places=16))
    assert effects.changes.shape == effects.errors.shape == (2, len(effects.measures))
    assert len(pauses) == 2 * 2 * 2
    for index in range(2):
        assert effects.own(index) == int(np.abs(effects.changes[index]).argmax())
        assert effects.changes[index, effects.own(index)] > 15


def test_models_that_nothing_can_read_are_refused():
    engine = VaeEngine.open(source("digits"), DEVICE)
    with pytest.raises(UserError, match="can read"):
        finished(engine.side_effects(2))
