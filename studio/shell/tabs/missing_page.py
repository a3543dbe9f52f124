"""A tab whose model is not here: it keeps all that it was, and replays its recordings."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from studio.core.translation import N_, _
from studio.shell.session.service import Services
from studio.shell.session.session import TabMemory
from studio.shell.tabs.recording_page import RecordingPage
from studio.widgets.controls.chip import ChipFlow

_ADVICE: Final = N_(
    "Its recordings are replayed, and nothing of it is lost. Bring the model here or train it to go on."
)
_NO_RUNS: Final = N_("Nothing of it was recorded. Bring the model here or train it to go on.")


class MissingPage(RecordingPage):
    """Shows one of the recordings, of several the one that a person chooses."""

    def __init__(self, services: Services, memory: TabMemory, files: Mapping[str, Path]) -> None:
        """`files` are the recordings that are there, by the ids of their runs."""
        super().__init__(services)
        self._memory = memory
        self._files = {run.name: files[run.id] for run in memory.runs if run.id in files}
        sentence = _("The model “{model}” is not on this computer.").format(model=memory.title or memory.model_id)
        self.messages.show_warning(sentence, _ADVICE if self._files else _NO_RUNS)
        shown = next((run.name for run in memory.runs if run.is_current and run.id in files), "")
        shown = shown or next(iter(self._files), "")
        if len(self._files) > 1:
            choice = ChipFlow("kept_runs", list(self._files), _("Recordings"))
            choice.set_current(shown)
            choice.chosen.connect(self._show)
            self.above.addWidget(choice)
        if shown:
            self._show(shown)

    def memory(self) -> TabMemory:
        """All that the tab was."""
        return self._memory

    def _show(self, name: str) -> None:
        self.load(self._files[name], name)
