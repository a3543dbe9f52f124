"""Reads folders of encoder–decoders of other people, which the viewer of translations opens; no torch.

The card has the keys of `.importers`, but for those of chats, and: kind: "translate". tasks: what the model does, as
`foreign.seq2seq.tasks.Task.told` says it.
"""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from studio.api.engine import ModelSource
from studio.api.importer import ReadingImporter, bare_card
from studio.core.inspection import FileReport
from studio.core.translation import N_

from .foreign.hf.folder import folder_of
from .foreign.seq2seq.folder import Seq2SeqFolder, is_seq2seq_folder, read_seq2seq_folder, target_shapes
from .foreign.seq2seq.tasks import Taught, read_taught
from .importers import FAMILY, HUGGING_FACE, model_id, opening, title_of
from .translate.task_words import examples_of

KIND: Final = "translate"


class Seq2SeqImporter(ReadingImporter[tuple[Seq2SeqFolder, Taught]]):
    """Knows folders of encoder–decoders as the `transformers` library writes them, and any file in such a folder."""

    format, family = HUGGING_FACE, FAMILY
    title = N_("Hugging Face folder of a translator")
    suffixes = (".json", ".safetensors", ".bin", ".spm")

    def sniff(self, path: Path) -> float:
        """Return 0.82, more than decoders do, for a folder that says that it holds one, or a file in it."""
        return 0.82 if is_seq2seq_folder(path) else 0.0

    def read(self, path: Path) -> tuple[Seq2SeqFolder, Taught]:
        folder = read_seq2seq_folder(folder_of(path))
        return folder, read_taught(folder)

    def report(self, path: Path, found: tuple[Seq2SeqFolder, Taught]) -> FileReport:
        folder, taught = found
        report = opening(folder.path, folder.weights, folder.kind.title, folder.warnings, _facts(folder, taught))
        return replace(report, n_params=_n_params(folder))

    def source(self, path: Path, found: tuple[Seq2SeqFolder, Taught]) -> ModelSource:
        folder, taught = found
        first = taught.tasks[0]
        card = bare_card(
            model_id(folder.path),
            title_of(folder.path),
            task=N_("One text into another: a translation, a summary, an answer"),
            kind=KIND,
            format=HUGGING_FACE,
            n_params=_n_params(folder),
            examples=list(examples_of(first.does, first.source)),
            defaults={"task": first.name, "lanes": first.lanes, "penalty": first.penalty},
        )
        return ModelSource(card["id"], folder.path, {**card, **_facts(folder, taught)})


def _n_params(folder: Seq2SeqFolder) -> int:
    return sum(math.prod(shape) for shape in target_shapes(folder.config).values())


def _facts(folder: Seq2SeqFolder, taught: Taught) -> dict[str, Any]:
    config = folder.config
    return {
        "architecture": folder.kind.title,
        "stored": folder.weights.dtype,
        "n_context": config.n_context,
        "n_layers": config.n_layers,
        "n_heads": config.decoder.n_heads,
        "width": config.width,
        "n_vocab": config.n_vocab,
        "tasks": [task.told() for task in taught.tasks],
    }
