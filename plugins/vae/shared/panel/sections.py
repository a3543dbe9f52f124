"""Fills the inspector, most useful first, and keeps every control in step with the scene."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from studio.api.panel import (
    Button,
    ChipFlow,
    HistoryStrip,
    Label,
    SliderRow,
    ValueRange,
    named_button,
    param_field,
    param_slider,
    put_in_a_column,
    set_tip,
    small_label,
    underline,
)
from studio.core.character import CHARACTERS
from studio.core.translation import N_, _, plural

from ...letters.panel.typeface_section import TypefaceSection
from ..atlas import Atlas, AtlasDirection
from ..params import MAX_LETTERS, PictureParams, drawable, not_drawn_words, unknown_signs
from ..scene import VaeScene
from .compress_section import CompressSection
from .latent_map import LatentMap, MapPoints
from .odd_ones import OddSection
from .path_section import VaePathSection
from .repair import RepairSection
from .representation.colouring import LABEL_COLOURS
from .representation.mosaic import Colours
from .sum_section import SumSection, Visited

SLIDER_RANGE = 4.0


class VaeSeedSection(QWidget):
    """Shows where the place came from.

    Signals: surprise_requested(), reset_requested(), seed_changed(seed), spread_changed(spread),
    spread_started(), spread_finished().
    """

    surprise_requested = Signal()
    reset_requested = Signal()
    seed_changed = Signal(int)
    spread_changed = Signal(float)
    spread_started = Signal()
    spread_finished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        surprise = named_button(
            "surprise", N_("Surprise me"), N_("Go to a random place (R)"), "dice", pressed=self.surprise_requested
        )
        self.reset = named_button(
            "reset_place",
            N_("Reset"),
            N_("Return to the place given by the seed (double-click on the picture)"),
            "reset",
            pressed=self.reset_requested,
        )
        self.seed = param_field(PictureParams(), "seed", "seed")
        self.seed.value_typed.connect(self._on_seed_typed)
        self.spread = param_slider(PictureParams(), "spread", "spread")
        self.spread.value_changed.connect(self.spread_changed)
        self.spread.edit_started.connect(self.spread_started)
        self.spread.edit_finished.connect(self.spread_finished)
        self._lay_out(surprise)

    def _lay_out(self, surprise: Button) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(surprise, 1)
        buttons.addWidget(self.reset, 1)
        row = QHBoxLayout()
        row.addWidget(Label(self.seed.accessibleName()), 1)
        row.addWidget(self.seed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(4)
        column.addLayout(buttons)
        column.addLayout(row)
        column.addWidget(self.spread)

    def show_scene(self, scene: VaeScene) -> None:
        """Show the seed and whether the place was moved since."""
        self.seed.set_value(scene.seed)
        self.spread.set_value(scene.spread)
        self.reset.setEnabled(scene.is_own)

    def _on_seed_typed(self, value: float) -> None:
        self.seed_changed.emit(int(value))


class VaeWordSection(QWidget):
    """Chooses the letters on the canvas.

    What the model does not know may be typed all the same: a line says what is drawn instead.

    Signals: text_changed(text), with at least one letter, and none that the model does not know.
    """

    text_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = ""
        self.field = QLineEdit()
        self.field.setObjectName("word")
        self.field.setAccessibleName(_("Word"))
        self.field.setPlaceholderText(_("Type a word"))
        set_tip(self.field, _("Letters A to Z, a to z and digits, up to 24. All follow the sliders."))
        self.field.setMaxLength(MAX_LETTERS)
        self.field.textEdited.connect(self._on_text_edited)
        self.field.editingFinished.connect(self._on_editing_finished)
        self.chips = ChipFlow("letters", list(CHARACTERS), _("Letter"))
        self.chips.chosen.connect(self.text_changed)
        self.not_drawn = small_label()
        self.not_drawn.hide()
        put_in_a_column(self, (self.field, self.not_drawn, self.chips))

    def show_text(self, text: str) -> None:
        """Show what is on the canvas; a single letter also marks its chip."""
        if text == self._shown and text == drawable(self.field.text()):
            return
        self._shown = text
        if drawable(self.field.text()) != text:
            self.field.setText(text)
            self._say_what_is_not_drawn()
        self.chips.set_current(text if len(text) == 1 else "")

    def _on_text_edited(self, text: str) -> None:
        self._say_what_is_not_drawn()
        if drawable(text).strip():
            self.text_changed.emit(drawable(text))

    def _on_editing_finished(self) -> None:
        """Put back what is on the canvas where nothing was left to draw."""
        self.show_text(self._shown)

    def _say_what_is_not_drawn(self) -> None:
        words = not_drawn_words(self.field.text())
        underline(self.field, unknown_signs(self.field.text()))
        self.not_drawn.setText(words)
        self.not_drawn.setVisible(bool(words))


class VaeDirectionSection(QWidget):
    """One slider per direction, strongest first; the weaker ones behind a line that counts them.

    Folded sliders are made when they are first unfolded: a panel has to stand within 100 ms of the click.

    Attributes:
        n_named: how many of them have a name of their own.

    Signals:
        value_changed(index, value): in the model's own units, where typical places lie within ±2.
        edit_started(), edit_finished(): around a drag.
    """

    value_changed = Signal(int, float)
    edit_started = Signal()
    edit_finished = Signal()

    def __init__(self, directions: Sequence[AtlasDirection], n_shown: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._directions = directions
        self._n_shown = self.n_named = n_shown
        self._values = np.zeros(len(directions), np.float32)
        self.sliders: list[SliderRow] = []
        self._first, self._more = QWidget(), QWidget()
        self._fold = named_button("more_directions", "", "", "chevron_right", kind="link", parent=self)
        self._fold.clicked.connect(self._on_fold_clicked)
        self._more.hide()
        put_in_a_column(self, (self._first, self._fold, self._more), spacing=2)
        for part in (self._first, self._more):
            put_in_a_column(part, (), spacing=2)
        self._begin()

    def _begin(self) -> None:
        """Make the first sliders, and say what is folded."""
        self._add_sliders(self._first, self._n_shown)
        n_dead = sum(not direction.is_visible for direction in self._directions)
        self._fold.setText(fold_text(len(self._directions) - self._n_shown, n_dead))
        self._fold.setAccessibleName(_("More directions"))
        self._fold.setAccessibleDescription(self._fold.text())
        self._fold.setVisible(len(self._directions) > self._n_shown)

    def show_directions(self, directions: Sequence[AtlasDirection], n_shown: int) -> None:
        """Have other sliders, since the model is another one now."""
        for slider in self.sliders:
            slider.hide()
            slider.deleteLater()
        self._directions, self._n_shown, self.sliders = directions, n_shown, []
        self._begin()
        if not self._more.isHidden():
            self._add_sliders(self._more, len(directions))
        self.show_values(self._values)

    def _add_sliders(self, place: QWidget, end: int) -> None:
        """Make the sliders up to number `end` that do not exist yet."""
        for index in range(len(self.sliders), end):
            slider = self._slider(index, self._directions[index])
            self.sliders.append(slider)
            layout = place.layout()
            assert layout is not None
            layout.addWidget(slider)

    def _slider(self, index: int, direction: AtlasDirection) -> SliderRow:
        limits = ValueRange(-SLIDER_RANGE, SLIDER_RANGE, trained=(direction.low, direction.high))
        slider = SliderRow(f"direction_{index}", direction.name, limits, direction_help(direction))
        slider.value_changed.connect(lambda value: self.value_changed.emit(index, value))
        slider.edit_started.connect(self.edit_started)
        slider.edit_finished.connect(self.edit_finished)
        return slider

    def show_values(self, values: npt.NDArray[np.float32]) -> None:
        """Show the place's value along each direction, (K,)."""
        self._values = values
        n_seen = self._n_shown if self._more.isHidden() else len(self.sliders)
        for slider, value in zip(self.sliders[:n_seen], values, strict=False):
            slider.set_value(float(value))

    def _on_fold_clicked(self) -> None:
        is_shown = self._more.isHidden()
        self._add_sliders(self._more, len(self._directions))
        self._more.setVisible(is_shown)
        self.show_values(self._values)
        self._fold.set_icon("chevron_down" if is_shown else "chevron_right")


def direction_help(direction: AtlasDirection) -> str:
    """The tooltip of a direction: its effect in plain words and where typefaces usually lie."""
    if not direction.is_visible:
        return _("A latent direction with no visible effect.")
    return _(
        "Latent direction; one unit changes {percent:.1f} % of the picture. Examples range from {low:+.1f} to "
        "{high:+.1f}."
    ).format(percent=100 * direction.effect, low=direction.low, high=direction.high)


def fold_text(n_more: int, n_dead: int) -> str:
    """The line over the folded sliders: "26 more, 7 with no visible effect"."""
    text = plural(N_("{n} more"), N_("{n} more"), n_more)
    if n_dead:
        text += ", " + plural(N_("{n} with no visible effect"), N_("{n} with no visible effect"), n_dead)
    return text


class VaeControls:
    """The controls of the panel; `word` and `typeface` are None for models without letters, others for those without
    pictures.
    """

    def __init__(
        self,
        directions: Sequence[AtlasDirection],
        n_shown: int,
        word: VaeWordSection | None,
        typeface: TypefaceSection | None,
        places: HistoryStrip,
        visited: Visited | None,
        is_coloured: bool,
    ) -> None:
        self.map = LatentMap(is_square=word is None)
        hint = N_("All pictures at their places, of the model’s own or of a folder (M)")
        has_pictures = visited is not None
        self.everything = named_button("everything", N_("Map of everything"), hint, "picture") if has_pictures else None
        self.seed = VaeSeedSection()
        self.path = VaePathSection()
        self.directions = VaeDirectionSection(directions, n_shown)
        self.word, self.typeface = word, typeface
        reads = word is None and has_pictures
        self.repair = RepairSection() if reads else None
        self.odd = OddSection(is_coloured) if has_pictures else None
        self.compress = CompressSection() if reads else None
        self.sum = None if word is not None or visited is None else SumSection(directions[:n_shown], visited)
        self._places = places

    def sections(self, *own: tuple[Any, ...]) -> tuple[tuple[Any, ...], ...]:
        """Id, title and widgets of each section, most useful first; `own` is for what a person brings."""
        return (
            ("section_map", N_("Latent map"), self.map, *((self.everything,) if self.everything else ()), self.seed),
            ("section_directions", N_("Strongest directions"), self.directions),
            *(() if self.sum is None else (("section_sum", N_("Arithmetic"), self.sum),)),
            *(() if self.word is None else (("section_word", N_("Word"), self.word),)),
            *(() if self.repair is None else (("section_repair", N_("Repair"), self.repair),)),
            *(() if self.typeface is None else (("section_typeface", N_("Typeface"), self.typeface),)),
            ("section_path", N_("Path"), self.path),
            ("section_places", N_("Places visited"), self._places),
            *own,
            *(() if self.odd is None else (("section_odd", N_("Odd one out"), self.odd),)),
            *(() if self.compress is None else (("section_compress", N_("Compress"), self.compress),)),
        )

    def gestures(self) -> list[tuple[Any, Any]]:
        """The signals that stand before and after the moves of one drag, for every control that has some."""
        return [
            (self.map.pick_started, self.map.pick_finished),
            (self.seed.spread_started, self.seed.spread_finished),
            (self.directions.edit_started, self.directions.edit_finished),
            *([(self.typeface.blend_started, self.typeface.blend_finished)] if self.typeface else []),
        ]

    def show_atlas(self, atlas: Atlas) -> None:
        """Put the known places on the map."""
        colours = None if atlas.groups is None else Colours(LABEL_COLOURS, atlas.groups)
        points = MapPoints(atlas.on_map(atlas.places), atlas.names, colours, snaps=colours is None)
        self.map.show_points(points, atlas.extent)

    def show_scene(self, scene: VaeScene, atlas: Atlas | None) -> None:
        """Show a scene; the sliders and the map need the atlas, which comes with the model."""
        self.seed.show_scene(scene)
        if self.word is not None:
            self.word.show_text(scene.text)
        if atlas is not None:
            self.directions.show_values(atlas.values(scene.z))
            x, y = atlas.on_map(scene.z)
            self.map.show_marker(float(x), float(y))
