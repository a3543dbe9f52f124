"""The inspector's part for the form of a text: one of several, a regular expression, a JSON schema; checked."""

from typing import Final, cast

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.api.engine import Policy
from studio.api.panel import EngineTasks, Segmented, named_button, put_in_a_column, small_label
from studio.core.error import UserError
from studio.core.param import MAX_TEXT, param_specs
from studio.core.translation import N_, _, plural, translate

from ..interpret.ablation import AblationEffect
from ..model.forms.form import FORMS, FREE, form_in, with_form
from ..model.forms.tokens import TextForm
from ..params import TransformerParams
from ..scene import TransformerScene
from .bars_section import TokenBarsPresenter
from .editor import TransformerEditor, TypedText
from .small_sections import TextField

TITLES: Final = {FREE: N_("Free"), "choices": N_("One of"), "pattern": N_("Expression"), "schema": N_("Schema")}
EXAMPLES: Final = {
    FREE: "",
    "choices": "O joy!\nO sorrow!\nO day!",
    "pattern": r" [A-Z][a-z]+, [a-z]+ [a-z]+!",
    "schema": """{"type": "object", "properties": {
  "name": {"type": "string", "maxLength": 12},
  "age": {"type": "integer"},
  "is_king": {"type": "boolean"}},
 "required": ["name", "age"]}""",
}
ANYTHING: Final = N_("The model may write anything.")
KEY: Final = "form"
EXACT_KEY: Final = "form exact"


class FormSection(QWidget):
    """Signals: applied(kind, text): the text shall have this form; "free" for none."""

    applied = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        hints = {kind: translate(param_specs(TransformerParams)[kind].help) for kind in FORMS}
        self.kinds = Segmented("form_kind", TITLES, N_("Form of the text"), {FREE: translate(ANYTHING), **hints})
        self.kinds.value_chosen.connect(self._on_kind_chosen)
        self.edit = TextField("form_text", N_("What the text has to look like"), 6, is_code=True)
        self.edit.finished.connect(self._apply)
        self.use = named_button(
            "form_use",
            N_("Write in this form"),
            N_("Continue the prompt with text in this form, and nothing else (Ctrl Enter)"),
            pressed=self._apply,
        )
        self.example = named_button("form_example", N_("Example"), kind="link", pressed=self._show_example)
        self.said = small_label()
        buttons = QHBoxLayout()
        buttons.addWidget(self.use)
        buttons.addWidget(self.example)
        buttons.addStretch(1)
        put_in_a_column(self, (self.kinds, self.edit, buttons, self.said))
        self._texts = dict.fromkeys(TITLES, "")
        self._applied = (FREE, "")
        self._shown = FREE  # the kind whose text is in the field
        self._show_kind(FREE)

    def show_form(self, kind: str, text: str) -> None:
        """Show what is asked for; what is being typed stays where nothing else was asked for. Emits nothing."""
        if (kind, text) != self._applied:
            self._applied = (kind, text)
            self._texts[kind] = text
            self._show_kind(kind)

    def show_allowed(self, n_allowed: int | None) -> None:
        """Say how many tokens may come at the marked place; None where the form says nothing of it."""
        if self._applied[0] == FREE or self.kinds.value() != self._applied[0]:
            return
        text = plural(N_("{n} token fits the form here."), N_("{n} tokens fit the form here."), n_allowed or 0)
        free = _("The prompt can be anything; the form applies after it.")
        self.said.setText(free if n_allowed is None else text)

    def show_problem(self, error: UserError) -> None:
        """Say what is wrong with what was typed."""
        self.said.setText(str(error))

    def _show_kind(self, kind: str) -> None:
        self.kinds.set_value(kind)
        self._shown, is_free = kind, kind == FREE
        for part in (self.edit, self.use, self.example):
            part.setVisible(not is_free)
        self.edit.setPlainText(self._texts[kind])
        self.edit.setPlaceholderText(EXAMPLES[kind])
        self.said.setText(translate(ANYTHING if is_free else param_specs(TransformerParams)[kind].help))

    def _on_kind_chosen(self, kind: str) -> None:
        self._texts = {**self._texts, self._shown: self.edit.toPlainText()}
        self._show_kind(kind)
        if kind == FREE and self._applied[0] != FREE:
            self.applied.emit(FREE, "")

    def _show_example(self) -> None:
        self.edit.setPlainText(EXAMPLES[self.kinds.value()])
        self.edit.setFocus()

    def _apply(self) -> None:
        text = self.edit.toPlainText()
        self.applied.emit(self.kinds.value() if text.strip() else FREE, text[:MAX_TEXT])


class FormPresenter(QObject):
    """One panel's forms."""

    def __init__(
        self,
        section: FormSection,
        editor: TransformerEditor,
        typing: TypedText,
        bars: TokenBarsPresenter,
        tasks: EngineTasks,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._section, self._editor, self._typing, self._bars = section, editor, typing, bars
        self._tasks = tasks
        self._params = TransformerParams()
        self._wanted: TransformerParams | None = None
        self._asked: tuple[int, ...] = ()
        section.applied.connect(self._on_applied)
        bars.exact_wanted.connect(self._ask_exact)
        bars.refreshed.connect(section.show_allowed)

    def show_scene(self, scene: TransformerScene) -> None:
        """Show the form that the text has."""
        params = scene.params
        kind, text = form_in(params)
        self._section.show_form(kind, text)
        if form_in(self._params) != (kind, text):
            self._params = params
            self._run(params, is_wish=False)

    def _on_applied(self, kind: str, text: str) -> None:
        self._run(with_form(self._editor.scene.params, kind, text), is_wish=True)

    def _run(self, params: TransformerParams, is_wish: bool) -> None:
        self._wanted = params if is_wish else None
        self._tasks.ask(
            KEY, lambda engine: engine.form(params), Policy.RESTART, done=self._on_made, failed=self._on_failed
        )

    def _on_made(self, form: TextForm | None) -> None:
        wanted, self._wanted = self._wanted, None
        if wanted is not None:
            self._use(wanted)
        self._bars.set_form(form)

    def _use(self, params: TransformerParams) -> None:
        """Write in this form, also if it is the one that there was."""
        self._params, editor = params, self._editor
        if form_in(editor.scene.params) == form_in(params):
            self._typing.begin()
        else:
            editor.set_params(N_("Form of the text"), **{name: getattr(params, name) for name in FORMS})
        if editor.scene.is_typed:
            self._typing.write(params.length)

    def _on_failed(self, error: BaseException) -> None:
        if self._wanted is None:  # settings that came from elsewhere; what is typed here has not become the form
            self._bars.set_form(None)
        self._tasks.say(error, self._section.show_problem)

    # Where no allowed token was captured, the bars need all probabilities at the marked place

    def _ask_exact(self, ids: object) -> None:
        self._asked = asked = cast(tuple[int, ...], ids)
        muted = self._editor.scene.params.muted
        self._tasks.ask(EXACT_KEY, lambda engine: engine.effect(asked, muted), Policy.RESTART, done=self._on_exact)

    def _on_exact(self, news: AblationEffect) -> None:
        self._bars.set_exact(self._asked, news.muted)
