"""What a head does on a text, measured; shape letters: N heads, T tokens."""

from collections.abc import Sequence
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from studio.core.text import N_, translate
from studio.core.text_token import percent

Role = Literal["previous", "first", "itself", "same", "after_same"]
ROLES: Final[dict[Role, str]] = {
    "previous": N_("It looks at the token just before ({share} of its attention)."),
    "first": N_("It looks at the first token ({share}): it rests when it has nothing to do (attention sink)."),
    "itself": N_("It looks at the token itself ({share})."),
    "same": N_("It looks back at the same token earlier in the text ({share})."),
    "after_same": N_("It looks at what came after the same token earlier ({share}): it copies (induction head)."),
}
MIXED: Final = N_("It spreads its attention; no simple rule has more than {share}.")
TELLING: Final = 0.4
"""From this share on a rule is named."""


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
