"""Shows what is on the timeline: the text with its blanks, the strip, bars, masks, comparison and caption."""

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject

from studio.api.panel import PartByPart
from studio.core.text import N_, translate
from studio.core.text_token import TextToken, named, percent
from studio.core.text_vocabulary import TextVocabulary

from .order_caption import TERM, describe
from .order_moment import choice_at
from .order_shown import OrderSeen, seen_in
from .order_strip import OrderChip

if TYPE_CHECKING:
    from .order_panel import OrderPanel

FOLLOW_MS: Final = 33
WAITING: Final = N_("Turn {n}: not filled yet.")
FILLED: Final = N_("Turn {n}: “{word}”, {share}.")


class OrderShow(QObject):
    """Attributes: seen: what is on screen, None where there is nothing. tokens: the text as chips."""

    def __init__(self, panel: "OrderPanel") -> None:
        super().__init__(panel)
        self._panel = panel
        self.seen: OrderSeen | None = None
        self.tokens: tuple[TextToken, ...] = ()
        parts = (self._show_text, self._show_strip, self._show_bars, self._show_masks, self._show_rest)
        self._follow = PartByPart(FOLLOW_MS, (self.look, *parts), self)
        self.request = self._follow.request

    @property
    def is_pending(self) -> bool:
        """Whether something is still to be shown."""
        return self._follow.is_pending

    @property
    def key(self) -> Any:
        """The words on screen and their order, None where there are none."""
        return None if self.seen is None else (self.seen.passage, self.seen.told)

    def look(self) -> None:
        """Read what is on the timeline, or what is about to be there."""
        panel = self._panel
        wanted = panel.editor.scene.passage if panel.settle.isActive() else None
        self.seen = seen_in(panel.shown, panel.deck, wanted)
        if self._known is not None:
            seen, vocabulary = self._known
            self.tokens = seen.tokens(vocabulary)

    @property
    def _known(self) -> tuple[OrderSeen, TextVocabulary] | None:
        """What is seen, once the words of the open model are known."""
        about = self._panel.about
        return None if self.seen is None or about is None else (self.seen, about.vocabulary)

    def _show_text(self) -> None:
        if self._known is None:
            return
        seen, vocabulary = self._known
        self._panel.stage.canvas.set_tokens(self.tokens, seen.place)
        self._panel.stage.page.show_passage(seen.passage, seen.n_told, seen.words(vocabulary))

    def _show_strip(self) -> None:
        if self._known is not None:
            seen = self._known[0]
            self._panel.stage.strip.show_chips(self._chips(seen), seen.turn)

    def _chips(self, seen: OrderSeen) -> list[OrderChip]:
        chips = []
        for turn, place in enumerate(seen.passage.order):
            token = self.tokens[place]
            if turn < seen.n_told:
                said = translate(FILLED).format(n=turn + 1, word=token.name, share=percent(token.probability))
                chips.append(OrderChip(token.name, said))
            else:
                chips.append(OrderChip("", translate(WAITING).format(n=turn + 1)))
        return chips

    def _show_bars(self) -> None:
        if self._known is None:
            return
        seen, vocabulary = self._known
        if seen.turn < 0:
            self._panel.bars.show_choice(None, translate(N_("Nothing is left out.")))
            return
        if seen.trace is None:  # the bars before stay until these are there, so that nothing jumps under a hand
            return
        choice = choice_at(seen.trace, seen.turn, seen.n_told, vocabulary)
        text = translate(N_("Blank {n}") if choice.chosen is None else N_("Blank {n}: instead of “{word}”"))
        word = "" if choice.chosen is None else named(vocabulary.name(choice.chosen))
        self._panel.bars.show_choice(choice, text.format(n=seen.turn + 1, word=word))

    def _show_masks(self) -> None:
        if self.seen is not None:
            section, scene = self._panel.masking, self._panel.editor.scene
            section.matrices.show_passage(self.seen.passage, self.seen.place, scene.axes)
            section.show_words(self.seen.turn)

    def _show_rest(self) -> None:
        panel = self._panel
        panel.show_controls()
        if self._known is None:
            return
        seen, vocabulary = self._known
        if seen.trace is None:
            return
        lead, words = describe(seen.trace, seen.n_told, vocabulary)
        panel.frame.caption.set_lead(lead)
        panel.frame.caption.set_text(words, translate(TERM))
