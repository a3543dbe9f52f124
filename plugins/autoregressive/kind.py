"""The kinds of models of this family: each has an engine and a panel of its own, loaded on first use.

The key `kind` of a model's card names its kind; where it is missing, the model draws pictures.
"""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from studio.core.error import UserError
from studio.core.text import N_


@dataclass(frozen=True)
class Kind:
    """Names as "module:Name", relative to this package."""

    engine: str
    panel: str


KINDS: Final = {
    "picture": Kind("pixel_engine:PixelEngine", "pixel_panel:PixelPanel"),
    "text": Kind("text_engine:TextEngine", "text_panel:TextPanel"),
    "order": Kind("order_engine:OrderEngine", "order_panel:OrderPanel"),
    "sound": Kind("sound_engine:SoundEngine", "sound_panel:SoundPanel"),
    "series": Kind("series_engine:SeriesEngine", "series_panel:SeriesPanel"),
    "quantiles": Kind("bolt_engine:BoltEngine", "series_panel:SeriesPanel"),
    "music": Kind("music_engine:MusicEngine", "music_panel:MusicPanel"),
}


def kind_of(card: Mapping[str, Any]) -> Kind:
    """The kind that a card names; raises UserError where there is no such kind."""
    name = str(card.get("kind", "picture"))
    if name not in KINDS:
        raise UserError(N_("This program knows no autoregressive model of the kind “{name}”.").format(name=name[:40]))
    return KINDS[name]


def load(name: str) -> Any:
    """What "module:Name" names."""
    module, _, attribute = name.partition(":")
    return getattr(importlib.import_module(f"{__package__}.{module}"), attribute)
