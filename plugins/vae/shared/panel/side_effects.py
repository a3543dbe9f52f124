"""How much each named direction changes of everything that is read in a picture: a table, and a sentence for each."""

from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QFont
from PySide6.QtWidgets import QAbstractItemView, QDialog, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from studio.api.engine import Policy
from studio.api.panel import EngineTasks, hue_of, put_in_a_column, set_tip, small_label, theme
from studio.core.translation import N_, _, translate

from ..arithmetic import PAIR
from ..scene import VaeScene
from ..side_effects import SideEffects
from .sum_section import MINUS, SumSection

KEY: Final = "side effects"
PAGE_PX: Final = (980, 470)
FULL: Final = 60.0  # percent: the strongest tint
HOW: Final = N_(
    "Measured just now: {n} random faces, each drawn twice, one step of the slider below and one above, and read by a "
    "network that was trained to name hair, beard and the rest. The numbers are percent of all there can be; what is "
    "within chance (two standard errors) is grey."
)


class SideEffectsPresenter(QObject):
    """Measures once a model, in the background, when the table or a direction is asked for.

    Signals: failed(UserError) where nothing can read what is drawn.
    """

    failed = Signal(object)

    def __init__(self, section: SumSection, n_named: int, tasks: EngineTasks, window: QWidget) -> None:
        super().__init__(window)
        self._section, self._n_named, self._tasks, self._window = section, n_named, tasks, window
        self._effects: SideEffects | None = None
        self._direction = PAIR
        self.dialog: QDialog | None = None
        card = tasks.handle.source.card
        section.table.setVisible(card.get("data_set", {}).get("name") == "avatars")
        section.table.clicked.connect(self.show_table)

    def show_scene(self, scene: VaeScene) -> None:
        """Say what else the last direction of the sum changes, once that is known."""
        named = [term.direction for term in scene.terms if not term.is_pair and term.direction < self._n_named]
        self._direction = named[-1] if named else PAIR
        self._say()

    def show_table(self) -> None:
        """Show the table, measured first where it is not known yet."""
        if self._effects is not None:
            self._open(self._effects)
            return
        self._section.table.setEnabled(False)
        self._tasks.ask(
            KEY,
            lambda engine: engine.side_effects(self._n_named),
            Policy.BACKGROUND,
            done=self._on_measured,
            failed=self.failed.emit,
            ended=lambda *_: self._section.table.setEnabled(True),
            title=N_("Measuring what each direction changes"),
        )

    def _on_measured(self, effects: SideEffects) -> None:
        self._effects = effects
        self._say()
        self._open(effects)

    def _say(self) -> None:
        known = self._effects is not None and self._direction != PAIR
        self._section.say(side_words(self._effects, self._direction) if known and self._effects else "")

    def _open(self, effects: SideEffects) -> None:
        self.dialog = dialog = SideEffectsDialog(effects, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.destroyed.connect(partial(setattr, self, "dialog", None))
        dialog.open()


def side_words(effects: SideEffects, index: int) -> str:
    """What else a direction changes most."""
    other, is_sure = effects.strongest(index)
    name = translate(effects.directions[index])
    if not is_sure:
        return _("“{name}” changes nothing else that could be told from chance.").format(name=name)
    return _("“{name}” also changes “{other}” most, by {percent} %.").format(
        name=name, other=translate(effects.measures[other]), percent=percent_text(effects.changes[index, other])
    )


def percent_text(value: float) -> str:
    """A change with its sign, in whole percent."""
    whole = round(value)
    return f"{whole:+d}".replace("-", MINUS) if whole else "0"


class SideEffectsDialog(QDialog):
    """A row for each direction, a column for each measure, and at the end what else it changes most."""

    def __init__(self, effects: SideEffects, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("side_effects")
        self.setWindowTitle(_("What each direction changes"))
        self.resize(*PAGE_PX)
        table = self.table = QTableWidget(len(effects.directions), len(effects.measures))
        table.setObjectName("side_effects_table")
        table.setAccessibleName(_("What each direction changes, in percent"))
        table.setHorizontalHeaderLabels([translate(name).replace(" ", "\n") for name in effects.measures])
        table.setVerticalHeaderLabels([translate(name) for name in effects.directions])
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setTabKeyNavigation(False)
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        for row in range(table.rowCount()):
            for column in range(table.columnCount()):
                table.setItem(row, column, self._cell(effects, row, column, hue_of(parent).fill))
        how = small_label(translate(HOW).format(n=effects.n_places))
        put_in_a_column(self, (table, how))
        layout = self.layout()
        if layout is not None:
            layout.setContentsMargins(16, 16, 16, 16)

    def _cell(self, effects: SideEffects, row: int, column: int, hue: str) -> QTableWidgetItem:
        change, error = float(effects.changes[row, column]), float(effects.errors[row, column])
        item = QTableWidgetItem(percent_text(change))
        item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
        set_tip(item, _("{change:+.1f} % ± {error:.1f}").format(change=change, error=error))
        if abs(change) <= 2 * error:
            item.setForeground(QBrush(QColor(theme().colour.text_muted)))
            return item
        item.setForeground(QBrush(QColor(theme().colour.text_strong)))
        tint = QColor(hue)
        tint.setAlphaF(0.5 * min(1.0, abs(change) / FULL))
        item.setBackground(QBrush(tint))
        font = QFont(self.font())
        font.setBold(column == effects.own(row))
        item.setFont(font)
        return item
