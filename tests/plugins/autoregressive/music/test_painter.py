"""The colours of notes."""

from typing import Any

import numpy as np
import pytest
from PySide6.QtGui import QColor

from plugins.autoregressive.music.grid import MOST_BITS
from plugins.autoregressive.music.notes import VoiceNote
from plugins.autoregressive.music.panel.painter import CALM, WARM, RollContent, note_colour

NOTHING: Any = None


@pytest.mark.parametrize(("bits", "colour"), [(0.0, CALM), (MOST_BITS, WARM), (9 * MOST_BITS, WARM)])
def test_no_note_is_warmer_than_the_warmest_colour(bits, colour):
    surprise = np.full((1, 4), bits, np.float32)
    shown = RollContent(NOTHING, surprise > 0, (False,) * 4, surprise=surprise)
    assert note_colour(shown, 1, VoiceNote(0, 4, 60)) == QColor(*colour)
