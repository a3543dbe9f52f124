"""Shows what is on the timeline: the text as chips, bars, the strip of the memory, branches and the caption."""

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject

from studio.api.panel import PartByPart
from studio.core.text import N_, translate
from studio.core.text_token import TextToken

from .text_about import TextAbout
from .text_caption import LEAD, LEARNING, TERM, describe
from .text_memory_desk import Asked
from .text_moment import choice_at
from .text_shown import learnt_tokens
from .text_state import Trace

if TYPE_CHECKING:
    from .text_panel import TextPanel

FOLLOW_MS: Final = 33


class TextShow(QObject):
    """Attributes:
        trace: all that is known of the text on screen, None where there is none.
        tokens: the text as chips.
    """

    def __init__(self, panel: "TextPanel") -> None:
        super().__init__(panel)
        self._panel = panel
        self.trace: Trace | None = None
        self.tokens: tuple[TextToken, ...] = ()
        parts = (self._show_text, self._show_bars, self._show_memory, self._show_words)
        self._follow = PartByPart(FOLLOW_MS, (self._look, *parts), self)
        self.request = self._follow.request

    @property
    def is_pending(self) -> bool:
        """Whether something is still to be shown."""
        return self._follow.is_pending

    @property
    def _seen(self) -> tuple[Trace, TextAbout, int] | None:
        """The text, the open model, and the token at the playhead."""
        text = self._panel.text
        if self.trace is None or text.about is None:
            return None
        return self.trace, text.about, min(text.place, len(self.trace) - 1)

    def _look(self) -> None:
        """Read what is on the timeline; then every part of the panel shows that text and a token of it."""
        panel, text = self._panel, self._panel.text
        self.trace = None if text.about is None else text.trace
        if self.trace is not None:
            found = panel.memory_desk.reread_of(self.trace, panel.editor.scene.params)
            self.tokens = text.tokens(self.trace, found)
        elif text.frame is not None and (learnt := learnt_tokens(text.frame)):
            panel.stage.canvas.set_tokens(learnt, len(learnt) - 1)
            panel.frame.caption.set_lead(translate(LEAD))
            panel.frame.caption.set_text(translate(LEARNING))

    def _show_text(self) -> None:
        if self.trace is not None and not self._panel.settle.isActive():
            self._panel.stage.canvas.set_tokens(self.tokens, self._panel.text.place)

    def _show_bars(self) -> None:
        if self._seen is None:
            return
        trace, about, place = self._seen
        text = N_("“{word}” stands first: nothing was expected.") if not place else N_("Instead of “{word}”")
        title = translate(text).format(word=self.tokens[place].name)
        found = self._panel.memory_desk.reread_of(trace, self._panel.editor.scene.params)
        self._panel.bars.show_choice(choice_at(trace, place, about.vocabulary, found), title)

    def _show_memory(self) -> None:
        if self._seen is None:
            return
        trace, about, place = self._seen
        panel, params = self._panel, self._panel.editor.scene.params
        is_resting = not (panel.runs.is_growing or panel.settle.isActive())
        asked = Asked(is_resting, panel.runs.has_memory_of(params))
        panel.memory_desk.show(trace, place, about, params, asked)

    def _show_words(self) -> None:
        if self._seen is None:
            return
        panel, (_, about, place) = self._panel, self._seen
        panel.branches.show(about.vocabulary, place)
        panel.surprises.show_tokens(self.tokens)
        if not panel.runs.is_growing:
            lead, words = describe(self.tokens, place, panel.memory_desk.n_seen)
            panel.frame.caption.set_lead(lead)
            panel.frame.caption.set_text(words, translate(TERM))
