"""The inspector's part that looks at many faces at once: which kinds appear, and whether the generator collapsed."""

import random
from functools import partial
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from studio.api.engine import Policy
from studio.api.panel import (
    Axis,
    Bars,
    EngineTasks,
    Host,
    Label,
    PlotSpec,
    PlotView,
    Segmented,
    named_button,
    put_in_a_column,
    set_tip,
)
from studio.api.timeline.controller import TimelineController
from studio.core.seed import MAX_SEED
from studio.core.translation import N_, _, at_the_start, plural, translate

from ..model.mode_collapse import PAIR, TRIPLE, FaceModes, found_words, mode_name, warning_words
from ..sampling import SampledKinds, sample_kinds
from ..scene import chance_settings
from ..state import FACE_PX, LARGE_PX, PeopleFacts, is_of_faces
from .editor import PeopleEditor

LABELS: Final = {"pair": PAIR, "triple": TRIPLE}
TITLES: Final = {
    "pair": (N_("Hair, beard"), N_("The 24 combinations of hair and beard")),
    "triple": (N_("And mouth"), N_("The 120 combinations of hair, beard and mouth")),
}
TERM: Final = N_(
    "Mode collapse: a forger that draws only a few kinds of faces. A warning appears when the effective number of "
    "combinations (the exponential of their entropy) is below a third of the data’s. The judge of faces reads "
    "them; lines mark how often each occurs in the data."
)
SPREAD_TERM: Final = N_("Average root-mean-square colour difference over all pairs of pictures, at 16 x 16 cells")
DIVERSITY_KEY: Final = "diversity"
COLLAPSED: Final = "gan/avatars-collapsed"
N_SAMPLES, N_LARGE = 200, 24


RARE: Final = 0.5
BAR: Final = N_("{name}: {n} of {all} faces; the data would give {wanted:.1f}")
_SIZE_PX: Final = QSize(308, 84)


class DiversityBars(PlotView):
    """Bars in the family's hue where a mode is at least half as frequent as in the data, grey where it is rarer.

    The pointer, or the arrow keys, say which mode a bar is.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(N_("How often each kind of face appears"), "pan", _SIZE_PX, parent)
        self.setObjectName("diversity_bars")
        self._modes: FaceModes | None = None
        self._order = np.empty(0, np.int64)

    def show_modes(self, modes: FaceModes | None) -> None:
        """Show these; None while nothing was drawn. Emits nothing."""
        self._modes = modes
        if modes is None:
            self.show_plot(PlotSpec(empty=N_("Nothing drawn yet")))
            return
        self._order = np.lexsort((-modes.expected, -modes.counts))
        counts, wanted = modes.counts[self._order].astype(float), modes.expected[self._order] * modes.n_sure
        frequent = (counts > 0) & (counts >= RARE * wanted)
        bars = Bars(
            _("Faces"),
            np.arange(len(counts), dtype=float),
            counts,
            inks=tuple("" if is_frequent else "control_border" for is_frequent in frequent),
            marks=np.where(wanted > 0, wanted, np.nan),
            labels=tuple(mode_name(modes.labels, int(number)) for number in self._order),
        )
        said, words = self.text_of(0), lambda x, _: self.text_of(round(x))
        self.show_plot(PlotSpec([bars], Axis(ticks=()), Axis(low=0.0), said, words, start=0.0))

    @property
    def order(self) -> list[int]:
        """The numbers of the modes from left to right."""
        return [int(number) for number in self._order]

    def text_of(self, place: int) -> str:
        """What the bar at a place stands for; empty where there is none."""
        modes = self._modes
        if modes is None or not 0 <= place < len(self._order):
            return ""
        number = int(self._order[place])
        n, wanted = int(modes.counts[number]), float(modes.expected[number]) * modes.n_sure
        name = at_the_start(mode_name(modes.labels, number))
        return translate(BAR).format(name=name, n=n, all=modes.n_sure, wanted=wanted)


class DiversitySection(QWidget):
    """What was seen belongs to the words, truncation and directions that it was drawn with; others take it away."""

    def __init__(self, editor: PeopleEditor, timeline: TimelineController, tasks: EngineTasks, host: Host) -> None:
        super().__init__()
        self.setObjectName("diversity")
        self._editor, self._timeline, self._tasks = editor, timeline, tasks
        self._seen: SampledKinds | None = None
        self._made_of: Any = None
        self.bars = DiversityBars()
        set_tip(self.bars, translate(TERM))
        self.which = Segmented("diversity_labels", TITLES, N_("What to count"))
        self.which.set_value("pair")
        self.which.value_chosen.connect(self._on_which_chosen)
        self.words, self.warning = Label(), Label()
        for label, role in ((self.words, "small"), (self.warning, "warning")):
            label.setWordWrap(True)
            label.setProperty("role", role)
        self.warning.hide()
        self.look = named_button("look_at_samples", N_("Look at 200 samples"), "", "eye", pressed=self._look)
        self.collapsed = named_button(
            "see_collapsed",
            N_("See a collapsed forger"),
            N_("Open a model that was trained with the wrong settings"),
            "warning",
            kind="link",
            pressed=lambda: host.open_model(COLLAPSED),
        )
        known = {card.id for card in host.cards()}
        self.collapsed.setVisible(COLLAPSED in known and tasks.handle.source.id != COLLAPSED)
        put_in_a_column(self, (self.bars, self.which, self.words, self.warning, self.look, self.collapsed), 6)
        self._set_about(is_of_faces(tasks.handle.source.card), N_SAMPLES)
        editor.changed.connect(self._on_scene_changed)

    def opened(self, about: PeopleFacts) -> None:
        """Follow what the open model draws."""
        n_wanted = N_SAMPLES if about.size_px <= LARGE_PX else N_LARGE
        self._set_about(self._has_kinds and about.size_px == FACE_PX, n_wanted)

    def _set_about(self, has_kinds: bool, n_wanted: int) -> None:
        """Whether the model draws faces whose kinds can be read, and how many samples are looked at."""
        self._has_kinds, self._n_wanted = has_kinds, n_wanted
        self.bars.setVisible(has_kinds)
        self.which.setVisible(has_kinds)
        self.set_running(False)
        self.show_sampled(None)

    def set_running(self, is_running: bool) -> None:
        """Show whether samples are being drawn."""
        look = plural(N_("Look at {n} sample"), N_("Look at {n} samples"), self._n_wanted)
        text = _("Stop") if is_running else look
        hint = N_("Draw random faces with the current words, truncation and directions, and see how varied they are")
        self.look.setText(text)
        self.look.setAccessibleName(text)
        set_tip(self.look, translate(hint))
        self.look.set_icon("stop" if is_running else "eye")

    def show_sampled(self, seen: SampledKinds | None) -> None:
        """Show what was seen so far; None where nothing was. Emits nothing."""
        self._seen = seen
        if seen is None:
            self.bars.show_modes(None)
            self.words.setText(_("Are the faces all different, or just a few again and again?"))
            self.warning.hide()
        elif self._has_kinds:
            self._show_kinds(seen)
        else:
            self._show_spread(seen)

    def _show_kinds(self, seen: SampledKinds) -> None:
        modes = seen.modes(LABELS[self.which.value()])
        self.bars.show_modes(modes)
        is_done = seen.n_faces == seen.n_wanted
        progress = _("{n} of {all} faces").format(n=seen.n_faces, all=seen.n_wanted)
        self.words.setText(found_words(modes) if is_done else progress)
        set_tip(self.words, translate(TERM))
        warning = warning_words(modes, seen.truncation) if is_done else ""
        self.warning.setText(warning)
        self.warning.setVisible(bool(warning))

    def _show_spread(self, seen: SampledKinds) -> None:
        text = _("On average, two of {n} pictures differ by {spread:.3f} of the colour range.")
        self.words.setText(text.format(n=seen.n_faces, spread=seen.spread))
        set_tip(self.words, translate(SPREAD_TERM))

    def _on_which_chosen(self, value: str) -> None:
        self.which.set_value(value)
        self.show_sampled(self._seen)

    def _look(self) -> None:
        """Draw the samples, or stop."""
        if self._tasks.is_running(DIVERSITY_KEY):
            self._tasks.cancel(DIVERSITY_KEY)
            self.set_running(False)
            return
        self._timeline.pause()  # a walk would take the time that the samples need
        scene = self._editor.scene
        self._made_of = chance_settings(scene)
        seeds = [random.randrange(MAX_SEED) for _ in range(self._n_wanted)]
        call = partial(sample_kinds, scene=scene, seeds=seeds, has_kinds=self._has_kinds)
        self.set_running(True)
        self._tasks.ask(DIVERSITY_KEY, call, Policy.RESTART, event=self._on_seen, ended=self._on_ended)

    def _on_seen(self, seen: SampledKinds | None) -> None:
        if seen is not None:
            self.show_sampled(seen)

    def _on_ended(self, _: str) -> None:
        self.set_running(False)

    def _on_scene_changed(self) -> None:
        if self._made_of is not None and chance_settings(self._editor.scene) != self._made_of:
            self._made_of = None
            self._tasks.cancel(DIVERSITY_KEY)
            self.set_running(False)
            self.show_sampled(None)
