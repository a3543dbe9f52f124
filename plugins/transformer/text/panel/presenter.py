"""Shows the text on the timeline part by part: its tokens, bars, surprises, what looks inside, and words about it."""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject

from studio.api.panel import PanelFrame, PartByPart, TextCut, WhenSeen
from studio.api.timeline.controller import TimelineController
from studio.core.frame import Frame
from studio.core.translation import translate

from ..scene import TransformerScene
from ..state import OpenTransformer
from ..view_model import TERM, describe, learnt_tokens, learnt_words
from .bars_section import TokenBarsPresenter
from .branches import BranchPresenter
from .editor import TransformerEditor, TypedText
from .interactive_run import InteractiveWriting
from .interpretability import Interpretability
from .layout import TransformerControls, TransformerStage
from .shown_text import TextAtPlayhead, TransformerViewModel

FOLLOW_MS: Final = 33


@dataclass(frozen=True, eq=False)
class TransformerViews:
    """Where a text is shown, and what shows parts of it."""

    frame: PanelFrame
    stage: TransformerStage
    controls: TransformerControls
    bars: TokenBarsPresenter
    branches: BranchPresenter
    inside: Interpretability


class TransformerPresenter(QObject):
    """Shows what is on the timeline, and whether it is written on."""

    def __init__(
        self,
        views: TransformerViews,
        text: TransformerViewModel,
        editor: TransformerEditor,
        writing: InteractiveWriting,
        typing: TypedText,
        timeline: TimelineController,
    ) -> None:
        super().__init__(writing)
        self._views, self._text, self._editor, self._timeline = views, text, editor, timeline
        self._writing, self._typing = writing, typing
        self._ms = 0.0
        self._seen: TextAtPlayhead | None = None
        surprises = WhenSeen(views.controls.surprises, self._show_surprises)
        shown = (self._show_text, self._show_bars, surprises.request, self._show_inside, self._show_words)
        self._follow = PartByPart(FOLLOW_MS, (self._look, *shown), self)
        writing.changed.connect(self._show_writing)
        writing.timed.connect(self._on_token_timed)
        timeline.source_changed.connect(self._show_writing)
        timeline.source_changed.connect(self._follow.request)

    @property
    def is_busy(self) -> bool:
        """Whether something is still to be shown."""
        return self._follow.is_pending

    def opened(self, found: OpenTransformer) -> None:
        """The model is open."""
        self._text.about = found
        self._views.controls.pair.tuning.setVisible(found.is_tuned)
        self._follow.request()

    def show_scene(self, scene: TransformerScene) -> None:
        """Say how much would be written."""
        self._show_writing()

    def show_frame(self, frame: Frame, scene: TransformerScene) -> None:
        """Show the text with the playhead at the token of this frame."""
        self._text.frame = frame
        self._follow.request()

    def _show_writing(self) -> None:
        is_writing, length = self._writing.is_writing, self._editor.scene.params.length
        self._timeline.set_resting(not is_writing)
        if not is_writing:
            self._follow.request()
        self._views.controls.write.show_state(is_writing, length, self._text.about is not None)

    def _on_token_timed(self, ms: float) -> None:
        self._ms = ms

    def _look(self) -> None:
        """Read what is on the timeline; then every part of the panel shows that text and a token of it."""
        text, trace = self._text, self._text.trace
        self._seen = (
            None if trace is None or text.vocabulary is None else TextAtPlayhead(trace, text.place, text.vocabulary)
        )
        if trace is None:
            self._show_learning()
        if self._seen is not None:
            text.read(self._seen.trace, self._seen.vocabulary)

    def _show_text(self) -> None:
        if self._seen is not None and not self._typing.is_due:
            canvas = self._views.stage.canvas
            canvas.set_cut(self._text.cut(self._seen))
            canvas.set_unseen(self._seen.trace.window)
            canvas.set_tokens(self._text.tokens, self._seen.place)

    def _show_bars(self) -> None:
        if self._seen is not None:
            params, is_resting = self._editor.scene.params, not self._writing.is_writing
            self._views.bars.show(self._seen.trace, self._seen.place, params, is_resting)

    def _show_surprises(self) -> None:
        if self._seen is not None:
            self._views.controls.surprises.show_tokens(self._text.tokens)

    def _show_inside(self) -> None:
        if self._seen is not None:
            words = [token.piece for token in self._text.tokens]
            self._views.inside.show(self._seen.trace, words, self._seen.place, self._editor.scene.params)

    def _show_words(self) -> None:
        if self._seen is not None:
            self._views.branches.show(self._seen.place)
            self._describe(self._seen.place)

    def _show_learning(self) -> None:
        tokens = () if self._text.frame is None else learnt_tokens(self._text.frame)
        if tokens:
            self._views.stage.canvas.set_cut(TextCut())
            self._views.stage.canvas.set_tokens(tokens, len(tokens) - 1)
            recording = self._timeline.recording
            self._say(*learnt_words(recording is not None and recording.info.kind == "training"))

    def _describe(self, place: int) -> None:
        if not self._writing.is_writing:  # nobody reads so fast, and a box that changes its height moves the text
            params = self._writing.settings_at(self._timeline.playback.index)
            told = None if self._seen is None else self._seen.trace.told
            words = describe(self._text.tokens, place, self._views.bars.choice, params, told)
            self._say(*words, translate(TERM))
        self._views.frame.hint.set_text(self._text.context_words(self._ms))

    def _say(self, lead: str, text: str, term: str = "") -> None:
        self._views.frame.caption.set_lead(lead)
        self._views.frame.caption.set_text(text, term)
