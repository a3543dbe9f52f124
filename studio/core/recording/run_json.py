"""What made a run, as JSON, and back again from a file of unknown origin."""

import re
from typing import Any

from studio.core.container.metadata import is_model_id
from studio.core.container.workspace_file import RUN_ID
from studio.core.error import UserError
from studio.core.recording.recording import Branch, RunInfo, RunKind
from studio.core.translation import N_

MAX_FPS = 1000.0
_KINDS: dict[str, RunKind] = {"run": "run", "path": "path", "training": "training"}
_HASH = re.compile(r"[0-9a-f]{64}|")
_MAX_TITLE_LENGTH = 1000


def info_to_json(info: RunInfo) -> dict[str, Any]:
    """Return plain data for JSON."""
    branch = info.branch
    return {
        "model_id": info.model_id,
        "params": dict(info.params),
        "seed": info.seed,
        "backend": dict(info.backend),
        "model_hash": info.model_hash,
        "kind": info.kind,
        "title": info.title,
        "branch": None if branch is None else {"parent_id": branch.parent_id, "step": branch.step},
        "id": info.id,
        "state": dict(info.state),
        "fps": float(info.fps),
    }


def info_from_json(values: Any) -> RunInfo:
    """Return what parsed JSON tells of a run; raises UserError where it is no good.

    The model is sure to be an id, never a path; parameters and state are checked by the family that knows them.
    """
    match values:
        case {
            "model_id": str(model_id),
            "params": dict(params),
            "seed": int(seed),
            "backend": dict(backend),
            "model_hash": str(model_hash),
            "kind": str(kind),
            "title": str(title),
            "branch": branch,
            "id": str(run_id),
            "state": dict(state),
            "fps": float(fps),
        } if (
            is_model_id(model_id)
            and _HASH.fullmatch(model_hash)
            and kind in _KINDS
            and RUN_ID.fullmatch(run_id)
            and len(title) <= _MAX_TITLE_LENGTH
            and 0 < fps <= MAX_FPS
            and -(2**63) <= seed < 2**63
        ):
            parent = _branch_from_json(branch)
            return RunInfo(model_id, params, seed, backend, model_hash, _KINDS[kind], title, parent, run_id, state, fps)
    raise broken_recording()


def _branch_from_json(values: Any) -> Branch | None:
    match values:
        case None:
            return None
        case {"parent_id": str(parent_id), "step": int(step)} if RUN_ID.fullmatch(parent_id) and 0 <= step < 2**63:
            return Branch(parent_id, step)
    raise broken_recording()


def broken_recording() -> UserError:
    """What to say where a recording holds something that none of ours does."""
    return UserError(N_("This recording is damaged."), N_("Copy it again, or record it again."))
