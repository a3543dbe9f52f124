"""Reads lanes with a describer: the picture once, then one token more of each lane."""

from studio.core.text.byte_tokens import END_ID

from ...translate.model.encoder_decoder import ALIGNED_HEAD, Memory
from ...translate.model.reader import LanesReader
from .captioner import Captioner


def picture_reader(network: Captioner, memory: Memory) -> LanesReader:
    """Lanes about a picture that was looked at; each word looks where that head looked which was shown the parts."""
    return LanesReader(network, memory, END_ID, lambda seen: seen[-1][:, ALIGNED_HEAD])
