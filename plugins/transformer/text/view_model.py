"""Reads the state of a frame for the panel: the text as chips, what else could stand there, and the words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from studio.core.frame import Frame
from studio.core.text.token import SURPRISING_BITS, Candidate, Die, TextToken, expected_words, surprise_lead
from studio.core.text.vocabulary import TextVocabulary
from studio.core.translation import N_, _, translate
from studio.core.view import Tokens

from .interpret.whole_words import CUT, WholeWord, in_words
from .model.forms.bars import placed
from .model.forms.form import FREE, form_in
from .model.forms.tokens import Mask
from .model.sampler import STAGES, Logits, SamplerStage, Sampling, StageName, drawn, probabilities
from .params import TransformerParams
from .trace import UNKNOWN, NextTokenFacts, TextTrace, Told

N_ROWS: Final = 8
BEFORE: Final = "raw"
"""Instead of a stage's name: before all of them."""

_RTOL, _ATOL = 0.02, 1e-3
"""Half precision keeps shares to a thousandth of themselves, and groups of the rest their sum to a hundredth."""
TERM: Final = N_("Surprise is minus the binary logarithm of the probability, in bits (surprisal)")
EMPTY: Final = N_("Write something, and the model will continue it. It does not answer questions.")
CLICK: Final = N_("Click another word on the right to see where the text would have gone.")
GIVEN: Final = N_("The model gave it {share}, more than any other word.")
LEAD: Final = N_("This is what it has learnt so far.")
TEXT: Final = N_(
    "The same beginning and the same random seed at every step. When training is done, open the model to write."
)

EMPTY_SERVER: Final = N_("Write something or ask a question, then press Write. Nothing is sent before that.")
SERVED: Final = {
    Told.ANEW: N_("The server was asked to go on in the middle of an answer; some begin a new one instead."),
    Told.AS_QUESTION: N_("This server only answers, so your text was sent as a question."),
    Told.NOTHING: N_("The server does not say how likely its words are, so there are no colours and no bars for it."),
    Told.DOUBTFUL: N_("Some of what the server says of its words cannot be true, and was left out."),
}
SAME_SEED: Final = N_("A server may write something else next time, even with the same seed.")

OTHER_LEAD: Final = N_("Another model wrote this text.")
OTHER_TEXT: Final = N_("Open that model to inspect the text and continue it.")


@dataclass(frozen=True)
class OtherTokens:
    """All tokens that have no bar.

    Attributes:
        n_left, share: how many of them may still come, and their probability together.
        n_removed: how many are ruled out.
        has_words: whether the rows are whole words, so that other ones begin with the same tokens.
    """

    n_left: int
    share: float
    n_removed: int
    has_words: bool = False


@dataclass(frozen=True)
class NextTokenChoice:
    """What could stand at a place, with the sampler's settings as they are now.

    Attributes:
        rows: the likeliest, and the one that stands there. others: all that have no row.
        left: how many tokens are left after each stage. active: the stages that change anything.
        die: None where none was rolled.
        chosen: the token that stands there, None behind the end.
    """

    rows: tuple[Candidate, ...]
    others: OtherTokens
    left: tuple[tuple[StageName, int], ...]
    active: frozenset[StageName]
    die: Die | None
    chosen: int | None = None


def tokens_of(trace: TextTrace, vocabulary: TextVocabulary, known: Sequence[TextToken] = ()) -> tuple[TextToken, ...]:
    """The whole text of a trace as chips; `known` are those of its beginning, where they are made already."""
    pieces = vocabulary.texts(trace.ids.tolist())
    return (*known, *(_token(trace, place, pieces[place], vocabulary) for place in range(len(known), len(pieces))))


def _token(trace: TextTrace, place: int, piece: str, vocabulary: TextVocabulary) -> TextToken:
    surprise, rank = float(trace.surprise[place]), float(trace.rank[place])
    is_known = place > 0 and surprise >= 0
    return TextToken(
        piece,
        surprise if is_known else None,
        int(rank) if is_known and rank >= 0 else None,
        _expected(trace, place, vocabulary),
        place >= len(trace.prompt),
        place >= len(trace.prompt) and trace.roll[place] == UNKNOWN,
        vocabulary.mark(int(trace.ids[place])),
        trace.told is not None and not is_known,
    )


def _expected(trace: TextTrace, place: int, vocabulary: TextVocabulary) -> tuple[str, float] | None:
    found = trace.instead_of(place)
    return None if found is None else (vocabulary.name(int(found.ids[0])), float(found.raw[0]))


def choice_at(
    trace: TextTrace,
    place: int,
    sampling: Sampling,
    vocabulary: TextVocabulary,
    stage: str = STAGES[-1],
    n_rows: int = N_ROWS,
    found: NextTokenFacts | None = None,
) -> NextTokenChoice | None:
    """What could stand at a place, 1 to T; T is behind the end. None at the first place, which nothing precedes.

    `found` takes the place of what the trace knows of it.
    """
    found = found or trace.instead_of(place)
    if found is None:
        return None
    form = None if sampling.form is None else placed(sampling.form, found)
    sampling = replace(sampling, form=form)
    chosen = int(trace.ids[place]) if place < len(trace) else None
    stages = found.tried(trace.ids[:place], sampling)
    logits = stages[-1].logits if stage == BEFORE else next(one.logits for one in stages if one.name == stage)
    after = found.raw if stage == BEFORE else _shares(logits)
    shown = _shown(found, chosen, n_rows, form)
    rows = tuple(_candidate(found, at, float(after[at]), chosen, vocabulary) for at in shown)
    if chosen is not None and not any(row.is_chosen for row in rows):
        others_share = None if form is None or stage == BEFORE else float(found.raw[form[: len(found.ids)]].sum())
        rows = (*rows, *_unlisted(trace, place, chosen, vocabulary, others_share))
    n_all = len(found.ids) + found.n_others
    n_left = n_all if stage == BEFORE else int(np.isfinite(logits).sum())
    n_left_shown = sum(row.after > 0 for row in rows)
    others = OtherTokens(
        max(0, n_left - n_left_shown),
        max(0.0, 1.0 - sum(row.after for row in rows)),
        n_all - max(n_left, n_left_shown),
        trace.told is not None,  # how many words a server knows, nobody knows
    )
    left = tuple((one.name, int(np.isfinite(one.logits).sum())) for one in stages)
    roll = float(trace.roll[place]) if place < len(trace) else -1.0
    can_roll = roll >= 0 and bool(np.isfinite(stages[-1].logits.max()))
    die = _die(found, stages[-1].logits, roll, sampling.is_greedy, vocabulary) if can_roll else None
    if die is not None and chosen is not None and _is_as_it_was(found, stages[-1].logits):
        die = replace(die, would=chosen, word=vocabulary.name(chosen))
    return NextTokenChoice(rows, others, left, _active(found, stages), die, chosen)


def choice_in_words(
    choice: NextTokenChoice,
    words: Mapping[int, WholeWord],
    before: Sequence[int],
    sampling: Sampling,
    vocabulary: TextVocabulary,
    stage: str,
) -> NextTokenChoice:
    """A choice with whole words instead of their first tokens, as far as they are known; the die rolls for those."""
    rows = in_words(choice.rows, words, before, sampling, None if stage == BEFORE else stage, vocabulary, N_ROWS)
    share = max(0.0, 1.0 - sum(row.after for row in rows))
    others = replace(choice.others, share=share, has_words=any(row.more for row in rows))
    begun = {vocabulary.name(row.token): vocabulary.name(row.token) + CUT for row in rows if row.more}
    die = choice.die
    if die is not None:
        shares = tuple((begun.get(text, text), end) for text, end in die.shares)
        die = replace(die, shares=shares, word=begun.get(die.word, die.word))
    return replace(choice, rows=rows, others=others, die=die)


def _is_as_it_was(found: NextTokenFacts, logits: Logits) -> bool:
    """Whether the settings choose as those did that the token was drawn with.

    Then it is known on what the die fell; the groups that the others are known by would be a guess.
    """
    return np.allclose(_shares(logits)[: len(found.ids)], found.after[-1], rtol=_RTOL, atol=_ATOL)


def _active(found: NextTokenFacts, found_stages: Sequence[SamplerStage]) -> frozenset[StageName]:
    """The stages that change anything."""
    logits = [found.sketched(), *(stage.logits for stage in found_stages)]
    pairs = zip(found_stages, logits, strict=False)
    return frozenset(stage.name for stage, before in pairs if not np.array_equal(stage.logits, before))


def _candidate(
    found: NextTokenFacts, at: int, after: float, chosen: int | None, vocabulary: TextVocabulary
) -> Candidate:
    token = int(found.ids[at])
    return Candidate(token, vocabulary.name(token), float(found.raw[at]), after, token == chosen)


def _shares(logits: Logits) -> npt.NDArray[np.float64]:
    """Probabilities; none where all are ruled out."""
    return probabilities(logits) if np.isfinite(logits.max()) else np.zeros(len(logits))


def _shown(found: NextTokenFacts, chosen: int | None, n_rows: int, form: Mask | None) -> list[int]:
    """The places of the likeliest, and of the chosen one where it is among the captured ones.

    With a form that leaves few of them, half of the places are those of the likeliest that it allows.
    """
    shown = list(range(min(n_rows, len(found.ids))))
    if form is not None:
        allowed = np.flatnonzero(form[: len(found.ids)])[: n_rows // 2].tolist()
        others = [at for at in shown if at not in allowed][: n_rows - len(allowed)]
        shown = sorted([*allowed, *others])
    at = [] if chosen is None else np.flatnonzero(found.ids == chosen).tolist()
    return shown if not at or at[0] in shown else [*shown[:-1], at[0]]


def _unlisted(
    trace: TextTrace, place: int, chosen: int, vocabulary: TextVocabulary, others_share: float | None
) -> Iterator[Candidate]:
    """A chosen token that was not among the captured ones: its raw probability is that of its surprise, if known.

    `others_share` is the raw probability of the captured ones that a form has left; None where there is none.
    """
    if trace.surprise[place] < 0:
        return
    raw = 2.0 ** -float(trace.surprise[place])
    after = raw if others_share is None else raw / max(others_share + raw, 1e-300)
    yield Candidate(chosen, vocabulary.name(chosen), raw, after, True)


def _die(
    found: NextTokenFacts,
    logits: Sequence[float] | np.ndarray,
    roll: float,
    is_greedy: bool,
    vocabulary: TextVocabulary,
) -> Die:
    fell = drawn(np.asarray(logits), roll, is_greedy)
    n_known = len(found.ids)
    known = [(int(at), float(end)) for at, end in zip(fell.order, fell.cumulative, strict=True) if at < n_known]
    shares = tuple((vocabulary.name(int(found.ids[at])), end) for at, end in known)
    would = int(found.ids[fell.token]) if fell.token < n_known else None
    return Die(roll, shares, would, "" if would is None else vocabulary.name(would), is_greedy)


def describe(
    tokens: Sequence[TextToken],
    place: int,
    choice: NextTokenChoice | None,
    params: TransformerParams | None,
    told: Told | None = None,
) -> tuple[str, str]:
    """What is bold, and the sentences behind it, on the token at a place.

    `params` are those that it was drawn with, None where they are not known; `told` is what is to be said of a
    server's text.
    """
    if not any(token.piece for token in tokens):
        return _("Nothing has been written yet."), translate(EMPTY if told is None else EMPTY_SERVER)
    token = tokens[min(place, len(tokens) - 1)]
    if told is not None:
        return _describe_served(token, choice, told)
    bits, word = token.surprise_bits, token.name
    if bits is None:
        lead = _("“{word}” comes first.").format(word=word)
        return lead, _("Nothing comes before it, so the model could not predict it.")
    lead = _lead(token, bits)
    why = _why(token, params) if token.is_written and bits > SURPRISING_BITS else _whose(token)
    click = translate(CLICK) if token.is_written and choice is not None and not why else ""
    return lead, " ".join(part for part in (expected_words(token, GIVEN), why, click) if part)


def _describe_served(token: TextToken, choice: NextTokenChoice | None, told: Told) -> tuple[str, str]:
    """The same of a token that a server wrote, or that stands in its prompt."""
    if not token.is_written:
        return token.name, _("It is part of the prompt; a server says nothing of that.")
    if token.is_forced:
        known = [expected_words(token, GIVEN)] if token.surprise_bits is not None else []
        return token.name, " ".join([_("You chose it."), *known, *_of_server(told)])
    if token.surprise_bits is None:
        return token.name, " ".join(_of_server(told | Told.NOTHING))
    lead = _lead(token, token.surprise_bits)
    click = translate(CLICK) if choice is not None else ""
    return lead, " ".join(part for part in (expected_words(token, GIVEN), click, *_of_server(told)) if part)


def _of_server(told: Told) -> list[str]:
    """What is to be said of a server's text, the most important first."""
    return [translate(sentence) for flag, sentence in SERVED.items() if flag in told] + [translate(SAME_SEED)]


def _lead(token: TextToken, bits: float) -> str:
    if bits > SURPRISING_BITS and token.rank == 0:
        return _("“{word}” was the likeliest of many.").format(word=token.name)
    return surprise_lead(token)


def _why(token: TextToken, params: TransformerParams | None) -> str:
    if token.is_forced:
        return _("You chose it.")
    if not token.rank or params is None:
        return ""
    if form_in(params)[0] != FREE:
        return _("The form of the text leaves only what fits it.")
    if params.is_greedy:
        return ""
    if params.temperature > 1:
        text = N_("It was picked because the temperature is {value:.2f}, which gives rare words a chance.")
        return translate(text).format(value=params.temperature)
    return _("The random draw picked it all the same.")


def _whose(token: TextToken) -> str:
    return "" if token.is_written else _("It is part of the prompt: you wrote it.")


def learnt_tokens(frame: Frame) -> tuple[TextToken, ...]:
    """The sample of a training's frame; empty where it has none."""
    view = frame.views.get("text")
    if frame.state is not None or not isinstance(view, Tokens):
        return ()
    return tuple(TextToken(piece, bits, is_written=True) for piece, bits in zip(view.pieces, view.weights, strict=True))


def learnt_words(is_training: bool) -> tuple[str, str]:
    """The caption of a training's sample, or of another model's text: what leads, and the rest."""
    return (translate(LEAD), translate(TEXT)) if is_training else (translate(OTHER_LEAD), translate(OTHER_TEXT))
