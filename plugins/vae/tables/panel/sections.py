"""The inspector of the panel of tables: which table, what to hide, how good it is, and how it is learnt."""

from typing import Final

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QWidget

from studio.api.panel import (
    Axis,
    Bars,
    Label,
    PlotSpec,
    PlotView,
    Segmented,
    SettingsSection,
    SliderRow,
    ValueRange,
    at_the_left,
    in_a_row,
    named_button,
    param_field,
    put_in_a_column,
    small_label,
)
from studio.core.param import param_specs
from studio.core.translation import N_, _, translate

from ..caption import WAY_TEXTS, best_peers, measured_words, table_words, totals_in_order, tried_words
from ..params import TableParams
from ..scene import TableScene
from ..state import WAYS
from ..view_model import TableView

BY_TEXTS: Final = {
    "random": (N_("Any"), N_("Every known cell is hidden with the same chance (missing completely at random)")),
    "largest": (
        N_("Large ones"),
        N_("The larger a number, the more likely it is hidden (missing not at random)"),
    ),
}
_APART: Final = 0.2
_HIDDEN: Final = param_specs(TableParams)["hidden"]
_PERCENT: Final = ValueRange(
    100 * (_HIDDEN.low or 0), 100 * (_HIDDEN.high or 1), step=1.0, default=0.0, unit="%", is_whole=True
)


class TableSection(QWidget):
    """Which table. Signals: open_requested(), example_requested(), save_requested().

    Attributes:
        has_ranges: whether the ends of ranges are saved beside.
    """

    open_requested = Signal()
    example_requested = Signal()
    save_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.words = small_label(n_lines=2)
        hint = N_("Fill in a table of your own (CSV, Excel, Parquet) with one row for each thing; or drop one here")
        opens = named_button("table_open", N_("My table…"), hint, "open", self.open_requested)
        hint = N_("Penguins that were measured in Antarctica")
        example = named_button("table_example", N_("Example"), hint, pressed=self.example_requested)
        hint = N_("Save the table with its gaps filled in, as CSV, Excel workbook or Parquet")
        self.save = named_button("table_save", N_("Save…"), hint, "export", self.save_requested)
        self._ranges = QCheckBox(_("With the ranges"))
        self._ranges.setObjectName("table_ranges")
        put_in_a_column(self, (self.words, in_a_row(opens, example), at_the_left(self.save, self._ranges)))

    @property
    def has_ranges(self) -> bool:
        """Whether two more columns are saved for each column of numbers that was filled."""
        return self._ranges.isChecked()

    def show_view(self, view: TableView | None) -> None:
        """Say how large the table is."""
        self.words.setText("" if view is None else table_words(view.moment))
        self.save.setEnabled(view is not None)


class TrySection(SettingsSection):
    """How many known cells are hidden, and how they are filled in. Signals, beside settings': hide_requested()."""

    hide_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        hint = N_("Hide a fifth of the known cells to see how well they are filled in, or show them again")
        self.hide_some = named_button("table_hide", N_("Hide some cells"), hint, pressed=self.hide_requested)
        self.hidden = SliderRow("table_hidden", _HIDDEN.label, _PERCENT, _HIDDEN.help)
        self.edit_by(self.hidden, "hidden", lambda percent: round(percent) / 100)
        self.by = Segmented("table_by", BY_TEXTS, param_specs(TableParams)["hidden_by"].label)
        self.by.value_chosen.connect(lambda value: self.changed.emit("hidden_by", value))
        self.words = small_label(n_lines=2)
        put_in_a_column(self, (self.hide_some, self.hidden, self.by, self.words))

    def show_scene(self, scene: TableScene) -> None:
        """Stand where the scene is; emits nothing."""
        self.hidden.set_value(round(100 * scene.params.hidden))
        self.by.set_value(scene.params.hidden_by)
        self.hide_some.setText(_("Show all cells") if scene.params.hidden else _("Hide some cells"))

    def show_view(self, view: TableView | None) -> None:
        """Say how the hidden cells were filled in."""
        self.words.setText("" if view is None else tried_words(view))


class LearnTableSection(SettingsSection):
    """How it is learnt. Signals, beside those of settings: again_requested()."""

    again_requested = Signal()

    def __init__(self, defaults: TableParams) -> None:
        super().__init__()
        steps, latents = self.sliders(defaults, "table_", "n_steps", "n_latent")
        self.seed = param_field(defaults, "seed", "table_seed")
        self.seed.value_typed.connect(lambda value: self.changed.emit("seed", round(value)))
        hint = N_("Learn the table once more with a new random seed (R)")
        again = named_button("table_again", N_("Learn again"), hint, pressed=self.again_requested)
        put_in_a_column(self, (steps, latents, in_a_row(again, Label(self.seed.accessibleName()), self.seed)))

    def show_scene(self, scene: TableScene) -> None:
        """Stand where the scene is; emits nothing."""
        self.show_params(scene.params)
        self.seed.set_value(scene.params.seed)


class TableErrorSection(QWidget):
    """How this and other ways fill cells that were held out: in all, and column by column."""

    def __init__(self) -> None:
        super().__init__()
        self.words = small_label(n_lines=3)
        self._rows = {way: (Label(translate(text)), Label()) for way, text in WAY_TEXTS.items()}
        grid = QGridLayout()
        grid.setColumnStretch(0, 1)
        for row, (name, figure) in enumerate(self._rows.values()):
            grid.addWidget(name, row, 0)
            grid.addWidget(figure, row, 1, Qt.AlignmentFlag.AlignRight)
        self.plot = PlotView(N_("Error in each column"))
        put_in_a_column(self, (self.words, grid, self.plot))

    def show_view(self, view: TableView | None) -> None:
        """Show the figures of a moment."""
        if view is None:
            return
        figures = view.moment.figures
        totals, words = totals_in_order(figures), measured_words(figures)
        best = min(totals.values(), default=float("nan"))
        for way, (name, figure) in self._rows.items():
            figure.setText(f"{totals[way]:.2f}" if way in totals else "–")
            for label in (name, figure):
                label.setProperty("role", "strong" if totals.get(way) == best else "muted")
                label.style().polish(label)
        self.words.setText(words)
        self.plot.setVisible(bool(totals))
        self._show_columns(view, words)

    def _show_columns(self, view: TableView, words: str) -> None:
        errors = view.moment.figures.errors
        names = tuple(column.name for column in view.columns if not column.is_kept)
        heights = np.nan_to_num(errors[0]) if errors.shape[1] else np.zeros(0)
        x = np.arange(len(names), dtype=np.float64)
        if len(heights) == len(names):
            bars = [
                Bars(translate(WAY_TEXTS[WAYS[0]]), x - _APART, heights, 2 * _APART, labels=names),
                Bars(
                    _("Best other way"),
                    x + _APART,
                    best_peers(view.moment.figures),
                    2 * _APART,
                    "text_muted",
                    labels=names,
                ),
            ]
            axes = Axis(_("Columns; beside each the best other way"), ticks=()), Axis(_("Error"), 0.0)
            self.plot.show_plot(PlotSpec(bars, *axes, summary=words))
