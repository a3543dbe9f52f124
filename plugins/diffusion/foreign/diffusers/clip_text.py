"""Prompts for Stable Diffusion: the tokenizer of a pipeline folder, and its CLIP text encoder.

L_p tokens with padding, D features. The tokenizer is made from its vocabulary and merges, which are plain data.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor

from studio.core.container.source import is_file, open_regular
from studio.core.container.weights.folder import read_object
from studio.core.error import UserError
from studio.core.translation import N_

from ...shared.model.denoiser import FloatArray

_MAX_TOKENIZER_BYTES: Final = 16 << 20
_MAX_JSON_TOKENS: Final = 2_000_000
_ROLES: Final = ("bos_token", "eos_token", "unk_token", "pad_token")
_START: Final = "<|startoftext|>"
_END: Final = "<|endoftext|>"
_BYTES: Final = (*range(33, 127), *range(161, 173), *range(174, 256), *range(256, 324))
"""What stands for each byte in a token (GPT-2): printable ones for themselves, the others behind all of them."""
_USUAL: Final = {"bos_token": _START, "eos_token": _END, "unk_token": _END, "pad_token": _END}


@dataclass(frozen=True, eq=False)
class Tokenised:
    """A prompt in tokens.

    Attributes:
        ids: (L_p,) with start, end and padding.
        words: as they stand in the prompt, as far as they fit.
        owners: (L_p,) which word each token belongs to, -1 for start, end and padding.
        text: the prompt as far as it fits.
    """

    ids: tuple[int, ...]
    words: tuple[str, ...]
    owners: tuple[int, ...]
    text: str


@dataclass(frozen=True, eq=False)
class ClipVocabulary:
    """What a tokenizer of CLIP is made from.

    Attributes:
        ids: of the tokens by their text.
        merges: the pairs that are merged, in this order.
        settings: its special tokens, and its length where that is known.
    """

    ids: Mapping[str, int]
    merges: Sequence[tuple[str, str]]
    settings: Mapping[str, Any]


class ClipTokenizer:
    """Cuts a prompt into the tokens that a text encoder knows."""

    def __init__(self, vocabulary: ClipVocabulary, n_positions: int) -> None:
        """Make the tokenizer; raises UserError where its vocabulary is no good."""
        from transformers import CLIPTokenizer

        settings = dict(vocabulary.settings)
        length = settings.pop("model_max_length", n_positions)
        self.n_tokens = min(length, n_positions) if type(length) is int and length > 2 else n_positions
        try:
            self._tokenizer: Any = CLIPTokenizer(vocab=dict(vocabulary.ids), merges=list(vocabulary.merges), **settings)
        except Exception as error:  # the library says of broken vocabularies whatever it likes
            raise _broken() from error

    def tokenise(self, text: str) -> Tokenised:
        """Cut a prompt; what is longer than the encoder takes is left out."""
        encoded = self._tokenizer(
            text, padding="max_length", max_length=self.n_tokens, truncation=True, return_offsets_mapping=True
        )
        ids, spans = encoded["input_ids"], encoded["offset_mapping"]
        names = self._tokenizer.convert_ids_to_tokens(ids)
        special = encoded.encodings[0].special_tokens_mask
        words: list[tuple[int, int]] = []
        owners, is_inside = [], False
        for name, (start, end), is_special in zip(names, spans, special, strict=True):
            if is_special:
                owners.append(-1)
                continue
            words[len(words) - is_inside :] = [(words[-1][0] if is_inside else start, end)]
            owners.append(len(words) - 1)
            is_inside = not name.endswith("</w>") and name != self._tokenizer.unk_token
        kept = text[: words[-1][1]] if words else ""
        is_whole = len(self._tokenizer(text)["input_ids"]) <= self.n_tokens
        shown = tuple(text[start:end] for start, end in words)
        return Tokenised(tuple(ids), shown, tuple(owners), text if is_whole else kept)


class ClipEncoder:
    """A text encoder with its tokenizer."""

    def __init__(self, tokenizer: ClipTokenizer, model: Any, takes_last: bool) -> None:
        """`takes_last` is whether the U-Net reads the last layer (SD) or the one before, without its norm (SDXL)."""
        self.tokenizer = tokenizer
        self.network = model
        self._takes_last = takes_last

    @torch.inference_mode()
    def encode(self, ids: tuple[int, ...]) -> tuple[FloatArray, FloatArray | None]:
        """Features (L_p, D), and of the whole prompt (D,) where the encoder has a projection for it."""
        device = next(self.network.parameters()).device
        said = self.network(torch.tensor([ids], device=device), output_hidden_states=not self._takes_last)
        hidden = said.last_hidden_state if self._takes_last else said.hidden_states[-2]
        pooled = getattr(said, "text_embeds", None)
        return _array(hidden), None if pooled is None else _array(pooled)

    @torch.inference_mode()
    def whole(self, ids: tuple[int, ...]) -> FloatArray:
        """Features of the whole prompt (D,), as an encoder without a projection has them."""
        device = next(self.network.parameters()).device
        return _array(self.network(torch.tensor([ids], device=device)).pooler_output)


def _array(values: Tensor) -> FloatArray:
    return np.ascontiguousarray(values[0].float().cpu().numpy())


@cache
def clip_vocabulary(is_open: bool) -> ClipVocabulary:
    """The one that every CLIP of Stable Diffusion has, which its files leave out; OpenCLIP fills up with “!”.

    48,894 merges, made by OpenAI for CLIP (MIT licence): bytes, bytes that end a word, merged pairs, start and end.
    """
    lines = (Path(__file__).parent / "clip_merges.txt").read_text(encoding="utf-8").splitlines()
    pairs = [(left, right) for left, right in (line.split(" ") for line in lines)]
    shown = [chr(number) for number in _BYTES]
    tokens = [*shown, *(f"{one}</w>" for one in shown), *("".join(pair) for pair in pairs), _START, _END]
    settings = dict(_USUAL) | ({"pad_token": "!"} if is_open else {})
    return ClipVocabulary({token: number for number, token in enumerate(tokens)}, pairs, settings)


def read_vocabulary(folder: Path) -> ClipVocabulary:
    """The tokenizer in a pipeline's folder; raises UserError where it is missing or no good."""
    ids, merges = _vocabulary(folder)
    return ClipVocabulary(ids, merges, _settings(folder))


def _vocabulary(folder: Path) -> tuple[dict[str, int], Any]:
    """Tokens by their text, and the pairs that are merged in this order."""
    if is_file(folder / "vocab.json") and is_file(folder / "merges.txt"):
        vocabulary: Any = read_object(folder / "vocab.json", _MAX_TOKENIZER_BYTES, _MAX_JSON_TOKENS)
        merges: Any = _merges(folder / "merges.txt")
    else:
        whole = read_object(folder / "tokenizer.json", _MAX_TOKENIZER_BYTES, _MAX_JSON_TOKENS)
        model = whole.get("model")
        if not isinstance(model, dict):
            raise _broken()
        vocabulary, merges = model.get("vocab"), model.get("merges")
        added = whole.get("added_tokens")
        if isinstance(added, list) and isinstance(vocabulary, dict):
            vocabulary = {one["content"]: one["id"] for one in added if _is_token(one)} | vocabulary
    if not isinstance(vocabulary, dict) or not all(type(one) is int and one >= 0 for one in vocabulary.values()):
        raise _broken()
    if not isinstance(merges, list):
        raise _broken()
    pairs = [
        tuple(one.split(" ")) if isinstance(one, str) else tuple(one) for one in merges if isinstance(one, str | list)
    ]
    if len(pairs) != len(merges) or not all(
        len(one) == 2 and all(isinstance(half, str) for half in one) for one in pairs
    ):
        raise _broken()
    return vocabulary, [(one[0], one[1]) for one in pairs]


def _is_token(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("content"), str) and type(value.get("id")) is int


def _merges(path: Path) -> list[str]:
    with open_regular(path) as file:
        data = file.read(_MAX_TOKENIZER_BYTES + 1)
    if len(data) > _MAX_TOKENIZER_BYTES:
        raise _broken()
    try:
        lines = data.decode("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise _broken() from error
    return [line for line in lines if line and not line.startswith("#version")]


def _settings(folder: Path) -> dict[str, Any]:
    """The special tokens and the length; a special_tokens_map goes before the tokenizer's own settings."""
    found: dict[str, Any] = dict(_USUAL)
    for name in ("tokenizer_config.json", "special_tokens_map.json"):
        if not is_file(folder / name):
            continue
        values: Mapping[str, Any] = read_object(folder / name, _MAX_TOKENIZER_BYTES, _MAX_JSON_TOKENS)
        for role in _ROLES:
            value = values.get(role)
            text = value.get("content") if isinstance(value, dict) else value
            if isinstance(text, str):
                found[role] = text
        if "model_max_length" in values:
            found["model_max_length"] = values["model_max_length"]
    return found


def _broken() -> UserError:
    return UserError(N_("The tokenizer of this pipeline is damaged."), N_("Copy or download the folder again."))
