"""Two texts at once: writes the second one from the same seed, lays both side by side, and measures how they differ."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QObject

from studio.api.engine import EngineHandle, Policy
from studio.core.text import N_, translate
from studio.core.text_vocabulary import TextVocabulary

from .capture import Trace
from .pair_divergence import Heard, differences
from .params import SampleParams
from .text_about import TextAbout
from .text_call import about, scored
from .text_moment import tokens_of

if TYPE_CHECKING:
    from .panel import TransformerPanel

ABOUT_KEY, SCORE_KEY = "pair about", "pair score"
NO_TEXT: Final = N_("There is no text yet that could be written a second time.")
SAME: Final = N_("Both are the same: choose another model, prompt or temperature.")
APART: Final = N_(
    "The bars show how differently both expect the first text: {mean:.2f} bits on average, {most:.2f} at most "
    "(Jensen–Shannon divergence)."
)


@dataclass(frozen=True, eq=False)
class Pair:
    """The first text, and what the second one is written with."""

    trace: Trace
    vocabulary: TextVocabulary
    handle: EngineHandle
    params: SampleParams

    @property
    def written(self) -> str:
        """What stands behind the first text's prompt."""
        pieces = self.vocabulary.texts(self.trace.ids.tolist())
        return "".join(pieces[len(self.trace.prompt) :])


class PairDesk(QObject):
    """One panel's second text."""

    def __init__(self, panel: "TransformerPanel") -> None:
        super().__init__(panel)
        self._panel = panel
        self._section = panel.controls.pair
        self._pair: Pair | None = None
        self._section.asked.connect(self._on_asked)
        self._section.chosen.connect(panel.steering.go_to_token)

    def _on_asked(self) -> None:
        panel, section = self._panel, self._section
        trace, vocabulary, first = panel.text.trace, panel.text.vocabulary, panel.deck.track
        params = panel.writing.shows
        if trace is None or vocabulary is None or first is None or params is None:
            self._section.show_bits({}, (), translate(NO_TEXT))
            return
        is_own = section.model_id == panel.handle.source.id
        handle = panel.handle if is_own else panel.host.handle_of(section.model_id)
        prompt = section.prompt.text() or params.prompt
        second = replace(params, prompt=prompt, temperature=section.temperature.value())
        if is_own and second == params:
            self._section.show_bits({}, (), translate(SAME))
            return
        self._pair = Pair(trace, vocabulary, handle, second)
        n_tokens = max(len(trace.ids) - len(trace.prompt), 1)
        track = panel.writing.start_second(second, n_tokens, handle)
        panel.deck.show_track(first)
        panel.deck.tracks.compare(first, track)
        panel.tasks.run(ABOUT_KEY, handle.work(about), done=self._on_about)

    def _on_about(self, news: TextAbout) -> None:
        """The second model is open: let it read the first text."""
        pair = self._pair
        if pair is not None:
            work = pair.handle.work(partial(scored, params=pair.params, written=pair.written))
            title = translate(N_("Reading the text a second time"))
            done = partial(self._on_scored, news.vocabulary)
            self._panel.tasks.run(SCORE_KEY, work, Policy.RESTART, done=done, title=title)

    def _on_scored(self, vocabulary: TextVocabulary, trace: Trace) -> None:
        pair = self._pair
        if pair is None:
            return
        heard = Heard(pair.trace, pair.vocabulary)
        bits = differences(heard, Heard(trace, vocabulary), len(pair.written))
        self._section.show_bits(bits, tokens_of(pair.trace, pair.vocabulary), _said(bits))


def _said(bits: Mapping[int, float]) -> str:
    if not bits:
        return translate(N_("The two cut the text into tokens so differently that nothing can be compared."))
    values = np.array(list(bits.values()))
    return translate(APART).format(mean=float(values.mean()), most=float(values.max()))
