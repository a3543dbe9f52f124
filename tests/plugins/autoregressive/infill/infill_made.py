"""A small XLNet with tokens of a small text."""

import torch

from plugins.autoregressive.infill.engine import InfillEngine
from plugins.autoregressive.infill.model.config import XLNetConfig
from plugins.autoregressive.infill.model.xlnet import XLNet
from tests.plugins.autoregressive.text.xl_made import made_cutter

EXAMPLES = ("To be, or not to be, that is the question", "Whether ’tis nobler in the mind")


def made_network(seed: int = 1, **sizes: int) -> XLNet:
    """A network whose weights are large enough that everything matters."""
    torch.manual_seed(seed)
    told = {
        "n_vocab": made_cutter().n_tokens,
        "n_layers": 2,
        "n_heads": 2,
        "width": 16,
        "mlp_width": 24,
        "n_context": 32,
    }
    network = XLNet(XLNetConfig(**(told | sizes)))
    with torch.no_grad():
        for value in network.parameters():
            value.copy_(torch.randn(value.shape) * (0.4 if value.dim() > 1 else 0.2))
        network.norm.weight.fill_(1.0)
    return network.eval().requires_grad_(False)


def made_engine(**sizes: int) -> InfillEngine:
    return InfillEngine(made_network(**sizes), made_cutter(), EXAMPLES)
