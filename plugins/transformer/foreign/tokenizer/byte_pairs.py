"""Makes tokenizers from a vocabulary of bytes and the pairs that are merged, as GPT-2's and its followers' are.

Where text is cut before pairs are merged differs between families; the expressions are those of their own releases.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

from studio.core.error import UserError
from studio.core.text.foreign_tokenizer import guarded
from studio.core.translation import N_

_ENDINGS: Final = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
_WORDS: Final = r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,COUNT}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
_CUTS: Final = {
    "llama-bpe": _ENDINGS + _WORDS.replace("COUNT", "3"),
    "qwen2": _ENDINGS + _WORDS.replace("{1,COUNT}", ""),
}
_ALONE: Final = {"smollm": Regex(r"\p{N}")}
_OTHER_NAMES: Final = {
    "gpt2": "gpt-2",
    "default": "gpt-2",
    "olmo": "gpt-2",
    "llama3": "llama-bpe",
    "llama-v3": "llama-bpe",
    "qwen3": "qwen2",
    "deepseek-r1-qwen": "qwen2",
}


def knows_cut(name: str) -> bool:
    """Whether text is cut in a way that is known here, by the name that GGUF files give it."""
    return _OTHER_NAMES.get(name, name) in ("gpt-2", *_CUTS, *_ALONE)


def byte_tokenizer(
    vocabulary: Mapping[str, int],
    pairs: Sequence[tuple[str, str]],
    cut: str = "gpt-2",
    specials: Sequence[str] = (),
    added: Sequence[str] = (),
) -> Tokenizer:
    """Make a tokenizer of bytes.

    Args:
        vocabulary: tokens by their text, in GPT-2's characters for bytes.
        pairs: what is merged, first things first.
        cut: how text is cut before ("gpt-2", "llama-bpe", "qwen2", "smollm").
        specials, added: tokens of the vocabulary that are found before everything else; special ones are no text.

    Raises:
        UserError: the vocabulary and the pairs do not belong together.
    """
    name = _OTHER_NAMES.get(cut, cut)
    refusal = UserError(
        N_("The vocabulary and the merges of this tokenizer do not belong together."),
        N_("Copy or download the model again."),
    )
    with guarded(refusal):
        model = models.BPE(dict(vocabulary), list(pairs), ignore_merges=name == "llama-bpe")
    tokenizer = Tokenizer(model)
    if name == "qwen2":
        tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = _cutter(name)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(one, normalized=False) for one in specials])
    tokenizer.add_tokens([AddedToken(one, normalized=False) for one in added])
    return tokenizer


def _cutter(name: str) -> pre_tokenizers.PreTokenizer:
    plain = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=name not in _CUTS)
    if name in _CUTS:
        return pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(_CUTS[name]), "isolated"), plain])
    if name in _ALONE:
        return pre_tokenizers.Sequence([pre_tokenizers.Split(_ALONE[name], "isolated"), plain])
    return plain
