"""Writes tiny random folders of encoder–decoders with the `transformers` library and SentencePiece themselves."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.plugins.transformer.foreign.made_folder import put, put_tokenizer

N_VOCAB = 300
TEXT = "The weather is fine today. We go to the sea, and the ﬁsh ½ swim; über alles: the theatre of the whole town. "
_SIZES: dict[str, Any] = {
    "vocab_size": N_VOCAB,
    "d_model": 32,
    "encoder_layers": 2,
    "decoder_layers": 3,
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 2,
    "encoder_ffn_dim": 48,
    "decoder_ffn_dim": 40,
    "max_position_embeddings": 64,
    "pad_token_id": 260,
    "bos_token_id": 261,
    "eos_token_id": 262,
    "decoder_start_token_id": 262,
    "forced_eos_token_id": 262,
}
_T5: dict[str, Any] = {
    "vocab_size": N_VOCAB,
    "d_model": 32,
    "d_kv": 12,
    "d_ff": 48,
    "num_layers": 2,
    "num_heads": 4,
    "relative_attention_num_buckets": 8,
    "relative_attention_max_distance": 20,
    "decoder_start_token_id": 0,
}
_GATED = {**_T5, "feed_forward_proj": "gated-gelu"}
_TASKS = {
    "summarization": {
        "prefix": "summarize: ",
        "num_beams": 3,
        "min_length": 4,
        "max_length": 24,
        "length_penalty": 2.0,
    },
    "translation_en_to_de": {"prefix": "translate English to German: ", "num_beams": 2, "max_length": 30},
}
_MARIAN = {
    **_SIZES,
    "scale_embedding": True,
    "activation_function": "swish",
    "pad_token_id": N_VOCAB - 1,
    "decoder_start_token_id": N_VOCAB - 1,
    "eos_token_id": 0,
    "forced_eos_token_id": 0,
}
MODELS: dict[str, tuple[str, dict[str, Any]]] = {
    "T5": ("T5", {**_T5, "task_specific_params": _TASKS}),
    "Flan-T5": ("T5", {**_GATED, "tie_word_embeddings": False}),
    "mT5": ("MT5", _GATED),
    "BART": ("Bart", _SIZES),
    "mBART": ("MBart", {**_SIZES, "scale_embedding": True}),
    "Marian": ("Marian", _MARIAN),
    "Pegasus": ("Pegasus", {**_SIZES, "activation_function": "relu", "scale_embedding": True}),
}


def made_model(name: str, seed: int = 3) -> Any:
    """The library's model with weights so different that a wrong part shows."""
    transformers = pytest.importorskip("transformers", reason="The library is not installed")
    pytest.importorskip("tqdm").tqdm.monitor_interval = 0  # its thread would outlive the test
    transformers.utils.logging.disable_progress_bar()
    kind, settings = MODELS[name]
    torch.manual_seed(seed)
    title = "MarianMTModel" if kind == "Marian" else f"{kind}ForConditionalGeneration"
    config = getattr(transformers, f"{kind}Config")(**settings)
    if name == "Flan-T5":
        config.tie_word_embeddings = False
    model = getattr(transformers, title)(config).eval().requires_grad_(False)
    for part, values in model.named_parameters():
        if "embed_positions" not in part or kind in ("Bart", "MBart"):  # the others are sines
            values.add_(torch.randn_like(values) * 0.1)
    if name == "Flan-T5":  # a head of its own, but one table of tokens
        model.encoder.embed_tokens.weight.copy_(model.shared.weight)
        model.decoder.embed_tokens.weight.copy_(model.shared.weight)
    if hasattr(model, "final_logits_bias"):
        model.final_logits_bias.normal_()
    return model


def made_seq2seq(folder: Path, name: str, seed: int = 3, **saving: Any) -> Any:
    """Write such a folder; returns its model."""
    made = made_model(name, seed)
    made.save_pretrained(folder, **saving)
    kind = MODELS[name][0]
    if kind == "Marian":
        put_marian(folder)
    elif kind in ("T5", "MT5"):
        put_pieces(folder)
    else:
        put_tokenizer(folder)
    if kind == "Bart":
        put(folder, "tokenizer_config.json", {"bos_token": "<s>", "eos_token": "</s>"})
        known = json.loads((folder / "vocab.json").read_text("utf-8"))
        del known["<|endoftext|>"]
        put(folder, "vocab.json", known | {"<pad>": 260, "<s>": 261, "</s>": 262})
    return made


def put_pieces(folder: Path, stem: str = "spiece", suffix: str = ".model", text: str = TEXT) -> list[str]:
    """Pieces as T5 has them, learnt from a few words; returns their names."""
    pieces = pytest.importorskip("sentencepiece", reason="SentencePiece is not installed")
    pieces.SentencePieceTrainer.train(
        sentence_iterator=iter([text] * 4),
        model_prefix=str(folder / stem),
        vocab_size=90,
        hard_vocab_limit=False,
        normalization_rule_name="nmt_nfkc",
        pad_id=0,
        eos_id=1,
        unk_id=2,
        bos_id=-1,
        minloglevel=3,
    )
    (folder / f"{stem}.vocab").unlink()
    (folder / f"{stem}.model").rename(folder / f"{stem}{suffix}")
    read = pieces.SentencePieceProcessor(model_file=str(folder / f"{stem}{suffix}"))
    return [read.id_to_piece(number) for number in range(read.get_piece_size())]


def put_marian(folder: Path, languages: tuple[str, ...] = (), spoken: tuple[str, str] = ("en", "de")) -> None:
    """Marian's pieces of both languages, and the vocabulary that both share, in another order."""
    names = put_pieces(folder, "source", ".spm")
    names += put_pieces(folder, "target", ".spm", "Das Wetter ist heute schön, und wir fahren ans Meer. ")
    marks = ["</s>", "<unk>", *(f">>{one}<<" for one in languages)]
    known = [*marks, *sorted({*names} - {"</s>", "<unk>", "<pad>"}, reverse=True)]
    put(folder, "vocab.json", {name: number for number, name in enumerate(known)} | {"<pad>": N_VOCAB - 1})
    put(folder, "tokenizer_config.json", {"source_lang": spoken[0], "target_lang": spoken[1]})
