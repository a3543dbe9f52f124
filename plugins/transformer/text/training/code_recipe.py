"""The training that makes `transformer/code`, its tokens, and what its card says."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Final

import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from studio.api.engine import TrainOptions
from studio.api.training import (
    PythonFunctions,
    Split,
    Training,
    TrainSettings,
    load_python,
    measuring_frames,
)
from studio.core.card import Check, write_card
from studio.core.frame import Frame
from studio.core.translation import N_

from ..model.config import DecoderConfig
from ..model.decoder import Decoder
from ..model.tokenizer import END, END_ID, TextTokenizer, own_tokenizer
from ..model.weights import load_decoder, save_decoder
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
from .decoder_training import Measuring, TrainingTexts, bits_per_character, common_card, learning

PIECES: Final = r"\n *|[ .(\[{'_=,]?[A-Za-z]+|[0-9]| ?[^\sA-Za-z0-9]+|\s"
"""No token reaches from one piece into the next, so that a prompt may end wherever a line's text would begin."""
N_TOKENS: Final = 2048
CONFIG: Final = DecoderConfig(
    n_vocab=N_TOKENS, n_context=256, n_layers=6, n_heads=5, n_kv_heads=5, width=160, head_width=32, mlp_width=512
)
TRAINING: Final = TrainSettings(
    n_steps=5500,
    learning_rate=2e-3,
    n_warmup=200,
    n_decay=4800,
    weight_decay=0.1,
    average_decay=0.99,
    keep_best=True,
)
EXAMPLES: Final = (
    "def is_empty(items):\n    ",
    "def find_node(self, key):\n    ",
    "def __init__(self, name, size=0):\n    ",
    "def parse_header(line):\n    ",
    "def read_lines(path):\n    ",
)
MIN_PERCENT: Final = 60.0
MOST_LOSS: Final = 1.0
N_VALIDATED: Final = 200


def learnt_code_tokenizer(texts: Sequence[str], n_tokens: int) -> Tokenizer:
    """A byte-level tokenizer with at most `n_tokens` tokens, `END` included; any text can be cut with it."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PIECES), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=n_tokens,
        special_tokens=[END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


@dataclass(frozen=True)
class CodeRecipe:
    """`transformer/code`: a decoder that has read short Python functions."""

    id: str = "transformer/code"
    title: str = N_("Python")
    summary: str = N_("Reads short Python functions, and learns what comes next.")
    minutes: float = 65
    needs_folder: bool = False
    task: str = N_("Writes the body of a Python function after its head.")
    config: DecoderConfig = CONFIG
    settings: TrainSettings = TRAINING
    n_items: int = 8
    dropout: float = 0.0
    seed: int = 72
    n_heads: int = N_HEADS

    def train(self, options: TrainOptions) -> Iterator[Frame]:
        """Yield one frame per micro-batch; at the end write weights and card to `options.out`."""
        torch.manual_seed(self.seed)
        functions, held_out = load_python(Split.TRAIN), load_python(Split.VALIDATION)
        tokenizer = learnt_code_tokenizer(functions.texts, self.config.n_vocab)
        settings = self.settings.chosen(options.settings, options.n_steps)
        reading = TrainingTexts(functions.texts, held_out.texts[:N_VALIDATED], self.n_items, EXAMPLES[0], self.seed)
        decoder = Decoder(self.config, self.dropout)
        training = yield from learning(decoder, own_tokenizer(tokenizer), reading, settings, options)
        yield from measuring_frames(settings.n_steps, self.write(options, training, tokenizer, functions))

    def write(
        self, options: TrainOptions, training: Training, tokenizer: Tokenizer, functions: PythonFunctions
    ) -> Measuring:
        """Write the averaged network, then measure what was written on the test files for the card."""
        average = training.average
        assert isinstance(average, Decoder)
        save_decoder(options.out, average, tokenizer)
        decoder, cutter = load_decoder(options.out)
        decoder.to(options.device.torch_device)
        encode, stride = partial(cutter.encode, with_start=False), self.config.n_context // 2
        test = load_python(Split.TEST).texts
        bits = yield from bits_per_character(decoder, test, encode, END_ID, stride)
        whole_bits = yield from bits_per_character(average, test, encode, END_ID, stride)
        own, real = yield from self.verdicts(decoder, cutter, test, functions.texts)
        checks = [
            Check(N_("Good of completions of held-out function heads, %"), own.percent, MIN_PERCENT),
            Check(N_("Real bodies cut alike, %"), real.percent),
            Check(N_("Completions that are Python, %"), own.parsed_percent),
            Check(N_("Copies among those long enough, %"), own.copied_percent),
            Check(N_("Bits per character on the test files"), bits, None, False),
            Check(N_("Loss by whole numbers of one byte, %"), 100 * (bits / whole_bits - 1), MOST_LOSS, False),
        ]
        write_card(options.out.with_suffix(".json"), self._card(decoder, training, functions), checks)

    def verdicts(
        self, decoder: Decoder, cutter: TextTokenizer, test: Sequence[str], learnt: Sequence[str]
    ) -> Measuring:
        """How good completions of held-out heads are, and the real bodies after these heads."""
        halves = chosen_heads(test, self.n_heads, self.seed)
        heads = [head for head, _ in halves]
        written = yield from completions(decoder, cutter, heads, self.seed)
        own: CodeVerdict = yield from judged(heads, written, learnt)
        real: CodeVerdict = yield from judged(heads, cut_alike(cutter, [body for _, body in halves]), learnt)
        return own, real

    def _card(self, decoder: Decoder, training: Training, functions: PythonFunctions) -> Mapping[str, Any]:
        n_characters = sum(map(len, functions.texts))
        return {
            "id": self.id,
            "title": self.title,
            "task": self.task,
            "data": N_(
                "{n:,} short functions of CPython’s standard library (PSF licence) and of packages under the BSD and "
                "MIT licences, {c:.1f} million characters"
            ).format(n=len(functions.texts), c=n_characters / 1e6),
            **common_card(decoder, training, self.seed),
            "settings": {**asdict(training.settings), "n_items": self.n_items, "dropout": self.dropout},
            "data_set": {"name": "python", "n_items": len(functions.texts), "which": "full"},
            "notes": [
                N_(
                    "A completion is good where it is Python as far as the first dedent or {n} tokens, holds at least "
                    "{s} statements, and no run of {c} characters that was learnt from. It is parsed, and never run."
                ).format(n=128, s=MIN_STATEMENTS, c=N_COPIED),
                N_(
                    "Functions are learnt without comments, docstrings, annotations and decorators, in one layout; "
                    "only those of two statements or more whose body has at most 400 characters."
                ),
                N_(
                    "Whole files are held out, and no two bodies of the data set share a run of 40 characters: so next "
                    "to no real body holds a copy."
                ),
            ],
            "defaults": {"temperature": 0.8, "top_p": 0.95},
            "examples": list(EXAMPLES),
            "empty_prompt": N_("This model has read only short Python functions: it continues, it does not answer."),
            "language": "python",
        }
