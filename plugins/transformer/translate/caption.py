"""Says in plain words what is on screen: which lane leads, and what the model can and cannot translate."""

from typing import Final

from studio.core.text.token import percent
from studio.core.translation import N_, _, plural

from .state import TranslationTrace, TranslatorInfo
from .view_model import TranslationView

TERM: Final = N_("Encoder–decoder with cross attention; beam search keeps the likeliest beginnings")


def describe(trace: TranslationTrace, view: TranslationView, info: TranslatorInfo) -> tuple[str, str]:
    """What is bold and what follows."""
    n_over, n_lanes = sum(trace.are_over), len(trace.lanes)
    if not trace.ids:
        lead = _("The model has read the text and looks for the first word.")
    elif n_over == n_lanes:
        lead = _("The text is finished.")
    else:
        lead = plural(N_("{n} version is under way."), N_("{n} versions are under way."), n_lanes)
    parts = (_unread(view), _doubt(trace), _unseen(view), _original(view, info))
    return lead, " ".join(part for part in parts if part)


def _unread(view: TranslationView) -> str:
    if view.n_read >= len(view.chips):
        return ""
    text = (
        N_("It has read only the first word; the rest of the text is too long for it."),
        N_("It has read only the first {n} words; the rest of the text is too long for it."),
    )
    return plural(*text, view.n_read)


def _doubt(trace: TranslationTrace) -> str:
    if not len(trace.logs):
        return ""
    share = 2.0 ** float(trace.logs.mean() / 0.6931471805599453)
    return _("On average it gave each token {share}.").format(share=percent(share))


def _unseen(view: TranslationView) -> str:
    n = len(view.unseen)
    if not n:
        return ""
    text = (
        N_("{n} word is underlined: the model has never read it."),
        N_("{n} words are underlined: the model has never read them."),
    )
    return plural(*text, n)


def _original(view: TranslationView, info: TranslatorInfo) -> str:
    known = {text.strip(): own for text, own in info.examples}
    own = known.get(view.text.strip(), "")
    return _("The Spanish Bible has: “{text}”").format(text=own) if own else ""
