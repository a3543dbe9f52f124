"""Puts sums of places into the scene, each change a step of undo, and fills the slots of their pictures."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from studio.api.engine import Policy
from studio.api.panel import EngineTasks, PictureIntake, WhenSeen, frame_thumbnail
from studio.api.picture_panel import PlaceHistory
from studio.core.frame import Frame
from studio.core.picture import read_picture
from studio.core.translation import N_

from ..arithmetic import MAX_TERMS, PAIR, Array, Term, direction_term, drawn_at, pair_term
from ..card import is_known
from ..scene import VaeScene
from .editor import VaeSceneEditor
from .picture_slot import SLOT_PX, PictureSlot
from .sum_section import SumSection

PICTURE_PX: Final = 2 * SLOT_PX  # for dense screens
MOST_PICTURES: Final = 64
REST_MS: Final = 200
START: Final = (-1, 0)  # the slot of the start; others are (row, end)
UNLIKE: Final = (
    N_("Your picture shows nothing that this model knows."),
    N_("The sum takes the closest that it can draw."),
)
DRAWN_KEY, READ_KEY = "sum pictures", "sum picture"


class SumPresenter(QObject):
    """Signals: failed(UserError) for a picture that cannot be read; warned(title, what is shown then)."""

    failed = Signal(object)
    warned = Signal(str, str)

    def __init__(
        self, section: SumSection, editor: VaeSceneEditor, tasks: EngineTasks, history: PlaceHistory, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._section, self._editor, self._tasks, self._history = section, editor, tasks, history
        self._pictures: dict[bytes, QImage] = {}
        self._wanted = START
        self._intake = PictureIntake(section, self)
        self._intake.path_given.connect(self._read)
        seen = WhenSeen(section.start, self._draw)
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(seen.request)
        section.term_wanted.connect(self._add)
        section.amount_changed.connect(self._on_amount_changed)
        section.edit_started.connect(editor.begin_gesture)
        section.edit_finished.connect(editor.end_gesture)
        section.raise_wanted.connect(self._raise)
        section.remove_wanted.connect(self._remove)
        section.clear.clicked.connect(self._clear)
        section.rows_made.connect(self._connect_rows)
        self._connect_slot(section.start, START)

    def _connect_rows(self) -> None:
        for index, row in enumerate(self._section.rows):
            for end, slot in enumerate(row.slots):
                self._connect_slot(slot, (index, end))

    def _connect_slot(self, slot: PictureSlot, where: tuple[int, int]) -> None:
        slot.shown_wanted.connect(lambda: self._put(where, self._editor.scene.z))
        slot.file_wanted.connect(partial(self._choose, where))
        slot.file_given.connect(partial(self._take, where))
        slot.visited_wanted.connect(lambda index: self._put(where, self._history.visited[index][1].z))

    # What is on show

    def show_scene(self, scene: VaeScene) -> None:
        """Show the sum of a scene."""
        self._section.show_terms(scene.terms)
        self._show_pictures()
        self._rest.start()

    def _show_pictures(self) -> None:
        scene, known = self._editor.scene, self._pictures
        ends = [[known.get(_key(end)) for end in term.ends] for term in scene.terms]
        self._section.show_pictures(known.get(_key(scene.start)), ends)

    def _draw(self) -> None:
        """Draw what the slots hold and is not known yet; the newest wish alone counts."""
        scene = self._editor.scene
        places = [scene.start, *(end for term in scene.terms if term.is_pair for end in term.ends)]
        missing = [place for place in places if _key(place) not in self._pictures]
        if missing:
            self._tasks.ask(DRAWN_KEY, partial(drawn_at, places=missing), event=self._on_drawn)

    def _on_drawn(self, frame: Frame) -> None:
        assert frame.state is not None
        while len(self._pictures) >= MOST_PICTURES:
            self._pictures.pop(next(iter(self._pictures)))
        self._pictures[_key(frame.state["z"])] = frame_thumbnail(frame, PICTURE_PX)
        self._show_pictures()

    # What a person changes

    def _apply(
        self, title: str, terms: Sequence[Term], start: Array | None = None, merge_key: str | None = None
    ) -> None:
        scene, editor = self._editor.scene, self._editor
        if editor.timeline is not None:
            editor.timeline.playback.pause()  # the sum changes the place, and the path stays where it is
        editor.apply(title, scene.with_sum(scene.start if start is None else start, tuple(terms)), merge_key)

    def _add(self, direction: int, is_minus: bool) -> None:
        atlas, scene = self._editor.atlas, self._editor.scene
        if atlas is None or len(scene.terms) >= MAX_TERMS:
            return
        if direction == PAIR:
            term = pair_term(scene.z, is_minus)
        else:
            term = direction_term(atlas.vectors[direction].astype(np.float32), direction, is_minus)
        self._apply(N_("Take away") if is_minus else N_("Add"), [*scene.terms, term])

    def _on_amount_changed(self, index: int, amount: float) -> None:
        terms = list(self._editor.scene.terms)
        terms[index] = replace(terms[index], amount=amount)
        self._apply(self._section.rows[index].title, terms, merge_key=f"sum {index}")

    def _raise(self, index: int) -> None:
        terms = list(self._editor.scene.terms)
        terms[index - 1 : index + 1] = reversed(terms[index - 1 : index + 1])
        self._apply(N_("Order of the sum"), terms)

    def _remove(self, index: int) -> None:
        terms = list(self._editor.scene.terms)
        del terms[index]
        self._apply(N_("Remove from the sum"), terms)

    def _clear(self) -> None:
        self._apply(N_("Clear the sum"), ())

    def _put(self, where: tuple[int, int], place: Array) -> None:
        """Let a slot hold the picture at a place (D,)."""
        row, end = where
        terms = list(self._editor.scene.terms)
        if where == START:
            self._apply(N_("Start of the sum"), terms, start=place)
            return
        ends = terms[row].ends.copy()
        ends[end] = place
        terms[row] = replace(terms[row], ends=ends)
        self._apply(N_("Picture of the sum"), terms)

    def _choose(self, where: tuple[int, int]) -> None:
        self._wanted = where
        self._intake.choose()

    def _take(self, where: tuple[int, int], path: Path) -> None:
        self._wanted = where
        self._read(path)

    def _read(self, path: Path) -> None:
        self._section.show_reading(True)
        self._tasks.ask(
            READ_KEY,
            lambda engine: engine.read(read_picture(path).rgb),
            Policy.RESTART,
            done=partial(self._on_read, self._wanted),
            failed=self.failed.emit,
            ended=lambda *_: self._section.show_reading(False),
            title=N_("Reading the picture"),
        )

    def _on_read(self, where: tuple[int, int], reading: Any) -> None:
        if where[0] < len(self._editor.scene.terms):
            self._put(where, np.asarray(reading.z, np.float32))
            if not is_known(self._tasks.handle.source.card, reading.misfit):
                self.warned.emit(*UNLIKE)


def _key(place: Array) -> bytes:
    """What tells a place (D,) from others that one could see to differ."""
    return (np.round(place, 2) + np.float32(0)).tobytes()  # so that -0 is 0
