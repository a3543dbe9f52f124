"""Opens encoder–decoders of other people for the viewer of translations."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import torch

from studio.api.engine import Device, ModelSource, size_text
from studio.core.error import UserError
from studio.core.pausing import pause
from studio.core.text.vocabulary import TextVocabulary
from studio.core.translation import N_
from studio.nn.stored_arrays import arrays_of, filled
from studio.nn.without_weights import without_weights

from ...importers import HUGGING_FACE
from ...translate.model.beam import Search
from ...translate.model.pooled_beam import PooledBeam
from ...translate.model.reader import read_source
from ...translate.model.seq2seq import Seq2Seq
from ...translate.model.weights import N_MORE, unknown_task
from ...translate.params import TranslateParams
from ...translate.state import MOST_SOURCE, Limits, SourceCut
from ..loading import store_in_half
from .folder import Seq2SeqFolder, read_seq2seq_folder, target_shapes
from .tasks import Task, Taught, read_taught
from .tokenizer import SourceTokenizer

N_LANES: Final = 8
N_PLACES: Final = 1024
"""Tokens of source and target that are reckoned with."""
_RESERVE_BYTES: Final = 256 << 20


MOST_TARGET: Final = 400


@dataclass(frozen=True, eq=False)
class ForeignSeq2Seq:
    """One of other people, ready to read; see `TranslatingModel`."""

    network: Seq2Seq
    tokenizer: SourceTokenizer
    tasks: tuple[Task, ...]
    words: frozenset[str] = frozenset()

    @cached_property
    def vocabulary(self) -> TextVocabulary:
        """Its tokens."""
        return self.tokenizer.vocabulary

    @cached_property
    def limits(self) -> Limits:
        """What its network can read and write."""
        config = self.network.config
        return Limits(config.n_vocab, min(config.n_context, MOST_SOURCE), min(config.n_context, MOST_TARGET) - 1)

    def task(self, name: str) -> Task:
        """The task of a name; raises UserError where there is none."""
        found = next((one for one in self.tasks if one.name == name), self.tasks[0] if not name else None)
        if found is None:
            raise unknown_task(name, (one.name for one in self.tasks))
        return found

    def source_cut(self, text: str, name: str) -> SourceCut:
        """How a text is read for a task."""
        task = self.task(name)
        return self.tokenizer.cut(text, task.prefix, task.before, self.limits.most_source)

    def cut(self, text: str, task: str = "") -> list[int]:
        """The tokens of a text for a task, with all that stands around it; raises UserError where there is no text."""
        found = self.source_cut(text, task)
        if max(found.spots, default=-1) < 0:
            raise UserError(N_("There is no text that the model could read."), N_("Write a sentence."))
        return list(found.ids)

    def most_of(self, source: Sequence[int], params: TranslateParams) -> int:
        """How many tokens the other text may have: as its makers say, else as many as a translation needs."""
        rules = self.task(params.task).rules
        usual = max(2 * len(source) + N_MORE, rules.least)
        return max(1, min(usual, self.limits.most, usual if rules.most is None else rules.most - 1))

    def search(self, source: Sequence[int], params: TranslateParams) -> Search:
        """The search as `transformers` does it; a word looks where all heads of the last layer but one do, on average.

        That layer tells best where words come from (Garg et al. 2019, arXiv 1909.02074).
        """
        rules, layer = self.task(params.task).rules, max(0, self.network.config.n_layers - 2)
        reader = read_source(self.network, source, rules.start, lambda seen: seen[layer])
        return PooledBeam(reader, rules, params.lanes, params.penalty, self.most_of(source, params) + 1)


def is_foreign_seq2seq(card: Mapping[str, Any]) -> bool:
    """Whether a card is one of an encoder–decoder that other people's programs wrote."""
    return card.get("format") == HUGGING_FACE


def open_seq2seq(source: ModelSource, device: Device) -> ForeignSeq2Seq:
    """Open the model of a card that `is_foreign_seq2seq`.

    Raises:
        UserError: it is broken, incomplete, of a kind that is not known here, or larger than the memory.
    """
    folder = read_seq2seq_folder(source.path)
    taught: Taught = read_taught(folder)  # what is small comes first
    return ForeignSeq2Seq(load_seq2seq(folder, device), taught.tokenizer, taught.tasks)


def load_seq2seq(folder: Seq2SeqFolder, device: Device) -> Seq2Seq:
    """The network, ready to read, without gradients.

    Raises:
        UserError: it does not fit the memory; a file cannot be read any more, or says that numbers are none.
    """
    dtype = _fitting(folder, device)
    with without_weights():
        network = Seq2Seq(folder.config)
    if dtype != torch.float32:
        store_in_half(network, dtype)
    state, plan = filled(network, device.torch_device), folder.plan
    with torch.no_grad():
        for name, values in arrays_of(folder.weights, {name: place.shape for name, place in plan.items()}):
            pause()
            place = state[plan[name].target]
            place.copy_(values.view(place.shape))
    copies = {one.name: one.shape for one in folder.weights.tensors if one.name in folder.copies}
    for name, values in arrays_of(folder.weights, copies):
        pause()
        if not torch.equal(values.to(state["tokens.weight"]), state["tokens.weight"]):
            raise UserError(
                N_("“{name}” differs from the table of tokens: models with several tables cannot be opened.").format(
                    name=name
                )
            )
    return network


def needed_bytes(folder: Seq2SeqFolder, dtype: torch.dtype) -> int:
    """Memory for the weights, and for what eight lanes remember of long texts."""
    config = folder.config
    weights = sum(math.prod(shape) for shape in target_shapes(config).values()) * dtype.itemsize
    remembered = 4 * N_LANES * config.n_layers * config.inner(config.decoder) * N_PLACES * torch.float32.itemsize
    scores = config.encoder.n_heads * min(config.n_context, N_PLACES) ** 2 * torch.float32.itemsize
    return weights + remembered + 2 * scores + _RESERVE_BYTES


def _fitting(folder: Seq2SeqFolder, device: Device) -> torch.dtype:
    """float32 where it fits, else bfloat16; raises UserError with the figures where neither does."""
    free = device.free_bytes
    for dtype in (torch.float32, torch.bfloat16):
        if needed_bytes(folder, dtype) <= free:
            return dtype
    raise UserError(
        N_("This model needs about {needed} of memory.").format(needed=size_text(needed_bytes(folder, torch.bfloat16))),
        N_("{free} of memory are free. Close other models and programs, or use a smaller model.").format(
            free=size_text(free)
        ),
    )
