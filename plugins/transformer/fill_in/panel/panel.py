"""The panel of texts with gaps: leave words out, see what could go there, and let the text appear in any order."""

from functools import partial
from operator import attrgetter
from typing import Final

from studio.api.engine import EngineHandle
from studio.api.gapped_text.gestures import GapGestures, OwnGapsSection
from studio.api.gapped_text.page import GapStage
from studio.api.gapped_text.panel import GapPanel
from studio.api.gapped_text.runs import GapRuns
from studio.api.panel import Command, Host, ParamForm
from studio.core.param import first_params
from studio.core.text.gaps import CutText
from studio.core.translation import N_, _

from ...text.panel.attention_section import AttentionSection
from ..params import FillInParams
from ..passage import GappedText
from ..scene import CODEC, FillInScene
from .attention import FillInAttention
from .editor import FillInEditor
from .page import FillInPage
from .presenter import FillInPresenter, FillInViews
from .queries import FillInQueries
from .sections import CHOOSING, FillInSection, GapSection

N_LINES: Final = 4
"""Of the field of one’s own text."""
STEPS_PER_S: Final = 4.0
STEP_TEXT: Final = N_("{ms:,.1f} ms per step")
HINT: Final = N_("Click words or drag over them to make gaps; click a gap to look into it, again to put its word back")


class FillInGestures(GapGestures):
    """What a hand does to a text; signals as GapGestures."""

    def __init__(
        self,
        editor: FillInEditor,
        presenter: FillInPresenter,
        runs: GapRuns,
        queries: FillInQueries,
        examples: tuple[str, ...],
    ) -> None:
        super().__init__(editor, runs, queries, examples, presenter)
        self._editor, self._presenter = editor, presenter
        self._looked: tuple[int, ...] = ()  # the word that was looked into last

    @property
    def text(self) -> GappedText | None:
        """The text on screen with its gaps."""
        self._presenter.look()
        filling = self._presenter.filling
        return None if filling is None else filling.text()

    def choose(self, places: tuple[int, ...]) -> None:
        """Make gaps of words, look into a gap, or put the word of the marked one back; several words as one."""
        if (text := self.text) is None:
            return
        gaps = [place for place in places if place in text.gaps]
        is_one = any(set(places) <= set(word) for word in self._presenter.words)
        if gaps and is_one and not set(gaps) & set(self._looked):
            self._look(places, gaps[0])
        elif len(gaps) == len(places) or (gaps and is_one):
            self._editor.set_gaps(N_("Put back"), text.toggled(gaps))
        else:
            self._look(places, places[0])
            self._editor.set_gaps(N_("Make a gap"), text.toggled(places))

    def _look(self, places: tuple[int, ...], place: int) -> None:
        self._looked = places
        self._presenter.mark(place)

    def look_anew(self) -> None:
        """The next click on a gap looks into it, whichever it is."""
        self._looked = ()

    def put(self, number: int) -> None:
        """Let a candidate stand in the marked gap; the gaps that the model filled are filled anew around it.

        What it had filled stays on the timeline beside it.
        """
        text, found, filling = self.text, self._presenter.found, self._presenter.filling
        if text is None or found is None or filling is None or number >= len(found.tokens):
            return
        if set(found.places) <= set(text.gaps):
            self._presenter.mark(found.places[0])
            self._runs.plays_next = filling.n_steps > 0
            if filling.n_steps:
                self._runs.keep()
            chosen = dict(zip(found.places, found.tokens[number], strict=True))
            self._editor.set_gaps(N_("Put a word there"), text.filled_with(chosen))

    def empty(self) -> None:
        """Make gaps of all words."""
        if (text := self.text) is not None:
            self._editor.set_gaps(N_("Empty all"), text.emptied())

    def restore(self) -> None:
        """Put all words back."""
        if (text := self.text) is not None:
            self._editor.set_gaps(N_("Original"), text.restored())

    def _on_text_cut(self, title: str, news: CutText[GappedText], is_new: bool) -> None:
        if news.gapped.ids:
            self.taken.emit()
            self._editor.set_text(title, news.text, news.gapped, None if is_new else "typing")


class FillInPanel(GapPanel[FillInScene, FillInEditor]):
    """One encoder: what is left out is filled in, the surest first or in any other order."""

    codec, hint, step_text = CODEC, HINT, STEP_TEXT
    asked, settle_ms = attrgetter("text", "params"), 150
    gestures: FillInGestures

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        card, page = handle.source.card, FillInPage()
        stage = GapStage(page)
        super().__init__(handle, host, partial(FillInEditor, FillInScene(first_params(FillInParams, card))), stage)
        self.stage, self.page = stage, page
        self.fill_section, self.gap = FillInSection(), GapSection()
        self.attention = AttentionSection(looks_ahead=True)
        self.choosing = ParamForm(FillInParams, "fill_", only=CHOOSING)
        self.text = OwnGapsSection("fill_text", _("Write a text; type two underscores for a gap."), N_LINES)
        self.show_sections(
            self.fill_section,
            ("section_gap", N_("What could go here"), self.gap),
            ("section_order", N_("How it fills"), self.choosing),
            ("section_attention", N_("What looks where"), self.attention),
            ("section_text", N_("Your own text"), self.text),
        )
        self.runs = GapRuns(self.timeline, self, STEPS_PER_S, plays_next=False)
        self.queries = FillInQueries(self.tasks, self)
        self.looking = FillInAttention(self.attention, self.tasks, self)
        sections = self.fill_section, self.gap, self.attention, self.choosing, self.text
        views = FillInViews(stage, page, self.frame.caption, *sections)
        self.presenter = FillInPresenter(
            views, self.editor, self.runs, self.queries, self.looking, self.timeline, self.settle
        )
        self.gestures = FillInGestures(self.editor, self.presenter, self.runs, self.queries, self.examples)
        self.connect_gaps(self.queries, self.fill_section, self.choosing, self.text)
        self._connect_gestures()
        title, does = "Transformer", self.gestures
        self.own_commands = (
            Command("transformer.fill", N_("Fill the gaps"), self.fill, ("Ctrl+Return",), title),
            *self.gap_commands(
                "transformer.fill",
                title,
                Command("transformer.fill_empty", N_("Empty all"), does.empty, ("M",), title),
                Command("transformer.fill_restore", N_("Put all words back"), does.restore, (), title),
            ),
        )
        self.open()

    def _connect_gestures(self) -> None:
        gestures, fill = self.gestures, self.fill_section
        self.stage.looks.chosen.connect(lambda _name, is_on: self.editor.set_underlined(is_on))
        self.looking.arcs_changed.connect(self.stage.canvas.set_arcs)
        self.page.words_chosen.connect(gestures.choose)
        self.gap.put.connect(gestures.put)
        self.attention.large.row_chosen.connect(self.presenter.mark)
        fill.empty.clicked.connect(gestures.empty)
        fill.restore.clicked.connect(gestures.restore)

    def fill(self) -> None:
        """Let the gaps fill step by step."""
        self.gestures.look_anew()
        super().fill()
