"""Two pinned tracks take the place of the picture, locked to one playhead."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from studio.commands.track import Track, TrackList
from studio.core.frame import Frame
from studio.core.param import param_specs
from studio.core.recording.clip import Clip
from studio.core.recording.recording import Recording
from studio.core.translation import N_, _
from studio.core.view import Image
from studio.render.difference import alike, comparable_pixels
from studio.render.still import shown_view
from studio.widgets.compare.lock import Lock, Span, locked_length, locked_places
from studio.widgets.message_bar import MessageBar

if TYPE_CHECKING:
    from studio.widgets.compare.view import CompareView

ONE_PINNED: Final = "one pinned"
PICTURE: Final = "compared"
GAP_SHARE: Final = 1 / 32
GAP_GREY: Final = 128
ByteArray = NDArray[np.uint8]


def compared_clip(
    pair: tuple[Track, Track], lock: Lock, divider: float | None, state: Mapping[str, Any]
) -> Clip | None:
    """Return both runs side by side, or under a wipe at `divider` of the width; None where they are no pictures."""
    a, b = (track.recording for track in pair)
    spans = [Span(track.offset, len(track.recording)) for track in pair]
    n = locked_length(lock, *spans)
    if not n or _pixels(a[0]) is None or _pixels(b[0]) is None:
        return None

    def frames(start: int, stop: int) -> Iterator[Frame]:
        for index in range(start, stop):
            places = locked_places(lock, spans[0], spans[1], index, n)
            assert places is not None
            of_a, of_b = a[places[0].index], b[places[1].index]
            joined = _joined(_pixels(of_a), _pixels(of_b), divider)
            yield Frame(index, n, f"{of_a.label} · {of_b.label}", {PICTURE: Image(joined)})

    a.hold(frames)
    b.hold(frames)
    return Clip(n, frames, a.info.fps, a.info, state)


def _pixels(frame: Frame) -> ByteArray | None:
    return comparable_pixels(shown_view(frame))


def _joined(a: ByteArray | None, b: ByteArray | None, divider: float | None) -> ByteArray:
    assert a is not None
    assert b is not None
    a, b = alike(a, b)
    if divider is None:
        gap = np.full((len(a), max(1, round(len(a) * GAP_SHARE)), *a.shape[2:]), GAP_GREY, np.uint8)
        return np.concatenate([a, gap, b], axis=1)
    cut = round(divider * a.shape[1])
    return np.concatenate([a[:, :cut], b[:, cut:]], axis=1)


class Comparison(QObject):
    """Makes the view when it is first needed: most panels never compare anything.

    `show_instead(view)` puts it in the place of the picture, `show_instead(None)` the picture back; `params()` are the
    panel's. Signals: length_changed() when the common playhead has another number of places, as it is locked now.

    Attributes:
        pair: the two tracks that are compared; empty where there are none.
    """

    length_changed = Signal()

    def __init__(
        self,
        tracks: TrackList,
        show_instead: Callable[[QWidget | None], None],
        params: Callable[[], Any],
        messages: MessageBar,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._messages = messages
        self._tracks, self._show_instead, self._params = tracks, show_instead, params
        self._view: CompareView | None = None
        self.pair: tuple[Track, ...] = ()
        self._pinned: tuple[Track, ...] = ()

    @property
    def longest(self) -> Recording:
        """The recording that shows most of both on the timeline."""
        return max((track.recording for track in self.pair), key=len)

    @property
    def n_frames(self) -> int:
        """How many places the common playhead has."""
        return self._view.n_frames if self._view is not None else 0

    def clip(self, state: Mapping[str, Any]) -> Clip | None:
        """Both runs as they are laid out now, to be exported; None where there are no two, or no pictures."""
        if self._view is None or not self.pair:
            return None
        divider = self._view.divider if self._view.mode == "wipe" else None
        return compared_clip((self.pair[0], self.pair[1]), self._view.lock, divider, state)

    def show_index(self, index: int, n_frames: int) -> None:
        """Show what belongs to a place of the common playhead, which has `n_frames`."""
        if self._view is not None and self.pair:
            self._view.show_index(index, n_frames)

    def place_of(self, track: Track, index: int) -> int:
        """The common place of a frame: it counts from where the earlier run begins, a branch's own from its parent.

        That of a frame of a third run is the same.
        """
        is_third = track.id not in [one.id for one in self.pair]
        return index if is_third else index + track.offset - min(one.offset for one in self.pair)

    def follow_tracks(self) -> None:
        """Compare what is pinned now."""
        pinned = self._tracks.pinned
        if pinned == self._pinned:
            return
        self._pinned, pair = pinned, pinned if len(pinned) == 2 else ()
        self._ask_for_second(pinned)
        if pair == self.pair:
            return
        self.pair = pair
        if pair:
            self._made_view().set_pair(*pair, param_specs(type(self._params())))
        self._show_instead(self._view if pair else None)

    def _ask_for_second(self, pinned: tuple[Track, ...]) -> None:
        if len(pinned) != 1:
            self._messages.dismiss(ONE_PINNED)
        elif ONE_PINNED not in self._messages.keys():  # noqa: SIM118  a bar is no mapping
            title = _("“{name}” is waiting for a second run to be compared with.").format(name=pinned[0].name)
            self._messages.show_note(title, N_("Pin another one in the list under the timeline."), key=ONE_PINNED)

    def follow_run(self, track_id: str) -> None:
        """The run of a track has grown."""
        if self._view is not None and any(track.id == track_id for track in self.pair):
            self._view.refresh()

    def _made_view(self) -> "CompareView":
        if self._view is None:
            from studio.widgets.compare.view import CompareView  # a panel must stand at once, and few compare anything

            self._view = CompareView()
            self._view.closed.connect(self._tracks.unpin_all)
            self._view.length_changed.connect(self.length_changed)
        return self._view
