"""What the editors of texts share: a change that changes nothing is no step of undo, and typing is one."""

import random
from dataclasses import replace
from typing import Any, ClassVar, cast

from studio.api.gesture import GestureEditor, SceneT
from studio.core.seed import MAX_SEED
from studio.core.translation import N_


class TextEditor(GestureEditor[SceneT]):
    """Holds the scene of a text, which has `look`, and knows what it is `at_prompt`.

    What it says by class attributes:
        n_seeds: seeds are drawn from [0, n_seeds).
    """

    n_seeds: ClassVar[int] = MAX_SEED

    def apply(self, title: str, scene: SceneT, merge_key: str | None = None) -> None:
        """Make `scene` the present one, as a step with a title for the menu."""
        if scene != self.scene:
            super().apply(title, scene, merge_key)

    def type(self, prompt: str) -> None:
        """The person has written in the text: what the model wrote after that place goes."""
        self.apply(N_("Typing"), cast(Any, self.scene).at_prompt(prompt), "typing")

    def take_example(self, texts: tuple[str, ...]) -> None:
        """Take the next of some texts."""
        scene = cast(Any, self.scene)
        at = texts.index(scene.params.prompt) + 1 if scene.params.prompt in texts else 0
        if texts:
            self.apply(N_("Example"), scene.at_prompt(texts[at % len(texts)]))

    def set_params(self, title: str, merge_key: str | None = None, **changes: Any) -> None:
        """Change settings; those with a key join in one step."""
        self.apply(title, cast(Any, self.scene).with_params(**changes), merge_key)

    def surprise(self) -> None:
        """Write, or fill, with another seed."""
        self.set_params(N_("New seed"), seed=random.randrange(self.n_seeds))

    def set_look(self, **changes: bool) -> None:
        """Show the text otherwise."""
        scene = cast(Any, self.scene)
        self.apply(N_("View of the text"), replace(scene, look=replace(scene.look, **changes)))
