"""The settings in which two runs differ, with the labels that a person knows from the inspector."""

import math
from collections.abc import Mapping
from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.core.param import ParamSpec
from studio.core.recording.difference import MOVED, Differing, differing_settings
from studio.core.recording.recording import RunInfo
from studio.core.translation import N_, _, translate
from studio.widgets.controls.label import Label, set_tip
from studio.widgets.controls.value_range import MINUS

_MAX_LETTERS: Final = 400
_LABELS: Final = {"model": N_("Model"), "weights": N_("Weights"), "seed": N_("Seed"), MOVED: N_("Moved by")}
_BACKEND: Final = "backend."


class DifferenceTable(QWidget):
    """Three columns: the setting, its value in A, its value in B; or a sentence where nothing differs."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._table = QTableWidget(0, 3)
        self._table.setObjectName("compare_table")
        self._table.setAccessibleName(_("What differs"))
        self._table.setHorizontalHeaderLabels([_("Setting"), "A", "B"])
        self._table.verticalHeader().hide()
        self._table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self._table.setTabKeyNavigation(False)
        self._table.setShowGrid(False)
        self._table.setWordWrap(False)
        self._table.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self._table.setSizeAdjustPolicy(QAbstractItemView.SizeAdjustPolicy.AdjustToContents)
        self._table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self._table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        self._table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        self._nothing = Label(_("Both runs have the same settings."))
        self._nothing.setProperty("role", "muted")
        self._nothing.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for widget in (self._nothing, self._table):
            layout.addWidget(widget)
        layout.addStretch(0)

    def show_runs(self, a: RunInfo, b: RunInfo, specs: Mapping[str, ParamSpec]) -> int:
        """Compare two runs and return in how many settings they differ; `specs` name the parameters."""
        rows = differing_settings(a, b)
        self._table.setRowCount(len(rows))
        for at, row in enumerate(rows):
            spec = specs.get(row.name)
            value_a, value_b = _short_ids(row.a, row.b) if row.name == "model" else (row.a, row.b)
            texts = (label_of(row, spec), value_text(value_a, spec), value_text(value_b, spec))
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                set_tip(item, text if column or spec is None else translate(spec.help))
                self._table.setItem(at, column, item)
        self._table.setVisible(bool(rows))
        self._nothing.setVisible(not rows)
        return len(rows)


def _short_ids(a: str, b: str) -> tuple[str, str]:
    """Model ids without the family where it is the same."""
    (family_a, _, name_a), (family_b, _, name_b) = a.partition("/"), b.partition("/")
    return (name_a, name_b) if family_a == family_b else (a, b)


def label_of(row: Differing, spec: ParamSpec | None) -> str:
    """The plain name of a setting: the label of its declaration, else its own name made readable."""
    if spec is not None:
        return translate(spec.label)
    if row.name in _LABELS:
        return translate(_LABELS[row.name])
    return row.name.removeprefix(_BACKEND).replace(".", ", ").replace("_", " ").capitalize()


def value_text(value: Any, spec: ParamSpec | None) -> str:
    """A setting's value as people write it; a dash where the run does not have it."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, float) and math.isfinite(value):
        text = f"{value:.6g}".replace("-", MINUS)
    elif isinstance(value, list | tuple):
        text = ", ".join(value_text(one, None) for one in value)
    else:
        text = str(value)
    shown = text if len(text) <= _MAX_LETTERS else text[: _MAX_LETTERS - 1] + "…"
    unit = spec.unit if spec is not None else ""
    return f"{shown} {unit}".rstrip()
