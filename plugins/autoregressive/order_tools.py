"""What a person does with the text, its blanks and their order, as steps of the editor."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from studio.core.error import UserError
from studio.core.text import N_, plural
from studio.core.text_token import named

from .order_about import CutText
from .order_passage import MAX_BLANKS, Passage, carried

if TYPE_CHECKING:
    from .order_panel import OrderPanel


class OrderTools(QObject):
    """Works on the scene of one panel."""

    def __init__(self, panel: "OrderPanel") -> None:
        super().__init__(panel)
        self._panel, self._editor, self._asking, self._runs = panel, panel.editor, panel.asking, panel.runs
        self._examples = tuple(str(one) for one in panel.handle.source.card.get("examples", ()))
        self._n_asked = 0
        self._newest: CutText | None = None
        self._connect()

    def _connect(self) -> None:
        panel, asking, strip, fill = self._panel, self._asking, self._panel.stage.strip, self._panel.fill_section
        panel.stage.page.toggled.connect(self.toggle)
        strip.chosen.connect(self._runs.go_to)
        strip.moved.connect(self.move)
        strip.drag_started.connect(self._editor.begin_gesture)
        strip.drag_finished.connect(self._editor.end_gesture)
        panel.bars.forced.connect(self.force)
        panel.order.chosen.connect(self.arrange)
        panel.comparing.compare_requested.connect(self.compare)
        panel.text.edited.connect(self.type)
        fill.fill.clicked.connect(self.fill)
        fill.again.clicked.connect(self.again)
        fill.example.clicked.connect(self.take_example)
        fill.passage.clicked.connect(self.take_passage)
        asking.text_cut.connect(self._on_text_cut)
        asking.order_found.connect(self._on_order_found)

    @property
    def passage(self) -> Passage | None:
        """The text on screen with its blanks."""
        self._panel.show_desk.look()
        seen = self._panel.show_desk.seen
        return None if seen is None else seen.passage

    def fill(self) -> None:
        """Let the blanks fill one by one."""
        if self._panel.settle.isActive():
            self._panel.plays_next = True
            self._panel.begin()
        else:
            self._runs.play()

    def again(self) -> None:
        """Fill them with other dice, and keep what is there."""
        self._runs.keep()
        self._panel.plays_next = True
        self._editor.surprise()

    # Blanks and their order

    def toggle(self, places: tuple[int, ...]) -> None:
        """Leave words out, or give them back."""
        if (passage := self.passage) is None:
            return
        now = passage.toggled(places)
        if len(now.order) > MAX_BLANKS:
            one, more = N_("At most {n} token can be left out."), N_("At most {n} tokens can be left out.")
            self._panel.messages.show_error(UserError(plural(one, more, MAX_BLANKS), N_("Give some words back first.")))
            return
        is_more = len(now.order) > len(passage.order)
        self._editor.set_passage(N_("Leave out") if is_more else N_("Give back"), now)

    def move(self, turn: int, to: int) -> None:
        """Fill a blank at another turn."""
        if (passage := self.passage) is not None:
            self._editor.set_passage(N_("Order of the blanks"), passage.moved(turn, to), "order")

    def arrange(self, way: str) -> None:
        """Put the blanks in one of the orders that have a name."""
        if (passage := self.passage) is None:
            return
        if way == "surest":
            self._asking.surest(passage)
            return
        self._n_asked += 1
        ways = {"right": passage.rightwards, "left": passage.leftwards}
        now = ways[way]() if way in ways else passage.shuffled(self._n_asked)
        self._editor.set_passage(N_("Order of the blanks"), now)

    def _on_order_found(self, passage: Passage, order: tuple[int, ...]) -> None:
        if self.passage == passage:
            self._editor.set_passage(N_("Likeliest first"), passage.in_order(order))

    def compare(self) -> None:
        """Hold several orders together."""
        passage, seen = self.passage, self._panel.show_desk.seen
        if passage is not None and seen is not None and passage.order:
            self._asking.compare(passage, seen.told, self._panel.show_desk.key)

    def force(self, token: int) -> None:
        """Fill the marked blank with a token, as a branch."""
        seen, about = self._panel.show_desk.seen, self._panel.about
        if about is not None and seen is not None and seen.trace is not None:
            name = named(about.vocabulary.name(token))
            self._runs.force(self._editor.scene.params, seen.turn, token, name)

    # Texts

    def take_example(self) -> None:
        """Another of the model's examples."""
        if self._examples:
            present = self._editor.scene.params.prompt
            at = self._examples.index(present) + 1 if present in self._examples else 0
            self._asking.example(self._examples[at % len(self._examples)])

    def take_passage(self) -> None:
        """Lines that no model of ours ever saw."""
        self._n_asked += 1
        self._asking.unseen(self._n_asked)

    @property
    def is_typing(self) -> bool:
        """Whether the field is ahead of the text: what was typed is still being cut, or is no text yet."""
        field = self._panel.text.field
        return self._asking.is_cutting or (field.hasFocus() and not field.text().strip())

    def n_tokens_of(self, text: str) -> int:
        """How many tokens the newest text has in all, 0 where it is another one."""
        return self._newest.n_tokens if self._newest is not None and self._newest.text == text else 0

    def type(self, text: str) -> None:
        """The person wrote in the text; nothing happens before there is a word."""
        if text.strip():
            self._asking.type(text)

    def _on_text_cut(self, title: str, news: CutText, is_new: bool) -> None:
        self._newest = news
        before = self.passage
        if not news.passage.ids:
            return
        self._panel.messages.dismiss("error")
        passage = news.passage if is_new or before is None else carried(before, news.passage)
        self._panel.plays_next = is_new
        self._editor.set_text(title, news.text, passage, None if is_new else "typing")
