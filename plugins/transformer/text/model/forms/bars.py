"""What a form does to the bars: which captured tokens it allows, and those that it allows where none was captured.

Shape letters: V vocabulary, K tokens with a probability of their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError

from ...trace import N_REST, N_TOP, NextTokenFacts, TextTrace
from ..sampler import STAGES, ordered
from .tokens import Mask, TextForm

N_ENOUGH: Final = 5
"""So many allowed tokens should have bars, where there are so many."""


@dataclass(eq=False)
class BarsForm:
    """A form, and all probabilities at the place where they were asked for.

    Attributes:
        exact_ids: the tokens before that place. exact: the probabilities there (V,); None for none yet.
    """

    form: TextForm | None = None
    exact_ids: tuple[int, ...] = ()
    exact: npt.NDArray[Any] | None = None

    def allowed(self, before: Sequence[int], n_prompt: int) -> Mask | None:
        """The tokens that may come after some; None for any, also where the form has become too intricate."""
        try:
            return None if self.form is None else self.form.mask(before, n_prompt)
        except UserError:  # the text itself is not gone on with then, and says why
            return None

    def found(self, trace: TextTrace, place: int, allowed: Mask | None) -> NextTokenFacts | None:
        """What may come there, with enough of the allowed tokens; None where those have to be asked for."""
        found = trace.instead_of(place)
        if found is None or allowed is None or has_enough(allowed, found):
            return found
        if self.exact is None or self.exact_ids != tuple(trace.ids[:place].tolist()):
            return None
        return next_among(self.exact, allowed, found.log_normaliser)


def placed(allowed: Mask, found: NextTokenFacts) -> Mask:
    """The mask (V,) for the places of `Next.sketched`: exact for the captured ones, the others spread evenly."""
    own = allowed[np.minimum(found.ids, len(allowed) - 1)]
    n_others = found.n_others
    n_allowed = min(int(allowed.sum()) - int(own.sum()), n_others)
    others = np.zeros(n_others, bool)
    others[np.linspace(0, n_others - 1, n_allowed).round().astype(np.int64)] = True
    return np.concatenate([own, others])


def has_enough(allowed: Mask, found: NextTokenFacts) -> bool:
    """Whether enough of the allowed tokens were captured to be shown."""
    n_captured = int(allowed[np.minimum(found.ids, len(allowed) - 1)].sum())
    return n_captured >= min(N_ENOUGH, int(allowed.sum()))


def next_among(probabilities: npt.NDArray[Any], allowed: Mask, log_normaliser: float = 0.0) -> NextTokenFacts:
    """What may come, of probabilities (V,): half of those that are kept apart are the likeliest allowed ones."""
    values = np.log(np.maximum(probabilities, 1e-30)).astype(np.float32)
    n_tokens = min(len(values), len(allowed))
    inside = np.full_like(values, -np.inf)
    inside[:n_tokens][allowed[:n_tokens]] = values[:n_tokens][allowed[:n_tokens]]
    either = np.unique(np.concatenate([ordered(values, N_TOP // 2), ordered(inside, N_TOP // 2)]))
    ids = either[np.argsort(-values[either], kind="stable")].astype(np.int32)
    others = np.sort(np.delete(values, ids))[::-1]
    groups = np.array_split(others, N_REST)
    counts = np.array([len(group) for group in groups], np.int32)
    means = np.array([group.mean() if len(group) else 0.0 for group in groups], np.float32)
    unknown = np.zeros((len(STAGES), len(ids)), np.float16)
    return NextTokenFacts(ids, values[ids], counts, means, unknown, np.zeros(len(STAGES), np.int32), log_normaliser)
