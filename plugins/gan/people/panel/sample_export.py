"""The inspector's part that exports labelled samples and measures what they are worth, joined to the work behind it."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QLabel, QVBoxLayout, QWidget

from studio.api.engine import Policy
from studio.api.panel import Axis, Button, Curve, ParamForm, PlotSpec, PlotView
from studio.core.error import UserError
from studio.core.param import make_params, params_to_json
from studio.core.translation import N_, translate

from ..params import SampleExportSettings
from ..sampling import ExportedSamples, export_samples, measure_effect
from ..state import AugmentationEffect, effect_words

if TYPE_CHECKING:
    from .panel import PeoplePanel

PLOT_TERM: Final = N_(
    "Held-out accuracy over the steps of two small classifiers (data augmentation): one learns from 200 real faces, "
    "the other also from forged ones. The judge, which knows all real faces, gave the forged ones their labels."
)
EXPORT_KEY: Final = "export samples"
EFFECT_KEY: Final = "effect of samples"
SETTINGS_KEY: Final = "augment_settings"
FACES_PX: Final = 64


class SampleExportSection(QWidget):
    """Signals: export_requested(), to stop it too; effect_requested(), to stop it too; changed(settings)."""

    export_requested = Signal()
    effect_requested = Signal()
    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("augment")
        self.form = ParamForm(SampleExportSettings, "augment_")
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
    def settings(self) -> SampleExportSettings:
        """What is chosen."""
        settings: SampleExportSettings = make_params(SampleExportSettings, self.form.values())
        return settings

    def show_settings(self, settings: SampleExportSettings) -> None:
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

    def show_export(self, exported: ExportedSamples, is_done: bool) -> None:
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

    def show_effect(self, effect: AugmentationEffect) -> None:
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


class SampleExportDesk(QObject):
    """Works for models of the shipped faces, whose labels the judge can read; others have no such section."""

    def __init__(self, panel: "PeoplePanel") -> None:
        super().__init__(panel)
        self._panel = panel
        self._section, self._box = panel.controls.augment, panel.controls.augment_box
        self._is_of_faces = panel.handle.source.card.get("data_set", {}).get("name") == "avatars"
        self._box.setVisible(self._is_of_faces)
        self._section.show_settings(self._kept())
        self._section.export_requested.connect(self.choose_folder)
        self._section.effect_requested.connect(self.measure)
        self._section.changed.connect(self._keep)
        panel.tasks.ended.connect(self._on_ended)
        panel.opened.connect(self._on_opened)

    def _on_opened(self, about: Any) -> None:
        self._box.setVisible(self._is_of_faces and about.size_px == FACES_PX)

    def _kept(self) -> SampleExportSettings:
        kept = self._panel.host.recall(SETTINGS_KEY, {})
        try:
            settings: SampleExportSettings = make_params(SampleExportSettings, kept)
        except UserError:  # of another version: what it cannot be any more is chosen anew
            return SampleExportSettings()
        return settings

    def _keep(self, settings: SampleExportSettings) -> None:
        self._panel.host.remember(SETTINGS_KEY, params_to_json(settings))

    def choose_folder(self) -> None:
        """Ask where to write and begin, or stop."""
        if self._panel.tasks.is_running(EXPORT_KEY):
            self._stop(EXPORT_KEY)
            return
        title = translate(N_("Folder for the samples"))
        chosen = QFileDialog.getExistingDirectory(self._panel, title)
        if chosen:
            self.export(Path(chosen))

    def export(self, parent: Path) -> None:
        """Write samples into a new folder in `parent`."""
        panel = self._panel
        name = translate(N_("Samples of {model}")).format(model=panel.handle.source.id.rpartition("/")[2])
        call = partial(
            export_samples, scene=panel.editor.scene, settings=self._section.settings, parent=parent, name=name
        )
        self._section.set_exporting(True)
        panel.tasks.run(
            EXPORT_KEY,
            panel.handle.work(call),
            Policy.BACKGROUND,
            event=partial(self._section.show_export, is_done=False),
            done=partial(self._section.show_export, is_done=True),
            title=N_("Exporting samples"),
        )

    def measure(self) -> None:
        """Let classifiers learn with and without samples, or stop."""
        panel = self._panel
        if panel.tasks.is_running(EFFECT_KEY):
            self._stop(EFFECT_KEY)
            return
        call = partial(measure_effect, scene=panel.editor.scene, settings=self._section.settings)
        self._section.set_measuring(True)
        panel.tasks.run(
            EFFECT_KEY,
            panel.handle.work(call),
            Policy.BACKGROUND,
            event=self._section.show_effect,
            done=self._section.show_effect,
            title=N_("Measuring the effect of samples"),
        )

    def _stop(self, key: str) -> None:
        self._panel.tasks.cancel(key)
        self._on_ended(key)

    def _on_ended(self, key: str) -> None:
        if key == EXPORT_KEY:
            self._section.set_exporting(False)
        elif key == EFFECT_KEY:
            self._section.set_measuring(False)
