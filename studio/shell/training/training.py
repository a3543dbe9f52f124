"""Training in the window: its dialog, its messages, the models that come of it, and how they go again."""

from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from studio.api.engine import ModelSource
from studio.commands.command import FILE, Command
from studio.compute.job import Policy
from studio.core.error import UserError
from studio.core.param import params_to_json
from studio.core.translation import N_, _, plural
from studio.registry.model import ModelInfo
from studio.registry.training_run import delete_model, own_sizes
from studio.registry.training_store import StoredTraining
from studio.shell.home.home import Home
from studio.shell.session.service import Services
from studio.shell.session.session import TabMemory
from studio.shell.tabs.model_tab import ModelTab
from studio.shell.tabs.opener import ModelOpener
from studio.shell.tabs.tab_set import TabSet
from studio.shell.training.desk import LiveTraining, TrainingDesk, TrainPlan
from studio.shell.training.dialog import TrainDialog
from studio.shell.training.message import TrainMessages
from studio.shell.training.view import TabTraining
from studio.widgets.controls.model_picker import bytes_text
from studio.widgets.message_bar import MessageBar
from studio.widgets.question import ask
from studio.widgets.task_scope import TaskScope


class Trainings(QObject):
    """Connects the desk of trainings with tabs, Home and the opener.

    Signals: failed(UserError); models_changed() after a training or a deletion.
    """

    failed = Signal(object)
    models_changed = Signal()

    def __init__(self, services: Services, tabs: TabSet, home: Home, opener: ModelOpener, window: QWidget) -> None:
        super().__init__(window)
        self._services = services
        self._tabs = tabs
        self._home = home
        self._opener = opener
        self._window = window
        self._own_bytes: dict[str, int] = {}
        self._made: dict[str, str] = {}  # ids of models, and of the trainings that made them since the start
        self._tasks = TaskScope(self, services.worker, services.dispatcher)
        self._tasks.failed.connect(self._on_work_failed)
        self.desk = TrainingDesk(services, self)
        self.desk.failed.connect(self.failed)
        self.desk.ready.connect(self.welcome)
        self.desk.discarded.connect(self._on_discarded)
        self._home_messages = self._messages_in(home.messages, "")
        home.own_models.delete_requested.connect(self.ask_to_delete)
        home.own_models.open_requested.connect(opener.open_model)
        opener.learning_requested.connect(self.train_from)
        tabs.front_changed.connect(self._on_front_changed)
        services.commands.add(
            Command(
                "studio.train",
                N_("Train a model…"),
                self.train,
                ("Ctrl+Shift+T",),
                FILE,
                self.can_train,
                N_("Makes a model of your own, or trains one further."),
            )
        )

    def begin(self) -> None:
        """Look for own models, and for trainings that were left unfinished."""
        self.desk.look()
        self._look_at_models()

    # Training

    def can_train(self) -> bool:
        """Whether the family in front has recipes; on Home every family counts."""
        tab = self._tabs.front_tab
        if tab is None:
            return any(one.family is not None and one.family.recipes for one in self._services.catalog.families)
        return bool(tab.found.manifest.recipes)

    def train(self) -> None:
        """Ask what shall be trained: of the family in front, on Home of all."""
        tab = self._tabs.front_tab
        family_id, hue, model_id = (tab.found.id, tab.hue, tab.source.id) if tab is not None else ("", "studio", "")
        self._ask(family_id, hue, model_id)

    def train_from(self, recipe_id: str, path: Path) -> None:
        """Ask the same of all that learns from a folder, as the recipe `recipe_id` does."""
        tab = self._tabs.front_tab
        family_id = tab.found.id if tab is not None else recipe_id.partition("/")[0]
        self._ask(family_id, self._services.catalog.family(family_id).manifest.hue, "", path)

    def _ask(self, family_id: str, hue: str, model_id: str, opened: Path | None = None) -> None:
        dialog = TrainDialog(self._services, self.desk.store, family_id, hue, model_id, self._window, opened)
        dialog.planned.connect(self.start)
        dialog.continued.connect(self.continue_training)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def start(self, plan: TrainPlan) -> None:
        """Start a training where it can be watched."""
        self._watch(self.desk.start(plan))

    def continue_training(self, training: StoredTraining, wanted_steps: int = 0) -> None:
        """Go on with a training where it can be watched."""
        self._watch(self.desk.go_on(training, wanted_steps))

    def _watch(self, live: LiveTraining) -> None:
        """Bring a tab of its family to the front, with its pictures on the timeline."""
        if self._services.catalog.family(live.family_id).manifest.shows_trainings:
            self._show_own_tab(live)
        else:
            self._show_tab_of_family(live.family_id)
        view = self._view_of(self._tabs.front_tab)
        if view is not None:
            view.show_on_timeline(live)

    def _show_tab_of_family(self, family_id: str) -> None:
        tab = self._tabs.front_tab
        if tab is not None and tab.found.id == family_id:
            return
        tabs = [one for one in self._tabs.model_tabs() if one.found.id == family_id]
        if tabs:
            self._tabs.show_page(tabs[0])
        else:
            self._opener.open_model(self._services.catalog.family(family_id).manifest.default_model)

    def _show_own_tab(self, live: LiveTraining) -> None:
        """The tab that is about what a training will make, and becomes that model in the end."""
        tab = self._tab_of(live.id)
        if tab is not None:
            self._tabs.show_page(tab)
            return
        training = live.run.training
        card = {"title": live.title, "training": live.id, "settings": dict(training.record.settings)}
        kind = getattr(self._services.catalog.recipes().get(training.record.recipe_id), "kind", "")
        card |= {"kind": kind} if kind else {}
        source = ModelSource(f"{live.family_id}/{live.id}", training.weights_path, card)
        self._tabs.open_model(source, live.title, TabMemory(source.id))

    def _tab_of(self, training_id: str) -> ModelTab | None:
        tabs = self._tabs.model_tabs()
        return next((tab for tab in tabs if tab.source.card.get("training") == training_id), None)

    def _on_discarded(self, training_id: str) -> None:
        tab = self._tab_of(training_id)
        if tab is not None:
            self._tabs.close_page(tab)

    def _open_made(self, model_id: str) -> None:
        """Open a model that is ready: where it was watched, seen as it was seen there, or in a tab of its own."""
        tab = self._tab_of(self._made.get(model_id, ""))
        if tab is None or tab.panel is None:
            self._opener.open_model(model_id)
            return
        memory = TabMemory(model_id, params_to_json(tab.panel.params()), tab.panel.state())
        # The wish comes from a message of the panel, which is taken away: let its event end first.
        QTimer.singleShot(0, tab, lambda: self._opener.open_here(tab, model_id, memory))

    def _on_front_changed(self) -> None:
        """Let a panel that is new show what is trained."""
        tab = self._tabs.front_tab
        if tab is None or tab.panel is None or self._view_of(tab) is not None:
            return
        view = TabTraining(tab.panel, tab.found.id, self.desk, bool(tab.found.manifest.recipes))
        view.train_requested.connect(self.train)
        view.start_requested.connect(self.start)
        view.delete_requested.connect(self.ask_to_delete)
        self._show_models_in(tab, view)
        self._messages_in(tab.panel.messages, tab.found.id)

    def _messages_in(self, bar: MessageBar, family_id: str) -> TrainMessages:
        messages = TrainMessages(bar, family_id, self.desk)
        messages.continue_requested.connect(self.continue_training)
        messages.open_requested.connect(self._open_made)
        return messages

    def _view_of(self, tab: ModelTab | None) -> TabTraining | None:
        return tab.panel.findChild(TabTraining) if tab is not None and tab.panel is not None else None

    # Models

    def welcome(self, model: ModelInfo, training_id: str = "") -> None:
        """Say where the person is that a model is ready, and list it with their own."""
        self._made[model.id] = training_id
        tab = self._tabs.front_tab
        found = tab.panel.messages.findChild(TrainMessages) if tab is not None and tab.panel is not None else None
        (found or self._home_messages).say_ready(model)
        self._models_are_others()

    def _models_are_others(self) -> None:
        self._services.catalog.refresh()
        self._look_at_models()

    def _look_at_models(self) -> None:
        models = self._services.catalog.list_models()
        self._tasks.run("sizes", partial(own_sizes, models, self.desk.store), Policy.QUEUE, done=self._on_sized)

    def _on_sized(self, sizes: dict[str, int]) -> None:
        self._own_bytes = sizes
        models = self._services.catalog.list_models()
        self._home.show_models([model.card for model in models])
        self._home.own_models.show_models([model for model in models if model.id in sizes], sizes)
        for tab in self._tabs.model_tabs():
            view = self._view_of(tab)
            if view is not None:
                self._show_models_in(tab, view)
        self.models_changed.emit()

    def _show_models_in(self, tab: ModelTab, view: TabTraining) -> None:
        view.show_models(self._services.catalog.list_models(tab.found.id), self._own_bytes)

    def ask_to_delete(self, model_id: str) -> None:
        """Ask once, then delete an own model with the training that made it."""
        try:
            model = self._services.catalog.find_model(model_id)
        except UserError as error:
            self.failed.emit(error)
            return
        question, answers = _("Delete “{title}”?").format(title=model.title), (_("Delete"), _("Keep"))
        ask(self._window, "ask_delete", question, self._consequences(model), answers, partial(self._delete, model))

    def _consequences(self, model: ModelInfo) -> str:
        size = bytes_text(self._own_bytes.get(model.id, model.size_bytes))
        trained = N_("The model and whatever remains of its training will be deleted from the disk ({size}).")
        downloaded = N_("The model will be deleted from the disk ({size}). You can download it again.")
        text = downloaded if model.is_downloaded else trained
        parts = [_(text).format(size=size), *([] if model.is_downloaded else [_("This cannot be undone.")])]
        n_tabs = len(self._tabs_with(model))
        if n_tabs:
            parts.append(
                plural(
                    N_("It is open in {n} tab, which will show another model."),
                    N_("It is open in {n} tabs, which will show another model."),
                    n_tabs,
                )
            )
        return " ".join(parts)

    def _tabs_with(self, model: ModelInfo) -> list[ModelTab]:
        return [tab for tab in self._tabs.model_tabs() if tab.source.path == model.path]

    def _delete(self, model: ModelInfo, _: Any = None) -> None:
        default = self._services.catalog.family(model.family).manifest.default_model
        for tab in self._tabs_with(model):
            self._opener.open_here(tab, default)
        store = self.desk.store
        self._tasks.run("delete", lambda: delete_model(model, store), Policy.QUEUE, done=self._on_deleted)

    def _on_deleted(self, _: None) -> None:
        self._models_are_others()

    def _on_work_failed(self, error: BaseException) -> None:
        self._models_are_others()
        if isinstance(error, UserError):
            self.failed.emit(error)
        else:
            self._services.report(error)
