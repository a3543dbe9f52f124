"""The inspector's part for models that learnt to talk: a box for what they are told to be, one for a question."""

from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from studio.api.engine import Policy
from studio.api.panel import EngineTasks, named_button, put_in_a_column, small_label
from studio.core.error import UserError
from studio.core.param import MAX_TEXT
from studio.core.translation import N_, translate

from ..chat_template import Message
from .editor import TransformerEditor, TypedText
from .small_sections import TextField

NOTE: Final = N_("The model’s own template puts its markers around both (chat template); the text shows what it reads.")
OF_SERVER: Final = N_("The server puts its own markers around both (chat template); the text shows only who says what.")
KEY: Final = "chat"


class ChatSection(QWidget):
    """Signals: asked(system, user): write what the model says to this."""

    asked = Signal(str, str)

    def __init__(self, is_server: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._note = OF_SERVER if is_server else NOTE
        self.system = TextField("chat_system", N_("Instructions for the model"), 2)
        self.user = TextField("chat_user", N_("Your question"), 3)
        self.ask = named_button("chat_ask", N_("Ask"), N_("Write the model’s answer (Ctrl Enter in a box)"))
        self.said = small_label(translate(self._note))
        for field in (self.system, self.user):
            field.setPlaceholderText(field.accessibleName())
            field.finished.connect(self._on_asked)
        self.ask.clicked.connect(self._on_asked)
        self.user.textChanged.connect(self._on_text_changed)
        put_in_a_column(self, (self.system, self.user, self.ask, self.said))
        self._on_text_changed()

    def show_problem(self, error: UserError) -> None:
        """Say why the template does not take it."""
        self.said.setText(str(error))

    def _on_text_changed(self) -> None:
        self.ask.setEnabled(bool(self.user.toPlainText().strip()))
        self.said.setText(translate(self._note))

    def _on_asked(self) -> None:
        user = self.user.toPlainText()
        if user.strip():
            self.asked.emit(self.system.toPlainText()[:MAX_TEXT], user[:MAX_TEXT])


class ChatPresenter(QObject):
    """One panel's conversation."""

    def __init__(
        self,
        section: ChatSection,
        editor: TransformerEditor,
        typing: TypedText,
        tasks: EngineTasks,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._section, self._editor, self._typing, self._tasks = section, editor, typing, tasks
        section.asked.connect(self._on_asked)

    def _on_asked(self, system: str, user: str) -> None:
        messages = (*((Message("system", system),) if system.strip() else ()), Message("user", user))
        self._tasks.ask(
            KEY, lambda engine: engine.chat(messages), Policy.RESTART, done=self._on_written, failed=self._on_failed
        )

    def _on_written(self, prompt: str) -> None:
        editor, typing = self._editor, self._typing
        if prompt == editor.scene.params.prompt:
            typing.begin()
        else:
            editor.apply(N_("Ask"), editor.scene.at_prompt(prompt))
        typing.write(editor.scene.params.length)

    def _on_failed(self, error: BaseException) -> None:
        self._tasks.say(error, self._section.show_problem)
