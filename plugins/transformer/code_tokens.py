"""Learns the tokens of Python: a line end with its indent, a name with the sign before it, signs side by side."""

from collections.abc import Sequence
from typing import Final

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from .byte_pairs import END

PIECES: Final = r"\n *|[ .(\[{'_=,]?[A-Za-z]+|[0-9]| ?[^\sA-Za-z0-9]+|\s"
"""No token reaches from one piece into the next, so that a prompt may end wherever a line's text would begin."""


def learnt_code_tokenizer(texts: Sequence[str], n_tokens: int) -> Tokenizer:
    """A byte-level tokenizer with at most `n_tokens` tokens, `END` included; any text can be cut with it."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PIECES), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=n_tokens,
        special_tokens=[END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer
