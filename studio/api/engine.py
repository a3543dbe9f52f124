"""The door for a family's computing side: what an engine is and how a panel reaches one; no Qt."""

import hashlib
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Protocol, Self, runtime_checkable

from studio.compute.device import Device, size_text
from studio.compute.job import Policy, Work
from studio.compute.kernel_compile import CompileProgress
from studio.compute.thread import limited_threads
from studio.compute.train_options import TrainOptions
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.inspection import Sniffer
from studio.core.pausing import Turns, beside, pause
from studio.core.place import models_dir, shipped_dir
from studio.core.recording.recording import Recording
from studio.core.translation import N_
from studio.core.view import State
from studio.metrics.picture_quality import psnr_db, ssim
from studio.render.colour_map import AMOUNT_COLOURS

if TYPE_CHECKING:
    from studio.nn.exported import Part

_HASHED_BYTES: Final = 1 << 22
_FOLDER_SUFFIXES: Final = (".safetensors", ".bin", ".json", ".txt", ".model")


@dataclass(frozen=True)
class ModelSource:
    """A model on the disk: its id ("vae/letterforms"), its weights file or folder, and what its card says."""

    id: str
    path: Path
    card: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of the weights file, in hexadecimal; reads the whole file the first time, so on the Worker only.

        Of a folder it is that of the names and contents of what is read from it, two levels deep. Raises UserError
        where the file is gone.
        """
        try:
            return _folder_hash(self.path) if self.path.is_dir() else _file_hash(self.path)
        except OSError as error:
            raise UserError(N_("The model’s file is no longer where it was."), N_("Open the model again.")) from error


def known_file(model_id: str) -> Path:
    """The weights of a model that a person made or that comes along, by its id ("vae/avatars").

    Raises:
        UserError: there is none.
    """
    family, _, model = model_id.partition("/")
    if family.isidentifier() and model and "/" not in model:
        for folder in (models_dir() / family, shipped_dir() / family / "models"):
            if (file := folder / f"{model}.safetensors").is_file():
                return file
    raise UserError(N_("There is no model called “{name}”.").format(name=model_id[:80]))


def _file_hash(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(_HASHED_BYTES):
            found.update(part)
            pause()
    return found.hexdigest()


def _folder_hash(folder: Path) -> str:
    found = sorted(
        path
        for pattern in ("*", "*/*")
        for path in folder.glob(pattern)
        if path.suffix in _FOLDER_SUFFIXES and path.is_file()
    )
    lines = [f"{path.relative_to(folder).as_posix()} {_file_hash(path)}" for path in found]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


class Engine(ABC):
    """A model ready to compute. All methods run on the Worker; results are contiguous CPU arrays.

    Only `open`, `generate` and `close` are required. An engine may offer more methods for its own panel.

    Attributes:
        pauses: whether it calls `pause` in the midst of its work, as large networks do (`pause_between_layers`).
        made_by: what decides the last bits of its frames beside the device.
        is_to_export: whether ONNX Runtime would draw its single pictures once its `exportable` parts were exported.
    """

    pauses: bool = False
    made_by: Mapping[str, str] = MappingProxyType({})
    is_to_export: bool = False

    @classmethod
    @abstractmethod
    def open(cls, source: ModelSource, device: Device) -> Self:
        """Load the model; raises UserError where the file is no good."""

    @abstractmethod
    def generate(self, params: Any, start: State | None = None) -> Iterator[Frame]:
        """Yield the frames of a run; `start` is a frame's state to branch from. Same input, same frames."""

    def generate_with_pauses(self, params: Any, start: State | None = None) -> Iterator[Frame | None]:
        """The same where others wait behind the run: None stands for a pause in the midst of a long frame."""
        return self.generate(params, start)

    def run_to_end(self, params: Any, start: State | None = None) -> Iterator[Frame | None]:
        """The same where only the last frame counts, as on a path: those before it may be left out."""
        return self.generate_with_pauses(params, start)

    def exportable(self) -> "Sequence[Part]":
        """What of its networks draws single pictures, which ONNX Runtime may do in place of torch."""
        return ()

    @abstractmethod
    def close(self) -> None:
        """Free what it holds."""


class PausingEngine(Engine):
    """An engine whose frames may take longer than others may wait: `generate_with_pauses` makes them."""

    def generate(self, params: Any, start: State | None = None) -> Iterator[Frame]:
        """Yield the frames of a run, without the pauses."""
        return (frame for frame in self.generate_with_pauses(params, start) if frame is not None)

    @abstractmethod
    def generate_with_pauses(self, params: Any, start: State | None = None) -> Iterator[Frame | None]:
        """Yield the frames of a run, and None for each pause."""


class Importer(Sniffer, Protocol):
    """Reads files that other programs wrote: says what they are, and makes models of them."""

    def load(self, path: Path) -> Generator[Any, None, ModelSource]:
        """Yield progress, then return the model."""


class Recipe(Protocol):
    """A named training: data + network + settings + seed make a model and its card.

    Attributes:
        id: that of the model which it makes.
        title: its name in a list.
        summary: a plain sentence: what it learns, from what.
        minutes: about how long it takes on two cores.
        needs_folder: whether it learns from a person's own pictures, whose folder is its setting "data". One that
            takes special folders is also a `FolderRecipe`.
        settings: a frozen dataclass whose parameters (studio.core.param) a person may choose; its `n_steps` is the
            number of steps unless another one is wanted.
    """

    id: str
    title: str
    summary: str
    minutes: float
    needs_folder: bool
    settings: Any

    def train(self, options: TrainOptions) -> Iterator[Frame]:
        """Yield a frame for every micro-batch, with its losses as scalars, and now and then pictures and held-out
        figures (studio.api.training.follow_training); writes weights and card to `options.out`.

        Raises:
            UserError: a setting is unknown or out of its range, or the training cannot go on.
        """


@dataclass(frozen=True)
class FolderFinding:
    """What a recipe found in a folder.

    Attributes:
        sentence: what can be used of it.
        left_out: what cannot, "name: reason" each; `n_left_out` counts all of it.
    """

    sentence: str
    left_out: tuple[str, ...] = ()
    n_left_out: int = 0


@runtime_checkable
class FolderRecipe(Protocol):
    """A recipe with `needs_folder` that itself knows which folders it learns from, not from any pictures.

    Attributes:
        invitation: a sentence that says which folder to choose.
    """

    id: str
    invitation: str

    def takes_folder(self, path: Path) -> bool:
        """Whether a folder, or a file in it that was meant to stand for it, is such a one; quick."""

    def look_into(self, path: Path) -> Generator[Any, None, FolderFinding]:
        """Say what can be learnt from; yields progress (fraction, sentence). Raises UserError where nothing can."""


@runtime_checkable
class FileRecipe(FolderRecipe, Protocol):
    """One that learns from a single file as well.

    Attributes:
        file_suffixes: what the names of such files end with, in lower case.
    """

    file_suffixes: tuple[str, ...]


class EngineHandle:
    """What a panel gets instead of an engine: opens it on the Worker when needed, may unload and reopen."""

    def __init__(
        self,
        source: ModelSource,
        opener: Callable[[ModelSource], Engine],
        backend: Callable[[Any], Mapping[str, Any]] = lambda engine: {},
        prepare: Callable[[], object] | None = None,
    ) -> None:
        """`opener` and `backend`, which says what decides an engine's last bits, are called on the Worker.

        `prepare` is called before, on a thread beside it, and imports what they need.
        """
        self.source = source
        self._opener = opener
        self._backend = backend
        self._prepare = prepare
        self._made_by: Mapping[str, Any] = {}
        self._engine: Engine | None = None
        self._n_users: Counter[int] = Counter()  # how much work has begun with an engine, by its id
        self._turns = Turns()

    @property
    def is_open(self) -> bool:
        """Whether the model is in memory."""
        return self._engine is not None

    @property
    def is_to_export(self) -> bool:
        """Whether the model is in memory and would be quicker once it was exported."""
        return self._engine is not None and self._engine.is_to_export

    def work(self, method: Callable[[Any], Any], pauses: bool = False) -> Work:
        """Return work for the Worker that calls `method(engine)`; opens the engine first where needed.

        `pauses` is whether the method calls `pause` in its midst, though the engine is none that always does.
        """

        return lambda: self._used(lambda engine: self._steps(engine, method, pauses))

    def _used(self, work: Callable[[Engine], Generator[Any, None, Any]]) -> Generator[Any, None, Any]:
        """Do work with the engine, which stays open until it has ended: other work may unload it meanwhile."""
        engine = yield from self._opened()
        self._n_users[id(engine)] += 1
        try:
            return (yield from work(engine))
        finally:
            self._n_users -= Counter([id(engine)])  # one that nobody uses any more has no count
            if engine is not self._engine and not self._n_users[id(engine)]:
                engine.close()

    def _opened(self) -> Generator[None, None, Engine]:
        if self._engine is None and self._prepare is not None:
            yield from beside(self._prepare)
        return self._engine or (yield from self._turns.call(self._open))

    def _open(self) -> Engine:
        if self._engine is None:  # another job may have opened it meanwhile
            self._engine = self._opener(self.source)
            self._made_by = self._backend(self._engine)
        return self._engine

    def _steps(self, engine: Engine, method: Callable[[Any], Any], pauses: bool = False) -> Generator[Any, None, Any]:
        if engine.pauses or pauses:
            return (yield from self._turns.work(lambda: method(engine)))
        outcome = method(engine)
        return (yield from outcome) if isinstance(outcome, Iterator) else outcome

    def recorded(
        self, method: Callable[[Any], Iterator[Frame | None]], recording: Recording, is_whole: bool = True
    ) -> Work:
        """Return work that appends the frames of `method(engine)` to a recording, which learns what made them.

        None stands for a pause in the midst of a frame. Where the frames are not the whole run, more may follow.
        """

        def frames(engine: Engine) -> Generator[Frame | None, None, None]:
            model_hash = yield from self._turns.call(lambda: self.source.content_hash)
            recording.info = replace(recording.info, backend=self._made_by, model_hash=model_hash)
            for frame in self._steps(engine, method):
                if frame is not None:
                    recording.append(frame)
                yield frame

        def run() -> Generator[Frame | None, None, None]:
            try:
                yield from self._used(frames)
            finally:
                if is_whole:
                    recording.finish()

        return run

    def unload(self) -> Work:
        """Return work for the Worker that frees the engine, once nothing uses it; the next work opens it again."""

        def run() -> Iterator[None]:
            engine, self._engine = self._engine, None
            if engine is not None and not self._n_users[id(engine)]:
                yield from self._turns.call(engine.close)

        return run
