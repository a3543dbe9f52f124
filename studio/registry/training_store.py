"""The trainings of this person: each has a folder with its record, its checkpoint and what was seen while it learnt."""

import contextlib
import json
import logging
import math
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final, Literal, get_args

import psutil

from studio.core.atomic import atomic_write
from studio.core.container.json_text import parse_json
from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.place import data_dir
from studio.core.translation import N_

log = logging.getLogger(__name__)

FOLDER: Final = "trainings"
RECORD_NAME: Final = "training.json"
WEIGHTS_NAME: Final = "model.safetensors"
LEARNING_NAME: Final = "learning.frames"
MAX_RECORD_BYTES: Final = 256 << 10
MAX_TRAININGS: Final = 500
MAX_TEXT: Final = 1_000
MAX_TABLE: Final = 200
VERSION: Final = 1
DATA: Final = "data"
"""The setting that names a person's own folder."""

State = Literal["running", "stopped", "failed", "done"]
_ID = re.compile(r"[0-9a-f]{12}")
_RECIPE_ID = re.compile(r"[a-z][a-z0-9_]*/[a-z0-9][a-z0-9_.-]*")


@dataclass(frozen=True)
class TrainingRecord:
    """What is known about a training besides its weights.

    Attributes:
        id: twelve hexadecimal digits, the name of its folder.
        title: what the person calls the model.
        settings: what was chosen for the recipe, as text by name.
        started: "YYYY-MM-DD".
        step, n_steps: how far it is; n_steps is 0 before the first step.
        wanted_steps: how many it shall have instead of what the recipe says; 0 for the recipe's own number.
        figures: its last losses and held-out figures, by name.
        problem: why it failed, in a sentence.
        model_id: of the model that it made; empty before its end.
        pid, born_s: the process that runs it, and when that started: numbers of processes are used again.
    """

    id: str
    recipe_id: str
    title: str
    settings: Mapping[str, str] = field(default_factory=dict)
    started: str = ""
    state: State = "stopped"
    step: int = 0
    n_steps: int = 0
    wanted_steps: int = 0
    figures: Mapping[str, float] = field(default_factory=dict)
    problem: str = ""
    model_id: str = ""
    pid: int = 0
    born_s: float = 0.0

    @property
    def family_id(self) -> str:
        """The family whose recipe it is."""
        return self.recipe_id.partition("/")[0]


@dataclass(frozen=True)
class StoredTraining:
    """A training on the disk."""

    folder: Path
    record: TrainingRecord

    @property
    def weights_path(self) -> Path:
        """Where the recipe writes the model; its card and checkpoint lie beside it."""
        return self.folder / WEIGHTS_NAME

    @property
    def checkpoint_path(self) -> Path:
        """The state from which it goes on."""
        return self.weights_path.with_suffix(".checkpoint")

    @property
    def learning_path(self) -> Path:
        """The frames that were seen while it learnt."""
        return self.folder / LEARNING_NAME

    @property
    def size_bytes(self) -> int:
        """The room that it takes on the disk."""
        return folder_bytes(self.folder)

    @property
    def is_elsewhere(self) -> bool:
        """Whether another process of this computer runs it now."""
        record = self.record
        return record.state == "running" and record.pid != os.getpid() and _is_alive(record.pid, record.born_s)

    def can_go_on(self) -> bool:
        """Whether there is something to continue from."""
        return self.checkpoint_path.is_file()

    def changed(self, **values: Any) -> "StoredTraining":
        """Write other values into the record; raises UserError where the disk refuses."""
        record = replace(self.record, **values)
        _write(self.folder, record)
        return StoredTraining(self.folder, record)

    def claimed(self, **values: Any) -> "StoredTraining":
        """Mark that this process runs it from now on, with other values; what a killed one was writing goes."""
        for draft in self.folder.glob(".*.tmp"):
            draft.unlink(missing_ok=True)
        return self.changed(state="running", problem="", pid=os.getpid(), born_s=_born_s(os.getpid()), **values)


class TrainingStore:
    """All trainings in one folder; no thread but the caller's writes."""

    def __init__(self, folder: Path | None = None) -> None:
        """They lie in the user's data folder unless another one is given."""
        self.folder = folder or data_dir() / FOLDER

    def planned(self, recipe_id: str, title: str, settings: Mapping[str, str], wanted_steps: int = 0) -> StoredTraining:
        """Return a new training; nothing is on the disk before its first change."""
        record = TrainingRecord(
            secrets.token_hex(6),
            recipe_id,
            title,
            dict(settings),
            time.strftime("%Y-%m-%d"),
            wanted_steps=wanted_steps,
        )
        return StoredTraining(self.folder / record.id, record)

    def read(self, training_id: str) -> StoredTraining:
        """Return one training; raises UserError where it is missing or damaged."""
        if not _ID.fullmatch(training_id):
            raise UserError(N_("There is no such training."))
        folder = self.folder / training_id
        return StoredTraining(folder, _read(folder))

    def trainings(self) -> tuple[list[StoredTraining], list[UserError]]:
        """Return the trainings, newest first, and a sentence for each folder that cannot be used."""
        found: list[StoredTraining] = []
        failures: list[UserError] = []
        for folder in self._folders():
            try:
                found.append(StoredTraining(folder, _read(folder)))
            except UserError as error:
                failures.append(error)
        return sorted(found, key=lambda one: one.record.started, reverse=True), failures

    def interrupted(self) -> list[StoredTraining]:
        """The trainings that a person can go on with, newest first."""
        return [one for one in self.trainings()[0] if is_interrupted(one)]

    def folders_of_models(self) -> dict[str, str]:
        """The person's own folders from which models were learnt, by the ids of these."""
        records = [one.record for one in self.trainings()[0]]
        return {one.model_id: one.settings[DATA] for one in records if one.model_id and one.settings.get(DATA)}

    def of_model(self, model_id: str) -> StoredTraining | None:
        """The training that made a model, None where it is gone."""
        return next((one for one in self.trainings()[0] if one.record.model_id == model_id), None)

    def discard(self, training: StoredTraining) -> None:
        """Delete a training with all it holds; raises UserError where it runs elsewhere or the disk refuses."""
        if training.is_elsewhere:
            raise UserError(
                N_("“{title}” is being trained in another window.").format(title=training.record.title),
                N_("Stop it there first."),
            )
        try:
            # The record goes first: what a crash leaves behind is no training any more.
            (training.folder / RECORD_NAME).unlink(missing_ok=True)
            shutil.rmtree(training.folder)
        except OSError as error:
            raise UserError(
                N_("The training “{title}” could not be deleted.").format(title=training.record.title), str(error)
            ) from error

    def _folders(self) -> Iterator[Path]:
        if not self.folder.is_dir():
            return
        names = sorted(entry.name for entry in os.scandir(self.folder) if entry.is_dir(follow_symlinks=False))
        yield from (self.folder / name for name in names[:MAX_TRAININGS] if _ID.fullmatch(name))


def is_interrupted(training: StoredTraining) -> bool:
    """Whether a training is neither done nor running anywhere, so that it can be continued or thrown away."""
    record = training.record
    is_mine = record.state == "running" and record.pid == os.getpid()
    return record.state != "done" and not is_mine and not training.is_elsewhere


def folder_bytes(folder: Path) -> int:
    """The size of all files in a folder, in bytes; what vanishes meanwhile does not count."""
    total = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):
            total += 0 if path.is_dir() else path.lstat().st_size
    return total


def _born_s(pid: int) -> float:
    return psutil.Process(pid).create_time()


def _is_alive(pid: int, born_s: float) -> bool:
    try:
        return abs(_born_s(pid) - born_s) < 1.0
    except (psutil.Error, ValueError):
        return False


def _write(folder: Path, record: TrainingRecord) -> None:
    text = json.dumps({"version": VERSION, **asdict(record)}, ensure_ascii=False, allow_nan=False, indent=1)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            N_("The training cannot be saved: its folder cannot be created."),
            N_("Is the disk full, or the folder {folder} read-only?").format(folder=folder.parent),
        ) from error
    atomic_write(folder / RECORD_NAME, text.encode())


def _read(folder: Path) -> TrainingRecord:
    problem = UserError(
        N_("The training in the folder {name} cannot be read.").format(name=printable(folder.name)),
        N_("Delete the folder {folder} if you do not need it.").format(folder=folder),
    )
    path = folder / RECORD_NAME
    try:
        if not path.is_file() or path.stat().st_size > MAX_RECORD_BYTES:
            raise problem
        values = parse_json(path.read_bytes(), MAX_RECORD_BYTES)
        return _record_of(values, folder.name)
    except (OSError, UserError, TypeError, ValueError, KeyError, OverflowError) as error:
        log.info("the training in %s cannot be read: %s", folder, error)
        raise problem from error


def _record_of(values: Any, folder_name: str) -> TrainingRecord:
    """Check every value of a record; raises TypeError, ValueError or KeyError."""
    if values["version"] != VERSION:
        raise ValueError(f"version {values['version']}")
    record = TrainingRecord(**{one.name: values[one.name] for one in fields(TrainingRecord)})
    texts = [record.id, record.recipe_id, record.title, record.started, record.problem, record.model_id]
    texts += [*_table(record.settings, str).keys(), *_table(record.settings, str).values()]
    if not all(isinstance(text, str) and len(text) <= MAX_TEXT for text in texts):
        raise TypeError("a text is missing or too long")
    if not all(math.isfinite(figure) for figure in _table(record.figures, (int, float)).values()):
        raise ValueError("a figure that is no number")
    if record.id != folder_name or not _RECIPE_ID.fullmatch(record.recipe_id) or record.state not in get_args(State):
        raise ValueError("a name that no training has")
    if not all(type(number) is int and number >= 0 for number in _numbers(record)):
        raise ValueError("a number that no training has")
    return replace(record, born_s=float(record.born_s))


def _numbers(record: TrainingRecord) -> tuple[int, ...]:
    return record.step, record.n_steps, record.wanted_steps, record.pid


def _table(values: Any, kind: Any) -> Mapping[str, Any]:
    if not isinstance(values, dict) or len(values) > MAX_TABLE:
        raise TypeError("no table, or too large a one")
    if not all(isinstance(value, kind) for value in values.values()):
        raise TypeError("a value of the wrong kind in a table")
    return values
