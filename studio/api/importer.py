"""What importers of other programs' models have alike: they read one, then say what it is or make a source of it."""

import re
from abc import ABC, abstractmethod
from collections.abc import Generator
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from studio.api.engine import ModelSource
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.inspection import FileReport
from studio.core.translation import N_

Found = TypeVar("Found")


class ReadingImporter(ABC, Generic[Found]):
    """An importer of models that are read but for their weights in a moment.

    Attributes:
        format, family, architecture: what a report says of a model that does not open.
    """

    format: ClassVar[str]
    family: ClassVar[str]
    architecture: ClassVar[str | None] = None

    @abstractmethod
    def read(self, path: Path) -> Found:
        """What is known of the model; raises UserError where it does not open."""

    @abstractmethod
    def report(self, path: Path, found: Found) -> FileReport:
        """What is said of a model that opens."""

    @abstractmethod
    def source(self, path: Path, found: Found) -> ModelSource:
        """What the engine opens."""

    def describe(self, path: Path) -> FileReport:
        """Say what it is, or in a sentence why it does not open."""
        try:
            found = self.read(path)
        except UserError as error:
            return FileReport(self.format, self.family, self.architecture, why_not=str(error))
        return self.report(path, found)

    def load(self, path: Path) -> Generator[Frame, None, ModelSource]:
        """Yield progress, then return the source."""
        yield Frame(0, 1)
        return self.source(path, self.read(path))


class NamingImporter(ABC):
    """An importer of models that are known by name but do not open, so that nobody wonders why.

    Attributes:
        format, family: what a report says of them.
    """

    format: ClassVar[str]
    family: ClassVar[str]

    @abstractmethod
    def why_not(self, path: Path) -> UserError:
        """What the model is, and what to do instead."""

    def describe(self, path: Path) -> FileReport:
        """Say in a sentence why it does not open."""
        return FileReport(self.format, self.family, why_not=str(self.why_not(path)))

    def load(self, path: Path) -> Generator[Frame, None, ModelSource]:
        """Raise that sentence as an error."""
        yield Frame(0, 1)
        raise self.why_not(path)


def foreign_id(family: str, name: str, ending: str, unnamed: str) -> str:
    """An id of a family for a file or folder: its name in plain letters, with an ending that no listed model has."""
    return f"{family}/{_plain(name) or unnamed}.{_plain(ending) or 'file'}"


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9_-]+", "-", text.casefold()).strip("-")[:60]


def bare_card(model_id: str, title: str, **known: Any) -> dict[str, Any]:
    """The keys of every card, of a model whose file says neither its licence nor what it learnt from."""
    unknown = N_("unknown")
    return {"id": model_id, "title": title, "licence": unknown, "data": unknown, **known}
