"""The form that a run's settings ask for: one of several texts, a regular expression or a JSON schema."""

from dataclasses import replace
from typing import Any, Final

from studio.core.error import UserError
from studio.core.text.vocabulary import TextVocabulary
from studio.core.translation import N_

from ...params import TransformerParams
from .pattern import pattern_shape
from .schema import schema_shape
from .shape import Either, Shape, literal
from .tokens import FormTrie, TextForm, form_trie

FORMS: Final = ("choices", "pattern", "schema")
FREE: Final = "free"
MAX_KNOWN: Final = 4


def form_in(params: TransformerParams) -> tuple[str, str]:
    """The kind of form that settings ask for, one of FORMS or FREE, and its text."""
    found = ((kind, str(getattr(params, kind))) for kind in FORMS)
    return next(((kind, text) for kind, text in found if text.strip()), (FREE, ""))


def with_form(params: TransformerParams, kind: str, text: str) -> TransformerParams:
    """The same settings with this form and no other."""
    texts: dict[str, Any] = {name: text if name == kind else "" for name in FORMS}
    return replace(params, **texts)


def form_shape(params: TransformerParams) -> Shape | None:
    """What the text has to look like, None for anything; raises UserError where that is broken or said twice."""
    choices = [line for line in params.choices.splitlines() if line.strip()]
    if sum(map(bool, (choices, params.pattern, params.schema.strip()))) > 1:
        raise UserError(
            N_("A list of choices, an expression and a schema cannot be used together."), N_("Keep only one of them.")
        )
    if choices:
        return Either(tuple(literal(choice) for choice in choices))
    if params.pattern:
        return pattern_shape(params.pattern)
    return schema_shape(params.schema) if params.schema.strip() else None


class FormMaker:
    """Makes forms for one vocabulary, and keeps the newest with what they have learnt about it."""

    def __init__(self, vocabulary: TextVocabulary) -> None:
        self._vocabulary = vocabulary
        self._trie: FormTrie | None = None
        self._known: dict[tuple[str, ...], TextForm] = {}

    def form(self, params: TransformerParams) -> TextForm | None:
        """The form that these settings ask for, None for none; raises UserError where it is unsound."""
        key = params.choices, params.pattern, params.schema
        found = self._known.pop(key, None) or self.fresh(params)
        if found is not None:
            self._known[key] = found
        if len(self._known) > MAX_KNOWN:
            del self._known[next(iter(self._known))]
        return found

    def fresh(self, params: TransformerParams) -> TextForm | None:
        """The same as an object of its own, for another thread."""
        shape = form_shape(params)
        if shape is None:
            return None
        if self._trie is None:
            self._trie = form_trie(self._vocabulary.pieces)
        return TextForm(shape, self._trie, self._vocabulary)
