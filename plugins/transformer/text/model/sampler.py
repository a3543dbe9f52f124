"""From logits to the next token: a visible pipeline of pure functions, and a die that depends on the place alone.

Every stage takes logits, float (V,), and returns them changed; a token that is ruled out has minus infinity. Nothing
is normalised between stages, and where all tokens are ruled out they stay so.

Shape letters: V vocabulary, K tokens that are left.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, get_args

import numpy as np
import numpy.typing as npt

from studio.core.seed import generator

if TYPE_CHECKING:
    from ..params import TransformerParams

Logits: TypeAlias = npt.NDArray[np.floating[Any]]
Ids: TypeAlias = npt.NDArray[np.integer[Any]]
Shares: TypeAlias = npt.NDArray[np.float64]
StageName = Literal["wishes", "form", "repetition", "frequency", "temperature", "top_k", "top_p", "min_p", "typical"]
STAGES: Final[tuple[StageName, ...]] = get_args(StageName)
GROUPS_PER_UNIT: Final = 16
N_GROUPS: Final = 1024
_NOWHERE: Final = -np.inf


@dataclass(frozen=True)
class Sampling:
    """How the next token is chosen.

    Attributes:
        is_greedy: take the likeliest instead of rolling a die.
        temperature: logits are divided by it; above 0.
        top_k: keep so many; 0 keeps all.
        top_p: keep the fewest that have this much probability together (nucleus, arXiv 1904.09751); 1 keeps all.
        min_p: keep those with at least this share of the likeliest one's probability (arXiv 2407.01082).
        typical: keep those whose surprise is nearest to the entropy, this much probability together
            (arXiv 2202.00666); 1 keeps all.
        repetition: logits of tokens that were there are divided by it where positive, else multiplied
            (CTRL, arXiv 1909.05858); 1 is off.
        frequency: is subtracted from a token's logit for every time that it was there.
        bias: added to the logits of tokens.
        banned: tokens that must not come.
        forced: the only ones that may come; None for no such wish.
        form: which may come so that the text keeps to a form (V,); None for no such wish.
    """

    is_greedy: bool = False
    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0
    typical: float = 1.0
    repetition: float = 1.0
    frequency: float = 0.0
    bias: Mapping[int, float] = field(default_factory=dict)
    banned: frozenset[int] = frozenset()
    forced: frozenset[int] | None = None
    form: npt.NDArray[np.bool_] | None = field(default=None, compare=False)


def sampling_without_words(params: "TransformerParams") -> Sampling:
    """What a person's settings ask for, but for the words that they name: those need a vocabulary."""
    return Sampling(
        is_greedy=params.is_greedy,
        temperature=params.temperature,
        top_k=params.top_k,
        top_p=params.top_p,
        min_p=params.min_p,
        typical=params.typical,
        repetition=params.repetition,
        frequency=params.frequency,
    )


@dataclass(frozen=True, eq=False)
class SamplerStage:
    """The logits (V,) before and after a stage; the same array where it is off."""

    name: StageName
    before: Logits
    logits: Logits

    @property
    def removed(self) -> npt.NDArray[np.bool_]:
        """Which tokens this very stage has ruled out, (V,)."""
        return np.isneginf(self.logits) & ~np.isneginf(self.before)


@dataclass(frozen=True, eq=False)
class DrawnToken:
    """A token that was drawn.

    Attributes:
        token: its number. roll: the die in [0, 1).
        order: the tokens that were left, likeliest first, (K,); the die falls on the first whose `cumulative`
            probability, float64 (K,), is above it.
    """

    token: int
    roll: float
    order: Ids
    cumulative: npt.NDArray[np.float64]


def stages(
    logits: Logits, before: Sequence[int] | Ids, sampling: Sampling, log_normaliser: float = 0.0
) -> list[SamplerStage]:
    """All stages in the order of `STAGES`, after the tokens `before`; one that is off changes nothing.

    `logits` may be less by one number all of them, such as log-probabilities; `log_normaliser` is that number, and the
    stages' are less by it too. Repetition alone depends on it, since it asks which of the network's are positive.
    """
    found: list[SamplerStage] = []
    seen, counts = _seen(before, sampling)
    for name in STAGES:
        changed = _stage(name, logits, seen, counts, sampling, log_normaliser)
        found.append(SamplerStage(name, logits, changed))
        logits = changed
    return found


def _seen(before: Sequence[int] | Ids, sampling: Sampling) -> tuple[Ids, Ids]:
    """The tokens that were there and how often, where that matters."""
    if sampling.repetition == 1.0 and sampling.frequency == 0.0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    return np.unique(np.asarray(before, np.int64), return_counts=True)


def _stage(
    name: StageName, logits: Logits, seen: Ids, counts: Ids, sampling: Sampling, log_normaliser: float
) -> Logits:
    match name:
        case "wishes":
            return wished(logits, sampling.bias, sampling.banned, sampling.forced)
        case "form":
            return logits if sampling.form is None else formed(logits, sampling.form)
        case "repetition":
            return repeated_less(logits, seen, sampling.repetition, log_normaliser)
        case "frequency":
            return less_frequent(logits, seen, counts, sampling.frequency)
        case "temperature":
            return tempered(logits, sampling.temperature)
        case "top_k":
            return top_k(logits, sampling.top_k)
        case "top_p":
            return top_p(logits, sampling.top_p)
        case "min_p":
            return min_p(logits, sampling.min_p)
        case "typical":
            return typical(logits, sampling.typical)


def wished(logits: Logits, bias: Mapping[int, float], banned: Iterable[int], forced: Iterable[int] | None) -> Logits:
    """Add a bias to tokens, rule out the banned ones and, where some are forced, all others."""
    banned = list(banned)
    if not bias and not banned and forced is None:
        return logits
    changed = logits.copy()
    for token, amount in bias.items():
        changed[token] += amount
    changed[banned] = _NOWHERE
    if forced is None:
        return changed
    kept = list(forced)
    return _only(changed, kept)


def formed(logits: Logits, allowed: npt.NDArray[np.bool_]) -> Logits:
    """Keep those that the form allows; a model may have more rows than tokens."""
    changed = np.full_like(logits, _NOWHERE)
    n_tokens = min(len(logits), len(allowed))
    changed[:n_tokens][allowed[:n_tokens]] = logits[:n_tokens][allowed[:n_tokens]]
    return changed


def repeated_less(logits: Logits, seen: Ids, penalty: float, log_normaliser: float = 0.0) -> Logits:
    """Make tokens less likely that were there: positive logits are divided, negative ones multiplied (1909.05858).

    The network's own logits, which are `logits` and `log_normaliser` together.
    """
    if penalty == 1.0 or not len(seen):
        return logits
    changed = logits.copy()
    values = changed[seen] + changed.dtype.type(log_normaliser)
    changed[seen] = np.where(values > 0, values / penalty, values * penalty) - changed.dtype.type(log_normaliser)
    return changed


def less_frequent(logits: Logits, seen: Ids, counts: Ids, penalty: float) -> Logits:
    """Subtract the penalty from tokens as often as they were there."""
    if penalty == 0.0 or not len(seen):
        return logits
    changed = logits.copy()
    changed[seen] -= (penalty * counts).astype(changed.dtype)
    return changed


def tempered(logits: Logits, temperature: float) -> Logits:
    """Divide by the temperature: below 1 the likely become likelier."""
    return logits if temperature == 1.0 else logits / logits.dtype.type(temperature)


def top_k(logits: Logits, k: int) -> Logits:
    """Keep the k likeliest; of equally likely ones those with the lower numbers."""
    if not 0 < k < len(logits):
        return logits
    return _only(logits, ordered(logits, k))


def top_p(logits: Logits, p: float) -> Logits:
    """Keep the fewest of the likeliest that have at least probability p together; always one."""
    if p >= 1.0:
        return logits
    if not np.isfinite(logits.max()):
        return logits
    certain, order, cumulative = _around(logits, p, "left")
    kept = order[: int(np.searchsorted(cumulative, p)) + 1]
    return _only(logits, np.concatenate([certain, kept]))


def min_p(logits: Logits, share: float) -> Logits:
    """Keep those that are at least `share` as likely as the likeliest one."""
    if share <= 0.0:
        return logits
    limit = logits.max() + np.log(share)
    return np.where(logits >= limit, logits, logits.dtype.type(_NOWHERE))


def typical(logits: Logits, p: float) -> Logits:
    """Keep those whose surprise is nearest to the entropy, the fewest that have at least probability p together."""
    if p >= 1.0:
        return logits
    left = ordered(logits)
    if not len(left):
        return logits
    probability = probabilities(logits[left])
    surprise = -np.log(np.maximum(probability, 1e-300))
    distance = np.abs(surprise - (probability * surprise).sum())
    nearest = np.argsort(distance, kind="stable")
    n_kept = int(np.searchsorted(np.cumsum(probability[nearest]), p)) + 1
    return _only(logits, left[nearest[:n_kept]])


def probabilities(logits: Logits) -> npt.NDArray[np.float64]:
    """Softmax in float64; tokens that were ruled out get 0."""
    shifted = np.exp(logits.astype(np.float64) - float(logits.max()))
    return shifted / shifted.sum()


def ordered(logits: Logits, k: int | None = None) -> Ids:
    """The tokens that are left, likeliest first, equally likely ones by number; the first k of them if given."""
    if k is not None and k < len(logits) // 4:
        limit = np.partition(logits, len(logits) - k)[len(logits) - k]
        left = np.flatnonzero((logits >= limit) & (logits > _NOWHERE))
    else:
        left = np.flatnonzero(logits > _NOWHERE)
    if logits.dtype != np.float32:
        return left[np.argsort(-logits[left], kind="stable")][:k]
    return _ordered_keys(logits, left)[:k]


def _ordered_keys(logits: Logits, left: Ids) -> Ids:
    """The same by sorting whole numbers, which is ten times as fast: logit first, number second."""
    bits = (0.0 - logits[left]).view(np.int32)
    ascending = bits ^ ((bits >> 31) & 0x7FFFFFFF)  # the order of floats as that of integers
    keys = (ascending.astype(np.int64) << 32) | left
    keys.sort()
    return keys & 0xFFFFFFFF


def _around(logits: Logits, mass: float, side: Literal["left", "right"]) -> tuple[Ids, Ids, Shares]:
    """Tokens near the place where the cumulative probability, likeliest first, reaches ("left") or passes `mass`.

    Tokens are put into groups by how far their logits lie below the highest, so that only one group is to be ordered.
    Returns all tokens of the groups above it in no order, its own tokens in order, and the cumulative probability at
    each of these.
    """
    share = probabilities(logits)
    group = np.minimum((logits.max() - logits) * GROUPS_PER_UNIT, N_GROUPS - 1).astype(np.intp)
    shares = np.bincount(group, share, N_GROUPS)
    cumulative = np.cumsum(shares)
    place = min(int(np.searchsorted(cumulative, mass, side)), int(np.flatnonzero(shares)[-1]))
    members = np.flatnonzero(group == place)
    members = members[ordered(logits[members])]
    before = cumulative[place - 1] if place else 0.0
    return np.flatnonzero(group < place), members, before + np.cumsum(share[members])


def die_roll(seed: int, position: int) -> float:
    """The die for the token at a position, in [0, 1): hash(seed, position), whatever was drawn before."""
    return float(generator(seed, "token", position).random())


def drawn(logits: Logits, roll: float, is_greedy: bool = False) -> DrawnToken:
    """Draw by the die: the inverse of the cumulative probability, likeliest first; ValueError if none is left."""
    order = ordered(logits)
    if not len(order):
        raise ValueError("every token was ruled out")
    cumulative = np.cumsum(probabilities(logits[order]))
    cumulative[-1] = 1.0
    place = 0 if is_greedy else int(np.searchsorted(cumulative, roll, side="right"))
    return DrawnToken(int(order[place]), roll, order, cumulative)


def drawn_token(logits: Logits, roll: float, is_greedy: bool = False) -> int:
    """The token of `drawn`, found without putting all others in order."""
    if not np.isfinite(logits.max()):
        raise ValueError("every token was ruled out")
    if is_greedy:
        return int(logits.argmax())
    _, order, cumulative = _around(logits, roll, "right")
    return int(order[min(int(np.searchsorted(cumulative, roll, side="right")), len(order) - 1)])


def _only(logits: Logits, kept: Sequence[int] | Ids) -> Logits:
    changed = np.full_like(logits, _NOWHERE)
    changed[kept] = logits[kept]
    return changed
