"""The grid of seeds in place of the picture: what a page shows, where a click leads, what is pinned."""

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.api.engine import Policy
from studio.api.panel import Button, Command, EngineTasks, Host, Segmented, SteadyLabel, Step, named_button
from studio.api.timeline.controller import TimelineController
from studio.core.seed import MAX_SEED
from studio.core.translation import N_, _, plural, translate

from ..scene import chance_settings
from ..state import PeopleFacts
from .editor import PeopleEditor
from .grid_page import N_PAGE, GridPage

ALL, PINNED = "all", "pinned"
TITLES: Final = {
    ALL: (N_("All seeds"), N_("One seed after the other")),
    PINNED: (N_("Pinned"), N_("The seeds you have pinned for this model")),
}
USE: Final = N_("Click: go to it  ·  Shift-click: mix it in as face B  ·  Right-click or P: pin it")
GRID_KEY: Final = "seed grid"
PINS_KEY: Final = "pinned_seeds"
DRAW_MS: Final = 120
MAX_PINS: Final = 512


class GridView(QWidget):
    """A page with its head. Signals: turned(way), -1 or 1; set_chosen(name), ALL or PINNED; closed()."""

    turned = Signal(int)
    set_chosen = Signal(str)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("seed_grid_view")
        self.page = GridPage()
        self.page.turned.connect(self.turned)
        self.page.closed.connect(self.closed)
        self.sets = Segmented("grid_sets", TITLES, N_("Which seeds"))
        self.sets.value_chosen.connect(self.set_chosen)
        self.words = SteadyLabel()
        self.back = self._button("grid_back", "‹", N_("Previous seeds (Page Up)"), -1)
        self.on = self._button("grid_on", "›", N_("Next seeds (Page Down)"), 1)
        hint = N_("Show the single face again (G or Escape)")
        self.close_button = named_button("grid_close", N_("Back to the picture"), hint, "picture", pressed=self.closed)
        use = SteadyLabel(role="small", alignment=Qt.AlignmentFlag.AlignHCenter)
        use.set_text(translate(USE))
        head = QHBoxLayout()
        head.setSpacing(8)
        for widget in (self.sets, self.back, self.on):
            head.addWidget(widget)
        head.addWidget(self.words, 1)
        head.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addLayout(head)
        column.addWidget(self.page, 1)
        column.addWidget(use)

    def _button(self, name: str, text: str, hint: str, way: int) -> Button:
        button = named_button(name, text, hint)
        button.setAccessibleName(translate(hint))
        button.setFixedWidth(32)
        button.clicked.connect(lambda: self.turned.emit(way))
        return button

    def show_page(self, name: str, words: str, has_before: bool, has_next: bool) -> None:
        """Say which seeds the page shows. Emits nothing."""
        self.sets.set_value(name)
        self.words.set_text(words)
        self.back.setEnabled(has_before)
        self.on.setEnabled(has_next)


class SeedGridPresenter(QObject):
    """Shows pages of seeds with the words, truncation, directions and mix of the scene.

    Signals: shown_changed(is_shown): whether the page stands in place of the picture.

    Attributes:
        has_groups: whether the model has groups of layers to mix.
    """

    shown_changed = Signal(bool)

    def __init__(
        self,
        editor: PeopleEditor,
        timeline: TimelineController,
        tasks: EngineTasks,
        host: Host,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._editor, self._timeline, self._tasks, self._host = editor, timeline, tasks, host
        self.has_groups = False
        self.view = GridView(parent)
        self.view.hide()
        self._is_shown = False
        self._set, self._page_number = ALL, 0
        self._drawn: Any = None
        self._due = QTimer(self, singleShot=True, interval=DRAW_MS)
        self._due.timeout.connect(self._draw)
        self.pins: tuple[int, ...] = self._kept()
        page = self.view.page
        page.chosen.connect(self._go_to)
        page.mixed.connect(self._mix)
        page.pin_toggled.connect(self.toggle_pin)
        self.view.turned.connect(self.turn)
        self.view.set_chosen.connect(self._choose_set)
        self.view.closed.connect(self.close)
        editor.changed.connect(self._on_scene_changed)
        timeline.playback.changed.connect(self._on_playback_changed)

    def opened(self, about: PeopleFacts) -> None:
        """Follow what the open model can do."""
        self.has_groups = bool(about.groups)

    @property
    def is_shown(self) -> bool:
        """Whether the page stands in place of the picture."""
        return self._is_shown

    def commands(self) -> tuple[Command, ...]:
        """What keys and the palette can do."""
        return (Command("gan.seed_grid", N_("Show a grid of seeds, or the picture"), self.toggle, ("G",), "GAN"),)

    def toggle(self) -> None:
        """Show the page, or the picture again."""
        self.set_shown(not self._is_shown)

    def close(self) -> None:
        """Show the picture again."""
        self.set_shown(False)

    def set_shown(self, is_shown: bool) -> None:
        """Show the page at the present seed, or the picture."""
        if is_shown == self._is_shown:
            return
        self._is_shown = is_shown
        self.shown_changed.emit(is_shown)
        if not is_shown:
            self._tasks.cancel(GRID_KEY)
            return
        self._timeline.pause()  # a walk would take the time that the page needs
        seed = self._editor.scene.params.seed
        self._set, self._page_number = ALL, seed // N_PAGE
        self._show_page()
        self.view.page.go_to(seed)
        self.view.page.setFocus()

    # Pages

    @property
    def _last_page(self) -> int:
        n = MAX_SEED + 1 if self._set == ALL else len(self.pins)
        return max(0, (n - 1) // N_PAGE)

    def _seeds(self) -> Sequence[int]:
        first = self._page_number * N_PAGE
        if self._set == PINNED:
            return self.pins[first : first + N_PAGE]
        return range(first, min(first + N_PAGE, MAX_SEED + 1))

    def turn(self, way: int) -> None:
        """Go to the page before, or to the next one."""
        number = min(max(self._page_number + way, 0), self._last_page)
        if number != self._page_number:
            self._page_number = number
            self._show_page()

    def _choose_set(self, name: str) -> None:
        seed = self._editor.scene.params.seed
        self._set, self._page_number = name, seed // N_PAGE if name == ALL else 0
        self._show_page()

    def _show_page(self) -> None:
        self._page_number = min(self._page_number, self._last_page)
        seeds = self._seeds()
        self.view.page.show_seeds(seeds)
        if self._set == PINNED:
            words = plural(N_("{n} pinned seed"), N_("{n} pinned seeds"), len(self.pins))
        else:
            words = _("Seeds {first:,} to {last:,}").format(first=seeds[0], last=seeds[-1])
        self.view.show_page(self._set, words, self._page_number > 0, self._page_number < self._last_page)
        self._mark()
        self._drawn = None
        self._draw()

    def _mark(self) -> None:
        scene = self._editor.scene
        is_there = scene.own_w is None and scene.x == 0 and scene.y == 0
        self.view.page.show_marks(scene.params.seed if is_there else -1, self.pins)

    def _on_scene_changed(self) -> None:
        if self._is_shown:
            self._mark()
            self._due.start()

    def _on_playback_changed(self) -> None:
        if self._is_shown and self._timeline.playback.is_playing:
            self.close()  # what plays is to be seen

    def _draw(self) -> None:
        scene, seeds = self._editor.scene, tuple(self.view.page.seeds)
        made_of = seeds, chance_settings(scene)
        if self._is_shown and seeds and made_of != self._drawn:
            self._drawn = made_of
            self._tasks.ask(
                GRID_KEY,
                lambda engine: engine.draw_seeds(scene, seeds),
                Policy.RESTART,
                event=self.view.page.show_pictures,
            )

    # Hands

    def _go_to(self, seed: int) -> None:
        self._editor.set_seed(seed)
        self.close()

    def _mix(self, seed: int) -> None:
        if not self.has_groups:
            self.view.words.set_text(_("This model has no groups of layers to mix."))
            return
        self._editor.mix_in(seed)
        self.close()

    def toggle_pin(self, seed: int) -> None:
        """Pin a seed, or no longer, as a step of undo."""
        before = self.pins
        after = tuple(pin for pin in before if pin != seed) if seed in before else (*before, seed)[-MAX_PINS:]
        title = N_("Unpin a seed") if seed in before else N_("Pin a seed")
        self._set_pins(after)
        self._host.undo.push(Step(title, partial(self._set_pins, before), partial(self._set_pins, after)))

    def _set_pins(self, pins: tuple[int, ...]) -> None:
        self.pins = pins
        kept = dict(self._host.recall(PINS_KEY, {}))
        self._host.remember(PINS_KEY, {**kept, self._tasks.handle.source.id: list(pins)})
        if self._is_shown and self._set == PINNED:
            self._show_page()
        else:
            self._mark()

    def _kept(self) -> tuple[int, ...]:
        pins = dict(self._host.recall(PINS_KEY, {})).get(self._tasks.handle.source.id, [])
        return tuple(pin for pin in pins if isinstance(pin, int) and 0 <= pin <= MAX_SEED)[:MAX_PINS]
