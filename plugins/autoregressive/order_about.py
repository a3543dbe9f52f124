"""What the panel of texts in any order knows of an open model, and of a text that it has cut."""

from dataclasses import dataclass

from studio.core.text_vocabulary import TextVocabulary

from .order_passage import Passage


@dataclass(frozen=True)
class OrderAbout:
    """Attributes: vocabulary: its tokens. n_context: how many of them it reads at once."""

    vocabulary: TextVocabulary
    n_context: int


@dataclass(frozen=True)
class CutText:
    """A text as a model reads it.

    Attributes:
        text: what was written. passage: as much of it as the model can read, five words in its middle left out.
        n_tokens: how many the whole text has.
    """

    text: str
    passage: Passage
    n_tokens: int
