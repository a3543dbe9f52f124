"""The head of a workspace (.manifold): a zip of JSON, which says what was open, and of the recordings of its runs."""

import re
from typing import Any, Final, NamedTuple
from zipfile import ZipFile

from studio.core.container.json_text import parse_json
from studio.core.container.metadata import is_model_id
from studio.core.container.zip_file import read_member
from studio.core.error import UserError
from studio.core.translation import N_

FORMAT: Final = "manifold-studio workspace"
VERSION: Final = 1
SUFFIX: Final = ".manifold"
MANIFEST: Final = "workspace.json"
MAX_MANIFEST_BYTES: Final = 32 << 20
MAX_MANIFEST_TOKENS: Final = 2_000_000
MAX_TABS: Final = 500
RUN_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,100}")
"""The id of a run, which is the name of a file."""


class WorkspaceHead(NamedTuple):
    """What a workspace says: its tabs as plain values that name their models by id, and which one was in front."""

    version: int
    tabs: list[dict[str, Any]]
    front: int

    @property
    def is_newer(self) -> bool:
        """Whether a newer program wrote it, so that something in it may mean more than is known here."""
        return self.version > VERSION

    @property
    def models(self) -> list[str]:
        """The ids of its models, in the order of its tabs."""
        return [tab["model_id"] for tab in self.tabs]


def run_member(run_id: str) -> str:
    """The member with the recording of a run."""
    return f"runs/{run_id}.frames"


def is_workspace(archive: ZipFile) -> bool:
    """Whether the archive is a workspace by its names."""
    return MANIFEST in archive.namelist()[:1]


def read_workspace_head(archive: ZipFile) -> WorkspaceHead:
    """Read what was open; raises UserError where it is broken. What panels are told is checked by their families."""
    if not is_workspace(archive):
        raise broken_workspace()
    text = read_member(archive, archive.getinfo(MANIFEST), MAX_MANIFEST_BYTES)
    match parse_json(text, MAX_MANIFEST_BYTES, MAX_MANIFEST_TOKENS):
        case {"format": str(name), "version": int(version), "tabs": list(tabs), "front": int(front)} if (
            name == FORMAT and version > 0 and len(tabs) <= MAX_TABS and all(map(_is_tab, tabs))
        ):
            return WorkspaceHead(version, tabs, front)
    raise broken_workspace()


def _is_tab(tab: Any) -> bool:
    match tab:
        case {"model_id": model_id, "params": dict(), "state": dict(), "runs": list(runs)}:
            return is_model_id(model_id) and all(map(_is_run, runs))
    return False


def _is_run(run: Any) -> bool:
    return isinstance(run, dict) and isinstance(run.get("id"), str) and bool(RUN_ID.fullmatch(run["id"]))


def broken_workspace() -> UserError:
    """What to say where a workspace holds something that none of ours does."""
    return UserError(N_("This workspace is broken."), N_("Copy it again, or open an older one."))
