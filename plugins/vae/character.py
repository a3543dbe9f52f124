"""The letters that the letterforms model knows, and those from which it is judged how well it reads a style."""

from typing import Final

from studio.core.character import CHARACTERS

STYLE_LETTERS: Final = "HOnoagR5"


def letter_indices(text: str) -> list[int]:
    """Indices into CHARACTERS of the letters of `text` that the model knows, in order; others are left out."""
    return [CHARACTERS.index(letter) for letter in text if letter in CHARACTERS]
