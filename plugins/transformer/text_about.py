"""What the panel knows of an open model."""

from dataclasses import dataclass

from studio.core.text_vocabulary import TextVocabulary


@dataclass(frozen=True)
class TextAbout:
    """Attributes:
        vocabulary: its tokens.
        n_layers, n_heads: of the network.
        n_context: how many tokens it sees at once.
    """

    vocabulary: TextVocabulary
    n_layers: int
    n_heads: int
    n_context: int
