"""Shows a moment of a picture that is being drawn: the canvas, what a token might have been, and words about it."""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject, Signal

from studio.api.engine import Policy
from studio.api.panel import Caption, EngineTasks, ParamForm
from studio.core.frame import Frame
from studio.core.translation import translate
from studio.core.view import Image

from ..caption import TERM, describe
from ..orders import Order
from ..params import MOST_CHARS
from ..scene import EmojiScene
from ..state import DrawerInfo, PictureTrace, TokenChoices
from ..words import unknown_words
from .canvas import TokenCanvas
from .sections import ChoicesSection, SentenceSection

CHOICES_KEY: Final = "choices"


@dataclass(frozen=True, eq=False)
class EmojiViews:
    """Where a picture is shown."""

    canvas: TokenCanvas
    caption: Caption
    sentence: SentenceSection
    choices: ChoicesSection
    choosing: ParamForm


class EmojiPresenter(QObject):
    """Signals: failed(error): the candidates of a token could not be drawn.

    Attributes:
        info: the open model. trace: what is on screen, None before. token: the one that is chosen, -1 for none.
    """

    failed = Signal(object)

    def __init__(self, views: EmojiViews, tasks: EngineTasks, parent: QObject) -> None:
        super().__init__(parent)
        self._views, self._tasks = views, tasks
        self.info: DrawerInfo | None = None
        self.trace: PictureTrace | None = None
        self.token = -1
        self._frame: Frame | None = None
        self._prompt = ""
        views.canvas.token_pressed.connect(self.choose_at)

    @property
    def is_busy(self) -> bool:
        """Whether candidates are still being drawn."""
        return self._tasks.is_running(CHOICES_KEY)

    @property
    def order(self) -> Order | None:
        """The order of the picture on screen."""
        return None if self.info is None or self.trace is None else self.info.order(self.trace.is_by_line)

    @property
    def block(self) -> int:
        """The newest block of the picture on screen."""
        order, trace = self.order, self.trace
        return order.block_of(len(trace.tokens) - 1) if order is not None and trace is not None else 0

    def opened(self, found: DrawerInfo) -> None:
        """The model is open."""
        self.info = found
        self._views.sentence.show_state(True)
        self._show()

    def show_scene(self, scene: EmojiScene) -> None:
        """Let the controls stand where the scene is."""
        self._prompt = scene.params.prompt
        self._views.sentence.show_params(scene.params)
        self._views.choosing.show_params(scene.params)

    def show_frame(self, frame: Frame, scene: EmojiScene) -> None:
        """Show a frame; a token that it does not have yet is let go."""
        state = frame.state
        self._frame, self._prompt = frame, scene.params.prompt
        before, self.trace = self.trace, PictureTrace(state) if state is not None and "next_ids" in state else None
        if self.trace is not None and not self._is_there(before):
            self.token = -1
        self._show()

    def _is_there(self, before: PictureTrace | None) -> bool:
        """Whether the chosen token belongs to the scale on screen, of the same order."""
        trace, order = self.trace, self.order
        if trace is None or order is None or before is None or before.is_by_line != trace.is_by_line:
            return False
        return 0 <= self.token < len(trace.tokens) and (trace.is_by_line or order.block_of(self.token) == self.block)

    def let_go(self) -> None:
        """Nothing is chosen of a scene that goes."""
        self.token = -1
        self._tasks.cancel(CHOICES_KEY)

    def choose_at(self, row: int, column: int) -> None:
        """Look at the token of a cell, where there is one; at none where it was looked at."""
        order, trace = self.order, self.trace
        if order is None or trace is None:
            return
        token = order.token_at(self.block, row, column)
        self.token = token if token < len(trace.tokens) and token != self.token else -1
        self._show()

    def _show(self) -> None:
        view = None if self._frame is None else self._frame.main_view
        if isinstance(view, Image):
            self._views.canvas.show_array(view.pixels)
        order, trace = self.order, self.trace
        if order is None or trace is None:
            self._views.canvas.show_cells(0, None)
            return
        place = order.place(self.token)[1:] if self.token >= 0 else None
        self._views.canvas.show_cells(order.scale_of(self.block), (place[0], place[1]) if place else None)
        self._ask(trace)
        is_whole = len(trace.tokens) == order.n_tokens
        lead, words = describe(trace, order, self._unknown(), is_whole)
        self._views.caption.set_lead(lead)
        self._views.caption.set_text(words, translate(TERM))

    def _ask(self, trace: PictureTrace) -> None:
        if self.token < 0:
            self._tasks.cancel(CHOICES_KEY)
            self._views.choices.show_choices(None, None)
            return
        asked = trace.state, self.token
        self._tasks.ask(
            CHOICES_KEY,
            lambda engine: engine.choices(*asked),
            Policy.RESTART,
            done=self._on_choices,
            failed=self.failed.emit,
        )

    def _on_choices(self, found: TokenChoices) -> None:
        if found.token == self.token:
            self._views.choices.show_choices(found, self.order)

    def _unknown(self) -> list[str]:
        known = frozenset[str]() if self.info is None else self.info.words
        return unknown_words(self._prompt[:MOST_CHARS], known)
