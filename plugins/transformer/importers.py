"""Reads models of other people: says what a folder or file is, and makes a source of it that the engine opens.

The source is the folder or file itself; nothing is converted. Its card has the usual keys, and for engine and panel:
    format: HUGGING_FACE or GGUF, by which the engine knows how to open it.
    architecture: what people call it ("LLaMA"). stored: how most of its numbers are stored ("bfloat16", "Q4_K").
    precision: in which it is opened, "automatic" unless a person chose (memory.PRECISIONS).
    n_context, n_layers, n_heads, width, n_vocab, n_experts: its sizes. has_chat: whether it has a chat template.
    defaults: how its words are drawn (foreign.sampling).
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from studio.api.engine import ModelSource
from studio.api.importer import ReadingImporter, bare_card, foreign_id
from studio.core.container.signature import START_BYTES, sniff_format
from studio.core.container.source import is_file, open_regular, printable
from studio.core.container.weights.folder import MAX_INDEX_BYTES, WeightFiles
from studio.core.error import UserError
from studio.core.inspection import FileReport
from studio.core.translation import N_

from .foreign.gguf.model import GgufModel, read_gguf_model
from .foreign.gguf.tokenizer import gguf_tokenizer
from .foreign.hf.folder import (
    GENERATION,
    HfFolder,
    folder_of,
    is_decoder_folder,
    read_chat_template,
    read_folder,
    read_optional,
)
from .foreign.sampling import folder_sampling, gguf_sampling
from .foreign.tokenizer.folder import has_tokenizer, read_tokenizer
from .foreign.weight_plan import FoundDecoder
from .text.model.config import DecoderConfig

HUGGING_FACE: Final = "hugging-face"
GGUF: Final = "gguf"
FAMILY: Final = "transformer"
_TEMPLATE: Final = "tokenizer.chat_template"
_EXAMPLES: Final = ("Once upon a time", "The meaning of life is", "In the beginning")
_INVITATION: Final = N_("Ask a question on the right, or write something here and the model will continue it.")
_QUESTIONS: Final = ("What is the capital of France?", "How do plants grow?", "Write a short story about a cat.")


class HuggingFaceImporter(ReadingImporter[HfFolder]):
    """Knows folders of decoders as the `transformers` library writes them, and any file in such a folder."""

    format, family = HUGGING_FACE, FAMILY
    title = N_("Hugging Face model folder")
    suffixes = (".json", ".safetensors")

    def sniff(self, path: Path) -> float:
        """Return 0.8 for a folder that says that it holds a model, or a file in it."""
        return 0.8 if is_decoder_folder(path) else 0.0

    def read(self, path: Path) -> HfFolder:
        return _whole_folder(path)

    def report(self, path: Path, folder: HfFolder) -> FileReport:
        return _report(folder, HUGGING_FACE, _has_template(folder))

    def source(self, path: Path, folder: HfFolder) -> ModelSource:
        generation, has_chat = read_optional(folder.path, GENERATION, MAX_INDEX_BYTES), _has_template(folder)
        return _source(folder, HUGGING_FACE, has_chat, folder_sampling(generation, title_of(folder.path), has_chat))


class GgufImporter(ReadingImporter[GgufModel]):
    """Knows GGUF files."""

    format, family = GGUF, FAMILY
    title = N_("GGUF model")
    suffixes = (".gguf",)

    def sniff(self, path: Path) -> float:
        """Return 0.9 where the file begins as such files do."""
        if not is_file(path):
            return 0.0
        with open_regular(path) as file:
            return 0.9 if sniff_format(file.read(START_BYTES)) == GGUF else 0.0

    def read(self, path: Path) -> GgufModel:
        return _whole_gguf(path)

    def report(self, path: Path, model: GgufModel) -> FileReport:
        return _report(model, GGUF, _TEMPLATE in model.file.settings)

    def source(self, path: Path, model: GgufModel) -> ModelSource:
        settings, has_chat = model.file.settings, _TEMPLATE in model.file.settings
        return _source(model, GGUF, has_chat, gguf_sampling(settings, title_of(path), has_chat))


def model_id(path: Path) -> str:
    """An id of this family for a folder or file: its name in plain letters with an ending that no listed model has."""
    ending = "gguf" if path.suffix.casefold() == ".gguf" else "folder"
    return foreign_id(FAMILY, title_of(path), ending, "model")


def _whole_folder(path: Path) -> HfFolder:
    folder = read_folder(folder_of(path))
    if not has_tokenizer(folder.path):
        raise UserError(
            N_("The folder “{name}” has no tokenizer, which turns text into the numbers that the model reads.").format(
                name=title_of(folder.path)
            ),
            N_("Copy the model’s “tokenizer.json” or “tokenizer.model” into it."),
        )
    generation = read_optional(folder.path, GENERATION, MAX_INDEX_BYTES)
    read_tokenizer(folder.path, folder.settings, generation, folder.config.n_vocab)
    return folder


def _whole_gguf(path: Path) -> GgufModel:
    """Its tokenizer is made once already, since a model whose tokenizer cannot be read does not open."""
    model = read_gguf_model(path)
    gguf_tokenizer(model.file.settings, model.config.n_vocab)
    return model


def title_of(path: Path) -> str:
    """The name of a folder or file, fit to be shown."""
    found = path.resolve()
    name = found.stem if found.suffix.casefold() == ".gguf" else found.name
    return printable(name) or N_("Model")


def _has_template(folder: HfFolder) -> bool:
    return read_chat_template(folder.path) is not None


def _report(model: FoundDecoder, format_name: str, has_chat: bool) -> FileReport:
    found = opening(model.path, model.weights, model.title, model.warnings, _facts(model, has_chat))
    return replace(found, format=format_name)


def opening(
    path: Path, weights: WeightFiles, architecture: str, warnings: tuple[str, ...], metadata: Mapping[str, Any]
) -> FileReport:
    """What is said of a model that opens, as HUGGING_FACE."""
    return FileReport(
        HUGGING_FACE,
        FAMILY,
        architecture,
        weights.n_params,
        weights.dtype,
        weights.tensors,
        opens=True,
        warnings=warnings,
        title=title_of(path),
        metadata=metadata,
    )


def _source(model: FoundDecoder, format_name: str, has_chat: bool, defaults: Mapping[str, Any]) -> ModelSource:
    """The source, whose card has the keys of every card, and what the panel opens with."""
    examples = list(_QUESTIONS if has_chat else _EXAMPLES)
    known: dict[str, Any] = {
        "n_params": model.weights.n_params,
        "format": format_name,
        "examples": examples,
        "defaults": dict(defaults),
    }
    if has_chat:
        known["empty_prompt"] = _INVITATION
    card = bare_card(model_id(model.path), title_of(model.path), task=N_("Text, word by word"), **known)
    return ModelSource(card["id"], model.path, {**card, **_facts(model, has_chat)})


def _facts(model: FoundDecoder, has_chat: bool) -> dict[str, Any]:
    config: DecoderConfig = model.config
    sizes = {
        name: getattr(config, name) for name in ("n_context", "n_layers", "n_heads", "width", "n_vocab", "n_experts")
    }
    return {
        "architecture": model.title,
        "stored": model.weights.dtype,
        "precision": "automatic",
        "has_chat": has_chat,
        **sizes,
    }
