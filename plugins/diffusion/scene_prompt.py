"""Captions of scenes as prompts of models: their words, and those that the models are measured with."""

from studio.api.training import Scenes, caption_of, scene_vocabulary
from studio.core.seed import generator

from .tokens import known_words

PROMPT_SEED = 7


def scene_words() -> tuple[str, ...]:
    """Every word of the captions of scenes, and the comma."""
    return known_words([", ".join(words) for words in scene_vocabulary().values()])


def held_out_prompts(scenes: Scenes, seed: int = PROMPT_SEED) -> list[str]:
    """One caption of each scene that names its background, the same ones each time."""
    randoms = [generator(seed, "prompt", row) for row in range(len(scenes))]
    return [caption_of(scenes, row, random, names_background=True) for row, random in enumerate(randoms)]
