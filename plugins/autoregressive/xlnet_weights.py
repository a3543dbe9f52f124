"""An XLNet with its tokenizer in one safetensors file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from studio.nn.network_file import NetworkKind, load_network, save_network

from .text_tokens import TextCutter
from .xl_weights import TOKENIZER, cutter_in
from .xlnet_config import XLNetConfig
from .xlnet_model import XLNet

KINDS: Final[Mapping[str, NetworkKind]] = {XLNet.__name__: NetworkKind(XLNetConfig, XLNet)}


def save_xlnet(path: Path, network: XLNet, cutter: TextCutter) -> None:
    """Write a network with its tokenizer; matrices as int8 for each row (studio.nn.quantised)."""
    save_network(path, network, about={TOKENIZER: cutter.to_text()})


def load_xlnet(path: Path) -> tuple[XLNet, TextCutter]:
    """Read what `save_xlnet` wrote: on the processor, ready to use.

    Raises:
        UserError: the file is missing, damaged or of another kind, or its tokenizer does not fit its network.
    """
    network = load_network(path, KINDS)[1]
    assert isinstance(network, XLNet)
    return network, cutter_in(path, network.config.n_vocab)
