"""Reads the small files of an encoder–decoder's folder: its tokenizer, and what it was taught; no torch."""

from dataclasses import dataclass

from studio.core.container.weights.folder import MAX_INDEX_BYTES
from studio.core.text.foreign_tokenizer import SETTINGS

from ..hf.folder import GENERATION, read_optional
from .folder import Seq2SeqFolder
from .tasks import Task, check_ends, read_tasks
from .tokenizer import SourceTokenizer, read_source_tokenizer


@dataclass(frozen=True, eq=False)
class Taught:
    """How a model reads texts, and what it does with them."""

    tokenizer: SourceTokenizer
    tasks: tuple[Task, ...]


def read_taught(folder: Seq2SeqFolder) -> Taught:
    """What the small files say; raises UserError where one is missing or broken."""
    generation = read_optional(folder.path, GENERATION, MAX_INDEX_BYTES)
    spoken = read_optional(folder.path, SETTINGS)
    tokenizer = read_source_tokenizer(
        folder.path, folder.settings, generation, folder.config.n_vocab, folder.kind.has_begin
    )
    tasks = read_tasks(folder.kind, folder.settings, generation, spoken, tokenizer)
    for task in tasks:
        check_ends(task.rules)
    return Taught(tokenizer, tasks)
