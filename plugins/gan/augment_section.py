"""The inspector's part that exports labelled samples, and measures what they are worth to a classifier."""

from typing import Final

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from studio.api.panel import Axis, Button, Curve, ParamForm, PlotSpec, PlotView
from studio.core.param import make_params
from studio.core.text import N_, translate

from .augment_call import Exported
from .augment_effect import Effect, effect_words
from .augment_settings import AugmentSettings

PLOT_TERM: Final = N_(
    "Held-out accuracy over the steps of two small classifiers (data augmentation): one learns from 200 real faces, "
    "the other also from forged ones. The judge, which knows all real faces, gave the forged ones their labels."
)


class AugmentSection(QWidget):
    """Signals: export_requested(), to stop it too; effect_requested(), to stop it too; changed(settings)."""

    export_requested = Signal()
    effect_requested = Signal()
    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("augment")
        self.form = ParamForm(AugmentSettings, "augment_")
        self.form.changed.connect(lambda _name, _value: self.changed.emit(self.settings))
        self.export = Button()
        self.export.setObjectName("export_samples")
        self.export.clicked.connect(self.export_requested)
        self.export_words = self._label()
        self.effect = Button()
        self.effect.setObjectName("measure_effect")
        self.effect.clicked.connect(self.effect_requested)
        self.plot = PlotView(N_("Labels read right, in percent"))
        self.plot.setObjectName("effect_plot")
        self.plot.setToolTip(translate(PLOT_TERM))
        self.plot.hide()
        self.effect_words = self._label()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for widget in (self.form, self.export, self.export_words, self.effect, self.plot, self.effect_words):
            column.addWidget(widget)
        self.set_exporting(False)
        self.set_measuring(False)

    def _label(self) -> QLabel:
        label = QLabel()
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)  # a folder's name may hold anything
        label.setProperty("role", "small")
        label.hide()
        return label

    @property
    def settings(self) -> AugmentSettings:
        """What is chosen."""
        settings: AugmentSettings = make_params(AugmentSettings, self.form.values())
        return settings

    def show_settings(self, settings: AugmentSettings) -> None:
        """Show these. Emits nothing."""
        self.form.set_values({name: getattr(settings, name) for name in self.form.values()})

    def set_exporting(self, is_running: bool) -> None:
        """Show whether samples are being written."""
        hint = N_("Write pictures and a table of their labels into a new folder")
        _dress(self.export, is_running, N_("Export samples…"), "export", hint)

    def set_measuring(self, is_running: bool) -> None:
        """Show whether classifiers are learning."""
        hint = N_("Let a small classifier learn with and without such samples, and see what they are worth")
        _dress(self.effect, is_running, N_("Measure the effect"), "eye", hint)

    def show_export(self, exported: Exported, is_done: bool) -> None:
        """Say how far the export is, or what it wrote."""
        form = N_("{n:,} of {all:,} written, {tried:,} tried")
        if is_done:
            form = N_("{n:,} samples and labels.csv are in “{folder}”. {left:,} of {tried:,} faces did not pass.")
        n, tried = exported.n_written, exported.n_tried
        text = translate(form).format(
            n=n, all=exported.n_wanted, tried=tried, left=tried - n, folder=exported.folder.name
        )
        self.export_words.setText(text)
        self.export_words.setToolTip(str(exported.folder))
        self.export_words.show()

    def show_effect(self, effect: Effect) -> None:
        """Show how far the classifiers are."""
        self.effect_words.setText(effect_words(effect))
        self.effect_words.show()
        if not effect.steps:
            return
        at = np.asarray(effect.steps, np.float64)
        lines = ((N_("With forged"), effect.with_forged), (N_("Real only"), effect.without))
        curves = [Curve(translate(name), at, 100 * np.asarray(values)) for name, values in lines]
        self.plot.show_plot(PlotSpec(curves, Axis(N_("Step"), float(at[0]), float(effect.n_steps))))
        self.plot.show()


def _dress(button: Button, is_running: bool, text: str, icon_name: str, hint: str) -> None:
    said = translate(N_("Stop")) if is_running else translate(text)
    button.setText(said)
    button.setAccessibleName(said)
    button.setToolTip(translate(hint))
    button.set_icon("stop" if is_running else icon_name)
