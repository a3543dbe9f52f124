"""What heads do on a text, measured, and many heads and layers in one picture: mean, most, attention rollout.

Shape letters: L layers, N heads, T tokens.
"""

from collections.abc import Sequence
from typing import Any, Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.core.text.token import percent
from studio.core.translation import N_, translate

Role = Literal["previous", "first", "itself", "same", "after_same"]
ROLES: Final[dict[Role, str]] = {
    "previous": N_("It looks at the token just before ({share} of its attention)."),
    "first": N_(
        "It looks at the first token ({share}): that is where it rests when it has nothing to do (attention sink)."
    ),
    "itself": N_("It looks at the token itself ({share})."),
    "same": N_("It looks back at the same token earlier in the text ({share})."),
    "after_same": N_("It looks at what followed the same token earlier ({share}): it copies (induction head)."),
}
MIXED: Final = N_("It spreads its attention; no simple rule explains more than {share}.")
TELLING: Final = 0.4
"""From this share on a rule is named."""
Weights: TypeAlias = npt.NDArray[np.floating[Any]]
Combination = Literal["head", "mean", "max", "rollout"]
OWN_SHARE: Final = 0.5
"""What of a token's new vector is its old one, as the rollout takes it."""


def role_scores(weights: npt.NDArray[Any], ids: Sequence[int]) -> dict[Role, npt.NDArray[np.float32]]:
    """How much of the attention (N, T, T) of each head follows a rule, (N,), 0 to 1.

    A rule is measured over the tokens at which it can be told from the others: from the third on, and for "same" and
    "after_same" only where the token was there before; 0 where there is none.
    """
    n_tokens = weights.shape[-1]
    rows = np.arange(2, n_tokens)
    if not len(rows):
        return {role: np.zeros(len(weights), np.float32) for role in ROLES}
    numbers = np.asarray(ids[:n_tokens])
    equal = (numbers[:, None] == numbers[None, :]) & np.tri(n_tokens, k=-1, dtype=bool)
    after = np.zeros_like(equal)
    after[:, 1:] = equal[:, :-1] & np.tri(n_tokens, k=-1, dtype=bool)[:, 1:]
    return {
        "previous": weights[:, rows, rows - 1].mean(1, dtype=np.float32),
        "first": weights[:, rows, 0].mean(1, dtype=np.float32),
        "itself": weights[:, rows, rows].mean(1, dtype=np.float32),
        "same": _share(weights, equal),
        "after_same": _share(weights, after),
    }


def role_words(scores: dict[Role, npt.NDArray[np.float32]], head: int) -> str:
    """The strongest rule of a head, in a sentence."""
    role = max(scores, key=lambda one: float(scores[one][head]))
    share = float(scores[role][head])
    return translate(ROLES[role] if share >= TELLING else MIXED).format(share=percent(share))


def _share(weights: npt.NDArray[Any], mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
    rows = mask.any(1)
    if not rows.any():
        return np.zeros(len(weights), np.float32)
    return (weights[:, rows] * mask[rows]).sum(-1, dtype=np.float32).mean(1)


def combined(weights: Weights, how: Combination, layer: int, head: int) -> npt.NDArray[np.float32]:
    """One picture (T, T) of attention weights (L, N, T, T): how much each token (row) looked at those before it.

    "head" is that of one head, "mean" and "max" of all heads of the layer, "rollout" of all layers up to it.
    """
    match how:
        case "head":
            return weights[layer, head].astype(np.float32)
        case "mean":
            return weights[layer].mean(0, dtype=np.float32)
        case "max":
            return weights[layer].max(0).astype(np.float32)
        case "rollout":
            return rollout(weights[: layer + 1])


def rollout(weights: Weights) -> npt.NDArray[np.float32]:
    """Attention rollout (T, T) (Abnar & Zuidema 2020, arXiv 2005.00928): the product over layers of the mean over
    heads, half of which is the token itself because of the residual connection.
    """
    n_tokens = weights.shape[-1]
    own = np.eye(n_tokens, dtype=np.float32)
    total = own
    for layer in weights:
        mixed = (1 - OWN_SHARE) * layer.mean(0, dtype=np.float32) + OWN_SHARE * own
        total = (mixed / mixed.sum(-1, keepdims=True)) @ total
    return total
