"""The inspector's part for directions: sliders ranked by measured effect, which a person may rename."""

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QInputDialog, QMenu, QVBoxLayout, QWidget

from studio.api.engine import Policy
from studio.api.panel import EngineTasks, Host, SliderRow, ValueRange, named_button, set_tip
from studio.core.translation import N_, _, plural, translate

from ..scene import GROUPS, PeopleScene
from ..state import ALL_ROWS, PeopleDirection, PeopleFacts
from .editor import PeopleEditor

N_SHOWN: Final = 6
LIMIT: Final = 3.0
TRAINED: Final = 1.5
GROUP_TITLES: Final = {
    ALL_ROWS: N_("all layers"),
    "figure": N_("overall shape (coarse layers)"),
    "features": N_("features (middle layers)"),
    "colours": N_("colours (fine layers)"),
}
MAX_NAME: Final = 24
NAMES_KEY: Final = "direction_names"
EFFECTS_KEY: Final = "effects"


class PeopleDirectionSection(QWidget):
    """One slider per direction, strongest first; the weaker ones behind a line that counts them.

    A right click, or the menu key, renames a direction or chooses the layers that it moves. Folded sliders are made
    when they are first unfolded, since a panel has to stand within 100 ms.

    What the person calls them is kept for each model. Effects that the card does not say are measured.
    """

    def __init__(self, editor: PeopleEditor, tasks: EngineTasks, host: Host) -> None:
        super().__init__()
        self._editor, self._tasks, self._host = editor, tasks, host
        self._directions: Sequence[PeopleDirection] = ()
        self._names: dict[str, str] = {}
        self._groups: Sequence[str] = ()
        self._chosen: Mapping[str, str] = {}
        self._values: Mapping[str, float] = {}
        self.sliders: dict[str, SliderRow] = {}
        self._more = QWidget()
        self._fold = named_button("more_directions", "", "", "chevron_right", kind="link", parent=self)
        self._fold.setAccessibleName(_("More directions"))
        self._fold.clicked.connect(self._on_fold_clicked)
        column = QVBoxLayout(self)
        self._first, self._rest = QVBoxLayout(), QVBoxLayout(self._more)
        for layout in (column, self._first, self._rest):
            layout.setContentsMargins(0, 0, 0, 0)
            layout.setSpacing(2)
        column.addLayout(self._first)
        column.addWidget(self._fold)
        column.addWidget(self._more)
        self._more.hide()
        self._fold.hide()

    def opened(self, about: PeopleFacts) -> None:
        """Show the directions of the open model; ranked anew once their effects are measured."""
        self._show_directions(about)
        if about.directions and all(one.effect == 0 for one in about.directions):
            self._tasks.ask(
                EFFECTS_KEY, lambda engine: engine.measured_directions(), Policy.BACKGROUND, done=self._show_directions
            )

    def _show_directions(self, about: PeopleFacts) -> None:
        """Make the sliders, with the names that the person gave."""
        for slider in self.sliders.values():
            slider.hide()
            slider.deleteLater()
        self.sliders.clear()
        directions = self._directions = about.directions
        self._names, self._groups = self._kept_names(), about.groups
        self._add_sliders(self._first, directions[:N_SHOWN])
        n_more = len(directions) - N_SHOWN
        self._fold.setText(plural(N_("{n} more"), N_("{n} more"), max(0, n_more)))
        self._fold.setVisible(n_more > 0)
        if self._more.isVisibleTo(self):
            self._add_sliders(self._rest, directions[N_SHOWN:])
        self._show_values(self._values, self._chosen)

    def _add_sliders(self, rows: QVBoxLayout, directions: Sequence[PeopleDirection]) -> None:
        for direction in directions:
            if direction.id not in self.sliders:
                slider = self._slider(direction)
                self.sliders[direction.id] = slider
                rows.addWidget(slider)

    def _slider(self, direction: PeopleDirection) -> SliderRow:
        limits = ValueRange(-LIMIT, LIMIT, trained=(-TRAINED, TRAINED))
        slider = SliderRow(f"direction_{direction.id}", self.name_of(direction), limits, self._help(direction))
        slider.value_changed.connect(lambda value: self._editor.set_value(direction.id, self.name_of(direction), value))
        slider.edit_started.connect(self._editor.begin_gesture)
        slider.edit_finished.connect(self._editor.end_gesture)
        slider.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        slider.customContextMenuRequested.connect(lambda at: self.open_menu(direction, slider.mapToGlobal(at)))
        return slider

    def name_of(self, direction: PeopleDirection) -> str:
        """What the person calls it, else its own name."""
        return self._names.get(direction.id) or translate(direction.name)

    def _help(self, direction: PeopleDirection) -> str:
        group = self._chosen.get(direction.id, direction.group)
        return _(
            "A direction in w; 1 changes {percent:.1f} % of the picture. It affects: {layers}. Right-click to "
            "rename it or choose other layers."
        ).format(percent=100 * direction.effect, layers=translate(GROUP_TITLES.get(group, group)))

    def show_scene(self, scene: PeopleScene) -> None:
        """Show how far along each direction the place lies, and the layers that the person chose."""
        self._show_values(scene.values, scene.groups)

    def _show_values(self, values: Mapping[str, float], groups: Mapping[str, str]) -> None:
        self._values = values
        for direction in self._directions:
            slider = self.sliders.get(direction.id)
            if slider is None:
                continue
            slider.set_value(values.get(direction.id, 0.0))
            if self._chosen.get(direction.id) != groups.get(direction.id):
                self._chosen = {**self._chosen, direction.id: groups.get(direction.id, direction.group)}
                set_tip(slider, self._help(direction))

    def open_menu(self, direction: PeopleDirection, at: QPoint) -> None:
        """Offer a new name and the groups of layers."""
        menu = QMenu(self)
        rename = QAction(_("Rename…"), menu)
        rename.triggered.connect(lambda: self._rename(direction))
        menu.addAction(rename)
        if self._groups:
            menu.addSeparator()
            for group in (ALL_ROWS, *GROUPS):
                menu.addAction(self._group_action(menu, direction, group))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(at)

    def _group_action(self, menu: QMenu, direction: PeopleDirection, group: str) -> QAction:
        action = QAction(_("Apply to {layers}").format(layers=translate(GROUP_TITLES[group])), menu)
        action.setCheckable(True)
        action.setChecked(self._chosen.get(direction.id, direction.group) == group)
        action.triggered.connect(lambda: self._editor.set_group(direction.id, self.name_of(direction), group))
        return action

    def _rename(self, direction: PeopleDirection) -> None:
        title, question = _("Rename a direction"), _("What does it change?")
        name, is_accepted = QInputDialog.getText(self, title, question, text=self.name_of(direction))
        if is_accepted:
            self.rename(direction.id, name)

    def rename(self, direction_id: str, name: str) -> None:
        """Call a direction something else for good; an empty name gives its own back."""
        self._names[direction_id] = name.strip()[:MAX_NAME]
        direction = next(one for one in self._directions if one.id == direction_id)
        self.sliders[direction_id].set_name(self.name_of(direction))
        kept = dict(self._host.recall(NAMES_KEY, {}))
        kept[self._tasks.handle.source.id] = {**self._kept_names(), direction_id: self._names[direction_id]}
        self._host.remember(NAMES_KEY, kept)

    def _kept_names(self) -> dict[str, str]:
        """What the person calls the directions of this model."""
        kept = self._host.recall(NAMES_KEY, {})
        return {str(key): str(name) for key, name in dict(kept.get(self._tasks.handle.source.id, {})).items()}

    def _on_fold_clicked(self) -> None:
        is_shown = self._more.isHidden()
        self._add_sliders(self._rest, self._directions[N_SHOWN:])
        self._more.setVisible(is_shown)
        self._show_values(self._values, self._chosen)
        self._fold.set_icon("chevron_down" if is_shown else "chevron_right")
