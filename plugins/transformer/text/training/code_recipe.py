"""The training that makes `transformer/code`, its tokens, and what its card says."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Final

import torch

from studio.api.recipe import Measuring
from studio.api.training import Split, Training, TrainSettings, load_python
from studio.core.card import Check, write_card
from studio.core.frame import Frame
from studio.core.text.byte_tokens import learnt_tokenizer
from studio.core.translation import N_

from ..model.config import DecoderConfig
from ..model.decoder import Decoder
from ..model.tokenizer import TextTokenizer, own_tokenizer
from .code_evaluation import (
    MIN_STATEMENTS,
    N_COPIED,
    N_HEADS,
    CodeVerdict,
    chosen_heads,
    completions,
    cut_alike,
    judged,
)
from .decoder_training import TRAINING as BASE
from .decoder_training import DecoderRecipe, TrainingTexts

PIECES: Final = r"\n *|[ .(\[{'_=,]?[A-Za-z]+|[0-9]| ?[^\sA-Za-z0-9]+|\s"
"""No token reaches from one piece into the next, so that a prompt may end wherever a line's text would begin."""
N_TOKENS: Final = 2048
CONFIG: Final = DecoderConfig(
    n_vocab=N_TOKENS, n_context=256, n_layers=6, n_heads=5, n_kv_heads=5, width=160, head_width=32, mlp_width=512
)
TRAINING: Final = replace(BASE, n_steps=5500, learning_rate=2e-3, n_warmup=200, n_decay=4800)
EXAMPLES: Final = (
    "def is_empty(items):\n    ",
    "def find_node(self, key):\n    ",
    "def __init__(self, name, size=0):\n    ",
    "def parse_header(line):\n    ",
    "def read_lines(path):\n    ",
)
MIN_PERCENT: Final = 60.0
N_VALIDATED: Final = 200


@dataclass(frozen=True, kw_only=True)
class CodeRecipe(DecoderRecipe):
    """`transformer/code`: a decoder that has read short Python functions."""

    id: str = "transformer/code"
    title: str = N_("Python")
    summary: str = N_("Reads short Python functions, and learns what comes next.")
    task: str = N_("Writes the body of a Python function from its first line.")
    minutes: float = 65
    config: DecoderConfig = CONFIG
    settings: TrainSettings = TRAINING
    n_items: int = 8
    dropout: float = 0.0
    n_heads: int = N_HEADS
    empty_prompt: ClassVar[str] = N_(
        "This model has read only short Python functions: it continues text and does not answer questions."
    )
    language: ClassVar[str] = "python"
    seed: int = 72

    def read(self, device: torch.device) -> Generator[Frame, None, TrainingTexts]:
        yield from ()
        learnt, held_out = load_python(Split.TRAIN).texts, load_python(Split.VALIDATION).texts[:N_VALIDATED]
        cutter = own_tokenizer(learnt_tokenizer(learnt, self.config.n_vocab, PIECES))
        return TrainingTexts(learnt, held_out, cutter, EXAMPLES[0])

    def decoder(self, texts: TrainingTexts) -> Decoder:
        return Decoder(self.config, self.dropout)

    def write(self, out: Path, training: Training, texts: TrainingTexts) -> Measuring[None]:
        """Write the averaged network, then measure what was written on the test files for the card."""
        test = load_python(Split.TEST).texts
        found = yield from self.written(out, training, texts, test)
        own, real = yield from self.verdicts(found.decoder, found.cutter, test, texts.learnt)
        checks = [
            Check(N_("Good completions of held-out functions, %"), own.percent, MIN_PERCENT),
            Check(N_("Real bodies cut the same way, %"), real.percent),
            Check(N_("Completions that are valid Python, %"), own.parsed_percent),
            Check(N_("Copies among those long enough, %"), own.copied_percent),
            Check(N_("Bits per character on the test files"), found.bits, None, False),
            found.packing,
        ]
        write_card(out.with_suffix(".json"), self._card(found.decoder, training, texts), checks)

    def verdicts(
        self, decoder: Decoder, cutter: TextTokenizer, test: Sequence[str], learnt: Sequence[str]
    ) -> Measuring[tuple[CodeVerdict, CodeVerdict]]:
        """How good completions of held-out heads are, and the real bodies after these heads."""
        halves = chosen_heads(test, self.n_heads, self.seed)
        heads = [head for head, _ in halves]
        written = yield from completions(decoder, cutter, heads, self.seed)
        own: CodeVerdict = yield from judged(heads, written, learnt)
        real: CodeVerdict = yield from judged(heads, cut_alike(cutter, [body for _, body in halves]), learnt)
        return own, real

    def _card(self, decoder: Decoder, training: Training, texts: TrainingTexts) -> dict[str, Any]:
        n_characters = sum(map(len, texts.learnt))
        return {
            **self.decoder_card(decoder, training, "python", len(texts.learnt), EXAMPLES),
            "data": N_(
                "{n:,} short functions from CPython’s standard library (PSF licence) and from packages under the "
                "BSD and MIT licences, {c:.1f} million characters"
            ).format(n=len(texts.learnt), c=n_characters / 1e6),
            "notes": [
                N_(
                    "A completion is good if it is Python as far as the first dedent or {n} tokens, contains at "
                    "least {s} statements, and repeats no run of {c} characters from the training data. It is "
                    "parsed, and never run."
                ).format(n=128, s=MIN_STATEMENTS, c=N_COPIED),
                N_(
                    "Functions are learnt without comments, docstrings, annotations and decorators, in one layout; "
                    "only those with two statements or more whose body has at most 400 characters."
                ),
                N_(
                    "Whole files are held out, and no two bodies in the data set share a run of 40 characters, so "
                    "hardly any real body contains a copy."
                ),
            ],
        }
