"""What panel and engine tell each other about splats: which of them are drawn, and how large."""

from dataclasses import dataclass
from typing import Any

from ..shared.state import SceneFacts, Stage, ViewRequest
from .model.edits import Edit, Region
from .params import SplatParams


@dataclass(frozen=True)
class SplatMake:
    """What splats are drawn as; `size`, `degree` and `faintest` as in SplatParams.

    Attributes:
        edits: what was changed about the scene. selection: the splats that are shown as selected.
        added: files whose splats stand in it beside its own.
    """

    size: float = 1.0
    degree: int = 3
    faintest: float = 0.0
    edits: tuple[Edit, ...] = ()
    selection: Region | None = None
    added: tuple[str, ...] = ()


def make_of(params: SplatParams, **others: Any) -> SplatMake:
    """What the settings ask for; `others` are the other attributes."""
    return SplatMake(params.size, params.degree, params.faintest, **others)


@dataclass(frozen=True, eq=False)
class SplatRequest(ViewRequest):
    """One picture of the viewport.

    Attributes, beside those of every request:
        make: what splats are drawn as.
        budget_s: how long a picture of a camera that moves may take.
    """

    make: SplatMake = SplatMake()
    budget_s: float = 0.03

    @property
    def final_stage(self) -> Stage:
        """How the finest picture of it is drawn."""
        return "splats"


@dataclass(frozen=True, eq=False)
class SplatFacts(SceneFacts):
    """Attributes, beside those of every scene:
    n_splats: how many there are. degree: of their spherical harmonics.
    """

    n_splats: int = 0
    degree: int = 0
