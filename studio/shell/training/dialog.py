"""Asks what shall be trained, from which data, with which settings and under which name."""

import shutil
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from studio.api.engine import FolderRecipe
from studio.core.error import UserError
from studio.core.param import ParamSpec
from studio.core.translation import N_, _, at_the_start, translate, within
from studio.registry.catalog import Catalog
from studio.registry.training_store import TrainingStore
from studio.shell.session.service import Services
from studio.shell.training.choice import Choice, ChoiceList, find_choices, find_folder_choices, minutes_text, no_choices
from studio.shell.training.desk import TrainPlan
from studio.shell.training.folder import FolderField
from studio.widgets.controls.button import Button
from studio.widgets.controls.label import Label, NameLabel, set_tip
from studio.widgets.controls.model_picker import bytes_text
from studio.widgets.controls.param_form import ParamForm, ParamRow, make_row
from studio.widgets.controls.section import Section
from studio.widgets.task_scope import TaskScope
from studio.widgets.theme import set_hue, theme

WIDTH_PX = 560
MARGIN_PX = 20
NAME_PX = 136
AIR_PX = 8
TITLE_PX = 32
"""About as high as the bar is that the desktop puts above a window."""
MAX_TITLE = 80
MAX_STEPS = 1_000_000
DATA = "data"
_STEPS = N_("Steps")
_MORE_STEPS = N_("More steps")
_STEPS_HELP = N_("How often the network is changed. More steps take longer and usually make it better.")


class TrainDialog(QDialog):
    """Start is enabled as soon as everything is right, and says what is not.

    Signals: planned(TrainPlan) for a new model; continued(StoredTraining, n_steps) to go on, to so many steps where
    that is not 0.
    """

    planned = Signal(object)
    continued = Signal(object, int)

    def __init__(
        self,
        services: Services,
        store: TrainingStore,
        family_id: str,
        hue: str,
        model_id: str,
        parent: QWidget,
        opened: Path | None = None,
    ) -> None:
        """For the recipes of one family, or of all for ""; what belongs to `model_id` is chosen at first.

        `opened` is a folder, or a file that stands for it: what learns from it is shown, of any family.
        """
        super().__init__(parent)
        self._services, self._window = services, parent
        self._model_id = model_id
        self._store = store
        self._tasks = TaskScope(self, services.worker, services.dispatcher)
        self._choice: Choice | None = None
        self._free_bytes = 0
        set_hue(self, hue)
        self._first_folder = opened if opened is None or opened.is_dir() else opened.parent
        self._make_parts()
        self._lay_out()
        self._check()
        self._tasks.run(
            "choices",
            lambda: _look_up(services, store, family_id, opened),
            done=self._on_found,
            failed=self._on_not_found,
        )

    def _make_parts(self) -> None:
        self.choices = ChoiceList()
        self.choices.chosen.connect(self._on_chosen)
        self.folder = FolderField(self._services)
        self.folder.changed.connect(self._on_folder_changed)
        self.folder.dropped.connect(self._on_dropped)
        self._settings = QVBoxLayout()
        self._settings.setSpacing(theme().size.grid)
        self._steps: ParamRow = make_row(_steps_spec(1, _STEPS), "train.")
        self._form: ParamForm | None = None
        self.name = QLineEdit()
        self.name.setObjectName("train_name")
        self.name.setMaxLength(MAX_TITLE)
        self.name.setAccessibleName(_("Name of your model"))
        self.name.textEdited.connect(self._on_name_edited)
        self._is_name_own = False
        self._name_problem = Label()
        self._name_problem.setProperty("role", "problem")
        self._waiting = _small(_("Looking for what can be trained…"))
        self._room = _small("")
        self.start_button = Button(N_("Start"), kind="primary")
        self.start_button.setObjectName("train_start")
        self.start_button.clicked.connect(self._on_start_clicked)
        self.cancel_button = Button(N_("Cancel"))
        self.cancel_button.setObjectName("train_cancel")
        self.cancel_button.clicked.connect(self.reject)

    def _lay_out(self) -> None:
        self._name_section = _section("train_section_name", N_("Name of your model"), self.name, self._name_problem)
        self._folder_section = _section("train_section_folder", N_("Folder to learn from"), self.folder)
        self._settings_section = Section("train_section_settings", N_("Settings"))
        holder = QWidget()
        holder.setLayout(self._settings)
        self._settings.setContentsMargins(0, 0, 0, 0)
        self._settings_section.add(holder)
        self._page = page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(MARGIN_PX, 16, MARGIN_PX, 16)
        column.setSpacing(12)
        column.addWidget(_section("train_section_choice", N_("What to train"), self.choices, self._waiting))
        for section in (self._folder_section, self._name_section, self._settings_section):
            section.hide()
            column.addWidget(section)
        column.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(page)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._scroll, 1)
        self._foot = self._footer()
        outer.addWidget(self._foot)
        self.setFixedWidth(theme().scaled(WIDTH_PX))
        self._fit()
        page.installEventFilter(self)
        self.setAcceptDrops(True)
        self.setWindowTitle(_("Train a model"))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """A folder may be dropped anywhere."""
        self.folder.dragEnterEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Learn from what was dropped."""
        self.folder.dropEvent(event)

    def _on_dropped(self, folder: Path) -> None:
        """Find what learns from a folder, and choose that."""
        work = partial(_takers, self._services.catalog, folder)
        self._tasks.run("takers", work, done=partial(self._on_takers_found, folder))

    def _on_takers_found(self, folder: Path, recipe_ids: list[str]) -> None:
        if self.choices.choose(recipe_ids) or self._folder_section.isVisibleTo(self):
            self.folder.set_path(folder)  # which says what is wrong with one that nothing learns from
        else:
            self._waiting.setText(_("Nothing here can learn from the folder “{name}”.").format(name=folder.name))
            self._waiting.show()

    def _footer(self) -> QFrame:
        bar = QFrame()
        bar.setProperty("role", "status")
        row = QHBoxLayout(bar)
        row.setContentsMargins(MARGIN_PX, 12, MARGIN_PX, 12)
        row.setSpacing(8)
        row.addWidget(self._room, 1)
        row.addWidget(self.cancel_button)
        row.addWidget(self.start_button)
        return bar

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the page, whose height is known once its own parts have been laid out."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return False

    def _fit(self) -> None:
        """As high as the page and the foot, but wholly on the screen, in the middle of the window as far as it can."""
        page, width_px = self._page, self.width()
        layout = page.layout()
        wanted = layout.totalHeightForWidth(width_px) if layout is not None and layout.hasHeightForWidth() else 0
        wanted = max(wanted, page.sizeHint().height()) + self._foot.sizeHint().height()
        room = room_around(self._window).adjusted(AIR_PX, AIR_PX + TITLE_PX, -AIR_PX, -AIR_PX)
        height_px = min(wanted, room.height())
        self.resize(width_px, height_px)
        middle = self._window.window().geometry().center()
        lowest = room.bottomRight() - QPoint(width_px - 1, height_px - 1)
        left, top = middle.x() - width_px // 2, middle.y() - height_px // 2
        self.move(max(room.left(), min(left, lowest.x())), max(room.top(), min(top, lowest.y())) - TITLE_PX)

    # What is chosen

    def _on_found(self, found: "tuple[list[Choice], list[UserError], int]") -> None:
        choices, failures, self._free_bytes = found
        self._waiting.setText("\n".join(map(no_choices, failures)) or no_choices(None))
        self._waiting.setVisible(bool(failures) or not choices)
        bar_px = self._scroll.verticalScrollBar().sizeHint().width()
        self.choices.show_choices(choices, self._model_id, self.width() - 2 * MARGIN_PX - bar_px)
        self._check()

    def _on_not_found(self, error: BaseException) -> None:
        if not isinstance(error, UserError):
            self._services.report(error)
        self._waiting.setText(no_choices(error if isinstance(error, UserError) else None))

    def _on_chosen(self, choice: Choice) -> None:
        self._choice = choice
        is_new = choice.training is None
        self._make_settings(choice)
        self._use_folder_of(choice)
        self._folder_section.setVisible(is_new and choice.recipe.needs_folder)
        self._name_section.setVisible(is_new)
        self._settings_section.setVisible(is_new or choice.is_further)
        self._suggest_name(choice)
        self._check()

    def _suggest_name(self, choice: Choice) -> None:
        """As what is learnt is called, or the folder that it is learnt from, until the person types a name."""
        path = Path(self.folder.path)
        folder = (path.stem if path.is_file() else path.name) if choice.recipe.needs_folder else ""
        title = N_("Model") if choice.recipe.needs_folder else choice.recipe.title
        if not self._is_name_own:
            self.name.setText(folder or _("My {title}").format(title=within(translate(title))))

    def _use_folder_of(self, choice: Choice) -> None:
        """Let the recipe look into the folder, where it knows better than the usual look for pictures."""
        if not choice.recipe.needs_folder:
            return
        self.folder.use(choice.recipe if isinstance(choice.recipe, FolderRecipe) else None)
        if self._first_folder is not None:
            self.folder.set_path(self._first_folder)
            self._first_folder = None

    def _make_settings(self, choice: Choice) -> None:
        """Controls for the settings that this choice has."""
        while (item := self._settings.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.hide()
                old.deleteLater()
        settings = choice.recipe.settings
        label = _MORE_STEPS if choice.is_further else _STEPS
        self._steps = make_row(_steps_spec(int(settings.n_steps), label), "train.")
        self._steps.changed.connect(self._check)
        self._settings.addWidget(self._steps)
        self._form = None
        if choice.training is None:
            self._form = ParamForm(type(settings), "train.", without=(DATA,))
            self._form.set_values({name: getattr(settings, name) for name in self._form.values()})
            self._form.changed.connect(self._check)
            self._settings.addWidget(self._form)
        for name in self._settings_section.findChildren(NameLabel):
            name.set_room(NAME_PX)

    def _on_folder_changed(self) -> None:
        if self._choice is not None:
            self._suggest_name(self._choice)
        self._check()

    def _on_name_edited(self) -> None:
        self._is_name_own = True
        self._check()

    # Whether it can start

    def _check(self) -> None:
        problem = self._problem()
        self.start_button.setEnabled(not problem)
        set_tip(self.start_button, problem)
        self.start_button.setAccessibleDescription(problem)
        self._name_problem.setText(self._problem_of_name())
        self._name_problem.setVisible(bool(self._name_problem.text()))
        self._room.setText(self._room_text())

    def _problem(self) -> str:
        """The first thing that keeps the training from starting, in a sentence."""
        choice = self._choice
        if choice is None:
            return _("Choose what to train.")
        if choice.needed_bytes > self._free_bytes:
            return _("There is not enough room on the disk.")
        is_new = choice.training is None
        parts = [
            self.folder.problem() if is_new and choice.recipe.needs_folder else "",
            self._problem_of_name() if is_new else "",
            self._steps.problem() if is_new or choice.is_further else "",
            self._form.problem() if self._form is not None else "",
        ]
        return next((part for part in parts if part), "")

    def _problem_of_name(self) -> str:
        title = self.name.text().strip()
        if not title:
            return _("Give your model a name.")
        if title.casefold() in {model.title.casefold() for model in self._services.catalog.list_models()}:
            return _("There is already a model called “{title}”.").format(title=title)
        return ""

    def _room_text(self) -> str:
        choice = self._choice
        if choice is None:
            return ""
        sizes = {"needed": bytes_text(choice.needed_bytes), "free": bytes_text(self._free_bytes)}
        room = _("Needs about {needed} of disk space; {free} are free.").format(**sizes)
        if choice.training is None or choice.is_further:
            room = f"{at_the_start(minutes_text(choice.minutes(int(self._steps.value()))))}. {room}"
        return room

    # What happens

    def _on_start_clicked(self) -> None:
        choice, n_steps = self._choice, int(self._steps.value())
        if choice is None:
            return
        training = choice.training
        self.accept()
        if training is None:
            self.planned.emit(self._plan(choice, n_steps))
        else:
            self.continued.emit(training, training.record.step + n_steps if choice.is_further else 0)

    def _plan(self, choice: Choice, n_steps: int) -> TrainPlan:
        """The settings that differ from the recipe's, as text, so that a better recipe is not held back by a plan."""
        settings = choice.recipe.settings
        chosen = self._form.values() if self._form is not None else {}
        changed = {name: str(value) for name, value in chosen.items() if value != getattr(settings, name)}
        if choice.recipe.needs_folder:
            changed[DATA] = str(Path(self.folder.path).expanduser().absolute())
        wanted = 0 if n_steps == settings.n_steps else n_steps
        return TrainPlan(choice.recipe.id, self.name.text().strip(), changed, wanted)

    def done(self, result: int) -> None:
        """End the work of the dialog with it."""
        self.folder.close_work()
        self._tasks.close()
        super().done(result)


def room_around(widget: QWidget) -> QRect:
    """The part of its screen that panels of the desktop leave free."""
    return widget.screen().availableGeometry()


def _look_up(
    services: Services, store: TrainingStore, family_id: str, opened: Path | None
) -> tuple[list[Choice], list[UserError], int]:
    """The choices, why others are none, and the free room in bytes where trainings are kept; on the Worker."""
    folder = next(one for one in (store.folder, *store.folder.parents) if one.exists())
    catalog = services.catalog
    found = (
        find_choices(catalog, store, family_id) if opened is None else find_folder_choices(catalog, opened, family_id)
    )
    return found, catalog.recipes_and_failures(family_id)[1], shutil.disk_usage(folder).free


def _takers(catalog: Catalog, folder: Path) -> list[str]:
    """The ids of the recipes that learn from a folder; on the Worker."""
    return [one.recipe.id for one in find_folder_choices(catalog, folder)]


def _steps_spec(default: int, label: str) -> ParamSpec:
    return ParamSpec("n_steps", "int", default, label, _STEPS_HELP, 1, MAX_STEPS)


def _small(text: str) -> Label:
    label = Label(text)
    label.setProperty("role", "small")
    label.setWordWrap(True)
    return label


def _section(object_name: str, title: str, *parts: QWidget) -> QWidget:
    """Parts under a heading that does not fold."""
    section = QWidget()
    section.setObjectName(object_name)
    heading = Label(translate(title))
    heading.setProperty("role", "strong")
    column = QVBoxLayout(section)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(6)
    for part in (heading, *parts):
        column.addWidget(part)
    return section
