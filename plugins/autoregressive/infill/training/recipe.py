"""The training that makes `autoregressive/text-xlnet`, and what its card says."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import torch
from torch import nn

from studio.api.engine import TrainOptions
from studio.api.training import (
    Split,
    Training,
    TrainSettings,
    Validation,
    Works,
    follow_training,
    load_shakespeare,
    measuring_frames,
)
from studio.core.card import Check, write_card
from studio.core.frame import Frame
from studio.core.translation import N_

from ...shared.tokenizer import TextCutter
from ...shared.training.card import common_card
from ...text.model.transformer_xl import load_xl
from ...text.training.objective import Measuring, XLPassages, stream_of
from ...text.training.recipe import EXAMPLES
from ..model.config import XLNetConfig
from ..model.xlnet import XLNet, load_xlnet, save_xlnet
from .objective import N_WORDS, InfillGap, NextInOrder, bits_both_sides, bits_from_left, gaps_in

CONFIG: Final = XLNetConfig(n_vocab=2048, n_layers=4, n_heads=5, width=160, mlp_width=400, n_context=128)
TRAINING: Final = TrainSettings(
    n_steps=20_000,
    learning_rate=2.5e-3,
    n_warmup=150,
    n_decay=19_500,
    weight_decay=0.1,
    average_decay=0.99,
    keep_best=True,
)
BITS: Final = "bits of a gap"
N_VALIDATION: Final = 60
N_TEST: Final = 100
"""Gaps of each test work."""
MOST_LOSS: Final = 1.0
BASELINE: Final = Path(__file__).parents[2] / "models" / "text-xl.safetensors"


@dataclass(frozen=True)
class XLNetRecipe:
    """`autoregressive/text-xlnet`: an XLNet that has read 38 plays and poems with gaps.

    Attributes:
        n_items: passages at once. n_told: tokens of each that are left out and told.
        rival: the weights of the model that sees only the left, which it is held against.
    """

    id: str = "autoregressive/text-xlnet"
    title: str = N_("Any order")
    summary: str = N_("Reads Shakespeare’s plays and poems with gaps, and learns to fill them in any order.")
    task: str = N_("Fills gaps in a text, word by word in any order.")
    minutes: float = 100
    needs_folder: bool = False
    config: XLNetConfig = CONFIG
    settings: TrainSettings = TRAINING
    n_items: int = 16
    n_told: int = 48
    dropout: float = 0.1
    seed: int = 87
    rival: Path = BASELINE

    def train(self, options: TrainOptions) -> Iterator[Frame]:
        """Yield one frame per micro-batch; at the end write weights and card to `options.out`."""
        torch.manual_seed(self.seed)
        works, held_out = load_shakespeare(Split.TRAIN), load_shakespeare(Split.VALIDATION)
        cutter, device = TextCutter.learnt(works.texts, self.config.n_vocab), options.device.torch_device
        settings = self.settings.chosen(options.settings, options.n_steps)
        passages = XLPassages(
            stream_of(works.texts, cutter.encode), self.n_items, self.config.n_context, self.seed, device
        )
        training = Training(XLNet(self.config, self.dropout), NextInOrder(passages, self.n_told), settings, device)
        gaps = gaps_in(held_out.texts[0], N_VALIDATION)
        yield from follow_training(
            training,
            options.out.with_suffix(".checkpoint"),
            options.is_resumed,
            validation=Validation(partial(validate, gaps, cutter), BITS),
        )
        yield from measuring_frames(settings.n_steps, self.write(options, training, cutter, works))

    def write(self, options: TrainOptions, training: Training, cutter: TextCutter, works: Works) -> Measuring[None]:
        """Write the averaged network, then measure what was written on the test works for the card."""
        average = training.average
        assert isinstance(average, XLNet)
        average.cpu()
        save_xlnet(options.out, average, cutter)
        network, written = load_xlnet(options.out)
        gaps = [gap for text in load_shakespeare(Split.TEST).texts for gap in gaps_in(text, N_TEST)]
        bits = yield from bits_both_sides(network, written, gaps)
        whole = yield from bits_both_sides(average, cutter, gaps)
        checks = [
            (yield from self.rival_check(bits, gaps)),
            Check(N_("Loss by whole numbers of one byte, %"), 100 * (bits / whole - 1), MOST_LOSS, False),
        ]
        write_card(options.out.with_suffix(".json"), self._card(network, training, works), checks)

    def rival_check(self, bits: float, gaps: list[InfillGap]) -> Measuring[Check]:
        """The bits of the gaps, held against a model that sees only the left where its weights are there."""
        name = N_("Bits of {words} words left out, of {n} gaps in the test works").format(words=N_WORDS, n=len(gaps))
        if not self.rival.is_file():
            return Check(name, bits, None, False)
        network, cutter = load_xl(self.rival)
        theirs = yield from bits_from_left(network, cutter, gaps)
        name += N_("; the model with memory, which sees only the left, needs {bits:.1f}").format(bits=theirs)
        return Check(name, bits, theirs, False)

    def _card(self, network: XLNet, training: Training, works: Works) -> dict[str, Any]:
        n_characters = sum(map(len, works.texts)) / 1e6
        data = N_("{n} plays and poems of Project Gutenberg (public domain), {c:.1f} million characters")
        told = {"n_items": self.n_items, "n_told": self.n_told, "dropout": self.dropout}
        return {
            "id": self.id,
            "title": self.title,
            "task": self.task,
            "data": data.format(n=len(works.texts), c=n_characters),
            **common_card(network, training, self.seed, True, "infill"),
            "settings": {**asdict(training.settings), **told},
            "data_set": {"name": "shakespeare", "n_items": len(works.texts), "which": "full"},
            "notes": [
                N_("The test works are Twelfth Night, Macbeth and The Rape of Lucrece; Pericles chose the weights."),
                N_("A gap of the test works is five words on one line, told from left to right."),
            ],
            "defaults": {"temperature": 0.7, "top_p": 0.9},
            "examples": list(EXAMPLES),
        }


def validate(gaps: list[InfillGap], cutter: TextCutter, network: nn.Module) -> Measuring[Mapping[str, float]]:
    """The mean bits of gaps in a held-out text."""
    assert isinstance(network, XLNet)
    bits = yield from bits_both_sides(network, cutter, gaps)
    return {BITS: bits}


TEXT_XLNET: Final = XLNetRecipe()
