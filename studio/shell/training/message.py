"""Says what became of trainings, on Home and in the tabs of their family: stopped ones, and models that are ready."""

from PySide6.QtCore import QObject, Signal

from studio.core.translation import N_, _
from studio.registry.model import ModelInfo
from studio.registry.training_store import StoredTraining
from studio.shell.training.desk import TrainingDesk
from studio.widgets.message_bar import MessageBar

_INTERRUPTED = "training "
_READY = "ready "


class TrainMessages(QObject):
    """Keeps one message in a bar for each training that can be continued, until it is answered or put away.

    Signals: continue_requested(StoredTraining); open_requested(model_id).
    """

    continue_requested = Signal(object)
    open_requested = Signal(str)

    def __init__(self, bar: MessageBar, family_id: str, desk: TrainingDesk) -> None:
        """Of one family, or of all for ""."""
        super().__init__(bar)
        self._bar = bar
        self._family_id = family_id
        self._desk = desk
        bar.action_requested.connect(self._on_action_requested)
        bar.second_requested.connect(self._on_second_requested)
        bar.dismissed.connect(self._on_dismissed)
        desk.changed.connect(self._show)
        self._show()

    def say_ready(self, model: ModelInfo) -> None:
        """Say that a model is ready."""
        title = _("“{title}” is ready.").format(title=model.title)
        self._bar.show_note(title, N_("It is now one of your models."), key=_READY + model.id, action=N_("Open"))

    def _show(self) -> None:
        wanted = {_INTERRUPTED + one.record.id: one for one in self._interrupted()}
        shown = set(self._bar.keys())
        for key in shown:
            if key.startswith(_INTERRUPTED) and key not in wanted:
                self._bar.dismiss(key)
        for key, training in wanted.items():
            if key not in shown:
                record = training.record
                self._bar.show_note(
                    stop_sentence(training), record.problem, key=key, action=N_("Continue"), second=N_("Discard")
                )

    def _interrupted(self) -> list[StoredTraining]:
        return [
            one
            for one in self._desk.interrupted
            if self._family_id in ("", one.record.family_id) and one.record.id not in self._desk.put_away
        ]

    def _training_of(self, key: str) -> StoredTraining | None:
        wanted = key.removeprefix(_INTERRUPTED) if key.startswith(_INTERRUPTED) else ""
        return next((one for one in self._desk.interrupted if one.record.id == wanted), None)

    def _on_action_requested(self, key: str) -> None:
        training = self._training_of(key)
        if training is not None:
            self.continue_requested.emit(training)
        elif key.startswith(_READY):
            self._bar.dismiss(key)
            self.open_requested.emit(key.removeprefix(_READY))

    def _on_second_requested(self, key: str) -> None:
        training = self._training_of(key)
        if training is not None:
            self._desk.ask_to_discard(training, self._bar.window())

    def _on_dismissed(self, key: str) -> None:
        if key.startswith(_INTERRUPTED):
            self._desk.put_away_message(key.removeprefix(_INTERRUPTED))


def stop_sentence(training: StoredTraining) -> str:
    """What became of it: "The training “My faces” stopped at step 1,200 of 5,000."."""
    record = training.record
    if record.n_steps == 0:  # it was killed before the record was written again
        kept = _("The training “{title}” was interrupted; what it had learnt is kept.")
        nothing = _("The training “{title}” stopped before its first step.")
        return (kept if training.can_go_on() else nothing).format(title=record.title)
    sentence = _("The training “{title}” stopped at step {step:,} of {n:,}.")
    return sentence.format(title=record.title, step=record.step, n=record.n_steps)
