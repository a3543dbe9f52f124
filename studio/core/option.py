"""Every setting of the program, declared once: kind, default, range and what people read about it."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Generic, Literal, TypeVar, cast

from studio.core.translation import N_, SYSTEM, languages

OptionKind = Literal["bool", "int", "float", "text", "choice", "folder", "device", "texts", "keys"]
T = TypeVar("T")

MAX_TEXT = 100_000
MAX_LINES = 1_000


@dataclass(frozen=True)
class Option(Generic[T]):
    """One setting.

    Attributes:
        key: its name in the file.
        kind: what it holds: "folder" is a path as text, empty for the usual place; "device" what a sound device calls
            itself, empty for the system's; "texts" a list of texts; "keys" lists of keys by command id.
        default: the value until somebody chooses another.
        group: heading in the preferences; empty for what the program only remembers and nobody sets by hand.
        title, description: what the preferences show and search.
        low, high: range of a number, both included.
        choices: the allowed texts of a "choice".
    """

    key: str
    kind: OptionKind
    default: T
    group: str = ""
    title: str = ""
    description: str = ""
    low: float = -math.inf
    high: float = math.inf
    choices: tuple[str, ...] = ()

    def checked(self, value: Any) -> T:
        """Return `value` as it is kept, or raise ValueError where its kind is wrong or it is out of range."""
        if not _HAS_KIND[self.kind](value):
            raise ValueError(f"{self.key} cannot be {str(value)[:60]!r}")
        if self.kind in ("int", "float") and not self.low <= value <= self.high:
            raise ValueError(f"{self.key} must lie between {self.low:g} and {self.high:g}, not at {value!r}")
        if self.kind == "choice" and value not in self.choices:
            raise ValueError(f"{self.key} must be one of {', '.join(self.choices)}, not {value[:60]!r}")
        return cast(T, float(value) if self.kind == "float" else value)


def is_number(value: Any) -> bool:
    """Whether `value` is an int or float that a float can hold; True and False are no numbers here."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= MAX_TEXT


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= MAX_LINES and all(map(_is_text, value))


def _are_keys(value: Any) -> bool:
    return isinstance(value, dict) and len(value) <= MAX_LINES and all(map(_are_texts, value.values()))


_HAS_KIND: Final[dict[OptionKind, Callable[[Any], bool]]] = {
    "bool": lambda value: isinstance(value, bool),
    "int": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "float": is_number,
    "text": _is_text,
    "choice": _is_text,
    "folder": _is_text,
    "device": _is_text,
    "texts": _are_texts,
    "keys": _are_keys,
}

LOOK: Final = N_("Appearance")
SOUND: Final = N_("Sound")
COMPUTING: Final = N_("Computing")
FOLDERS: Final = N_("Folders")

THEME = Option(
    "theme",
    "choice",
    "dark",
    LOOK,
    N_("Theme"),
    N_("Dark, light, or whatever the system uses."),
    choices=("dark", "light", "system"),
)
TEXT_SCALE = Option(
    "text_scale",
    "float",
    1.0,
    LOOK,
    N_("Text size"),
    N_("How large all text is, compared with the normal size."),
    low=0.8,
    high=2.0,
)
CAPTIONS_SHOWN = Option(
    "captions_shown",
    "bool",
    True,
    LOOK,
    N_("Captions"),
    N_("Say in a sentence or two what the canvas is showing."),
)
LANGUAGE = Option(
    "language",
    "choice",
    SYSTEM,
    LOOK,
    N_("Language"),
    N_("The language of the whole program. The window comes back in it with everything that is open."),
    choices=(SYSTEM, *languages()),
)
MENU_BAR_SHOWN = Option(
    "menu_bar_shown",
    "bool",
    False,
    LOOK,
    N_("Menu bar"),
    N_("Show File, Edit, View, Model and Help above the tabs. Some systems show them by themselves."),
)
MOTION = Option(
    "motion",
    "choice",
    SYSTEM,
    LOOK,
    N_("Motion"),
    N_("Whether pictures move by themselves, on Home and while a model gets ready. What you start always plays."),
    choices=(SYSTEM, "full", "reduced"),
)
SOUND_DEVICE = Option(
    "sound_device",
    "device",
    "",
    SOUND,
    N_("Sound device"),
    N_("Where sounds are played. Takes effect at once, also for a sound that is playing."),
)
N_THREADS = Option(
    "n_threads",
    "int",
    0,
    COMPUTING,
    N_("Threads"),
    N_(
        "How many processor cores models may use; 0 means all of them. Takes effect the next time you start the "
        "program."
    ),
    low=0,
    high=256,
)
DEVICE = Option(
    "device",
    "choice",
    "auto",
    COMPUTING,
    N_("Device"),
    N_(
        "Where models run: on the processor, on an NVIDIA card, or on whichever is faster. Takes effect the next "
        "time you start the program."
    ),
    choices=("auto", "cpu", "cuda"),
)
NETWORKS = Option(
    "networks",
    "choice",
    "auto",
    COMPUTING,
    N_("Single pictures"),
    N_(
        "What draws the one picture under your hand on the processor: PyTorch, or ONNX Runtime, which takes less time "
        "and needs this program’s “onnx” extra. Takes effect the next time you start the program."
    ),
    choices=("auto", "torch"),
)
DATA_FOLDER = Option(
    "data_folder",
    "folder",
    "",
    FOLDERS,
    N_("Data folder"),
    N_(
        "Where data sets are built, and where the program looks for your own families. Takes effect the next time "
        "you start the program."
    ),
)
MODELS_FOLDER = Option(
    "models_folder",
    "folder",
    "",
    FOLDERS,
    N_("Models folder"),
    N_("Where the models you train are kept. Takes effect the next time you start the program."),
)
KEYS: Option[dict[str, list[str]]] = Option("keys", "keys", {})
RECENT: Option[list[str]] = Option("recent", "texts", [])
RECENT_COMMANDS: Option[list[str]] = Option("recent_commands", "texts", [])
WINDOW_GEOMETRY = Option("window_geometry", "text", "")
EXPORT = Option("export", "text", "")
FAMILIES_ALLOWED: Option[list[str]] = Option("families_allowed", "texts", [])
HOSTS_ALLOWED: Option[list[str]] = Option("hosts_allowed", "texts", [])
SERVERS_ALLOWED: Option[list[str]] = Option("servers_allowed", "texts", [])
GRAPHICS = Option("graphics", "text", "")  # what the graphics card's driver calls itself, where one draws scenes
INSPECTOR_SHOWN = Option("inspector_shown", "bool", True)
LIVE_BINDINGS: Option[dict[str, list[str]]] = Option("live_bindings", "keys", {})  # knobs to "family/slider"
LIVE_OSC = Option("live_osc", "bool", False)
LIVE_OSC_PORT = Option("live_osc_port", "int", 9000, low=1024, high=65535)
LIVE_OSC_TO_ALL = Option("live_osc_to_all", "bool", False)
LIVE_MIDI = Option("live_midi", "text", "")  # the name of the port
TOURS: Option[list[str]] = Option("tours", "texts", [])  # name and next step of each tour that was left

SETTINGS: Final[tuple[Option[Any], ...]] = (
    *(THEME, TEXT_SCALE, MOTION, CAPTIONS_SHOWN, MENU_BAR_SHOWN, LANGUAGE, SOUND_DEVICE),
    *(N_THREADS, DEVICE, NETWORKS, DATA_FOLDER, MODELS_FOLDER),
    *(
        FAMILIES_ALLOWED,
        HOSTS_ALLOWED,
        SERVERS_ALLOWED,
        KEYS,
        RECENT,
        RECENT_COMMANDS,
        WINDOW_GEOMETRY,
        INSPECTOR_SHOWN,
        EXPORT,
        TOURS,
    ),
    *(LIVE_BINDINGS, LIVE_OSC, LIVE_OSC_PORT, LIVE_OSC_TO_ALL, LIVE_MIDI),
)
