"""Finds what a name stands for: an entry of the catalogue, or a model of a hub."""

import difflib

from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.translation import N_
from studio.registry.download.catalogue import CATALOGUE
from studio.registry.download.hub import NAME, look_up
from studio.registry.download.offer import Offer


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
