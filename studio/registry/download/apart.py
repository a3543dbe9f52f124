"""Looks up and downloads in a process of its own, which tells in lines of JSON how far it is and can be ended any time.

Each line is a table with one key: `host` (one that a person has still to agree to), `offers`, `progress` (step, steps
and words), `model` (its id) or `refused` (what went wrong and what to do, in the person's language).
"""

import difflib
import json
import os
import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, Final

from studio.core.child import child_command, end_with_parent
from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.translation import N_, choose_language, language, translate
from studio.registry.apart import AllBut
from studio.registry.catalog import Catalog
from studio.registry.download.catalogue import CATALOGUE
from studio.registry.download.download import bring, download_in
from studio.registry.download.hub import NAME, hub_host, look_up
from studio.registry.download.offer import Offer

_CALL: Final = f"{__name__}:main"
_LOOK, _BRING = "look", "bring"
_FULL: Final = N_("There is not enough memory for this.")
Line = dict[str, Any]


def is_of_hub(name: str) -> bool:
    """Whether a hub has to be asked for it; raises UserError where the name stands for nothing."""
    if name in CATALOGUE:
        return False
    if NAME.fullmatch(name):
        return True
    close = difflib.get_close_matches(name[:100].lower(), list(CATALOGUE), n=3, cutoff=0.5)
    what_to_do = N_("Did you mean {names}?").format(names=", ".join(close))
    raise UserError(
        N_("There is no model called “{name}” to be had.").format(name=printable(name)),
        what_to_do if close else N_("A model of a hub is called OWNER/MODEL; “get --list” shows the others."),
    )


def offers_for(name: str) -> list[Offer]:
    """What can be downloaded under a name; asks a hub where it is one of a hub, to which a person must have agreed."""
    return look_up(name) if is_of_hub(name) else [CATALOGUE[name].offer(name)]


def look_command(name: str, hosts: Collection[str]) -> list[str]:
    """What starts a process that looks up a name; it asks no host but these."""
    return child_command(_CALL, language(), _LOOK, name, *hosts)


def bring_command(folder: Path, catalog: Catalog) -> list[str]:
    """What starts a process that goes on with the download in `folder`."""
    waiting = [found.place.manifest for found in catalog.families if found.is_waiting]
    return child_command(
        _CALL, language(), _BRING, str(folder), str(catalog.plugin_folder), str(catalog.models_folder), *waiting
    )


def main() -> None:
    """What the other process does: its language, what to do, and with what."""
    end_with_parent()
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints is no answer
    code, what, *given = sys.argv[1:]
    choose_language(code)
    for line in _told(what, given):
        print(json.dumps(line), file=answer, flush=True)
    os._exit(0)  # threads of libraries are not waited for


def _told(what: str, given: list[str]) -> Iterator[Line]:
    try:
        yield from _looked_up(*given) if what == _LOOK else _brought(*given)
    except UserError as error:
        yield {"refused": [translate(error.title), translate(error.what_to_do)]}
    except MemoryError:
        yield {"refused": [translate(_FULL), ""]}


def _looked_up(name: str, *hosts: str) -> Iterator[Line]:
    if is_of_hub(name) and hub_host() not in hosts:
        yield {"host": hub_host()}
        return
    yield {"offers": [offer.to_json() for offer in offers_for(name)]}


def _brought(folder: str, plugins: str, models: str, *waiting: str) -> Iterator[Line]:
    steps = bring(download_in(Path(folder)), Catalog(Path(plugins), Path(models), AllBut(waiting)))
    while True:
        try:
            frame = next(steps)
        except StopIteration as end:
            yield {"model": end.value.id}
            return
        if frame is not None:
            yield {"progress": [frame.step, frame.n_steps, translate(frame.label)]}
