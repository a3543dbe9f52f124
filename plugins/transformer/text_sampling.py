"""The sampler that a panel's settings ask for, as far as it needs no engine: words are looked up token by token."""

from collections.abc import Iterator
from dataclasses import replace

from studio.core.text_vocabulary import TextVocabulary

from .params import SampleParams
from .sampler import Sampling, sampling_without_words


def sampling_of(params: SampleParams, vocabulary: TextVocabulary) -> Sampling:
    """The settings for the bars; a word of several tokens counts by its first one in the engine alone."""
    banned = (vocabulary.find(word) for word in params.banned.split(",") if word.strip())
    return replace(
        sampling_without_words(params),
        bias=dict(_biased(params.bias, vocabulary)),
        banned=frozenset(token for token in banned if token is not None),
    )


def _biased(text: str, vocabulary: TextVocabulary) -> Iterator[tuple[int, float]]:
    for part in text.split(","):
        word, _, amount = part.strip().rpartition(" ")
        token = vocabulary.find(word) if word.strip() else None
        try:
            if token is not None:
                yield token, float(amount)
        except ValueError:
            continue
