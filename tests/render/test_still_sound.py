"""A frame of sound where a picture is wanted: its spectrogram stands for it."""

import numpy as np
import pytest

from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.view import Audio, Field
from studio.render.colour_map import AMOUNT_COLOURS
from studio.render.export.format import shows_picture
from studio.render.export.painter import picture_of
from studio.render.still import shown_view, still_pixels
from studio.widgets.views.picture import frame_thumbnail

SOUND = Audio(np.zeros(100, np.float32), 16_000)


@pytest.fixture
def frame():
    levels = np.full((4, 4), -80, np.float32)
    levels[0] = 0  # the highest band is loud
    return Frame(0, 1, views={"waveform": SOUND, "spectrogram": Field(levels, "loudness", -80, 0)})


def test_the_spectrogram_stands_for_the_sound(frame):
    assert shown_view(frame) is frame.views["spectrogram"]
    assert shows_picture(frame)
    for pixels in (still_pixels(frame, 4), picture_of(frame, 4, "paper")):
        assert pixels.shape == (4, 4, 3)
        assert (pixels[0] == AMOUNT_COLOURS[255]).all()
        assert (pixels[3] == AMOUNT_COLOURS[0]).all()


def test_a_transparent_background_changes_nothing_of_it(frame):
    picture = picture_of(frame, 8, "transparent")
    assert picture.shape == (8, 8, 4)
    assert (picture[..., 3] == 255).all()


def test_a_sound_without_one_is_no_picture():
    frame = Frame(0, 1, views={"waveform": SOUND})
    assert shown_view(frame) is SOUND
    assert not shows_picture(frame)
    with pytest.raises(UserError):
        still_pixels(frame)


def test_its_thumbnail_is_coloured(frame, qapp):
    small = frame_thumbnail(frame, 32)
    assert small.pixelColor(16, 1).red() > 240
    assert small.pixelColor(16, 30).red() < 20
