"""The frames of a run: a table that is filled in better and better, with figures, and the state to go on from."""

from studio.core.frame import Frame
from studio.core.translation import N_
from studio.core.view import Image

from .picture import picture_of
from .state import WAYS, TableMoment
from .view_model import view_of

PICTURE = "table"


def frame_of(moment: TableMoment, n_frames: int) -> Frame:
    """The frame of a moment, one of so many."""
    label = N_("Step {n:,} of {all:,}").format(n=moment.n_steps, all=moment.n_all)
    totals = moment.figures.totals()
    scalars = {f"error {way}": totals[way] for way in WAYS if way in totals}
    scalars["loss"] = moment.loss
    return Frame(moment.index, n_frames, label, {PICTURE: Image(picture_of(view_of(moment)))}, scalars, moment.arrays())
