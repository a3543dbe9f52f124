"""What scenes around a prompt and settings can do alike."""

from dataclasses import replace
from typing import Any, Self, cast

from studio.core.view import State


class ParamsScene:
    """A frozen dataclass with `params` takes this as its base; it is never changed, only replaced."""

    params: Any

    def anew(self, params: Any) -> Self:
        """What these settings alone ask for."""
        return self._with(params=params)

    def with_params(self, **changes: Any) -> Self:
        """The same with other settings."""
        return self._with(params=replace(self.params, **changes))

    def at_prompt(self, prompt: str) -> Self:
        """The same with another prompt."""
        return self.with_params(prompt=prompt)

    def start(self) -> State | None:
        """What a run begins with; None where its settings say all."""
        return None

    def _with(self, **changes: Any) -> Self:
        return cast(Self, replace(cast(Any, self), **changes))
