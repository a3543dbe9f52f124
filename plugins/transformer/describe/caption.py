"""Says in plain words what is on screen: what is answered and how surely, and whether the picture is a known kind."""

from typing import Final

from studio.core.text.token import percent
from studio.core.text.vocabulary import TextVocabulary
from studio.core.translation import N_, _

from .state import DescriptionTrace
from .view_model import DescriptionView

TERM: Final = N_("A decoder with cross attention over patches of the picture; a question is the beginning of the text")
DOMAIN: Final = N_(
    "It has seen only drawn faces of one style and knows ten things about them: hair, its colour and length, skin, "
    "eyes, brows, beard, mouth, clothes and their colour."
)


def describe(trace: DescriptionTrace, view: DescriptionView, vocabulary: TextVocabulary) -> tuple[str, str]:
    """What is bold and what follows."""
    said, share = trace.text(0, vocabulary), percent(trace.probability(0))
    if not trace.ids:
        lead = _("The model has looked at the picture and looks for the first word.")
    elif not trace.are_over[0]:
        lead = _("The model is writing.")
    elif trace.asked:
        lead = _("The answer is “{text}” ({share} likely).").format(text=said, share=share)
    else:
        lead = _("The description is finished.")
    return lead, " ".join(part for part in (_odd(trace), _unknown(view), _sure(trace, share)) if part)


def _odd(trace: DescriptionTrace) -> str:
    if not trace.is_odd:
        return ""
    text = _(
        "This picture does not look like the faces that the model knows (distance {own:.0f}, known faces up to "
        "{most:.0f}): what it says is a guess."
    )
    return text.format(own=trace.oddness, most=trace.most_odd)


def _unknown(view: DescriptionView) -> str:
    if not view.unknown:
        return ""
    words = ", ".join(f"“{word}”" for word in view.unknown)
    return _("The model has never read {words}, so its answer says nothing about that.").format(words=words)


def _sure(trace: DescriptionTrace, share: str) -> str:
    if trace.asked or not trace.are_over[0]:
        return ""
    return _("It gave this sentence {share} among all that it could have written.").format(share=share)
