"""Which models of other people say what comes next and are not opened here, and what opens instead; no torch."""

from collections.abc import Mapping
from typing import Any, Final

from studio.core.text import N_

_SENTENCES: Final = {
    "series": N_(
        "{name} forecasts series. It is not opened here; folders of Chronos-Bolt are. To forecast a table of your own, "
        "open autoregressive/forecast and drop the table there."
    ),
    "pictures": N_(
        "{name} draws pictures. It is not opened here. To finish a picture pixel by pixel, open autoregressive/digits."
    ),
    "texts": N_("{name} writes texts. It is not opened here; folders of XLNet, and of decoders such as GPT-2, are."),
    "music": N_(
        "{name} makes music. It is not opened here. To have voices written under a melody, open "
        "autoregressive/chorales and drop a MIDI file there."
    ),
    "sounds": N_("{name} makes sounds. It is not opened here. The recipes of this family learn sounds of their own."),
}
_KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "time_series_transformer": ("Time Series Transformer", "series"),
    "informer": ("Informer", "series"),
    "autoformer": ("Autoformer", "series"),
    "patchtst": ("PatchTST", "series"),
    "patchtsmixer": ("PatchTSMixer", "series"),
    "timesfm": ("TimesFM", "series"),
    "timesfm2_5": ("TimesFM 2.5", "series"),
    "imagegpt": ("Image GPT", "pictures"),
    "transfo-xl": ("Transformer-XL", "texts"),
    "musicgen": ("MusicGen", "music"),
    "musicgen_melody": ("MusicGen Melody", "music"),
    "encodec": ("EnCodec", "sounds"),
    "bark": ("Bark", "sounds"),
}
"""What people call each model, and what it makes, by the `model_type` of its config.json."""


def kind_of_settings(settings: Mapping[str, Any]) -> str:
    """The `model_type` of a config.json where it is of such a kind, else empty."""
    name = settings.get("model_type")
    return name if isinstance(name, str) and name in _KINDS else ""


def title_of_kind(kind: str) -> str:
    """What people call it."""
    return _KINDS[kind][0]


def sentence_of(kind: str) -> str:
    """What it does, and what opens instead."""
    name, makes = _KINDS[kind]
    return _SENTENCES[makes].format(name=name)
