"""What tokens add to a text, one after another: a character in several tokens comes with its last one. No torch."""

import codecs

from studio.core.text_vocabulary import TextVocabulary

from .tokenizer import TextTokenizer


def vocabulary_of(tokenizer: TextTokenizer) -> TextVocabulary:
    """The tokens of a model as views need them; marks such as the end say nothing."""
    pieces = tuple(
        b"" if tokenizer.is_special(number) else tokenizer.token_bytes(number) for number in range(tokenizer.n_tokens)
    )
    return TextVocabulary(pieces, tokenizer.specials.ends, tokenizer.drops_first_space)


class Spelling:
    """Spells a text token by token, as `TextVocabulary.texts` does it at once."""

    def __init__(self, vocabulary: TextVocabulary) -> None:
        self._vocabulary = vocabulary
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._drops_space = vocabulary.drops_first_space

    def next(self, token: int) -> str:
        """What the next token adds."""
        text = self._decoder.decode(self._vocabulary.piece(token))
        if text and self._drops_space:
            text, self._drops_space = text.removeprefix(" "), False
        return text
