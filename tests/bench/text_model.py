"""The models that the benchmarks of texts read: the shipped one, and random ones of two sizes in their own folders."""

import tempfile
from functools import cache
from pathlib import Path
from typing import Any, Final

import torch

from studio.api.engine import ModelSource
from studio.compute.device import choose_device
from studio.core.pausing import result_of
from studio.registry.catalog import Catalog
from tests.plugins.transformer.foreign.made_folder import put_tokenizer, quiet_transformers

MODEL: Final = "transformer/shakespeare"
PROMPT: Final = "To be, or not to be, that is the"
SIZES: Final[dict[str, dict[str, int]]] = {
    "10m": {"n_embd": 384, "n_layer": 6, "n_head": 6, "n_positions": 1024, "vocab_size": 3072},
    "gpt2": {"n_embd": 768, "n_layer": 12, "n_head": 12, "n_positions": 1024, "vocab_size": 50257},
}
"""nanoGPT's network with the vocabulary of our own models, and GPT-2 (Radford 2019)."""
_folders: Final[list[tempfile.TemporaryDirectory[str]]] = []


@cache
def theirs(size: str) -> Any:
    """A random GPT-2 of the `transformers` library, as it is read back from its folder."""
    transformers = quiet_transformers()
    return transformers.GPT2LMHeadModel.from_pretrained(_folder(size)).eval().requires_grad_(False)


@cache
def ours(size: str) -> Any:
    """Our engine with the same weights, opened from the same folder."""
    from plugins.transformer.importers import HuggingFaceImporter
    from plugins.transformer.text.engine import TransformerEngine

    source = result_of(HuggingFaceImporter().load(_folder(size)))
    return TransformerEngine.open(source, choose_device())


@cache
def shipped_engine() -> Any:
    """The engine of `transformer/shakespeare`, or of a random model like it."""
    return Catalog().open_engine(shipped_source(), choose_device())


@cache
def shipped_source() -> ModelSource:
    """`transformer/shakespeare`, or where it is not there a random model of the same sizes."""
    catalog = Catalog()
    if MODEL in {model.id for model in catalog.list_models("transformer")}:
        return catalog.find_model(MODEL).source
    return _made_source(_new_folder() / "made.safetensors")


def millions(decoder: Any) -> str:
    """How many weights it has, as words."""
    return f"{sum(one.numel() for one in decoder.parameters()) / 1e6:.1f} M weights"


def _made_source(path: Path) -> ModelSource:
    from plugins.transformer.text.model.decoder import Decoder
    from plugins.transformer.text.model.weights import save_decoder
    from plugins.transformer.text.training.shakespeare_recipe import CONFIG
    from studio.core.text.byte_tokens import learnt_tokenizer

    letters = "".join(chr(number) for number in range(32, 127))
    words = " ".join(a + b + c for a in letters[33:59] for b in letters[33:59] for c in letters[33:59])
    torch.manual_seed(1)
    save_decoder(path, Decoder(CONFIG), learnt_tokenizer([words], CONFIG.n_vocab))
    return ModelSource("transformer/made", path, {"id": "transformer/made", "examples": [PROMPT], "defaults": {}})


@cache
def _folder(size: str) -> Path:
    transformers, folder = quiet_transformers(), _new_folder()
    torch.manual_seed(1)
    transformers.GPT2LMHeadModel(transformers.GPT2Config(**SIZES[size])).save_pretrained(folder)
    put_tokenizer(folder)
    return folder


def _new_folder() -> Path:
    _folders.append(tempfile.TemporaryDirectory())  # until the process ends
    return Path(_folders[-1].name)
