"""Translators made by hand, whose every number is known, and a source to open them from."""

from pathlib import Path

import torch
from torch import nn

from plugins.gan.styles import engine
from plugins.gan.styles.model.cyclegan import StylesConfig, StylesNetwork
from studio.api.engine import Device, EngineHandle, ModelSource
from studio.core.card import Card

DEVICE = Device("cpu", "float32", 1)
TINY = StylesConfig(fine_width=4, width=8, n_blocks=1, discriminator_widths=(4, 4, 4))
REAL_SCORES = {"flat": [-1.0, 0.0, 1.0], "glossy": [-1.0, 0.0, 0.5, 1.0]}


class HandStyles(StylesNetwork):
    """Glossy is darker by 0.2, flat brighter by 0.1; a score is the mean of the pixels, minus it for flat ones."""

    def __init__(self):
        nn.Module.__init__(self)
        self.config = TINY
        self.nothing = nn.Parameter(torch.zeros(1), requires_grad=False)

    def translated(self, pictures, is_back):
        return (pictures + (0.1 if is_back else -0.2)).clamp(-1, 1)

    def score(self, pictures, is_glossy):
        return pictures.mean((1, 2, 3)) * (1 if is_glossy else -1)


def source():
    card = {"kind": "styles", "real_scores": REAL_SCORES}
    return ModelSource("gan/emoji-styles", Path(__file__), card)  # any file: a run names the hash of its model


def use_by_hand(monkeypatch):
    """Open every model as the one made by hand."""
    monkeypatch.setattr(engine, "load_network", lambda path, wanted: HandStyles())


def make_handle():
    return EngineHandle(source(), lambda source: engine.StylesEngine.open(source, DEVICE))


def cards():
    return [Card(model_id, "", "", "MIT", "", 1) for model_id in ("gan/emoji-styles", "gan/enlarge")]
