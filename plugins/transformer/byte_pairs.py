"""Learns the tokens of a text: pairs of bytes that often stand together become one (BPE, arXiv 1508.07909)."""

from collections.abc import Sequence
from typing import Final

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from .tokenizer import Specials, TextTokenizer

END: Final = "<|end|>"
"""Stands before every text and after it."""
END_ID: Final = 0


def learnt_tokenizer(texts: Sequence[str], n_tokens: int) -> Tokenizer:
    """A byte-level tokenizer with at most `n_tokens` tokens, `END` included; any text can be cut with it."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=n_tokens,
        special_tokens=[END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def own_tokenizer(tokenizer: Tokenizer) -> TextTokenizer:
    """The same as the family uses it: texts begin and end with `END`."""
    return TextTokenizer(tokenizer, Specials(END_ID, frozenset((END_ID,)), True))
