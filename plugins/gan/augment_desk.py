"""Joins the export of labelled samples to the people's panel: asks for a folder, runs and stops the work."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from studio.api.engine import Policy
from studio.core.error import UserError
from studio.core.param import make_params, params_to_json
from studio.core.text import N_, translate

from .augment_call import export, measure_effect
from .augment_settings import AugmentSettings

if TYPE_CHECKING:
    from .people_panel import PeoplePanel

EXPORT_KEY: Final = "export samples"
EFFECT_KEY: Final = "effect of samples"
SETTINGS_KEY: Final = "augment_settings"
FACES_PX: Final = 64


class AugmentDesk(QObject):
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

    def _kept(self) -> AugmentSettings:
        kept = self._panel.host.recall(SETTINGS_KEY, {})
        try:
            settings: AugmentSettings = make_params(AugmentSettings, kept)
        except UserError:  # of another version: what it cannot be any more is chosen anew
            return AugmentSettings()
        return settings

    def _keep(self, settings: AugmentSettings) -> None:
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
        call = partial(export, scene=panel.editor.scene, settings=self._section.settings, parent=parent, name=name)
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
