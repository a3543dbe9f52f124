"""Many heads and layers in one picture: mean, most, attention rollout; letters: L layers, N heads, T tokens."""

from typing import Any, Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

Weights: TypeAlias = npt.NDArray[np.floating[Any]]
Combination = Literal["head", "mean", "max", "rollout"]
OWN_SHARE: Final = 0.5
"""What of a token's new vector is its old one, as the rollout takes it."""


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
