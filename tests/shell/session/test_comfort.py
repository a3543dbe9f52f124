"""What the preferences say about sound and motion holds at once."""

import numpy as np
import pytest

from studio.core.option import MOTION, SOUND_DEVICE
from studio.shell.home.thumbnail import Thumbnail
from studio.shell.session import motion_choice
from studio.widgets.motion import motion
from studio.widgets.sound_output import sound_output
from studio.widgets.sound_player import Player


@pytest.fixture
def settings(window):
    yield window._services.settings
    window._services.settings.reset(MOTION)
    window._services.settings.reset(SOUND_DEVICE)


def test_a_sound_device_that_is_gone_is_said_and_the_default_plays(window, settings, qtbot):
    settings.set(SOUND_DEVICE, "Headphones")
    player = Player(window, ("NULL",))
    with qtbot.waitSignal(player.finished):
        player.play(np.zeros(800, np.float32), 16_000)
    assert sound_output().name == "Headphones"
    assert window.toast.isVisible()
    assert window.toast.accessibleName() == "“Headphones” is not connected. The system’s sound device is used."


def test_pictures_on_home_rest_as_soon_as_less_is_to_move(window, settings, qtbot):
    (picture,) = (one for one in window.home.findChildren(Thumbnail) if one.isVisible())
    with qtbot.waitSignal(picture._movie.frameChanged):
        settings.set(MOTION, "full")
    settings.set(MOTION, "reduced")
    assert picture._movie.state() is picture._movie.MovieState.Paused
    with qtbot.waitSignal(picture._movie.frameChanged):
        settings.set(MOTION, "full")


def test_the_system_is_followed_where_that_is_wanted(window, settings, monkeypatch):
    monkeypatch.setattr(motion_choice, "wants_less_motion", lambda: True)
    assert not motion().is_reduced
    window.motion.begin()
    assert motion().is_reduced
    settings.set(MOTION, "full")
    assert not motion().is_reduced
    settings.set(MOTION, "system")
    assert motion().is_reduced
