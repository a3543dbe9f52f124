"""Opens folders of encoders that fill gaps, as the `transformers` library writes them; no torch.

The card has the usual keys, and for engine and panel: kind: "fill_in". format: HUGGING_FACE. architecture: what people
call it. stored: how most of its numbers are stored. n_context, n_layers, n_heads, width, n_vocab: its sizes.
"""

from pathlib import Path
from typing import Any, Final

from studio.api.engine import ModelSource
from studio.api.importer import ReadingImporter, bare_card
from studio.core.inspection import FileReport
from studio.core.translation import N_

from .foreign.encoder.architectures import ENCODERS
from .foreign.encoder.folder import EncoderFolder, read_encoder_folder
from .foreign.hf.folder import folder_of, type_of_folder
from .importers import FAMILY, HUGGING_FACE, model_id, opening, title_of

_EXAMPLES: Final = (
    "The doctor told her to drink more water and to get some sleep.",
    "Paris is the capital of France, and Rome is the capital of Italy.",
    "She opened the letter, read it twice, and laid it back on the kitchen table.",
)
_ENDINGS: Final = (".json", ".safetensors", ".bin")


class EncoderImporter(ReadingImporter[EncoderFolder]):
    """Knows folders of encoders, and any file in such a folder."""

    format, family = HUGGING_FACE, FAMILY
    title = N_("Hugging Face model folder (encoder)")
    suffixes = (".json", ".safetensors")

    def sniff(self, path: Path) -> float:
        """Return 0.9 for a folder that says that it holds an encoder, or a file in it."""
        folder = folder_of(path)
        is_of_folder = path == folder or path.suffix in _ENDINGS
        return 0.9 if is_of_folder and type_of_folder(folder) in ENCODERS else 0.0

    def read(self, path: Path) -> EncoderFolder:
        return read_encoder_folder(folder_of(path))

    def report(self, path: Path, folder: EncoderFolder) -> FileReport:
        note = folder.cutter.vocabulary.note
        warnings = (*folder.warnings, *((note,) if note else ()))
        return opening(folder.path, folder.weights, folder.title, warnings, _facts(folder))

    def source(self, path: Path, folder: EncoderFolder) -> ModelSource:
        card = bare_card(
            model_id(folder.path),
            title_of(folder.path),
            task=N_("Text with gaps"),
            kind="fill_in",
            n_params=folder.n_params,
            format=HUGGING_FACE,
            examples=list(_EXAMPLES),
            **_facts(folder),
        )
        return ModelSource(card["id"], folder.path, card)


def _facts(folder: EncoderFolder) -> dict[str, Any]:
    sizes = {name: getattr(folder.config, name) for name in ("n_context", "n_layers", "n_heads", "width", "n_vocab")}
    return {"architecture": folder.title, "stored": folder.weights.dtype, **sizes}
