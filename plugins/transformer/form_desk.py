"""Keeps the form of the text in step with the settings: checks what is typed, and hands it to the bars."""

from functools import partial
from typing import TYPE_CHECKING, Final, cast

from PySide6.QtCore import QObject

from studio.api.engine import Policy
from studio.core.error import UserError
from studio.core.text import N_

from .form_tokens import TextForm
from .form_wish import FORMS, form_in, with_form
from .params import SampleParams
from .surgery_effect import Effect
from .text_call import effect_of, form_of
from .text_scene import TextScene

if TYPE_CHECKING:
    from .panel import TransformerPanel

KEY: Final = "form"
EXACT_KEY: Final = "form exact"


class FormDesk(QObject):
    """One panel's forms."""

    def __init__(self, panel: "TransformerPanel") -> None:
        super().__init__(panel)
        self._panel = panel
        self._section = panel.controls.form
        self._params = SampleParams()
        self._wanted: SampleParams | None = None
        self._asked: tuple[int, ...] = ()
        self._section.applied.connect(self._on_applied)
        panel.editor.changed.connect(self._on_scene_changed)
        panel.bars.exact_wanted.connect(self._ask_exact)
        panel.bars.refreshed.connect(self._section.show_allowed)

    def show(self, params: SampleParams) -> None:
        """These are the settings of the text."""
        kind, text = form_in(params)
        self._section.show_form(kind, text)
        if form_in(self._params) != (kind, text):
            self._params = params
            self._run(params, is_wish=False)

    def _on_applied(self, kind: str, text: str) -> None:
        self._run(with_form(self._panel.params(), kind, text), is_wish=True)

    def _run(self, params: SampleParams, is_wish: bool) -> None:
        self._wanted = params if is_wish else None
        panel = self._panel
        work = panel.handle.work(partial(form_of, params=params))
        panel.tasks.run(KEY, work, Policy.RESTART, done=self._on_made, failed=self._on_failed)

    def _on_made(self, form: TextForm | None) -> None:
        wanted, self._wanted = self._wanted, None
        if wanted is not None:
            self._use(wanted)
        self._panel.bars.set_form(form)

    def _use(self, params: SampleParams) -> None:
        """Write in this form, also if it is the one that there was."""
        self._params, panel = params, self._panel
        if form_in(panel.params()) == form_in(params):
            panel.typing.begin()
        else:
            panel.editor.set_params(N_("Form of the text"), **{name: getattr(params, name) for name in FORMS})
        if panel.editor.scene.is_typed:
            panel.writing.write(params.length)

    def _on_scene_changed(self, before: TextScene) -> None:
        """Another form, also one that comes back by undo, begins the text anew."""
        if form_in(before.params) != form_in(self._panel.params()):
            self._panel.typing.begin()

    def _on_failed(self, error: BaseException) -> None:
        if self._wanted is None:  # settings that came from elsewhere; what is typed here has not become the form
            self._panel.bars.set_form(None)
        if isinstance(error, UserError):
            self._section.show_problem(error)
        else:
            self._panel.host.report(error)

    # Where no allowed token was captured, the bars need all probabilities at the marked place

    def _ask_exact(self, ids: object) -> None:
        panel = self._panel
        self._asked = cast(tuple[int, ...], ids)
        work = panel.handle.work(partial(effect_of, ids=self._asked, muted=panel.params().muted))
        panel.tasks.run(EXACT_KEY, work, Policy.RESTART, done=self._on_exact)

    def _on_exact(self, news: Effect) -> None:
        self._panel.bars.set_exact(self._asked, news.muted)
