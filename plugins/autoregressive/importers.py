"""Reads models of other people: says what a folder is, and makes a source that the engine of its kind opens.

The source is the folder itself; nothing is converted. Its card has the usual keys, and for engine and panel:
    kind: "order" or "quantiles". format: HUGGING_FACE, by which the engine knows how to open it.
    architecture: what people call it. stored: how most of its numbers are stored ("bfloat16").
    n_ahead, note: how far a forecast was learnt, and a sentence about its paths.
"""

from collections.abc import Generator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from studio.api.engine import ModelSource
from studio.api.importer import ReadingImporter, bare_card
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.inspection import FileReport
from studio.core.text.foreign_tokenizer import WHOLE
from studio.core.translation import N_

from .foreign.chronos_bolt import BoltFolder, is_chronos, read_bolt_folder
from .foreign.folder import FAMILY, HUGGING_FACE, ModelFolder, folder_of, model_id, settings_of, title_of
from .foreign.xlnet_folder import MODEL_TYPE, XLNetFolder, read_xlnet_folder
from .foreign.xlnet_tokenizer import PIECES, has_tokenizer

_SENTENCES: Final = {
    "series": N_(
        "{name} forecasts series, but cannot be opened here; Chronos-Bolt folders can. To forecast a table of your "
        "own, open autoregressive/forecast and drop the table there."
    ),
    "pictures": N_(
        "{name} draws pictures, but cannot be opened here. To finish a picture pixel by pixel, open "
        "autoregressive/digits."
    ),
    "texts": N_("{name} writes text, but cannot be opened here; folders of XLNet, and of decoders such as GPT-2, can."),
    "music": N_(
        "{name} makes music, but cannot be opened here. To have voices written under a melody, open "
        "autoregressive/chorales and drop a MIDI file there."
    ),
    "sounds": N_("{name} makes sounds, but cannot be opened here. You can train a model on your own sounds instead."),
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
XLNET: Final = "XLNet"
BOLT: Final = "Chronos-Bolt (T5)"
_EXAMPLES: Final = (
    "The quick brown fox jumps over the lazy dog near the bank of the river.",
    "On a clear night you can see thousands of stars, and each of them is a sun of its own.",
    "She opened the letter, read it twice, and laid it back on the kitchen table.",
)
_BOLT_NOTE: Final = N_(
    "Chronos-Bolt predicts the spread of each value but not how values move together; that is measured on the "
    "past of the series."
)


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


class XLNetImporter(ReadingImporter[XLNetFolder]):
    """Knows folders of XLNet as the `transformers` library writes them, and any file in such a folder."""

    format, family, architecture = HUGGING_FACE, FAMILY, XLNET
    title = N_("XLNet folder")
    suffixes = (".json", ".safetensors", ".bin")

    def sniff(self, path: Path) -> float:
        """Return 0.9 for a folder that says that it holds one, or a file in it."""
        return 0.9 if settings_of(path).get("model_type") == MODEL_TYPE else 0.0

    def read(self, path: Path) -> XLNetFolder:
        return _whole_xlnet(path)

    def report(self, path: Path, folder: XLNetFolder) -> FileReport:
        return _report(folder, XLNET, _xlnet_facts(folder))

    def source(self, path: Path, folder: XLNetFolder) -> ModelSource:
        task = N_("Fills gaps in a text, word by word in any order.")
        own = {"task": task, "kind": "infill", "examples": list(_EXAMPLES), "architecture": XLNET}
        return _source(folder, own | _xlnet_facts(folder))


class ChronosImporter(ReadingImporter[BoltFolder]):
    """Knows folders of Chronos; those of Chronos-Bolt open."""

    format, family, architecture = HUGGING_FACE, FAMILY, "Chronos"
    title = N_("Chronos-Bolt folder")
    suffixes = (".json", ".safetensors", ".bin")

    def sniff(self, path: Path) -> float:
        """Return 0.9 for a folder that says that it holds one, or a file in it."""
        return 0.9 if is_chronos(settings_of(path)) else 0.0

    def read(self, path: Path) -> BoltFolder:
        return read_bolt_folder(folder_of(path))

    def report(self, path: Path, folder: BoltFolder) -> FileReport:
        return _report(folder, BOLT, _bolt_facts(folder))

    def source(self, path: Path, folder: BoltFolder) -> ModelSource:
        task = N_("Forecasts any series of numbers.")
        own = {"task": task, "kind": "quantiles", "architecture": BOLT, "note": _BOLT_NOTE}
        return _source(folder, own | _bolt_facts(folder))


class OtherImporter:
    """Knows folders of models that do what this family does, well enough to say that they are not read."""

    title = N_("Another model that predicts what comes next")
    suffixes: tuple[str, ...] = ()

    def sniff(self, path: Path) -> float:
        """Return 0.85 for a folder of one of these kinds, or a file in it."""
        return 0.85 if kind_of_settings(settings_of(path)) else 0.0

    def describe(self, path: Path) -> FileReport:
        """Say what it is, and what opens instead."""
        kind = kind_of_settings(settings_of(path))
        return FileReport(HUGGING_FACE, FAMILY, title_of_kind(kind), why_not=sentence_of(kind))

    def load(self, path: Path) -> Generator[Frame, None, ModelSource]:
        """Raise UserError: none of these is read."""
        yield Frame(0, 1)
        raise UserError(sentence_of(kind_of_settings(settings_of(path))))


def _whole_xlnet(path: Path) -> XLNetFolder:
    folder = read_xlnet_folder(folder_of(path))
    if not has_tokenizer(folder.path):
        raise UserError(
            N_("The folder “{name}” has no tokenizer, which turns text into the numbers that the model reads.").format(
                name=title_of(folder.path)
            ),
            N_("Copy the model’s “{whole}” or “{pieces}” into it.").format(whole=WHOLE, pieces=PIECES),
        )
    return folder


def _report(folder: ModelFolder, architecture: str, facts: dict[str, Any]) -> FileReport:
    return FileReport(
        HUGGING_FACE,
        FAMILY,
        architecture,
        folder.n_params,
        folder.weights.dtype,
        folder.weights.tensors,
        opens=True,
        warnings=folder.warnings,
        title=title_of(folder.path),
        metadata=facts,
    )


def _source(folder: ModelFolder, own: dict[str, Any]) -> ModelSource:
    """The source, whose card has the keys of every card, and its own."""
    known = {"n_params": folder.n_params, "format": HUGGING_FACE, "stored": folder.weights.dtype}
    card = bare_card(model_id(folder.path), title_of(folder.path), **known, **own)
    return ModelSource(card["id"], folder.path, card)


def _xlnet_facts(folder: XLNetFolder) -> dict[str, Any]:
    config = folder.config
    summary = N_(
        "Fills gaps in a text in any order. {n_layers} layers of {n_heads} heads, {width} wide; {n_vocab:,} "
        "tokens; reads up to {n_context} at once. Nothing else needs to be installed."
    )
    facts = {name: getattr(config, name) for name in ("n_context", "n_layers", "n_heads", "width", "n_vocab")}
    return {**facts, "summary": summary.format(**facts)}


def _bolt_facts(folder: BoltFolder) -> dict[str, Any]:
    names = ("n_context", "patch", "stride", "n_ahead", "quantiles", "n_layers", "n_tellers", "n_heads", "width")
    values = asdict(folder.config)
    facts = {name: list(values[name]) if name == "quantiles" else values[name] for name in names}
    summary = N_(
        "Forecasts series. It reads up to {n_context:,} values in patches of {patch}, one every {stride}, and "
        "predicts {n_ahead} values at once, each as {n} quantiles from {low:g} to {high:g}. Nothing else needs to "
        "be installed."
    )
    levels = facts["quantiles"]
    return {**facts, "summary": summary.format(**facts, n=len(levels), low=levels[0], high=levels[-1])}
