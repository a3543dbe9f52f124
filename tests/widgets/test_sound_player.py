"""Playing sounds: to the end, stopped, replaced, without a device; miniaudio's null device stands in for speakers."""

import sys

import numpy as np
import pytest

from studio.widgets.sound_output import output_names, sound_output
from studio.widgets.sound_player import SILENCE_DB, Player, level_db

RATE_HZ = 16_000


@pytest.fixture
def player(qtbot):
    player = Player(backends=("NULL",))
    yield player
    player.stop()
    sound_output().choose("")


def sine(seconds, gain=1.0):
    return (gain * np.sin(np.arange(int(seconds * RATE_HZ)) / 8)).astype(np.float32)


def test_a_sound_is_played_to_its_end(player, qtbot):
    levels: list[float] = []
    player.level_changed.connect(levels.append)
    with qtbot.waitSignal(player.finished):
        player.play(sine(0.3), RATE_HZ)
        assert player.is_playing
    assert not player.is_playing
    assert abs(max(levels) + 3.01) < 0.2
    assert levels[-1] == SILENCE_DB


def test_a_sound_can_be_stopped(player, qtbot):
    player.play(sine(60), RATE_HZ)
    with qtbot.waitSignal(player.finished):
        player.stop()
    assert not player.is_playing


def test_a_new_sound_ends_the_one_before(player, qtbot):
    ends: list[bool] = []
    player.finished.connect(lambda: ends.append(True))
    player.play(sine(60), RATE_HZ)
    with qtbot.waitSignal(player.finished):
        player.play(sine(0.1), RATE_HZ)
    assert ends == [True]


def test_no_device_is_a_sentence(qtbot):
    player = Player(backends=("WASAPI",) if sys.platform != "win32" else ("ALSA",))
    with qtbot.waitSignal(player.failed) as failed:
        player.play(sine(0.1), RATE_HZ)
    assert "no audio device" in str(failed.args[0])
    assert not player.is_playing


def test_a_chosen_device_plays_and_one_that_is_gone_is_told_once_while_the_default_plays(player, qtbot):
    (null,) = output_names(("NULL",))
    told: list[str] = []
    sound_output().missing.connect(told.append)
    for name, n_told in ((null, 0), ("Headphones", 1), ("Headphones", 1), (null, 1)):
        sound_output().choose(name)
        with qtbot.waitSignal(player.finished):
            player.play(sine(0.1), RATE_HZ)
        assert told == ["Headphones"] * n_told


def test_a_sound_goes_over_to_another_device_where_it_is(player, qtbot):
    player.play(sine(60), RATE_HZ)
    qtbot.waitUntil(lambda: player.position_s > 0.1)
    before, at_s = player._voice, player.position_s
    sound_output().choose(*output_names(("NULL",)))
    assert player._voice is not before
    assert player.position_s >= at_s
    qtbot.waitUntil(lambda: player.position_s > at_s + 0.2)
    assert player.is_playing


def test_a_sound_may_grow_while_it_is_played(player, qtbot):
    whole = sine(0.4)
    with qtbot.waitSignal(player.finished):
        player.play(whole[:1600], RATE_HZ, len(whole))
        qtbot.waitUntil(lambda: player.position_s > 0.09)
        player.grow(whole)
        qtbot.waitUntil(lambda: player.position_s > 0.2)
    assert not player.is_playing


def test_one_that_still_grows_is_waited_for(player, qtbot):
    player.play(sine(0.1), RATE_HZ, RATE_HZ)
    qtbot.waitUntil(lambda: player.position_s > 0.09)
    assert player.is_playing
    player.stop()


def test_what_is_no_number_is_silent(player, qtbot):
    with qtbot.waitSignal(player.finished):
        player.play(np.full(1600, np.nan, np.float32), RATE_HZ)


@pytest.mark.parametrize(
    ("samples", "wanted"), [([], SILENCE_DB), ([0.0], SILENCE_DB), ([1.0, -1.0], 0.0), ([0.1], -20.0)]
)
def test_levels_are_those_of_the_rms(samples, wanted):
    assert level_db(np.array(samples, np.float32)) == pytest.approx(wanted, abs=1e-4)
