"""Says what a file or folder is, without running anything from it."""

import logging
import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol, TypeVar
from zipfile import ZipFile

from studio.core.container.folder import read_folder
from studio.core.container.git_pointer import ADVICE, SENTENCE
from studio.core.container.json_metadata import read_json_metadata, read_metadata_beside
from studio.core.container.json_text import MAX_BYTES, parse_json
from studio.core.container.metadata import is_model_id
from studio.core.container.signature import START_BYTES, format_of
from studio.core.container.source import file_size, is_file, is_folder, open_regular, printable
from studio.core.container.weights.network_pickle import read_networks
from studio.core.container.weights.npz_file import is_npz, read_npy, read_npz, read_npz_metadata
from studio.core.container.weights.safetensors_file import read_safetensors
from studio.core.container.weights.tensor import Contents, TensorInfo
from studio.core.container.weights.torch_file import is_torch_zip, read_torch_zip
from studio.core.container.workspace_file import is_workspace, read_workspace_head
from studio.core.container.zip_file import open_zip
from studio.core.error import UserError
from studio.core.picture import picture_size
from studio.core.provenance import METADATA_READERS, read_recording_metadata
from studio.core.recording.reader import is_recording
from studio.core.translation import N_

WORKSPACE: Final = "workspace"
_MAX_METADATA = 50
T = TypeVar("T")
_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class FileReport:
    """What a file was found to be.

    Attributes:
        format: container in one lower-case word ("safetensors", "folder", "unknown").
        family: id of the family that it belongs to, where that is known.
        architecture: what kind of model it is, in the file's own words.
        n_params: how many numbers its arrays hold, None where it holds none.
        dtype: the type of most of them ("float16").
        tensors: its arrays.
        opens: whether Manifold Studio can open it.
        why_not: one or two plain sentences, filled in exactly where `opens` is false.
        warnings: sentences about what looked odd but does no harm.
        title: its name for people, where it has one.
        metadata: what it says about itself, fit to be shown.
        is_export: whether it was exported here; `architecture` is the model's id then, and `metadata` says with which
            seed, parameters and state.
    """

    format: str
    family: str | None = None
    architecture: str | None = None
    n_params: int | None = None
    dtype: str | None = None
    tensors: tuple[TensorInfo, ...] = ()
    opens: bool = False
    why_not: str = ""
    warnings: tuple[str, ...] = ()
    title: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    is_export: bool = False

    def __post_init__(self) -> None:
        if self.opens == bool(self.why_not):
            raise ValueError("a report says why_not exactly where the file does not open")

    def to_json(self) -> dict[str, Any]:
        """Return plain data for `info --json`; title and metadata only where known."""
        values = {
            "format": self.format,
            "family": self.family,
            "architecture": self.architecture,
            "n_params": self.n_params,
            "dtype": self.dtype,
            "tensors": [{"name": t.name, "dtype": t.dtype, "shape": list(t.shape)} for t in self.tensors],
            "opens": self.opens,
            "why_not": self.why_not or None,
            "warnings": list(self.warnings),
        }
        known = {"title": self.title, "metadata": dict(self.metadata)}
        return values | {name: value for name, value in known.items() if value}


class Sniffer(Protocol):
    """What inspection asks of a family's importer."""

    @property
    def title(self) -> str:
        """What people call the kind of file."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Usual endings of the file's name, for a file dialog; the content decides."""

    def sniff(self, path: Path) -> float:
        """Return how surely this is its kind of file, 0 to 1, without running anything from it."""

    def describe(self, path: Path) -> FileReport:
        """Say what the file is; asked only where `sniff` said more than 0."""


def inspect_file(path: str | Path, sniffers: Sequence[Sniffer] = ()) -> FileReport:
    """Say what the file or folder at `path` is, never running anything from it.

    A file that is broken or hostile is never handed to the sniffers.

    Args:
        sniffers: the families' importers, asked about what the host itself cannot open.

    Raises:
        UserError: there is nothing at `path`. All other troubles are told by the report.
    """
    path = Path(path)
    if not os.path.lexists(path):
        raise UserError(N_("There is no file called “{name}”.").format(name=printable(str(path))))
    try:
        report = _inspect_folder(path) if is_folder(path) else _inspect_regular(path)
    except _RefusalError as refusal:
        return refusal.report
    return report if report.opens else _ask_sniffers(path, report, sniffers)


class _RefusalError(Exception):
    """The file is broken or hostile: nobody else shall look at it."""

    def __init__(self, format_name: str, error: UserError) -> None:
        super().__init__(format_name)
        self.report = FileReport(format_name, why_not=str(error))


def _inspect_folder(path: Path) -> FileReport:
    try:
        kind = read_folder(path)
    except UserError as error:
        raise _RefusalError("folder", error) from error
    return FileReport("folder", architecture=kind.architecture, why_not=kind.why_not)


def _inspect_regular(path: Path) -> FileReport:
    format_name = "unknown"
    try:
        with open_regular(path) as file:
            if file_size(file) == 0:
                raise UserError(N_("The file is empty."))
            format_name = format_of(path, file.read(START_BYTES))
            file.seek(0)
            return _READERS.get(format_name, _report_other)(path, file, format_name)
    except UserError as error:
        raise _RefusalError(format_name, error) from error
    except OSError as error:
        raise _RefusalError(format_name, UserError(N_("The file cannot be read."))) from error


def _report_safetensors(path: Path, file: BinaryIO, format_name: str) -> FileReport:
    return _report_weights(path, format_name, read_safetensors(file))


def _report_npy(path: Path, file: BinaryIO, format_name: str) -> FileReport:
    return _report_weights(path, format_name, read_npy(file))


def _report_zip(path: Path, file: BinaryIO, format_name: str) -> FileReport:
    with open_zip(file) as archive:
        if is_torch_zip(archive):
            return _report_weights(path, "torch", _refuse_as("torch", read_torch_zip, archive))
        if is_npz(archive):
            return _report_npz(path, archive)
        if is_recording(archive):
            values = _refuse_as("frames", read_recording_metadata, archive)
            return _as_export(FileReport("frames", why_not=_unclaimed("frames")), values)
        if is_workspace(archive):
            return _report_workspace(path, archive)
    advice = _SHEETS.get(path.suffix.lower())
    return FileReport(format_name, why_not=_ADVICE[advice] if advice else _unclaimed(format_name))


def _report_workspace(path: Path, archive: ZipFile) -> FileReport:
    """What was open, with how many runs; a newer one opens as far as it can be read."""
    head = _refuse_as(WORKSPACE, read_workspace_head, archive)
    n_runs = sum(len(tab["runs"]) for tab in head.tabs)
    newer = [N_("It was saved by a newer version of Manifold Studio, and will not be written over.")]
    metadata = {"models": head.models[:_MAX_METADATA], "n_tabs": len(head.tabs), "n_runs": n_runs}
    title = printable(path.stem)
    return FileReport(
        WORKSPACE, opens=True, title=title, metadata=metadata, warnings=tuple(newer if head.is_newer else ())
    )


def _report_npz(path: Path, archive: ZipFile) -> FileReport:
    values = _refuse_as("npz", read_npz_metadata, archive)
    if values is None:
        report = _report_weights(path, "npz", _refuse_as("npz", read_npz, archive))
        return _with_card(report, path.with_suffix(".json"))
    try:
        return _as_export(_report_weights(path, "npz", read_npz(archive)), values)
    except UserError as error:  # such as NaN in a frame: what made it is known all the same
        return _as_export(FileReport("npz", why_not=str(error), warnings=(str(error),)), values)


def _refuse_as(format_name: str, read: Callable[[ZipFile], T], archive: ZipFile) -> T:
    try:
        return read(archive)
    except UserError as error:
        raise _RefusalError(format_name, error) from error


def _report_weights(path: Path, format_name: str, contents: Contents) -> FileReport:
    counts: Counter[str] = Counter()
    for tensor in contents.tensors:
        counts[tensor.dtype] += tensor.n_elements
    report = FileReport(
        format_name,
        n_params=counts.total(),
        dtype=counts.most_common(1)[0][0] if counts else None,
        tensors=contents.tensors,
        why_not=N_("The file is fine, but no installed family knows these arrays."),
        warnings=contents.warnings,
        metadata=_shown(contents.metadata),
    )
    return _with_card(report, path.with_suffix(".json")) if format_name == "safetensors" else report


def _with_card(report: FileReport, card_path: Path) -> FileReport:
    """A model of ours is a pair of files: weights, and a card that names it."""
    if not is_file(card_path):
        return report
    try:
        with open_regular(card_path) as file:
            card = parse_json(file.read(MAX_BYTES + 1))
    except UserError as error:
        return replace(report, warnings=(*report.warnings, str(error)))
    match card:
        case {"id": str(name)} if is_model_id(name):
            title = card.get("title")
            return replace(
                report,
                family=name.partition("/")[0],
                architecture=name,
                title=printable(title) if isinstance(title, str) else None,
                opens=True,
                why_not="",
            )
    return report


def _report_media(path: Path, file: BinaryIO, format_name: str) -> FileReport:
    """A picture, video, sound or drawing: ours says what made it."""
    values = METADATA_READERS[format_name](file)
    if values is not None:
        return _as_export(FileReport(format_name, why_not=_unclaimed(format_name)), values)
    if format_name in _PICTURES:
        return _report_picture(path, file, format_name)
    return _report_other(path, file, format_name)


def _as_export(report: FileReport, values: Mapping[str, Any]) -> FileReport:
    model: str = values["model"]
    family = model.partition("/")[0]
    return replace(report, family=family, architecture=model, opens=True, why_not="", metadata=values, is_export=True)


def _report_picture(path: Path, file: BinaryIO, format_name: str) -> FileReport:
    width_px, height_px = picture_size(path)
    return FileReport(
        format_name,
        why_not=N_("This is a picture, not a model. Open a model and drop the picture there."),
        metadata={"width_px": width_px, "height_px": height_px},
    )


def _report_json(path: Path, file: BinaryIO, format_name: str) -> FileReport:
    made_from = read_json_metadata(file)
    if made_from is not None:
        return _as_export(FileReport(format_name, why_not=_unclaimed(format_name)), made_from)
    file.seek(0)
    values = parse_json(file.read(MAX_BYTES + 1))
    match values:
        case {"id": str(name)} if is_model_id(name):
            why_not = N_("This is the card of a model. Open the .safetensors file next to it.")
            return FileReport(format_name, name.partition("/")[0], name, why_not=why_not)
    return FileReport(format_name, why_not=_unclaimed(format_name))


def _report_text(path: Path, file: BinaryIO, format_name: str) -> FileReport:
    """A plain text has no room for what made it: that stands beside it."""
    made_from = read_metadata_beside(path)
    advice = _ADVICE["parquet" if path.suffix.lower() in _TABLES else format_name]
    report = FileReport(format_name, why_not=advice)
    return report if made_from is None else _as_export(report, made_from)


def _report_pickle(path: Path, file: BinaryIO, format_name: str) -> FileReport:
    """A bare pickle is good only for networks in NVIDIA's manner; read as data, it tells what it would run."""
    return _report_weights(path, format_name, read_networks(file))


def _report_other(path: Path, file: BinaryIO, format_name: str) -> FileReport:
    return FileReport(format_name, why_not=_ADVICE.get(format_name) or _unclaimed(format_name))


def _unclaimed(format_name: str) -> str:
    if format_name == "unknown":
        return N_("This is not a kind of file that Manifold Studio knows.")
    return N_("No installed family can open this kind of file ({name}).").format(name=format_name)


def _shown(metadata: Mapping[str, str]) -> dict[str, str]:
    return {printable(key): printable(text) for key, text in list(metadata.items())[:_MAX_METADATA]}


def _ask_sniffers(path: Path, report: FileReport, sniffers: Sequence[Sniffer]) -> FileReport:
    """Let the surest importer describe the file; one that fails is left out with a warning."""
    warnings = list(report.warnings)
    scores = [(_guard(sniffer, lambda s: float(s.sniff(path)), warnings) or 0.0, sniffer) for sniffer in sniffers]
    candidates = sorted((pair for pair in scores if pair[0] > 0), key=lambda pair: -pair[0])
    for score, sniffer in candidates:
        described = _guard(sniffer, lambda s: _describe(s, path, report), warnings)
        if described is not None:
            equals = [other.title for rival, other in candidates if rival == score and other is not sniffer]
            warnings += [N_("“{name}” could read it too.").format(name=title) for title in equals]
            return replace(described, warnings=(*described.warnings, *warnings))
    return replace(report, warnings=tuple(warnings))


def _describe(sniffer: Sniffer, path: Path, report: FileReport) -> FileReport:
    try:
        return sniffer.describe(path)
    except UserError as error:
        return replace(report, why_not=str(error))


def _guard(sniffer: Sniffer, ask: Callable[[Sniffer], T], warnings: list[str]) -> T | None:
    """A mistake in one family must not hide what the others know."""
    try:
        return ask(sniffer)
    except Exception:
        _logger.exception("importer %r failed", sniffer.title)
        warnings.append(N_("The importer “{name}” failed and was left out.").format(name=sniffer.title))
        return None


_PICTURES = ("png", "gif", "webp")
_TABLES = (".csv", ".tsv")
_SHEETS = {".xlsx": "parquet", ".xlsm": "sheet", ".ods": "sheet"}
_Reader = Callable[[Path, BinaryIO, str], FileReport]
_READERS: dict[str, _Reader] = {
    "safetensors": _report_safetensors,
    "npy": _report_npy,
    "zip": _report_zip,
    "json": _report_json,
    "text": _report_text,
    "pickle": _report_pickle,
    **dict.fromkeys(("jpeg", "bmp", "tiff", "avif"), _report_picture),
    **dict.fromkeys(("png", "gif", "webp", "mp4", "wav", "flac", "ogg", "mp3", "midi", "svg", "html"), _report_media),
}
_ADVICE = {
    "heic": N_("HEIC pictures cannot be read here. Save the picture as JPEG or PNG first."),
    "svg": N_("SVG drawings cannot be read here. Export the drawing as PNG first."),
    "html": N_("This web page was not exported here, so nothing in it says which model to open."),
    "mp4": N_("This is a video, not a model. Drop it on the window to learn the scene that it shows."),
    "wav": N_("This sound was not exported here, so nothing in it says which model to open."),
    "midi": N_("This music was not exported here. Open the chorales, then drop it there."),
    **dict.fromkeys(("flac", "ogg", "mp3"), N_("This is a sound, not a model. Open a sound model and drop it there.")),
    "text": N_("This is a text, not a model. Open a text model and drop it there."),
    "sheet": N_("This is a spreadsheet. Save the sheet as CSV, then open a forecasting model and drop it there."),
    "git-lfs": f"{SENTENCE} {ADVICE}",
    "parquet": N_("This is a table, not a model. Open a forecasting model and drop it there."),
    "pdf": N_("PDF files cannot be read here. Export the page as PNG first."),
    "torch-legacy": N_("This is PyTorch’s old format, which can run programs. Save the weights again as safetensors."),
    "tar": N_("This is a tar archive. Unpack it first; old PyTorch files of this kind cannot be read."),
    "gzip": N_("This is a compressed file. Unpack it first."),
    "program": N_("This is a program, not a model."),
}
