"""What the panel of texts knows of an open model."""

from dataclasses import dataclass

from studio.core.text_vocabulary import TextVocabulary


@dataclass(frozen=True)
class TextAbout:
    """Attributes:
        vocabulary: its tokens.
        n_segment: tokens that are read together. n_memory: tokens before them that can be remembered.
        n_layers, n_heads: of the network.
    """

    vocabulary: TextVocabulary
    n_segment: int
    n_memory: int
    n_layers: int
    n_heads: int
