"""Tiny random XLNet folders, written by the `transformers` library itself."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from studio.core.container.sentencepiece_file import read_sentencepiece

TEXT = "She opened the letter, read it twice, and laid it back on the kitchen table near the bank of the river."
MARKS = ["<cls>", "<sep>", "<pad>", "<mask>", "<eod>", "<eop>"]
N_VOCAB = 80
SIZES: dict[str, Any] = {"vocab_size": N_VOCAB, "d_model": 16, "n_layer": 3, "n_head": 2, "d_inner": 24}


def library() -> Any:
    """The `transformers` library, quiet; skips a test where it is not installed."""
    transformers = pytest.importorskip("transformers", reason="the extra diffusers is not installed")
    pytest.importorskip("tqdm").tqdm.monitor_interval = 0  # its thread would outlive the test
    transformers.utils.logging.disable_progress_bar()
    return transformers


def made_model(seed: int = 1, **settings: Any) -> Any:
    """The library's network, with weights that are large enough for everything to matter."""
    torch.manual_seed(seed)
    known = library()
    model = known.XLNetLMHeadModel(known.XLNetConfig(**(SIZES | settings))).eval().requires_grad_(False)
    for value in model.parameters():
        value.copy_(0.5 * torch.randn(value.shape))
    return model


def write_pieces(folder: Path) -> None:
    """A `spiece.model` with the marks of XLNet, learnt from a few words."""
    pieces = pytest.importorskip("sentencepiece", reason="SentencePiece is not installed")
    pieces.SentencePieceTrainer.train(
        sentence_iterator=iter([TEXT] * 4),
        model_prefix=str(folder / "spiece"),
        vocab_size=N_VOCAB,
        control_symbols=MARKS,
        hard_vocab_limit=False,
        normalization_rule_name="nmt_nfkc",
        minloglevel=3,
    )


def library_cutter(folder: Path) -> Any:
    """The library's tokenizer of these pieces, made without what else it would want to read them."""
    pieces = pytest.importorskip("sentencepiece", reason="SentencePiece is not installed")
    read = pieces.SentencePieceProcessor(model_file=str(folder / "spiece.model"))
    scores = [(read.id_to_piece(at), read.get_score(at)) for at in range(read.get_piece_size())]
    characters = read_sentencepiece((folder / "spiece.model").read_bytes()).characters
    return library().XLNetTokenizer(scores, _spm_precompiled_charsmap=characters)


def write_folder(folder: Path, seed: int = 1, **settings: Any) -> Path:
    """A whole folder: settings, weights, `spiece.model`."""
    folder.mkdir(exist_ok=True)
    made_model(seed, **settings).save_pretrained(folder)
    write_pieces(folder)
    return folder


def put(folder: Path, **changes: Any) -> None:
    """Change settings of a folder; None takes one out."""
    values = json.loads((folder / "config.json").read_text()) | changes
    (folder / "config.json").write_text(json.dumps({name: one for name, one in values.items() if one is not None}))
