"""Every change that a person can make to a description, as steps of undo."""

from dataclasses import replace

from studio.api.text_editor import TextEditor
from studio.core.translation import N_
from studio.core.view import ByteArray

from ..scene import DescribeScene


class DescribeEditor(TextEditor[DescribeScene]):
    """Holds the scene and the undo steps that lead to it; signals as GestureEditor."""

    def take_face(self, index: int) -> None:
        """Look at a face of the model, counted from 0; the question stays."""
        params = replace(self.scene.params, seed=index + 1)
        self.apply(N_("Face"), replace(self.scene, params=params, picture=None, name=""))

    def take_picture(self, own: tuple[ByteArray, str]) -> None:
        """Look at a person's own picture; the question stays."""
        self.apply(N_("My picture"), replace(self.scene, picture=own[0], name=own[1]))

    def ask(self, question: str) -> None:
        """Ask something; nothing for a description."""
        self.apply(N_("Question"), self.scene.at_prompt(question))
