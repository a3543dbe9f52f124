"""Keeps the bars in step with the playhead and the sampler, without a pass through the network."""

from dataclasses import dataclass, replace
from typing import Any

import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from studio.core.text import N_, translate
from studio.core.text_token import named
from studio.core.text_vocabulary import TextVocabulary

from .bars_section import BarsSection
from .capture import Trace
from .form_bars import BarsForm
from .form_tokens import TextForm
from .params import SampleParams
from .sampler import STAGES
from .text_moment import NextChoice, choice_at
from .text_sampling import sampling_of


@dataclass(frozen=True, eq=False)
class Shown:
    """A text and the token of it that is looked at."""

    trace: Trace
    place: int


class BarsDesk(QObject):
    """Signals:
        forced(place, token): the text shall have this token there.
        refreshed(n): the bars are made anew; so many tokens fit the form there, None where it says nothing of it.
        exact_wanted(ids): all probabilities after these tokens would help; see `set_exact`.
    """

    forced = Signal(int, int)
    refreshed = Signal(object)
    exact_wanted = Signal(object)

    def __init__(self, section: BarsSection, parent: QObject) -> None:
        super().__init__(parent)
        self._section = section
        self._shown: Shown | None = None
        self._mode = "instead"
        self._stage: str = STAGES[-1]
        self._is_mode_chosen = False
        self._params = SampleParams()
        self._vocabulary: TextVocabulary | None = None
        self._is_resting = True
        self._form = BarsForm()
        self.choice: NextChoice | None = None
        section.mode_turned.connect(self._on_mode_turned)
        section.stage_chosen.connect(self._on_stage_chosen)
        section.forced.connect(self._on_forced)

    @property
    def place(self) -> int:
        """The place that the bars are about: that of the marked token, or the one behind it."""
        shown = self._shown
        return 0 if shown is None else shown.place + (1 if self._mode == "after" else 0)

    def set_vocabulary(self, vocabulary: TextVocabulary) -> None:
        """The model is open."""
        self._vocabulary = vocabulary
        self.refresh()

    def show(self, trace: Trace, place: int, params: SampleParams, is_resting: bool) -> None:
        """The playhead is at a token; at the end of a text that rests, one wants to know what comes next."""
        is_other = self._shown is None or self._shown.place != place or len(self._shown.trace) != len(trace)
        self._shown, self._params, self._is_resting = Shown(trace, place), params, is_resting
        if is_other or not self._is_mode_chosen:
            self._is_mode_chosen = False
            is_prompt_end = is_resting and place == len(trace) - 1 and place < len(trace.prompt)
            self._mode = "after" if is_prompt_end or place == 0 else "instead"
        self.refresh()

    def set_params(self, params: SampleParams) -> None:
        """A slider has moved."""
        self._params = params
        self.refresh()

    def set_form(self, form: TextForm | None) -> None:
        """The text keeps to another form."""
        self._form = BarsForm(form)
        self.refresh()

    def set_exact(self, ids: tuple[int, ...], probabilities: npt.NDArray[Any]) -> None:
        """These are all probabilities after some tokens, (V,)."""
        self._form.exact_ids, self._form.exact = ids, probabilities
        self.refresh()

    def clear(self) -> None:
        """There is no text."""
        self._shown = self.choice = None
        self._section.show_choice(None, "", self._mode, self._stage)

    def refresh(self) -> None:
        """Compute the bars anew."""
        shown, vocabulary = self._shown, self._vocabulary
        if shown is None or vocabulary is None:
            return
        allowed = self._form.allowed(shown.trace, self.place)
        found = self._form.found(shown.trace, self.place, allowed)
        sampling = replace(sampling_of(self._params, vocabulary), form=allowed)
        self.choice = choice_at(shown.trace, self.place, sampling, vocabulary, self._stage, found=found)
        if allowed is not None and found is None and self._is_resting:
            self.exact_wanted.emit(tuple(shown.trace.ids[: self.place].tolist()))
        self._section.show_choice(self.choice, self._title(shown, vocabulary), self._mode, self._stage)
        self.refreshed.emit(None if allowed is None else int(allowed.sum()))

    def _title(self, shown: Shown, vocabulary: TextVocabulary) -> str:
        word = named(vocabulary.name(int(shown.trace.ids[shown.place])))
        if self._mode == "after":
            return translate(N_("After “{word}”")).format(word=word)
        if shown.place == 0:
            return translate(N_("“{word}” stands first: nothing was expected.")).format(word=word)
        return translate(N_("Instead of “{word}”")).format(word=word)

    def _on_mode_turned(self) -> None:
        self._mode, self._is_mode_chosen = "instead" if self._mode == "after" else "after", True
        self.refresh()

    def _on_stage_chosen(self, stage: str) -> None:
        self._stage = stage
        self.refresh()

    def _on_forced(self, token: int) -> None:
        self.forced.emit(self.place, token)
