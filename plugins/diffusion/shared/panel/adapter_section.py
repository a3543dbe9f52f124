"""The inspector's part for adapters (LoRA): files that change the model, each with a switch and a slider."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QCheckBox, QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from studio.api.engine import Policy
from studio.api.panel import EngineTasks, SliderRow, ValueRange, named_button, put_in_a_column, set_tip, small_label
from studio.core.error import UserError
from studio.core.translation import N_, _, translate

from ...foreign.lora.file import SUFFIX
from ..adapters import MAX_ADAPTERS, MAX_STRENGTH, Adapter, adapters_of, text_of
from ..scene import DiffusionScene
from .editor import DiffusionEditor

STRENGTHS: Final = ValueRange(-MAX_STRENGTH, MAX_STRENGTH, step=0.05, default=1.0)
STRENGTH_HELP: Final = N_("How strongly this file changes the model: 1 is as it was learnt, below 0 does the opposite")
NONE_YET: Final = N_("Open a file that changes what this model draws, or drop it here (LoRA).")
MAX_SHOWN: Final = 34
_KEY: Final = "adapter"
TITLE: Final = N_("Adapters")


class AdapterRow(QWidget):
    """One file. Signals: switched(is_on), removed()."""

    switched = Signal(bool)
    removed = Signal()

    def __init__(self, index: int, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.switch = QCheckBox(title if len(title) <= MAX_SHOWN else title[: MAX_SHOWN - 1] + "…")
        self.switch.setObjectName(f"adapter_{index}_on")
        self.switch.setAccessibleName(_("Use {name}").format(name=title))
        set_tip(self.switch, _("Use {name}").format(name=title))
        self.switch.clicked.connect(self.switched)
        self.strength = SliderRow(f"adapter_{index}", N_("Strength"), STRENGTHS, STRENGTH_HELP)
        hint = _("Remove {name}").format(name=title)
        self.remove = named_button(f"adapter_{index}_remove", "", hint, "close", self.removed, kind="quiet")
        head = QHBoxLayout()
        head.setSpacing(0)
        head.addWidget(self.switch, 1)
        head.addWidget(self.remove)
        put_in_a_column(self, (head, self.strength), 0)

    def show_adapter(self, adapter: Adapter) -> None:
        """Show whether and how strongly it is used; emits nothing."""
        self.switch.setChecked(adapter.is_on)
        self.strength.set_value(adapter.strength)
        self.strength.setEnabled(adapter.is_on)


class AdapterSection(QWidget):
    """Shows the adapters; changes nothing itself.

    Signals: open_requested(); switched(index, is_on), strength_changed(index, value), removed(index);
    edit_started(), edit_finished() around a drag.
    """

    open_requested = Signal()
    switched = Signal(int, bool)
    strength_changed = Signal(int, float)
    removed = Signal(int)
    edit_started = Signal()
    edit_finished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: list[AdapterRow] = []
        self._shown: list[Path] = []
        self.words = small_label(translate(NONE_YET))
        self.open = named_button("open_adapter", N_("Open adapter…"), translate(NONE_YET), pressed=self.open_requested)
        self._list = QVBoxLayout()
        self._list.setSpacing(4)
        put_in_a_column(self, (self._list, self.words, self.open))

    def show_adapters(self, adapters: Sequence[Adapter]) -> None:
        """Show these; rows stay while only switches and strengths change, so that a drag goes on. Emits nothing."""
        paths = [one.path for one in adapters]
        if paths != self._shown:
            self._make_rows(adapters)
            self._shown = paths
        for row, adapter in zip(self.rows, adapters, strict=True):
            row.show_adapter(adapter)
        self.words.setVisible(not adapters)
        self.open.setEnabled(len(adapters) < MAX_ADAPTERS)

    def _make_rows(self, adapters: Sequence[Adapter]) -> None:
        for row in self.rows:
            row.hide()
            row.deleteLater()
        self.rows = [AdapterRow(index, one.title) for index, one in enumerate(adapters)]
        for index, row in enumerate(self.rows):
            self._list.addWidget(row)
            row.switched.connect(partial(self.switched.emit, index))
            row.removed.connect(partial(self.removed.emit, index))
            row.strength.value_changed.connect(partial(self.strength_changed.emit, index))
            row.strength.edit_started.connect(self.edit_started)
            row.strength.edit_finished.connect(self.edit_finished)


class AdapterPresenter(QObject):
    """Keeps the section in step with the scene, and makes steps of undo of what a hand does there.

    Signals: failed(UserError).
    """

    failed = Signal(object)

    def __init__(self, section: AdapterSection, editor: DiffusionEditor, tasks: EngineTasks, parent: QWidget) -> None:
        super().__init__(parent)
        self._section, self._editor, self._tasks, self._window = section, editor, tasks, parent
        section.open_requested.connect(self.choose)
        section.switched.connect(lambda index, is_on: self._change(index, is_on=is_on))
        section.strength_changed.connect(lambda index, value: self._change(index, strength=round(value, 4)))
        section.removed.connect(lambda index: self._set([*self._adapters[:index], *self._adapters[index + 1 :]]))
        section.edit_started.connect(editor.begin_gesture)
        section.edit_finished.connect(editor.end_gesture)

    @property
    def _adapters(self) -> tuple[Adapter, ...]:
        return adapters_of(self._editor.scene.params.adapters)

    def show_scene(self, scene: DiffusionScene) -> None:
        """Show the scene's adapters; emits nothing. What is no list of them is said where it is run."""
        try:
            self._section.show_adapters(adapters_of(scene.params.adapters))
        except UserError:
            self._section.show_adapters(())

    def choose(self) -> None:
        """Ask for a file."""
        chosen, _filter = QFileDialog.getOpenFileName(
            self._window, _("Open adapter"), "", _("Adapters (LoRA)") + f" (*{SUFFIX})"
        )
        if chosen:
            self.open(Path(chosen))

    def open(self, path: Path) -> None:
        """Let the model wear a file too, if it fits."""
        self._tasks.ask(
            _KEY,
            lambda engine: engine.check_adapter(path),
            Policy.RESTART,
            done=lambda _: self._add(path.absolute()),
            failed=self.failed.emit,
        )

    def _add(self, path: Path) -> None:
        if path not in [one.path for one in self._adapters]:
            self._set([*self._adapters, Adapter(path)])

    def _change(self, index: int, **fields: Any) -> None:
        adapters = list(self._adapters)
        adapters[index] = replace(adapters[index], **fields)
        self._set(adapters, f"adapter {index}" if "strength" in fields else None)

    def _set(self, adapters: Sequence[Adapter], merge_key: str | None = None) -> None:
        text = text_of(adapters)
        try:
            adapters_of(text)  # no more than there may be, and no path that cannot be written
        except UserError as error:
            self.failed.emit(error)
        else:
            self._editor.apply(TITLE, self._editor.scene.with_params(adapters=text), merge_key)
