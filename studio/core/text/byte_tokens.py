"""Tokens that are runs of bytes, so that any text can be cut: their characters, and a tokenizer learnt from texts."""

from collections.abc import Sequence
from typing import Final

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

END: Final = "<|end|>"
"""Stands before every text and after it."""
END_ID: Final = 0


def _byte_characters() -> dict[str, int]:
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in plain]
    return {chr(byte): byte for byte in plain} | {chr(256 + place): byte for place, byte in enumerate(others)}


BYTES: Final = _byte_characters()
"""GPT-2's characters: printable bytes are themselves, the others follow from 256 on (Radford et al. 2019)."""


def learnt_tokenizer(texts: Sequence[str], n_tokens: int, pieces: str = "") -> Tokenizer:
    """A tokenizer of byte pairs (arXiv 1508.07909) with at most `n_tokens` tokens, `END` included.

    No token reaches out of a match of the expression `pieces`; "" is GPT-2's.
    """
    tokenizer = Tokenizer(models.BPE())
    in_bytes = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=not pieces)
    cut = [pre_tokenizers.Split(Regex(pieces), "isolated"), in_bytes]
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(cut) if pieces else in_bytes
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=n_tokens,
        special_tokens=[END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer
