"""A tiny encoder with weights of chance, and the tokens of a few sentences."""

import pytest
import torch

from plugins.transformer.fill_in.engine import FillInEngine
from plugins.transformer.fill_in.model.config import EncoderConfig
from plugins.transformer.fill_in.model.cutter import MaskCutter, learnt_cutter
from plugins.transformer.fill_in.model.encoder import Encoder

EXAMPLES = ("the king of the house is dead", "good morrow my lord")


@pytest.fixture(scope="session")
def cutter() -> MaskCutter:
    return learnt_cutter([*EXAMPLES, "the queen of the tower is here"] * 4, 300)


@pytest.fixture(scope="session")
def made(cutter: MaskCutter) -> Encoder:
    """So many weights of chance that everything matters."""
    torch.manual_seed(8)
    network = Encoder(EncoderConfig(cutter.tokenizer.n_tokens, 48, 2, 2, 16, 24)).eval().requires_grad_(False)
    for weight in network.parameters():
        weight.copy_(torch.randn_like(weight) * 0.4)
    return network


@pytest.fixture
def engine(made: Encoder, cutter: MaskCutter) -> FillInEngine:
    return FillInEngine(made, cutter, EXAMPLES)
