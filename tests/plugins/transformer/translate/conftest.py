"""A tiny translator with weights of chance, and the tokens of a few sentences."""

import pytest
import torch

from plugins.transformer.text.model.tokenizer import own_tokenizer
from plugins.transformer.translate.engine import TranslateEngine
from plugins.transformer.translate.model.encoder_decoder import Translator, TranslatorConfig
from plugins.transformer.translate.model.weights import OpenTranslator
from studio.core.text.byte_tokens import learnt_tokenizer

SENTENCES = (
    "And God said, Let there be light.",
    "Y dijo Dios: Sea la luz.",
    "the king of the house",
    "el rey de la casa",
)


@pytest.fixture(scope="session")
def tokenizer():
    return own_tokenizer(learnt_tokenizer(SENTENCES * 4, 320))


@pytest.fixture(scope="session")
def network(tokenizer):
    torch.manual_seed(5)
    config = TranslatorConfig(tokenizer.n_tokens, n_context=64, width=16, n_heads=2, mlp_width=32, n_layers=2)
    network = Translator(config).eval().requires_grad_(False)
    network.tokens.weight.mul_(6)  # so that some tokens are much likelier than others
    return network


@pytest.fixture
def engine(network, tokenizer):
    words = frozenset(["and", "god", "said", "let", "there", "be", "light", "the", "king", "of", "house"])
    return TranslateEngine(
        OpenTranslator(network, tokenizer, words), (("the king", "el rey"), (SENTENCES[0], SENTENCES[1]))
    )
