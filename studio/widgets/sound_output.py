"""Which of the computer's sound devices sounds are played on, and which there are."""

from typing import Any, Final

from PySide6.QtCore import QObject, Signal

from studio.widgets.of_program import of_program

_PROPERTY: Final = "manifold_sound_output"
_UNHEARD: Final = ("NULL", "CUSTOM")  # a device that nobody hears is no answer to a click on Play
_UNHEARD_NAME: Final = "Discard all samples"  # ALSA's own of that kind begins so


class SoundOutput(QObject):
    """The device that a person has chosen, for all players of the program.

    Signals: changed() when another one is chosen; missing(name) when it was not there, so that the system's was taken:
    once for each choice.

    Attributes:
        name: what the device calls itself; empty for the system's own choice.
    """

    changed = Signal()
    missing = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.name = ""
        self._told = ""

    def choose(self, name: str) -> None:
        """Play on this device from now on, also what is playing."""
        if name != self.name:
            self.name, self._told = name, ""
            self.changed.emit()

    def find(self, backends: tuple[str, ...] = ()) -> Any:
        """The id of the chosen device for miniaudio; None for the system's own choice. Called on a player's thread.

        Raises miniaudio's MiniaudioError where there is no sound at all.
        """
        name = self.name
        if not name:
            return None
        found = next((one["id"] for one in _playbacks(backends) if one["name"] == name), None)
        if found is None and self._told != name:
            self._told = name
            self.missing.emit(name)
        return found


def sound_output() -> SoundOutput:
    """The one choice of the program; belongs to the QApplication."""
    return of_program(SoundOutput, _PROPERTY)


def heard_backends(names: tuple[str, ...] = ()) -> list[Any]:
    """The ways to a sound device that miniaudio knows, or those of the given names."""
    import miniaudio

    return [miniaudio.Backend[name] for name in names] or [one for one in miniaudio.Backend if one.name not in _UNHEARD]


def output_names(backends: tuple[str, ...] = ()) -> list[str]:
    """What the devices call themselves, each name once; none where this computer has no sound."""
    try:
        import miniaudio
    except (ImportError, OSError):
        return []
    try:
        names = [str(one["name"]) for one in _playbacks(backends)]
    except miniaudio.MiniaudioError:
        return []
    return list(dict.fromkeys(name for name in names if not name.startswith(_UNHEARD_NAME)))


def _playbacks(backends: tuple[str, ...]) -> list[dict[str, Any]]:
    import miniaudio

    found: list[dict[str, Any]] = miniaudio.Devices(heard_backends(backends)).get_playbacks()
    return found
