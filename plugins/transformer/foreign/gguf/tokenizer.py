"""Makes the tokenizer that a GGUF file brings along, of pieces with scores or of bytes with merges; no torch."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from tokenizers import Tokenizer

from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.text.piece_tokenizer import Piece, PieceKind, PieceSet, broken_pieces, piece_tokenizer
from studio.core.translation import N_

from ...text.model.tokenizer import Specials, TextTokenizer
from ..tokenizer.byte_pairs import byte_tokenizer, knows_cut

_PREFIX: Final = "tokenizer.ggml."
_ENDS: Final = ("eos_token_id", "eot_token_id", "eom_token_id")


def gguf_tokenizer(settings: Mapping[str, Any], n_known: int) -> TextTokenizer:
    """The tokenizer in a file's settings; `n_known` is how many tokens the model knows.

    Raises:
        UserError: it is missing, broken, or of a kind that is not known here.
    """
    names, kinds = _texts(settings, "tokens"), _kinds(settings)
    if not names or len(kinds) != len(names) or len(set(names)) != len(names):
        raise broken_pieces()
    model = settings.get(_PREFIX + "model")
    if model == "llama":
        tokenizer = _of_pieces(settings, names, kinds)
    elif model == "gpt2":
        tokenizer = _of_bytes(settings, names, kinds)
    else:
        raise UserError(
            N_("The tokenizer in this GGUF file is of an unknown kind: “{name}”.").format(name=printable(str(model)))
        )
    begin = _number(settings, "bos_token_id", n_known)
    ends = frozenset(one for name in _ENDS if (one := _number(settings, name, n_known)) is not None)
    adds = settings.get(_PREFIX + "add_bos_token", model == "llama" or settings.get(_PREFIX + "pre") == "llama-bpe")
    return TextTokenizer(tokenizer, Specials(begin, ends, begin is not None and adds is True), n_known)


def token_names(settings: Mapping[str, Any]) -> dict[str, str]:
    """The names of the special tokens that a chat template writes, by their role."""
    names = settings.get(_PREFIX + "tokens")
    found = {}
    for role in ("bos_token", "eos_token", "unknown_token"):
        number = settings.get(f"{_PREFIX}{role}_id")
        if isinstance(names, list) and type(number) is int and 0 <= number < len(names):
            found[role.replace("unknown", "unk")] = str(names[number])
    return found


def _of_pieces(settings: Mapping[str, Any], names: Sequence[str], kinds: Sequence[PieceKind]) -> Tokenizer:
    scores = settings.get(_PREFIX + "scores")
    if not isinstance(scores, list) or len(scores) != len(names) or not all(isinstance(one, float) for one in scores):
        raise broken_pieces()
    pieces = tuple(Piece(*one) for one in zip(names, scores, kinds, strict=True))
    return piece_tokenizer(PieceSet(pieces, adds_space=settings.get(_PREFIX + "add_space_prefix", True) is True))


def _of_bytes(settings: Mapping[str, Any], names: Sequence[str], kinds: Sequence[PieceKind]) -> Tokenizer:
    cut = settings.get(_PREFIX + "pre", "default")
    if not isinstance(cut, str) or not knows_cut(cut):
        raise UserError(N_("This model splits its text in an unknown way: “{name}”.").format(name=printable(str(cut))))
    merges = [tuple(one.split(" ")) for one in _texts(settings, "merges")]
    if any(len(one) != 2 for one in merges):
        raise broken_pieces()
    return byte_tokenizer(
        {name: number for number, name in enumerate(names)},
        [(one[0], one[1]) for one in merges],
        cut,
        [name for name, kind in zip(names, kinds, strict=True) if kind is PieceKind.CONTROL],
        [name for name, kind in zip(names, kinds, strict=True) if kind is PieceKind.OWN],
    )


def _texts(settings: Mapping[str, Any], name: str) -> list[str]:
    values = settings.get(_PREFIX + name)
    if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
        raise UserError(N_("This GGUF file is missing “{name}”.").format(name=_PREFIX + name))
    return values


def _kinds(settings: Mapping[str, Any]) -> list[PieceKind]:
    values = settings.get(_PREFIX + "token_type")
    if not isinstance(values, list) or not all(one in tuple(PieceKind) for one in values):
        raise UserError(N_("This GGUF file is missing “{name}”.").format(name=_PREFIX + "token_type"))
    return [PieceKind(one) for one in values]


def _number(settings: Mapping[str, Any], name: str, n_known: int) -> int | None:
    value = settings.get(_PREFIX + name)
    return value if type(value) is int and 0 <= value < n_known else None
