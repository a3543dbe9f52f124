"""What scenes around a prompt and settings can do alike."""

from typing import Self

from studio.core.scene_codec import SettingsScene
from studio.core.view import State


class ParamsScene(SettingsScene):
    """A scene whose settings have a prompt."""

    def at_prompt(self, prompt: str) -> Self:
        """The same with another prompt."""
        return self.with_params(prompt=prompt)

    def start(self) -> State | None:
        """What a run begins with; None where its settings say all."""
        return None
