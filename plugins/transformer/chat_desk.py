"""Asks a model that learnt to talk: its template writes the prompt, and the text goes on from it."""

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject

from studio.api.engine import Policy
from studio.core.error import UserError
from studio.core.text import N_

from .chat_section import ChatSection
from .chat_template import Message
from .text_call import chat_of

if TYPE_CHECKING:
    from .panel import TransformerPanel

KEY: Final = "chat"


class ChatDesk(QObject):
    """One panel's conversation; does nothing for a model without a template."""

    def __init__(self, panel: "TransformerPanel", section: ChatSection | None) -> None:
        super().__init__(panel)
        self._panel = panel
        self._section = section
        if section is not None:
            section.asked.connect(self._on_asked)

    def _on_asked(self, system: str, user: str) -> None:
        panel = self._panel
        messages = (*((Message("system", system),) if system.strip() else ()), Message("user", user))
        work = panel.handle.work(partial(chat_of, messages=messages))
        panel.tasks.run(KEY, work, Policy.RESTART, done=self._on_written, failed=self._on_failed)

    def _on_written(self, prompt: str) -> None:
        editor, typing = self._panel.editor, self._panel.typing
        if prompt == editor.scene.params.prompt:
            typing.begin()
        else:
            editor.apply(N_("Ask"), editor.scene.at_prompt(prompt))
        typing.write(editor.scene.params.length)

    def _on_failed(self, error: BaseException) -> None:
        if isinstance(error, UserError) and self._section is not None:
            self._section.show_problem(error)
        else:
            self._panel.host.report(error)
