"""The panel of drawing: write a sentence, watch its picture grow, look into a token and force another one."""

from functools import partial
from typing import ClassVar, Final

from studio.api.engine import EngineHandle
from studio.api.panel import Command, Host, ParamForm
from studio.core.param import first_params
from studio.core.translation import N_, _

from ...translate.panel.followed_panel import FollowedPanel
from ..params import EmojiParams
from ..scene import CODEC, START, EmojiScene, own_start
from .canvas import TokenCanvas
from .editor import EmojiEditor
from .presenter import EmojiPresenter, EmojiViews
from .runs import EmojiRuns
from .sections import CHOOSING, ChoicesSection, SentenceSection

STEP_TEXT: Final = N_("{ms:,.1f} ms per step")
HINT: Final = N_("Click a part of the picture to see what else it might have been")


class EmojiPanel(FollowedPanel[EmojiScene, EmojiEditor]):
    """One drawer. A branch stays as it was: other settings draw a picture anew."""

    codec, hint, step_text, own_start = CODEC, HINT, STEP_TEXT, own_start
    extras: ClassVar = {"start": START}
    terms: ClassVar = {
        "section_choices": N_(
            "A token is one of about a thousand small patches of a codebook that was learnt from pictures (vector "
            "quantisation). The percentages are what the network gave each before it drew lots."
        )
    }
    settle_ms = 400
    runs: EmojiRuns

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        card, self.canvas = handle.source.card, TokenCanvas()
        first = EmojiScene(first_params(EmojiParams, card))
        super().__init__(handle, host, partial(EmojiEditor, first), self.canvas)
        self.sentence, self.choices = SentenceSection(), ChoicesSection()
        self.choosing = ParamForm(EmojiParams, "emoji_", only=CHOOSING)
        self.show_sections(
            self.sentence,
            ("section_choices", N_("What else it might have been"), self.choices),
            ("section_choosing", N_("How it draws"), self.choosing),
        )
        self.runs = EmojiRuns(self.timeline, self)
        views = EmojiViews(self.canvas, self.frame.caption, self.sentence, self.choices, self.choosing)
        self.presenter = EmojiPresenter(views, self.tasks, self)
        self.hand_over(self.presenter, self.runs)
        self._connect()
        self._set_commands()
        self.open()

    def _connect(self) -> None:
        self.sentence.edited.connect(self.write)
        self.sentence.order_chosen.connect(lambda order: self.editor.set_params(N_("Order"), order=order))
        self.sentence.example.clicked.connect(self.take_example)
        self.sentence.another.clicked.connect(self.editor.take_another)
        self.sentence.replay.clicked.connect(self.runs.replay)
        self.choices.forced.connect(self.force)
        self.presenter.failed.connect(self._on_work_failed)
        self.bind(self.choosing, title=N_("Settings"))

    def _set_commands(self) -> None:
        title = "Transformer"
        self.own_commands = (
            Command("transformer.draw_replay", N_("Watch it grow"), self.runs.replay, ("Ctrl+Return",), title),
            Command("transformer.draw_example", N_("Another sentence"), self.take_example, ("E",), title),
            Command("transformer.draw_another", N_("Another picture"), self.editor.take_another, ("R",), title),
        )

    # What a person asks for

    def force(self, code: int) -> None:
        """Let the chosen token be another one, and what follows be drawn anew."""
        trace, order, token = self.presenter.trace, self.presenter.order, self.presenter.token
        if trace is not None and order is not None and token >= 0 and trace.tokens[token] != code:
            scale, row, column = order.place(token)
            title = _("{n} × {n}, row {row}, column {column}").format(n=scale, row=row + 1, column=column + 1)
            self.presenter.let_go()
            start = trace.with_token(order, token, code)
            self.runs.branch(self.editor.scene.params, start, order.block_of(token) - 1, title)
