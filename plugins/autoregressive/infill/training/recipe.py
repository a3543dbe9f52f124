"""The training that makes `autoregressive/text-xlnet`, and what its card says."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final

import torch

from studio.api.recipe import Measuring, TrainingRecipe, packing_check
from studio.api.training import Split, Training, TrainSettings, Validation, load_shakespeare
from studio.core.card import Check, write_card
from studio.core.translation import N_

from ...shared.model.relative_network import save_with_cutter
from ...shared.tokenizer import TextCutter
from ...text.model.transformer_xl import load_xl
from ...text.training.objective import XLPassages, stream_of
from ...text.training.recipe import EXAMPLES
from ...text.training.recipe import TRAINING as XL_TRAINING
from ..model.config import XLNetConfig
from ..model.xlnet import XLNet, load_xlnet
from .objective import N_WORDS, InfillGap, NextInOrder, bits_both_sides, bits_from_left, gaps_in

CONFIG: Final = XLNetConfig(n_vocab=2048, n_layers=4, n_heads=5, width=160, mlp_width=400, n_context=128)
TRAINING: Final = replace(XL_TRAINING, n_steps=20_000, n_decay=19_500)
BITS: Final = "bits of a gap"
N_VALIDATION: Final = 60
N_TEST: Final = 100
"""Gaps of each test work."""
BASELINE: Final = Path(__file__).parents[2] / "models" / "text-xl.safetensors"


@dataclass(frozen=True, kw_only=True)
class XLNetRecipe(TrainingRecipe[TextCutter]):
    """`autoregressive/text-xlnet`: an XLNet that has read 38 plays and poems with gaps.

    Attributes:
        n_items: passages at once. n_told: tokens of each that are left out and told.
        rival: the weights of the model that sees only the left, which it is held against.
    """

    id: str = "autoregressive/text-xlnet"
    title: str = N_("Any order")
    summary: str = N_(
        "Reads Shakespeare’s plays and poems with gaps in them, and learns to fill the gaps in any order."
    )
    task: str = N_("Fills gaps in a text, word by word in any order.")
    minutes: float = 100
    config: XLNetConfig = CONFIG
    settings: TrainSettings = TRAINING
    n_items: int = 16
    n_told: int = 48
    dropout: float = 0.1
    rival: Path = BASELINE
    seed: int = 87
    kind: ClassVar[str] = "infill"

    def data(self, split: Split) -> TextCutter:
        return TextCutter.learnt(load_shakespeare(split).texts, self.config.n_vocab)

    def network_and_objective(self, cutter: TextCutter, device: torch.device) -> tuple[XLNet, NextInOrder]:
        stream = stream_of(load_shakespeare(Split.TRAIN).texts, cutter.encode)
        passages = XLPassages(stream, self.n_items, self.config.n_context, self.seed, device)
        return XLNet(self.config, self.dropout), NextInOrder(passages, self.n_told)

    def validation(self, cutter: TextCutter, device: torch.device) -> Validation:
        gaps = gaps_in(load_shakespeare(Split.VALIDATION).texts[0], N_VALIDATION)
        return Validation(partial(validate, gaps, cutter), BITS)

    def write(self, out: Path, training: Training, cutter: TextCutter) -> Measuring[None]:
        """Write the averaged network, then measure what was written on the test works for the card."""
        average = training.average
        assert isinstance(average, XLNet)
        average.cpu()
        save_with_cutter(out, average, cutter)
        network, written = load_xlnet(out)
        gaps = [gap for text in load_shakespeare(Split.TEST).texts for gap in gaps_in(text, N_TEST)]
        bits = yield from bits_both_sides(network, written, gaps)
        whole = yield from bits_both_sides(average, cutter, gaps)
        checks = [(yield from self.rival_check(bits, gaps)), packing_check(bits, whole)]
        write_card(out.with_suffix(".json"), self._card(network, training), checks)

    def rival_check(self, bits: float, gaps: list[InfillGap]) -> Measuring[Check]:
        """The bits of the gaps, held against a model that sees only the left where its weights are there."""
        name = N_("Bits for {words} missing words, in {n} gaps in the test works").format(words=N_WORDS, n=len(gaps))
        if not self.rival.is_file():
            return Check(name, bits, None, False)
        network, cutter = load_xl(self.rival)
        theirs = yield from bits_from_left(network, cutter, gaps)
        name += N_("; the model with memory, which sees only what comes before, needs {bits:.1f}").format(bits=theirs)
        return Check(name, bits, theirs, False)

    def _card(self, network: XLNet, training: Training) -> dict[str, Any]:
        texts = load_shakespeare(Split.TRAIN).texts
        told = {"n_items": self.n_items, "n_told": self.n_told, "dropout": self.dropout}
        data = N_("{n} plays and poems from Project Gutenberg (public domain), {c:.1f} million characters")
        return {
            **self.common_card(network, [training], "shakespeare", len(texts), **told),
            "data": data.format(n=len(texts), c=sum(map(len, texts)) / 1e6),
            "notes": [
                N_(
                    "The test works are Twelfth Night, Macbeth and The Rape of Lucrece; Pericles was used to "
                    "choose the weights."
                ),
                N_("A gap in the test works is five words on one line, predicted from left to right."),
            ],
            "defaults": {"temperature": 0.7, "top_p": 0.9},
            "examples": list(EXAMPLES),
        }


def validate(gaps: list[InfillGap], cutter: TextCutter, network: XLNet) -> Measuring[Mapping[str, float]]:
    """The mean bits of gaps in a held-out text."""
    bits = yield from bits_both_sides(network, cutter, gaps)
    return {BITS: bits}


TEXT_XLNET: Final = XLNetRecipe()
