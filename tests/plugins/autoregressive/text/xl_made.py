"""A small Transformer-XL with tokens of a small text."""

from functools import cache

import torch

from plugins.autoregressive.shared.tokenizer import TextCutter
from plugins.autoregressive.text.engine import XLTextEngine
from plugins.autoregressive.text.model.transformer_xl import TransformerXL, XLConfig

TEXT = "To be, or not to be, that is the question:\nWhether ’tis nobler in the mind to suffer\n" * 3


@cache
def made_cutter() -> TextCutter:
    return TextCutter.learnt([TEXT], 280)


def tiny_config(**sizes: int) -> XLConfig:
    told = {
        "n_vocab": made_cutter().n_tokens,
        "n_layers": 2,
        "n_heads": 2,
        "width": 16,
        "mlp_width": 24,
        "n_segment": 4,
        "n_memory": 8,
    }
    return XLConfig(**(told | sizes))


def made_network(seed: int = 1, **sizes: int) -> TransformerXL:
    """A network whose weights are large enough that everything matters."""
    torch.manual_seed(seed)
    network = TransformerXL(tiny_config(**sizes))
    with torch.no_grad():
        for value in network.parameters():
            value.copy_(torch.randn(value.shape) * (0.4 if value.dim() > 1 else 0.2))
        network.norm.weight.fill_(1.0)
    return network.eval().requires_grad_(False)


def made_engine(**sizes: int) -> XLTextEngine:
    return XLTextEngine(made_network(**sizes), made_cutter())
