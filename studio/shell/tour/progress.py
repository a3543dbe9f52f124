"""How far a person has come in each tour; kept with the settings, the newest first."""

from studio.core.option import TOURS
from studio.core.setting import Settings


class TourProgress:
    """The next step of each tour that was begun and not ended, by the tour's name."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def all(self) -> dict[str, int]:
        """Step by tour, the one that was taken last first."""
        entries = (entry.rpartition(" ") for entry in self._settings.get(TOURS))
        return {tour: int(step) for tour, _space, step in entries if tour and step.isdecimal()}

    def step_of(self, tour: str) -> int:
        """The step at which a tour goes on, 0 at its beginning."""
        return self.all().get(tour, 0)

    def keep(self, tour: str, step: int) -> None:
        """Remember where a tour goes on; one that is at its beginning or has ended (0) is forgotten."""
        others = {name: at for name, at in self.all().items() if name != tour}
        steps = {tour: step, **others} if step else others
        self._settings.set(TOURS, [f"{name} {at}" for name, at in steps.items()])
