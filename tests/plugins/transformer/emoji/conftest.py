"""A tiny drawer with weights of chance."""

import pytest
import torch

from plugins.transformer.emoji.engine import EmojiEngine
from plugins.transformer.emoji.model.coder import CoderConfig
from plugins.transformer.emoji.model.writer import Drawer, DrawerConfig
from plugins.transformer.translate.model.encoder_decoder import TranslatorConfig
from studio.core.frame import Frame
from studio.core.view import ByteArray, Image, State

WORDS = ("a", "background", "blue", "cat", "dog", "fox", "on", "red")
CODER = CoderConfig(16 * 2, 24, 8, 8, 8, 1, 4, 4)
SIZES = TranslatorConfig(len(WORDS) + 2, 64, 16, 1, 2, 2, 32, 0.0)


def tiny_drawer(scales: tuple[int, ...] = (1, 2, 4), lines: tuple[int, ...] = (4, 4)) -> Drawer:
    """Pictures of 4 x 4 cells, with tokens of which some are much likelier than others."""
    torch.manual_seed(3)
    drawer = Drawer(DrawerConfig(WORDS, CODER, SIZES, scales, lines)).eval().requires_grad_(False)
    for writer in (drawer.by_scale, drawer.by_line):
        writer.out.weight.mul_(40)
    return drawer


def state_of(frame: Frame) -> State:
    assert frame.state is not None
    return frame.state


def pixels_of(frame: Frame) -> ByteArray:
    picture = frame.views["picture"]
    assert isinstance(picture, Image)
    return picture.pixels


@pytest.fixture(scope="session")
def drawer() -> Drawer:
    return tiny_drawer()


@pytest.fixture
def engine(drawer: Drawer) -> EmojiEngine:
    return EmojiEngine(drawer)
