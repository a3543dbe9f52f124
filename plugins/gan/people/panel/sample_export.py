"""The inspector's part that exports labelled samples and measures what they are worth, joined to the work behind it."""

from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.api.engine import Policy
from studio.api.panel import (
    Axis,
    Button,
    Curve,
    EngineTasks,
    Host,
    Label,
    ParamForm,
    PlotSpec,
    PlotView,
    named_button,
    put_in_a_column,
    set_tip,
)
from studio.core.error import UserError
from studio.core.param import make_params, params_to_json
from studio.core.translation import N_, _, translate

from ..params import SampleExportSettings
from ..sampling import ExportedSamples, export_samples, measure_effect
from ..state import FACE_PX, AugmentationEffect, PeopleFacts, effect_words, is_of_faces
from .editor import PeopleEditor

PLOT_TERM: Final = N_(
    "Held-out accuracy of two small classifiers over their training steps (data augmentation): one learns from 200 "
    "real faces, the other from the same faces plus fakes. The judge, which knows all the real faces, labelled the "
    "fakes."
)
EXPORT_KEY: Final = "export samples"
EFFECT_KEY: Final = "effect of samples"
SETTINGS_KEY: Final = "augment_settings"


class SampleExportSection(QWidget):
    """Each button stops what it began.

    Attributes:
        is_possible: whether the model draws faces whose labels the judge can read, as far as is known.
    """

    def __init__(self, editor: PeopleEditor, tasks: EngineTasks, host: Host) -> None:
        super().__init__()
        self.setObjectName("augment")
        self._editor, self._tasks, self._host = editor, tasks, host
        self.is_possible = is_of_faces(tasks.handle.source.card)
        self.form = ParamForm(SampleExportSettings, "augment_")
        self.form.changed.connect(self._keep)
        self.export = named_button("export_samples", "", pressed=self._choose_folder)
        self.export_words = self._label()
        self.effect = named_button("measure_effect", "", pressed=self._measure)
        self.plot = PlotView(N_("Labels read right, in percent"))
        self.plot.setObjectName("effect_plot")
        set_tip(self.plot, translate(PLOT_TERM))
        self.plot.hide()
        self.effect_words = self._label()
        put_in_a_column(self, (self.form, self.export, self.export_words, self.effect, self.plot, self.effect_words), 6)
        self.set_exporting(False)
        self.set_measuring(False)
        settings = self._kept()
        self.form.set_values({name: getattr(settings, name) for name in self.form.values()})

    def _label(self) -> Label:
        label = Label()
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

    def set_exporting(self, is_running: bool) -> None:
        """Show whether samples are being written."""
        hint = N_("Write pictures and a table of their labels into a new folder")
        _dress(self.export, is_running, N_("Export samples…"), "export", hint)

    def set_measuring(self, is_running: bool) -> None:
        """Show whether classifiers are learning."""
        hint = N_("Train a small classifier with and without such samples, and see what they are worth")
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
        set_tip(self.export_words, str(exported.folder))
        self.export_words.show()

    def show_effect(self, effect: AugmentationEffect) -> None:
        """Show how far the classifiers are."""
        self.effect_words.setText(effect_words(effect))
        self.effect_words.show()
        if not effect.steps:
            return
        at = np.asarray(effect.steps, np.float64)
        lines = ((N_("With fakes"), effect.with_forged), (N_("Real only"), effect.without))
        curves = [Curve(translate(name), at, 100 * np.asarray(values)) for name, values in lines]
        self.plot.show_plot(PlotSpec(curves, Axis(N_("Step"), float(at[0]), float(effect.n_steps))))
        self.plot.show()

    def opened(self, about: PeopleFacts) -> None:
        """Follow what the open model draws: the judge reads the shipped faces alone."""
        self.is_possible = self.is_possible and about.size_px == FACE_PX

    def _kept(self) -> SampleExportSettings:
        kept = self._host.recall(SETTINGS_KEY, {})
        try:
            settings: SampleExportSettings = make_params(SampleExportSettings, kept)
        except UserError:  # of another version: what it cannot be any more is chosen anew
            return SampleExportSettings()
        return settings

    def _keep(self) -> None:
        self._host.remember(SETTINGS_KEY, params_to_json(self.settings))

    def _choose_folder(self) -> None:
        """Ask where to write and begin, or stop."""
        if self._tasks.is_running(EXPORT_KEY):
            self._stop(EXPORT_KEY)
            return
        chosen = QFileDialog.getExistingDirectory(self.window(), _("Folder for the samples"))
        if chosen:
            self._export(Path(chosen))

    def _export(self, parent: Path) -> None:
        """Write samples into a new folder in `parent`."""
        name = _("Samples of {model}").format(model=self._tasks.handle.source.id.rpartition("/")[2])
        scene, settings = self._editor.scene, self.settings
        self.set_exporting(True)
        self._tasks.ask(
            EXPORT_KEY,
            lambda engine: export_samples(engine, scene, settings, parent, name),
            Policy.BACKGROUND,
            event=partial(self.show_export, is_done=False),
            done=partial(self.show_export, is_done=True),
            ended=self._on_ended,
            title=N_("Exporting samples"),
        )

    def _measure(self) -> None:
        """Let classifiers learn with and without samples, or stop."""
        if self._tasks.is_running(EFFECT_KEY):
            self._stop(EFFECT_KEY)
            return
        scene, settings = self._editor.scene, self.settings
        self.set_measuring(True)
        self._tasks.ask(
            EFFECT_KEY,
            lambda engine: measure_effect(engine, scene, settings),
            Policy.BACKGROUND,
            event=self.show_effect,
            done=self.show_effect,
            ended=self._on_ended,
            title=N_("Measuring the effect of samples"),
        )

    def _stop(self, key: str) -> None:
        self._tasks.cancel(key)
        self._on_ended(key)

    def _on_ended(self, key: str) -> None:
        if key == EXPORT_KEY:
            self.set_exporting(False)
        else:
            self.set_measuring(False)


def _dress(button: Button, is_running: bool, text: str, icon_name: str, hint: str) -> None:
    said = _("Stop") if is_running else translate(text)
    button.setText(said)
    button.setAccessibleName(said)
    set_tip(button, translate(hint))
    button.set_icon("stop" if is_running else icon_name)
