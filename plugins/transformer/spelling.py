"""The tokens of a model as views need them. No torch."""

from studio.core.text_vocabulary import TextVocabulary

from .tokenizer import TextTokenizer


def vocabulary_of(tokenizer: TextTokenizer) -> TextVocabulary:
    """The tokens of a model; marks such as the end say nothing."""
    pieces = tuple(
        b"" if tokenizer.is_special(number) else tokenizer.token_bytes(number) for number in range(tokenizer.n_tokens)
    )
    return TextVocabulary(pieces, tokenizer.specials.ends, tokenizer.drops_first_space)
