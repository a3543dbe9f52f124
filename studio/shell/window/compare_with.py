"""“Compare with…”: another model of the family does the same with the same settings, as a track beside the panel's."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from studio.api.engine import Engine, EngineHandle
from studio.commands.track import Track
from studio.compute.job import Policy
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.param import params_to_json, saved_params
from studio.core.recording.recording import Recording, RunInfo
from studio.core.translation import N_, _, translate
from studio.registry.model import ModelInfo
from studio.shell.session.service import Services
from studio.shell.tabs.tab_set import TabSet
from studio.shell.window.choice import gallery_choices
from studio.widgets.gallery.gallery import Gallery

if TYPE_CHECKING:
    from studio.api.panel import Panel


class Comparer:
    """Offers what the model in front can be compared with."""

    def __init__(self, services: Services, tabs: TabSet, window: QWidget) -> None:
        self._services = services
        self._tabs = tabs
        self._window = window

    def can_offer(self) -> bool:
        """Whether the page in front is a model that runs."""
        tab = self._tabs.front_tab
        return tab is not None and tab.panel is not None

    def offer(self) -> None:
        """Show a gallery of all models of the family, the one in front last."""
        tab = self._tabs.front_tab
        if tab is not None and tab.panel is not None:
            catalog = self._services.catalog
            choices = gallery_choices(catalog, partial(self._run_named, tab.panel), tab.found.id, tab.source.id)
            choices.sort(key=lambda choice: choice.is_present)
            Gallery(N_("Compare with…"), choices, self._window).open_over(self._window)

    def _run_named(self, panel: "Panel", model_id: str) -> None:
        self._run(panel, self._services.catalog.find_model(model_id))

    def _run(self, panel: "Panel", model: ModelInfo) -> None:
        """Run `model` with the panel's settings that its kind has too; its run and the panel's own are pinned."""
        services, source = self._services, model.source
        try:
            params: Any = saved_params(services.catalog.params_class(source), params_to_json(panel.params()))
        except UserError as error:
            panel.messages.show_error(error)
            return
        handle = services.catalog.make_handle(source, services.device.choose)
        OtherRun(panel, handle, params, translate(model.title)).start()


class OtherRun(QObject):
    """One run of another model in a panel. Its track appears with the first frame: where the other model refuses
    the settings, the panel says so and nothing else has changed."""

    def __init__(self, panel: "Panel", handle: EngineHandle, params: Any, title: str) -> None:
        super().__init__(panel)
        self._panel = panel
        self._handle = handle
        self._title = title
        self._params, self._own_params = params, panel.params()
        values = params_to_json(params)
        seed, fps = int(values.get("seed", 0)), panel.timeline.playback.fps
        self._recording = Recording(RunInfo(handle.source.id, values, seed, title=title, fps=fps))
        self._key = f"compare {self._recording.info.id}"
        self._track: Track | None = None

    def start(self) -> None:
        """Open the other model on the Worker and run it; it is freed afterwards."""
        tasks = self._panel.tasks
        work = self._handle.recorded(partial(_generate, params=self._params), self._recording)
        title = _("Compare with {title}").format(title=self._title)
        tasks.run(self._key, work, Policy.QUEUE, event=self._on_grown, ended=self._on_ended, title=title)

    def _on_grown(self, _: object) -> None:
        timeline = self._panel.timeline
        if self._track is None:
            own = self._own_track()
            self._track = timeline.recorder.follow(self._recording, "", self._stop)
            timeline.tracks.add(own.recording)  # stays the current one: the panel's controls are those of its model
            timeline.tracks.compare(own, self._track)
        timeline.recorder.grow(self._recording.info.id)

    def _own_track(self) -> Track:
        """The panel's newest run with these settings, or a new one."""
        own, values = self._panel.handle.source.id, params_to_json(self._own_params)
        for track in reversed(tuple(self._panel.timeline.tracks)):
            info = track.recording.info
            if (info.model_id, info.kind, info.branch, dict(info.params)) == (own, "run", None, values):
                return track
        return self._panel.timeline.record_run(self._own_params)

    def _stop(self) -> None:
        self._panel.tasks.cancel(self._key)  # nothing more is delivered, not even the end
        self._on_ended(self._key)

    def _on_ended(self, _: str) -> None:
        if self._track is None:
            self._recording.close()
        else:
            self._panel.timeline.recorder.end(self._recording.info.id)
        self._panel.tasks.run(f"free {self._key}", self._handle.unload(), Policy.QUEUE)
        self.deleteLater()


def _generate(engine: Engine, params: Any) -> Iterator[Frame]:
    return engine.generate(params)
