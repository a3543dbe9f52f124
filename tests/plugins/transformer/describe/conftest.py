"""A tiny describer with weights of chance, some faces, and the tokens of a few sentences."""

import numpy as np
import pytest
import torch

from plugins.transformer.describe.engine import DescribeEngine
from plugins.transformer.describe.model.captioner import Captioner, CaptionerConfig
from plugins.transformer.describe.model.weights import OpenCaptioner
from plugins.transformer.text.model.tokenizer import TextTokenizer, own_tokenizer
from studio.core.text.byte_tokens import END_ID, learnt_tokenizer

SENTENCES = ("A face with spiky red hair and a smile, in a green dress.", "Is this person smiling? Yes. No.")
WORDS = frozenset(["a", "face", "is", "this", "person", "smiling", "what", "colour", "the", "hair"])
N_FACES = 5


@pytest.fixture(scope="session")
def tokenizer() -> TextTokenizer:
    return own_tokenizer(learnt_tokenizer(SENTENCES * 4, 320))


@pytest.fixture(scope="session")
def network(tokenizer: TextTokenizer) -> Captioner:
    torch.manual_seed(5)
    config = CaptionerConfig(
        tokenizer.n_tokens, width=16, n_heads=2, mlp_width=32, n_encoder_blocks=1, n_layers=2, eye_widths=(8, 8, 16)
    )
    network = Captioner(config).eval().requires_grad_(False)
    network.tokens.weight.mul_(6)  # so that some tokens are much likelier than others
    network.tokens.weight[END_ID].mul_(0.02)  # and no text ends at once
    network.familiar_spread.copy_(torch.eye(16))
    network.familiar_limit.fill_(1e6)
    return network


@pytest.fixture(scope="session")
def faces() -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (N_FACES, 64, 64, 3), np.uint8)


@pytest.fixture
def engine(network: Captioner, tokenizer: TextTokenizer, faces: np.ndarray) -> DescribeEngine:
    return DescribeEngine(OpenCaptioner(network, tokenizer, WORDS, faces))
