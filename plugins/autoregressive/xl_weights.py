"""A Transformer-XL with its tokenizer in one safetensors file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from studio.core.error import UserError
from studio.core.text import N_
from studio.nn.network_file import NetworkKind, load_network, read_about, save_network

from .text_tokens import TextCutter
from .xl_config import XLConfig
from .xl_model import TransformerXL

KINDS: Final[Mapping[str, NetworkKind]] = {TransformerXL.__name__: NetworkKind(XLConfig, TransformerXL)}
TOKENIZER: Final = "tokenizer"


def save_xl(path: Path, network: TransformerXL, cutter: TextCutter) -> None:
    """Write a network with its tokenizer; matrices as int8 for each row (studio.nn.quantised)."""
    save_network(path, network, about={TOKENIZER: cutter.to_text()})


def load_xl(path: Path) -> tuple[TransformerXL, TextCutter]:
    """Read what `save_xl` wrote: on the processor, ready to use.

    Raises:
        UserError: the file is missing, damaged or of another kind, or its tokenizer does not fit its network.
    """
    network = load_network(path, KINDS)[1]
    assert isinstance(network, TransformerXL)
    return network, cutter_in(path, network.config.n_vocab)


def cutter_in(path: Path, n_vocab: int) -> TextCutter:
    """The tokenizer in a model's file; raises UserError where it is damaged or has not so many tokens."""
    try:
        cutter = TextCutter.from_text(read_about(path, TOKENIZER))
    except Exception as error:  # the tokenizer's library raises plain exceptions
        raise UserError(N_("The model's file is damaged."), N_("Get it again, or train the model again.")) from error
    if cutter.n_tokens != n_vocab:
        raise UserError(N_("The tokenizer in the model's file is of another model."))
    return cutter
