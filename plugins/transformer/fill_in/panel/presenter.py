"""Shows what is on the timeline of a text with gaps: chips, candidates of the marked gap, attention, caption."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from PySide6.QtCore import QObject, QTimer

from studio.api.gapped_text.gestures import OwnGapsSection
from studio.api.gapped_text.page import GapStage
from studio.api.gapped_text.runs import GapRuns
from studio.api.panel import Caption, ParamForm, PartByPart
from studio.api.timeline.controller import TimelineController
from studio.core.frame import Frame
from studio.core.text.gaps import words_of
from studio.core.text.token import named, percent
from studio.core.text.vocabulary import TextVocabulary
from studio.core.translation import N_, _, plural, translate

from ...text.panel.attention_section import AttentionSection
from ..passage import FillModelInfo, GappedText
from ..scene import FillInScene
from ..state import GIVEN, OPEN, Filling, GapWords, spelled, started, tokens_of
from .attention import FillInAttention
from .editor import FillInEditor
from .page import FillInPage
from .queries import FillInQueries
from .sections import FillInSection, GapSection, read_words

FOLLOW_MS: Final = 33
TERM: Final = N_(
    "A transformer that sees both sides (encoder, BERT); filling gap after gap is masked diffusion run backwards"
)
CLICK: Final = N_("Click words to make gaps. Press Fill, and the words appear in an order of their own.")


def described(filling: Filling, vocabulary: TextVocabulary, fit: Mapping[int, float]) -> tuple[str, str]:
    """What is bold, and what follows; `fit` says how many bits each token costs among all others."""
    n_open, n_gaps = len(filling.open_places), int((filling.turn >= 0).sum())
    if not n_gaps:
        said = (_cost(filling, vocabulary, fit), translate(CLICK), translate(vocabulary.note))
        return _("The text is whole."), " ".join(filter(None, said))
    if not filling.n_steps:
        lead = plural(N_("{n} gap."), N_("{n} gaps."), n_open) if n_open else _("You filled every gap.")
        sees = _("The model sees what stands before a gap and what stands behind it.")
        return lead, f"{sees} {translate(vocabulary.note)}".strip()
    lead = plural(N_("{n} gap is still open."), N_("{n} gaps are still open."), n_open)
    return (lead if n_open else _("Every gap is filled.")), _newest(filling, vocabulary)


def _cost(filling: Filling, vocabulary: TextVocabulary, fit: Mapping[int, float]) -> str:
    """The pseudo-likelihood (Salazar et al. 2020, arXiv 1910.14659) of a whole text by the character."""
    n_characters = sum(map(len, vocabulary.texts([int(filling.now[place]) for place in fit])))
    if not n_characters:
        return ""
    text = _("Told from all the others, its words cost {bits:.2f} bits a character.")
    return text.format(bits=sum(fit.values()) / n_characters)


def _newest(filling: Filling, vocabulary: TextVocabulary) -> str:
    place = int(np.flatnonzero(filling.turn == filling.n_steps)[0])
    word, share = named(vocabulary.name(int(filling.now[place]))), 2.0 ** -max(float(filling.bits[place]), 0.0)
    said = _("“{word}” came last; the model gave it {share}.").format(word=word, share=percent(share))
    true = int(filling.written[place])
    if true < 0:
        return said
    if true == int(filling.now[place]):
        return f"{said} {_('That is the original word.')}"
    return f"{said} {_('The original was “{word}”.').format(word=named(vocabulary.name(true)))}"


@dataclass(frozen=True, eq=False)
class FillInViews:
    """Where a text is shown: on the stage and in its caption, and in sections of the inspector."""

    stage: GapStage
    page: FillInPage
    caption: Caption
    fill: FillInSection
    gap: GapSection
    attention: AttentionSection
    choosing: ParamForm
    text: OwnGapsSection


class FillInPresenter(QObject):
    """Attributes:
    about: what the open model is, None before it is open.
    filling: what is on screen, None where there is nothing. words: the places of the tokens of each word.
    marked: the places of the gap that is looked into. found: what could stand there, None where that is not known.
    """

    def __init__(
        self,
        views: FillInViews,
        editor: FillInEditor,
        runs: GapRuns,
        queries: FillInQueries,
        attention: FillInAttention,
        timeline: TimelineController,
        settle: QTimer,
    ) -> None:
        """`settle` runs from a change of the text until it is filled anew."""
        super().__init__(runs)
        self._views, self._editor, self._queries, self._attention = views, editor, queries, attention
        self._timeline, self._settle = timeline, settle
        self.about: FillModelInfo | None = None
        self._shown: Frame | None = None
        self._pressed = -1
        self.filling: Filling | None = None
        self.words: list[tuple[int, ...]] = []
        self.marked: tuple[int, ...] = ()
        self.found: GapWords | None = None
        parts = (self._show_text, self._show_gap, self._show_attention, self._show_rest)
        self._follow = PartByPart(FOLLOW_MS, (self.look, *parts), self)
        self.request = self._follow.request
        for changed in (queries.changed, runs.changed, timeline.source_changed):
            changed.connect(self.request)

    @property
    def is_busy(self) -> bool:
        """Whether something is still to be shown."""
        return self._follow.is_pending or self._attention.is_busy

    def opened(self, found: FillModelInfo) -> None:
        """The model is open."""
        self.about = found
        self._attention.set_layers(found.n_layers)
        self.request()

    def show_frame(self, frame: Frame, scene: FillInScene) -> None:
        """Show the text as it stands in this frame."""
        self._shown = frame
        self.request()

    def mark(self, place: int) -> None:
        """Look into the gap at a place."""
        self._pressed = place
        self.request()

    def look(self) -> None:
        """Read what is on the timeline, or what is about to be there."""
        wanted = self._editor.scene.text if self._settle.isActive() else None
        state = None if self._shown is None else self._shown.state
        self.filling = started(wanted) if wanted is not None else None
        if self.filling is None and state is not None and "written" in state:
            self.filling = Filling(state["written"], state["now"], state["turn"], state["bits"])
        self.words, self.marked = [], ()
        if self._known is not None:
            filling, vocabulary = self._known
            self.words = words_of(spelled(filling.written.tolist(), vocabulary))
            self.marked = self._marked_of(filling.text())

    def _marked_of(self, text: GappedText) -> tuple[int, ...]:
        """The tokens of the pressed word that are gaps; of the first gap where none was pressed."""
        place = self._pressed if self._pressed in text.gaps else next(iter(text.gaps), -1)
        word: tuple[int, ...] = next((one for one in self.words if place in one), ())
        return tuple(at for at in word if at in text.gaps)

    @property
    def _known(self) -> tuple[Filling, TextVocabulary] | None:
        """What is seen, once the words of the open model are known."""
        return None if self.filling is None or self.about is None else (self.filling, self.about.vocabulary)

    @property
    def _rests(self) -> bool:
        """Whether nothing plays, so that there is time for looks."""
        return not self._timeline.playback.is_playing and not self._settle.isActive()

    @property
    def _fit(self) -> Mapping[int, float]:
        """How many bits each token costs, empty where that is not known."""
        if self.filling is None or not self._rests:
            return {}
        return self._queries.fit(tuple(self.filling.now.tolist()))

    def _show_text(self) -> None:
        if self._known is None:
            return
        filling, vocabulary = self._known
        tokens = tokens_of(filling, self._fit, vocabulary)
        self._views.stage.canvas.set_tokens(tokens, self.marked[0] if self.marked else -1)
        self._views.page.show_filling(filling, self.words, self.marked)

    def _show_gap(self) -> None:
        if self._known is None:
            return
        filling, vocabulary = self._known
        if not self.marked:
            self.found = None
            self._views.gap.show_words(None, "")
        elif self._rests:
            row = tuple(OPEN if at in self.marked else token for at, token in enumerate(filling.now.tolist()))
            found = self._queries.gap_words(row, self.marked)
            if found is not None:  # the bars before stay until these are there, so that nothing jumps under a hand
                self.found = found
                now = [int(filling.now[place]) for place in self.marked]
                self._views.gap.show_words(found, "" if OPEN in now else "".join(vocabulary.texts(now)))

    def _show_attention(self) -> None:
        if self._known is None or not self._rests:
            return
        filling, vocabulary = self._known
        row = tuple(filling.now.tolist())
        self._attention.show(row, spelled(row, vocabulary), self.marked[0] if self.marked else -1)

    def show_scene(self, scene: FillInScene) -> None:
        """Let the controls stand where the scene is."""
        views, filling, is_open = self._views, self.filling, self.about is not None
        n_tokens = 0 if filling is None else len(filling.turn)
        n_gaps = 0 if filling is None else int((filling.turn != GIVEN).sum())
        views.choosing.show_params(scene.params)
        views.stage.set_underlined(scene.is_underlined)
        views.fill.show_state(is_open, n_gaps, n_tokens)
        if filling is not None and self.about is not None and not views.text.is_ahead(self._queries):
            written = spelled(filling.written.tolist(), self.about.vocabulary)
            text = scene.params.prompt or "".join(
                piece if token != OPEN else " ___" for piece, token in zip(written, filling.written, strict=True)
            )
            views.text.show_text(text, read_words(self._queries.n_tokens_of(text), n_tokens))

    def _show_rest(self) -> None:
        self.show_scene(self._editor.scene)
        if self._known is not None:
            lead, words = described(*self._known, self._fit)
            self._views.caption.set_lead(lead)
            self._views.caption.set_text(words, translate(TERM))
