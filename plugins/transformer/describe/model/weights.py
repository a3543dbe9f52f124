"""Describers in safetensors files: packed weights, their tokenizer, and the words that they have read."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from safetensors import SafetensorError, safe_open
from tokenizers import Tokenizer

from studio.core.error import UserError
from studio.core.translation import N_
from studio.nn.network_file import load_only, save_network

from ...text.model.tokenizer import TextTokenizer
from ...translate.model.weights import read_language
from .captioner import SIDE_PX, Captioner, CaptionerConfig

MAX_WORDS_CHARS: Final = 1 << 16
MAX_FACES: Final = 64
_EXACT: Final = ("familiar",)
_FACES: Final = "faces"
Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class OpenCaptioner:
    """What is in a file.

    Attributes:
        words: all that it has read, in lower case. faces: some that it never saw, (N, 64, 64, 3).
    """

    network: Captioner
    tokenizer: TextTokenizer
    words: frozenset[str]
    faces: Pixels


def save_captioner(path: Path, network: Captioner, tokenizer: Tokenizer, words: Iterable[str], faces: Pixels) -> None:
    """Write a describer, its matrices as int8 for each row, with faces (N, 64, 64, 3) to show it."""
    about = {"tokenizer": tokenizer.to_str(), "words": " ".join(sorted(words))}
    save_network(path, network, _EXACT, about, {_FACES: torch.from_numpy(faces[:MAX_FACES])})


def load_captioner(path: Path) -> OpenCaptioner:
    """Read what `save_captioner` wrote, ready to use.

    Raises:
        UserError: the file is damaged, of another kind, or its tokenizer does not fit its network.
    """
    network = load_only(path, CaptionerConfig, Captioner)
    return OpenCaptioner(network, *read_language(path, network.config.n_vocab, MAX_WORDS_CHARS), _read_faces(path))


def _read_faces(path: Path) -> Pixels:
    try:
        with safe_open(path, "np") as file:
            shape = file.get_slice(f"extra.{_FACES}").get_shape()
            if shape[1:] != [SIDE_PX, SIDE_PX, 3] or not 0 < shape[0] <= MAX_FACES:
                raise ValueError("another shape")
            faces = file.get_tensor(f"extra.{_FACES}")
            if faces.dtype != np.uint8:
                raise ValueError("another type")
    except (SafetensorError, OSError, ValueError) as error:
        raise UserError(N_("The faces in the model’s file are damaged."), N_("Train the model again.")) from error
    return np.asarray(faces)
